"""Which files a source folder holds."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from search.errors import SourceError, UnreadableArticle


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file below a source's root. `path` is relative to it, with `/`; `ignored` says why it is not read, if so.

    `size` is in bytes and `mtime`, its last change, in nanoseconds since 1970; both are 0 where it cannot be looked at.
    """

    path: str
    location: Path
    ignored: str = ""
    size: int = 0
    mtime: int = 0


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


def unreadable(error: OSError) -> UnreadableArticle:
    """The error for a file that the system does not let us read."""
    if error.errno in {errno.ENOENT, errno.ELOOP}:
        message = "The file is not there: it is a link that leads nowhere, or was removed just now."
        return UnreadableArticle(message, "Mend the link, or take it out of the folder.")
    message = f"The file cannot be read: {error.strerror}."
    return UnreadableArticle(message, "Mend its permissions, or take it out of the folder.")


def _walk(root: Path, endings: frozenset[str], index: Path | None) -> Iterator[FoundFile]:
    real = os.path.realpath(root)
    skipped = os.path.relpath(os.path.realpath(index), real) if index else None
    folders = [(str(root), "", False)]
    while folders:
        folder, below, hidden = folders.pop()
        with os.scandir(folder) as entries:
            for entry in entries:
                within = hidden or entry.name.startswith(".")
                if entry.is_dir(follow_symlinks=False):
                    if below + entry.name == skipped:
                        yield FoundFile(below + entry.name, Path(entry.path), "the index")
                        continue
                    folders.append((entry.path, f"{below}{entry.name}/", within))
                    continue
                ignored = ("in a hidden folder" if hidden else "hidden file") if within else ""
                if not ignored and entry.is_symlink() and not _within(entry.path, real):
                    ignored = "a link out of the folder"
                yield _looked_at(entry, below + entry.name, ignored, endings)


def _within(link: str, root: str) -> bool:
    """Whether a link leads to a place below a folder."""
    return os.path.commonpath((os.path.realpath(link), root)) == root


def _looked_at(entry: os.DirEntry[str], path: str, ignored: str, endings: frozenset[str]) -> FoundFile:
    """What a look at a file says. One that cannot be looked at is not ignored: reading it will say what is wrong."""
    location = Path(entry.path)
    if not ignored and not _readable(entry.name, endings):
        ignored = f"not a format that is read ({', '.join(sorted(endings))})"
    if ignored:
        return FoundFile(path, location, ignored)
    try:
        status = entry.stat()
    except OSError:
        return FoundFile(path, location)
    if not stat.S_ISREG(status.st_mode):
        return FoundFile(path, location, "not a regular file")
    return FoundFile(path, location, "", status.st_size, status.st_mtime_ns)


def _readable(name: str, endings: frozenset[str]) -> bool:
    """Whether a name ends in one of these endings, which may be double: `.jsonl.gz`."""
    parts = name.lower().split(".")
    return any("." + ".".join(parts[-n:]) in endings for n in (1, 2) if len(parts) > n)
