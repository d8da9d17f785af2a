"""The ledger: what became of every file that a run found. Plain data that is kept with the index as JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal, TypeAlias

Outcome: TypeAlias = Literal["indexed", "quarantined", "ignored"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One file: where it was found, what its bytes were, and what became of it.

    `path` is relative to the source's root and `digest` is the SHA-256 of the bytes (empty where they could not be
    read). `reason` says why a file is quarantined or ignored, `advice` what to do about it. A quarantined file that was
    indexed before keeps its last good article: then it has an `article_id`.
    """

    source: str
    path: str
    digest: str
    outcome: Outcome
    article_id: str | None = None
    reason: str = ""
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Root:
    """The folder that a source's name stands for, and what comes before a file's path in its articles' ids."""

    path: str
    prefix: str


@dataclass(frozen=True, slots=True)
class Ledger:
    """Every file of every source that the index remembers."""

    roots: dict[str, Root] = field(default_factory=dict)
    entries: tuple[Entry, ...] = ()

    def of(self, outcome: Outcome) -> tuple[Entry, ...]:
        """The entries with this outcome."""
        return tuple(entry for entry in self.entries if entry.outcome == outcome)

    def to_json(self) -> dict[str, Any]:
        """The ledger as JSON keeps it."""
        return {
            "roots": {name: asdict(root) for name, root in self.roots.items()},
            "entries": [asdict(entry) for entry in self.entries],
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Ledger:
        """The ledger that `to_json` wrote."""
        roots = {name: Root(**root) for name, root in data["roots"].items()}
        return cls(roots, tuple(Entry(**entry) for entry in data["entries"]))
