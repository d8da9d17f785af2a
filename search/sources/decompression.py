"""Compressed streams, unpacked piece by piece: gzip and xz. A bomb is caught while it goes off."""

from __future__ import annotations

import gzip
import lzma
import zlib
from collections.abc import Iterator
from typing import IO

from search.errors import UnreadableArticle
from search.sources.opening import CHUNK, chunks_of, megabytes
from search.sources.records import Options

PACKINGS = ("gz", "xz")
RATIO = 200
"""Text packs to a tenth of its size, logs that repeat themselves to a hundredth."""
_AGAIN = "Get or make the file again; `gzip -t` or `xz -t` checks it."


def unpacked(packing: str, file: IO[bytes], options: Options) -> Iterator[bytes]:
    """The bytes in a compressed file. Raises UnreadableArticle when it is damaged or a bomb."""
    pieces = _gunzipped(file) if packing == "gz" else _unxzed(file, options.memory)
    size = 0
    try:
        for piece in pieces:
            size += len(piece)
            check_size(size, file.tell(), options)
            yield piece
    except (gzip.BadGzipFile, EOFError, zlib.error, lzma.LZMAError) as error:
        message = f"The compressed file is damaged after {size:,} bytes: {str(error).rstrip('.')}."
        raise UnreadableArticle(message, _AGAIN) from None


def check_size(size: int, packed: int, options: Options) -> None:
    """Raises UnreadableArticle when something unpacks to more than an honest archive of its size does."""
    if size > max(options.unpacked, packed * RATIO):
        message = f"It unpacks to more than {megabytes(options.unpacked)} and {RATIO} times its size."
        raise UnreadableArticle(message, "If that is meant to be, unpack it yourself and split it.")


def _gunzipped(file: IO[bytes]) -> Iterator[bytes]:
    with gzip.GzipFile(fileobj=file) as stream:
        while piece := stream.read(CHUNK):
            yield piece


def _unxzed(file: IO[bytes], memory: int) -> Iterator[bytes]:
    decompressor = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=memory)
    for chunk in chunks_of(file):
        data = chunk
        while data or not (decompressor.needs_input or decompressor.eof):
            if decompressor.eof:
                data = data.lstrip(b"\0")  # padding between streams
                if not data:
                    break
                decompressor = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=memory)
            yield decompressor.decompress(data, CHUNK)
            data = decompressor.unused_data if decompressor.eof else b""
    if not decompressor.eof:
        raise EOFError("Compressed file ended before the end-of-stream marker was reached")
