"""Which files a source folder holds."""

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
    """A file below a source's root. `path` is relative to it, with `/`; `ignored` says why it is not read, if so.

    `size` is in bytes and `mtime`, its last change, in nanoseconds since 1970; both are 0 where it cannot be looked at.
    """

    path: str
    place: str
    ignored: str = ""
    size: int = 0
    mtime: int = 0

    @property
    def location(self) -> Path:
        """Where it is."""
        return Path(self.place)


def find_files(root: Path, endings: frozenset[str], index: Path | None = None) -> list[FoundFile]:
    """All files below a folder, in order of their paths; those that cannot hold an article are marked ignored.

    Links to folders are not followed, so that a loop cannot catch us, and links out of the root are ignored, so that
    nobody who may put a file there gets one from elsewhere served. The folder of the index is one entry, ignored.
    Raises SourceError when a folder cannot be read.
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
    plain = sorted(ending for ending in endings if ending.count(".") == 1)  # packed ones would triple the list
    strange = f"not a format that is read ({', '.join(plain)})"
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
                within = hidden or entry.name.startswith(".")
                if entry.is_dir(follow_symlinks=False):
                    if below + entry.name == skipped:
                        yield FoundFile(below + entry.name, entry.path, "the index")
                        continue
                    folders.append((entry.path, f"{below}{entry.name}/", within))
                    continue
                ignored = ("in a hidden folder" if hidden else "hidden file") if within else ""
                if not ignored and entry.is_symlink() and not _within(entry.path, real):
                    ignored = "a link out of the folder"
                if not ignored and not _readable(entry.name, endings):
                    ignored = strange
                yield _looked_at(entry, below + entry.name, ignored)


def _within(link: str, root: str) -> bool:
    """Whether a link leads to a place below a folder."""
    return os.path.commonpath((os.path.realpath(link), root)) == root


def _looked_at(entry: os.DirEntry[str], path: str, ignored: str) -> FoundFile:
    """What a look at a file says. One that cannot be looked at is not ignored: reading it will say what is wrong."""
    if ignored:
        return FoundFile(path, entry.path, ignored)
    try:
        status = entry.stat()
    except OSError:
        return FoundFile(path, entry.path)
    if not stat.S_ISREG(status.st_mode):
        return FoundFile(path, entry.path, "not a regular file")
    return FoundFile(path, entry.path, "", status.st_size, status.st_mtime_ns)


def _readable(name: str, endings: frozenset[str]) -> bool:
    """Whether a name ends in one of these endings, which may be double: `.jsonl.gz`."""
    rest, dot, last = name.lower().rpartition(".")
    if not dot:
        return False
    return f".{last}" in endings or f"{rest[rest.rfind('.') :] if '.' in rest else ''}.{last}" in endings
