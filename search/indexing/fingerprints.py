"""Detection of changed and moved files, by size, time of the last change and SHA-256."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Hashable, Mapping
from contextlib import suppress
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
    """Return whether size and time show that a file is as it was when read, and it could be read now.

    A file without a digest is read again.
    """
    same = bool(entry.digest and entry.mtime) and (file.size, file.mtime) == (entry.size, entry.mtime)
    return same and os.access(file.place, os.R_OK, effective_ids=True)  # a change of permissions is in neither


def with_current_stat(file: FoundFile) -> FoundFile:
    """Return the file with its present size and time; as it is when the file system does not tell them."""
    try:
        status = os.stat(file.place)  # noqa: PTH116 - a Path takes as long to make as the file to look at
    except OSError:
        return file
    if (status.st_size, status.st_mtime_ns) == (file.size, file.mtime):
        return file
    return file._replace(size=status.st_size, mtime=status.st_mtime_ns)


def check_unchanged(file: FoundFile) -> None:
    """Raise UnreadableArticle when the size or time of a file is no longer that of `file`."""
    if with_current_stat(file) != file:
        message = "The file changed while it was read."
        raise UnreadableArticle(message, "Run the command again when nothing writes to it.")


def digest_of(file: FoundFile) -> str:
    """Return the SHA-256 of a file in hexadecimal. Raise UnreadableArticle."""
    with open_regular_file(file.place) as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def find_moves(found: Mapping[Key, FoundFile], known: Mapping[Key, LedgerEntry]) -> dict[Key, Key]:
    """Return the old place of each new file that has the bytes of one that is gone; of several, one of its name."""
    gone = {key: entry for key, entry in known.items() if key not in found and entry.outcome in {"indexed", "partial"}}
    if not gone:
        return {}
    sizes = {entry.size for entry in gone.values()}
    came: dict[Key, str] = {}
    for key, file in found.items():
        if key not in known and not (file.ignored or file.unreadable) and file.size in sizes:
            with suppress(UnreadableArticle):  # reading it will raise this again
                came[key] = digest_of(file)
    named = {key: (digest, file_name(key)) for key, digest in came.items()}
    moved = _pair(named, {key: (entry.digest, file_name(key)) for key, entry in gone.items()})
    taken = set(moved.values())
    left = {key: entry.digest for key, entry in gone.items() if key not in taken}
    return moved | _pair({key: digest for key, digest in came.items() if key not in moved}, left)


def file_name(key: Key) -> str:
    """Return the name of a file without its folder."""
    return key[1].rpartition("/")[2]


def _pair(came: Mapping[Key, Hashable], gone: Mapping[Key, Hashable]) -> dict[Key, Key]:
    """Return for each new file an old one with the same value, as long as there are any left."""
    places: dict[Hashable, list[Key]] = {}
    for key, value in reversed(list(gone.items())):
        places.setdefault(value, []).append(key)
    return {key: places[value].pop() for key, value in came.items() if places.get(value)}
