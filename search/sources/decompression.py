"""Decompression of gzip and xz as a stream, with a limit on the size of the output."""

from __future__ import annotations

import lzma
import zlib
from collections.abc import Iterator
from typing import IO

from search.errors import UnreadableArticle
from search.sources.opening import CHUNK, format_size_limit, read_chunks
from search.sources.records import Options

COMPRESSIONS = ("gz", "xz")
"""Endings of compressed files."""

MAX_RATIO = 200
"""Highest accepted ratio of output to input. Text compresses to a tenth of its size, repetitive logs to a hundredth."""


_GZIP = 16 + zlib.MAX_WBITS
"""The argument `wbits` by which zlib reads the format of gzip."""
_INPUT, _OUTPUT = 1 << 14, 1 << 18
"""Bytes that are decompressed at once, and into how many of gzip: before each, its decompressor is copied."""
_OUTPUT_XZ = 512
"""Bytes that are made of xz at once: so many may be lost before a damage, for its decompressor cannot be copied."""
_CUT = "it ends before the end of what was packed"


class DamagedFileError(UnreadableArticle):
    """The rest of a packed file cannot be unpacked; what comes before it was."""


def decompress(compression: str, file: IO[bytes], options: Options) -> Iterator[bytes]:
    """Yield the decompressed bytes of a file, in pieces of some 1 MB.

    Raise UnreadableArticle for a decompression bomb, and for a file of which nothing can be unpacked; DamagedFileError
    after the last bytes that can be.
    """
    pieces = _decompress_gzip(file) if compression == "gz" else _decompress_xz(file, options.memory)
    size, held = 0, bytearray()
    try:
        for piece in pieces:
            held += piece
            if len(held) >= CHUNK:
                size += len(held)
                check_ratio(size, file.tell(), options)
                yield bytes(held)
                held.clear()
    except (EOFError, zlib.error, lzma.LZMAError) as error:
        reason = str(error).rstrip(".")
    else:
        reason = ""
    size += len(held)
    check_ratio(size, file.tell(), options)
    if held:
        yield bytes(held)
    advice = "Get or make the file again; `gzip -t` or `xz -t` checks it."
    if reason and not size:
        raise UnreadableArticle(f"The compressed file is damaged at its beginning: {reason}.", advice)
    if reason:
        message = f"The compressed file is damaged; it was read up to byte {size:,} of what it holds: {reason}."
        raise DamagedFileError(message, advice)


def check_ratio(size: int, compressed: int, options: Options) -> None:
    """Raise UnreadableArticle when `compressed` bytes expand to a `size` that shows a decompression bomb."""
    if size > max(options.unpacked, compressed * MAX_RATIO):
        message = f"It unpacks to more than {format_size_limit(options.unpacked)} and {MAX_RATIO} times its size."
        raise UnreadableArticle(message, "If that is meant to be, unpack it yourself and split it.")


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    """Yield the bytes of a file, few at once: what follows a stream is copied, and a stream may be some bytes only."""
    for chunk in read_chunks(file):
        yield from (chunk[start : start + _INPUT] for start in range(0, len(chunk), _INPUT))


def _decompress_gzip(file: IO[bytes]) -> Iterator[bytes]:
    """Yield the contents of concatenated gzip streams. Raise EOFError and zlib.error."""
    decompressor = zlib.decompressobj(_GZIP)
    begun = False
    for piece in _pieces(file):
        data = piece
        while data:
            if decompressor.eof:
                data = data.lstrip(b"\0")  # padding between streams
                if not data:
                    break
                decompressor = zlib.decompressobj(_GZIP)
            begun = True
            before = decompressor.copy()
            try:
                yield decompressor.decompress(data, _OUTPUT)
            except zlib.error:  # with it went what comes before the damage
                for place in range(len(data)):
                    yield before.decompress(data[place : place + 1])
                raise
            data = decompressor.unused_data if decompressor.eof else decompressor.unconsumed_tail
    if begun and not decompressor.eof:
        raise EOFError(_CUT)


def _decompress_xz(file: IO[bytes], memory: int) -> Iterator[bytes]:
    """Yield the contents of concatenated xz streams; the decompressor may take `memory` bytes."""
    decompressor = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=memory)
    for piece in _pieces(file):
        data = piece
        while data or not (decompressor.needs_input or decompressor.eof):
            if decompressor.eof:
                data = data.lstrip(b"\0")  # padding between streams
                if not data:
                    break
                decompressor = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=memory)
            yield decompressor.decompress(data, _OUTPUT_XZ)
            data = decompressor.unused_data if decompressor.eof else b""
    if not decompressor.eof:
        raise EOFError(_CUT)
