"""What a run tells: how far it is, and in the end what it did."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from search.ledger import Ledger

Verb: TypeAlias = Literal["add", "update", "move", "remove", "quarantine"]


@dataclass(frozen=True, slots=True)
class Change:
    """What a run does about one file. `was` is where a moved file was before."""

    verb: Verb
    source: str
    path: str
    was: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """How far a run is: files and bytes of those it found, articles read so far; then it writes what it read."""

    files: int
    of_files: int
    bytes: int
    of_bytes: int
    articles: int
    writing: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """What a run did. Numbers count files; `resumed` are those that an interrupted run had read already.

    `ledger` is what the index remembers after it. Nothing was written when nothing had changed. `changes` names every
    file that was not left as it was.
    """

    committed: bool
    generation: int | None
    added: int
    updated: int
    moved: int
    removed: int
    unchanged: int
    resumed: int
    articles: int
    ledger: Ledger
    changes: tuple[Change, ...]
    seconds: float
