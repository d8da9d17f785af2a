"""Opening and reading of files that strangers may have put into a folder."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from io import BufferedIOBase, FileIO
from pathlib import Path
from typing import IO

from search.errors import UnreadableArticle

CHUNK = 1 << 20
"""Bytes that are read at once."""


@contextmanager
def open_regular_file(path: str | Path) -> Iterator[FileIO]:
    """Open a regular file for reading, without ever blocking.

    Raise UnreadableArticle when it is not a regular file, cannot be read, or changes while the context lasts.
    """
    try:
        # A FIFO would block until somebody writes to it.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        raise _unreadable(error) from None
    before = os.fstat(descriptor)
    if not stat.S_ISREG(before.st_mode):
        os.close(descriptor)
        raise UnreadableArticle("This is not a regular file.", "Take it out of the folder.")
    with FileIO(descriptor) as file:
        try:
            yield file
            after = os.fstat(descriptor)
        except OSError as error:
            raise _unreadable(error) from None
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        message = "The file changed while it was read."
        raise UnreadableArticle(message, "Run the command again when nothing writes to it.")


def read_chunks(file: IO[bytes] | BufferedIOBase) -> Iterator[bytes]:
    """Yield the bytes of a file in chunks of at most 1 MB."""
    while chunk := file.read(CHUNK):
        yield chunk


def read_ahead(chunks: Iterator[bytes]) -> Generator[bytes]:
    """Yield chunks, of which a thread makes the next one while the last one is used. Close it before what it reads."""
    with ThreadPoolExecutor(1) as thread:
        coming = thread.submit(next, chunks, None)
        while (chunk := coming.result()) is not None:
            coming = thread.submit(next, chunks, None)
            yield chunk


def read_all(chunks: Iterator[bytes], limit: int) -> bytes:
    """Return all bytes of the chunks. Raise UnreadableArticle as soon as there are more than `limit`."""
    pieces, size = [], 0
    for chunk in chunks:
        pieces.append(chunk)
        size += len(chunk)
        check_size(size, limit)
    return b"".join(pieces)


def check_size(size: int, limit: int) -> None:
    """Raise UnreadableArticle when an article has more than `limit` bytes."""
    if size > limit:
        message = f"The article is larger than {format_size_limit(limit)}."
        raise UnreadableArticle(
            message, "Split it into several, save it as text without pictures, or JSON as JSON Lines."
        )


def format_size_limit(size: int) -> str:
    """Return a limit of `size` bytes as error messages show it.

    >>> format_size_limit(512 << 20), format_size_limit(1000)
    ('512 MB', '1,000 bytes')
    """
    return f"{size >> 20:,} MB" if size >> 20 else f"{size:,} bytes"


def _unreadable(error: OSError | ValueError) -> UnreadableArticle:
    """Return the error to raise for a file that the operating system refuses to open or read."""
    if isinstance(error, OSError) and error.errno == errno.ENOENT:
        message = "The file is not there: it is a link that leads nowhere, or was removed just now."
        return UnreadableArticle(message, "Mend the link, or take it out of the folder.")
    message = f"The file cannot be read: {getattr(error, 'strerror', None) or error}."
    return UnreadableArticle(message, "Mend its permissions, or take it out of the folder.")
