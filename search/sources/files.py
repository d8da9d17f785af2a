"""Listing of the files below a source folder."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from search.errors import SourceError


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file below the root folder of a source."""

    path: str
    """Path relative to the root, with `/` between folders."""
    place: str
    """Path by which the file can be opened."""
    ignored: str = ""
    """Reason why the file is not read; empty for a file that is to be read."""
    size: int = 0
    """Size in bytes; 0 where the file system does not tell it."""
    mtime: int = 0
    """Time of the last change in nanoseconds since 1970; 0 where the file system does not tell it."""

    @property
    def location(self) -> Path:
        """The `place` as a Path."""
        return Path(self.place)


def find_files(root: Path, endings: frozenset[str], index: Path | None = None) -> list[FoundFile]:
    """Return all files below a folder, sorted by path; files that cannot hold an article are marked as ignored.

    Links to folders are not followed, which excludes endless loops. Links that lead out of the root are ignored, so
    that a link cannot publish a file from elsewhere. The folder `index` is one ignored entry. Raise SourceError when a
    folder cannot be read.
    """
    if not root.is_dir():
        message = f"There is no folder {str(root)!r}."
        raise SourceError(message, "Name the folder that holds the articles. Nothing was changed.")
    try:
        return sorted(_walk(root, endings, index), key=lambda file: file.path)
    except OSError as error:
        message = f"The folder {error.filename!r} cannot be read: {error.strerror}."
        raise SourceError(message, "Mend its permissions. Nothing was changed.") from None


def _walk(root: Path, endings: frozenset[str], index: Path | None) -> Iterator[FoundFile]:
    """Yield the files below `root` in no particular order."""
    simple = sorted(ending for ending in endings if ending.count(".") == 1)  # compressed ones would triple the list
    readable, unreadable = tuple(endings), f"not a format that is read ({', '.join(simple)})"
    real = os.path.realpath(root)
    skipped = os.path.relpath(os.path.realpath(index), real) if index else None
    folders = [(str(root), "", False)]
    while folders:
        folder, below, hidden = folders.pop()
        try:
            listed = os.scandir(folder)
        except OSError as error:
            if error.errno == errno.ENAMETOOLONG:
                yield FoundFile(below.rstrip("/"), folder, "a folder further down than a path can say")
                continue
            if below and error.errno in {errno.ENOENT, errno.ENOTDIR}:
                continue  # it was there when the one above was listed
            raise
        with listed as entries:
            for entry in entries:
                path = below + entry.name
                if not entry.is_dir(follow_symlinks=False):
                    ignored = "in a hidden folder" if hidden else _reason_to_ignore(entry, real)
                    if not ignored and not entry.name.lower().endswith(readable):
                        ignored = unreadable
                    yield FoundFile(path, entry.path, ignored) if ignored else _stat(entry, path)
                elif path == skipped:
                    yield FoundFile(path, entry.path, "the index")
                else:
                    folders.append((entry.path, f"{path}/", hidden or entry.name.startswith(".")))


def _reason_to_ignore(entry: os.DirEntry[str], root: str) -> str:
    """Return why a file is hidden or out of bounds, else "". `root` is a path without links."""
    if entry.name.startswith("."):
        return "hidden file"
    if entry.name.startswith("~$"):
        return "a lock of a word processor"
    if entry.is_symlink() and os.path.commonpath((os.path.realpath(entry.path), root)) != root:
        return "a link out of the folder"
    return ""


def _stat(entry: os.DirEntry[str], path: str) -> FoundFile:
    """Return a file with its size and time. A file without access is not ignored: reading it will report the error."""
    try:
        status = entry.stat()
    except OSError:
        return FoundFile(path, entry.path)
    if not stat.S_ISREG(status.st_mode):
        return FoundFile(path, entry.path, "not a regular file")
    return FoundFile(path, entry.path, "", status.st_size, status.st_mtime_ns)
