"""Which files a source folder holds."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from search.errors import SourceError


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file below a source's root. `path` is relative to it, with `/`; `ignored` says why it is not read, if so."""

    path: str
    location: Path
    ignored: str = ""


def find_files(root: Path, endings: frozenset[str]) -> list[FoundFile]:
    """All files below a folder, in order of their paths; those that cannot hold an article are marked ignored.

    Links to folders are not followed, so that a loop cannot catch us. Raises SourceError when a folder cannot be read.
    """
    if not root.is_dir():
        message = f"There is no folder {str(root)!r}."
        raise SourceError(message, "Name the folder that holds the articles. Nothing was changed.")
    return sorted(_walk(root, endings), key=lambda file: file.path)


def _walk(root: Path, endings: frozenset[str]) -> Iterator[FoundFile]:
    for folder, folders, names in os.walk(root, onerror=_refuse):
        here = Path(folder)
        links = [name for name in folders if (here / name).is_symlink()]
        for name in [*names, *links]:
            location = here / name
            path = location.relative_to(root)
            yield FoundFile(path.as_posix(), location, _why_ignored(location, path, endings))


def _why_ignored(location: Path, path: Path, endings: frozenset[str]) -> str:
    if any(part.startswith(".") for part in path.parts):
        return "hidden file" if path.name.startswith(".") else "in a hidden folder"
    if not path.name.lower().endswith(tuple(endings)):
        plain = sorted(ending for ending in endings if ending.count(".") == 1)  # packed ones would triple the list
        return f"not a format that is read ({', '.join(plain)})"
    try:
        if not stat.S_ISREG(location.stat().st_mode):
            return "not a regular file"
    except OSError:
        return ""  # reading it will say what is wrong
    return ""


def _refuse(error: OSError) -> None:
    message = f"The folder {error.filename!r} cannot be read: {error.strerror}."
    raise SourceError(message, "Mend its permissions. Nothing was changed.")
