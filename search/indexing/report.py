"""Progress and result of a run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from search.ledger import Ledger

Verb: TypeAlias = Literal["add", "update", "move", "remove", "quarantine"]


@dataclass(frozen=True, slots=True)
class Change:
    """One file that a run does not leave as it is."""

    verb: Verb
    source: str
    path: str
    was: str = ""
    """Source and path of a moved file before the move; empty for any other file."""


@dataclass(frozen=True, slots=True)
class Step:
    """Progress of a run: files and bytes done, of how many; articles read; whether it writes the index now."""

    files: int
    of_files: int
    bytes: int
    of_bytes: int
    articles: int
    writing: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """Result of a run. `added` to `resumed` count files."""

    committed: bool
    """Whether anything was written; nothing is when nothing has changed."""
    generation: int | None
    added: int
    updated: int
    moved: int
    removed: int
    unchanged: int
    resumed: int
    """Files that an interrupted run had read already."""
    articles: int
    """Articles that were read."""
    unexpected_language: str | None
    """Code of the language that most of them are in, if that is none of those of the settings."""
    ledger: Ledger
    """Ledger of the index after the run."""
    changes: tuple[Change, ...]
    """Every file that was not left as it was."""
    seconds: float
