"""Opening files that anybody may have put there: nothing blocks, and a change while we read is noticed."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path
from typing import IO

from search.errors import UnreadableArticle

CHUNK = 1 << 20


@contextmanager
def opened(path: Path) -> Iterator[FileIO]:
    """A regular file, to be read. Raises UnreadableArticle when it is none, cannot be read, or changes meanwhile."""
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


def chunks_of(file: IO[bytes]) -> Iterator[bytes]:
    """The bytes of a file, piece by piece."""
    while chunk := file.read(CHUNK):
        yield chunk


def joined(chunks: Iterator[bytes], limit: int) -> bytes:
    """All bytes. Raises UnreadableArticle when there are more than the limit, without keeping them."""
    pieces, size = [], 0
    for chunk in chunks:
        pieces.append(chunk)
        size += len(chunk)
        if size > limit:
            message = f"The article is larger than {megabytes(limit)}."
            raise UnreadableArticle(message, "Split it into several, or save it as text without pictures.")
    return b"".join(pieces)


def megabytes(size: int) -> str:
    """A limit, as messages name it."""
    return f"{size >> 20:,} MB" if size >> 20 else f"{size:,} bytes"


def _unreadable(error: OSError | ValueError) -> UnreadableArticle:
    """The error for a file that the system does not let us read."""
    if isinstance(error, OSError) and error.errno == errno.ENOENT:
        message = "The file is not there: it is a link that leads nowhere, or was removed just now."
        return UnreadableArticle(message, "Mend the link, or take it out of the folder.")
    message = f"The file cannot be read: {getattr(error, 'strerror', None) or error}."
    return UnreadableArticle(message, "Mend its permissions, or take it out of the folder.")
