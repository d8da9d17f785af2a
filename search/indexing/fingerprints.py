"""Detection of changed and moved files, by size, time of the last change and SHA-256."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import TypeAlias

from search.errors import UnreadableArticle
from search.ledger import LedgerEntry
from search.sources import FoundFile, open_regular_file

Key: TypeAlias = tuple[str, str]
"""A file: its source's name, and its path below it."""

SECOND = 1_000_000_000
FINE, COARSE = SECOND // 50, 2 * SECOND
"""Nanoseconds within which two changes may get the same time: on file systems that store fractions of a second, and on
others."""


def reliable_mtime(file: FoundFile) -> int:
    """Return the time of a file's last change in nanoseconds; 0 when a change from now on could leave the same time."""
    step = FINE if file.mtime % SECOND else COARSE
    return file.mtime if file.mtime + step < time.time_ns() else 0


def unchanged(file: FoundFile, entry: LedgerEntry) -> bool:
    """Return whether size and time show that a file is as it was when read. A file without a digest is read again."""
    return bool(entry.digest and entry.mtime) and (file.size, file.mtime) == (entry.size, entry.mtime)


def with_current_stat(file: FoundFile) -> FoundFile:
    """Return the file with its present size and time; as it is when the file system does not tell them."""
    try:
        status = file.location.stat()
    except OSError:
        return file
    return replace(file, size=status.st_size, mtime=status.st_mtime_ns)


def check_unchanged(file: FoundFile) -> None:
    """Raise UnreadableArticle when the size or time of a file is no longer that of `file`."""
    if with_current_stat(file) != file:
        message = "The file changed while it was read."
        raise UnreadableArticle(message, "Run the command again when nothing writes to it.")


def digest_of(file: FoundFile) -> str:
    """Return the SHA-256 of a file in hexadecimal. Raise UnreadableArticle."""
    with open_regular_file(file.location) as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def find_moves(found: Mapping[Key, FoundFile], known: Mapping[Key, LedgerEntry]) -> dict[Key, Key]:
    """Return, for each new file that has the bytes of a file that is gone, the place of the file that is gone."""
    gone: dict[str, list[Key]] = {}
    for key, entry in known.items():
        if key not in found and entry.outcome == "indexed":
            gone.setdefault(entry.digest, []).append(key)
    sizes = {known[key].size for keys in gone.values() for key in keys}
    moved: dict[Key, Key] = {}
    for key, file in found.items():
        if key not in known and not file.ignored and file.size in sizes:
            try:
                places = gone.get(digest_of(file))
            except UnreadableArticle:
                continue  # reading it will raise this again
            if places:
                moved[key] = places.pop(0)
    return moved


def colliding_paths(files: Collection[Key]) -> dict[Key, str]:
    """Return each file whose id could be that of a record in another file, with that path: `a.csv:1` and `a.csv`."""
    ends = ((source, path, path[: colon.start()]) for source, path in files for colon in re.finditer(":", path))
    return {(source, path): other for source, path, other in ends if (source, other) in files}
