"""What is known of the files before they are read: their fingerprints, and which of them only moved."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TypeAlias

from search.errors import UnreadableArticle
from search.ledger import LedgerEntry
from search.sources import FoundFile, chunks_of, opened

Key: TypeAlias = tuple[str, str]
"""A file: its source's name, and its path below it."""

SECOND = 1_000_000_000
FINE, COARSE = SECOND // 50, 2 * SECOND
"""How long after a change another one may leave the same time behind, where file systems keep fractions of seconds,
and where they keep none."""


def settled(file: FoundFile) -> int:
    """The time of a file's last change, in nanoseconds; 0 when a change from now on could leave it the same."""
    step = FINE if file.mtime % SECOND else COARSE
    return file.mtime if file.mtime + step < time.time_ns() else 0


def unchanged(file: FoundFile, entry: LedgerEntry) -> bool:
    """Whether a look at the file is enough to know that it is as it was. What was unreadable is tried again."""
    return bool(entry.digest and entry.mtime) and (file.size, file.mtime) == (entry.size, entry.mtime)


def looked_at(file: FoundFile) -> FoundFile:
    """The file with its size and last change of this moment, if it can be looked at."""
    try:
        status = file.location.stat()
    except OSError:
        return file
    return replace(file, size=status.st_size, mtime=status.st_mtime_ns)


def check_same(file: FoundFile) -> None:
    """Raises UnreadableArticle when a file is no longer what it was when it was looked at."""
    if looked_at(file) != file:
        message = "The file changed while it was read."
        raise UnreadableArticle(message, "Run the command again when nothing writes to it.")


def digest_of(file: FoundFile) -> str:
    """The SHA-256 of a file. Raises UnreadableArticle."""
    digest = hashlib.sha256()
    with opened(file.location) as source:
        for chunk in chunks_of(source):
            digest.update(chunk)
    return digest.hexdigest()


def moves(found: Mapping[Key, FoundFile], known: Mapping[Key, LedgerEntry]) -> dict[Key, Key]:
    """The files that are new but for their name, each with where it was: one that is gone had the same bytes."""
    gone: dict[str, list[Key]] = {}
    sizes: set[int] = set()
    for key, entry in known.items():
        if key not in found and entry.outcome == "indexed":
            gone.setdefault(entry.digest, []).append(key)
            sizes.add(entry.size)
    moved: dict[Key, Key] = {}
    for key, file in found.items():
        if key not in known and not file.ignored and file.size in sizes:
            try:
                places = gone.get(digest_of(file))
            except UnreadableArticle:
                continue  # reading it will say so
            if places:
                moved[key] = places.pop(0)
    return moved


def taken_for_records(paths: Iterable[str]) -> dict[str, str]:
    """The files whose ids would look like those of another file's records, with that file: `a.csv:1` and `a.csv`."""
    names = set(paths)
    found = {}
    for path in names:
        at = path.find(":")
        while at >= 0:
            if path[:at] in names:
                found[path] = path[:at]
            at = path.find(":", at + 1)
    return found
