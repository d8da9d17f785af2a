"""Decompression of gzip and xz as a stream, with a limit on the size of the output."""

from __future__ import annotations

import gzip
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


def decompress(compression: str, file: IO[bytes], options: Options) -> Iterator[bytes]:
    """Yield the decompressed bytes of a file. Raise UnreadableArticle when it is damaged or a decompression bomb."""
    pieces = read_chunks(gzip.GzipFile(fileobj=file)) if compression == "gz" else _decompress_xz(file, options.memory)
    size = 0
    try:
        for piece in pieces:
            size += len(piece)
            check_ratio(size, file.tell(), options)
            yield piece
    except (gzip.BadGzipFile, EOFError, zlib.error, lzma.LZMAError) as error:
        message = f"The compressed file is damaged after {size:,} bytes: {str(error).rstrip('.')}."
        raise UnreadableArticle(message, "Get or make the file again; `gzip -t` or `xz -t` checks it.") from None


def check_ratio(size: int, compressed: int, options: Options) -> None:
    """Raise UnreadableArticle when `compressed` bytes expand to a `size` that shows a decompression bomb."""
    if size > max(options.unpacked, compressed * MAX_RATIO):
        message = f"It unpacks to more than {format_size_limit(options.unpacked)} and {MAX_RATIO} times its size."
        raise UnreadableArticle(message, "If that is meant to be, unpack it yourself and split it.")


def _decompress_xz(file: IO[bytes], memory: int) -> Iterator[bytes]:
    """Yield the contents of concatenated xz streams; the decompressor may take `memory` bytes."""
    decompressor = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=memory)
    for chunk in read_chunks(file):
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
