"""Listing of the files of a source, which is a folder or a single file."""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Callable, Iterable, Iterator
from functools import cache, partial
from itertools import islice
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple

from search.errors import SourceError

_PARTS = re.compile(r"(?:_files|-Dateien|-filer|_fichiers|_archivos|_ficheiros|_bestanden|_arquivos|_pliki)/")
"""The end of the name of a folder into which browsers put what a page consists of; the page's name stands before it."""

_DEPTH = 8
"""Folders of such names, in each other, that are looked at."""

PART = "a part of a saved page"
"""Reason why what is in such a folder is not read."""


class FoundFile(NamedTuple):
    """A file of a source, or a folder that cannot be listed."""

    path: str
    """Path relative to the root of the source, with `/` between folders; of a source that is one file, its name."""
    place: str
    """Path by which the file can be opened."""
    ignored: str = ""
    """Reason why the file is not read; empty for a file that is to be read."""
    size: int = 0
    """Size in bytes; 0 where the file system does not tell it."""
    mtime: int = 0
    """Time of the last change in nanoseconds since 1970; 0 where the file system does not tell it."""
    unreadable: str = ""
    """Reason why it cannot be looked at, for a folder that cannot be listed and for what was known below it."""

    @property
    def location(self) -> Path:
        """The `place` as a Path."""
        return Path(self.place)


def find_files(root: Path, endings: frozenset[str], index: Path | None = None) -> list[FoundFile]:
    """Return all files of a source, sorted by path; files that cannot hold an article are marked as ignored.

    Links to folders are not followed, which excludes endless loops. Links that lead out of the root are ignored, so
    that a link cannot publish a file from elsewhere. A hidden folder, the folder `index` and one with the parts of a
    saved page are one ignored entry each, a folder that cannot be listed is one unreadable entry. Raise SourceError
    when the root cannot be read.
    """
    try:
        status = root.stat()
        if stat.S_ISREG(status.st_mode):
            return [_single_file(root, endings, status)]
        if not stat.S_ISDIR(status.st_mode):
            message = f"{str(root)!r} is neither a folder nor a regular file."
            raise SourceError(message, "Name a folder or a file of articles. Nothing was changed.")
        return sorted(_walk(root, tuple(endings), index), key=attrgetter("path"))
    except (FileNotFoundError, NotADirectoryError):
        message = f"There is no folder or file {str(root)!r}."
        raise SourceError(message, "Name what holds the articles. Nothing was changed.") from None
    except OSError as error:
        message = f"The source {str(root)!r} cannot be read: {error.strerror}."
        raise SourceError(message, "Mend its permissions, or mount it. Nothing was changed.") from None


def _single_file(root: Path, endings: frozenset[str], status: os.stat_result) -> FoundFile:
    """Return the file that a source consists of. Raise SourceError when its format is not read."""
    if not root.name.lower().endswith(tuple(endings)):
        message = f"{str(root)!r} is {_other_format(endings)}."
        raise SourceError(message, "Save it in one of these formats. Nothing was changed.")
    return FoundFile(root.name, str(root), "", status.st_size, status.st_mtime_ns)


@cache
def _other_format(endings: Iterable[str]) -> str:
    """Return why a file without any of the endings is not read."""
    simple = sorted(ending for ending in endings if ending.count(".") == 1)  # compressed ones would triple the list
    return f"not a format that is read ({', '.join(simple)})"


def _walk(root: Path, endings: tuple[str, ...], index: Path | None) -> Iterator[FoundFile]:
    """Yield the files below `root` in no particular order. Raise OSError when `root` itself cannot be listed."""
    real = os.path.realpath(root)
    skipped = os.path.relpath(os.path.realpath(index), real) if index else None
    folders = [(str(root), "")]
    while folders:
        folder, below = folders.pop()
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    path = below + entry.name
                    if not entry.is_dir(follow_symlinks=False):
                        yield _file(entry, path, endings, real)
                    elif path == skipped or entry.name.startswith("."):
                        yield FoundFile(path, entry.path, "the index" if path == skipped else "a hidden folder")
                    elif is_part_of_page(f"{entry.name}/", partial(_is_file, folder)):
                        yield FoundFile(path, entry.path, PART)
                    else:
                        folders.append((entry.path, f"{path}/"))
        except OSError as error:
            if not below:
                raise
            if error.errno not in {errno.ENOENT, errno.ENOTDIR}:  # else it was there when the one above was listed
                reason = f"The folder cannot be read: {error.strerror}."
                yield FoundFile(below.rstrip("/"), folder, unreadable=reason)


def is_part_of_page(path: str, is_file: Callable[[str], bool]) -> bool:
    """Return whether a path leads into the folder that a browser saved with a page: `a_files/ad.html`, say.

    That page, `a.html`, stands beside the folder. Scripts, advertisements and the like in it are no articles, though
    their names may end like those of pages. `is_file` tells whether there is a file of such a path.
    """
    return any(
        is_file(path[: found.start()] + ending)
        for found in islice(_PARTS.finditer(path), _DEPTH)
        for ending in (".html", ".htm")
    )


def _is_file(folder: str, name: str) -> bool:
    """Return whether a folder holds a file of this name."""
    return Path(folder, name).is_file()


def _file(entry: os.DirEntry[str], path: str, endings: tuple[str, ...], root: str) -> FoundFile:
    """Return a file below the folder `root`, which is a path without links; one that is to be read with size and time.

    A file without access is not ignored: reading it will report the error.
    """
    if entry.name.startswith((".", "~$")) or entry.is_symlink():
        ignored = _reason_to_ignore(entry, root)
        if ignored:
            return FoundFile(path, entry.path, ignored)
    if not entry.name.lower().endswith(endings):
        return FoundFile(path, entry.path, _other_format(endings))
    try:
        status = entry.stat()
    except OSError:
        return FoundFile(path, entry.path)
    if not stat.S_ISREG(status.st_mode):
        return FoundFile(path, entry.path, "not a regular file")
    return FoundFile(path, entry.path, "", status.st_size, status.st_mtime_ns)


def _reason_to_ignore(entry: os.DirEntry[str], root: str) -> str:
    """Return why a file is hidden or a link out of bounds, else "". `root` is a path without links."""
    if entry.name.startswith("."):
        return "hidden file"
    if entry.name.startswith("~$"):
        return "a lock of a word processor"
    if os.path.commonpath((os.path.realpath(entry.path), root)) != root:
        return "a link out of the folder"
    if os.path.isdir(entry.path):  # noqa: PTH112 - a Path for each file takes long
        return "a link to a folder"
    return ""
