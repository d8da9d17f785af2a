"""The ledger: what became of every file that a run found. Plain data that is kept with the index as JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal, TypeAlias

Outcome: TypeAlias = Literal["indexed", "quarantined", "ignored"]


@dataclass(frozen=True, slots=True)
class Problem:
    """A record of a file of many that could not be read: its key in the file, why, and what to do about it.

    A stale one was good once, and is served as it was then.
    """

    key: str
    reason: str
    advice: str
    stale: bool = False


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One file: where it was found, what it was like, and what became of it.

    `path` is relative to the source's root. `article_id` is the id of its article, or what the ids of its articles
    begin with, where any are in the index: a quarantined file that was indexed before keeps its last good ones, which
    are stale then. `reason` says why a file is quarantined or ignored, `advice` what to do about it.
    """

    source: str
    path: str
    outcome: Outcome
    article_id: str | None = None
    size: int = 0
    """Bytes, when it was read."""
    mtime: int = 0
    """When it was last changed, in nanoseconds; 0 where that is too recent to tell a later change by."""
    digest: str = ""
    """SHA-256 of its bytes; empty where they could not be read."""
    format: str = ""
    encoding: str = ""
    lang: str = ""
    """The language of its articles; empty where they have several."""
    generation: int = 0
    """The generation in which it was last read."""
    articles: int = 0
    """How many articles of it the index holds."""
    guessed: int = 0
    """How many of these have a date that is a guess."""
    refused: int = 0
    """How many of its records could not be read; the first of them are `problems`."""
    problems: tuple[Problem, ...] = ()
    ignored: int = 0
    """How many of an archive's members are no articles."""
    reason: str = ""
    advice: str = ""


_DEFAULTS = {one.name: one.default for one in fields(LedgerEntry)}


@dataclass(frozen=True, slots=True)
class Root:
    """The folder that a source's name stands for, and what comes before a file's path in its articles' ids.

    `reading` says how its files were read: with which settings, by which version.
    """

    path: str
    prefix: str
    reading: str = ""


@dataclass(frozen=True, slots=True)
class Ledger:
    """Every file of every source that the index remembers."""

    roots: dict[str, Root] = field(default_factory=dict)
    entries: tuple[LedgerEntry, ...] = ()

    def of(self, outcome: Outcome) -> tuple[LedgerEntry, ...]:
        """The entries with this outcome."""
        return tuple(entry for entry in self.entries if entry.outcome == outcome)

    @property
    def refused(self) -> int:
        """How many records of files of many could not be read."""
        return sum(entry.refused for entry in self.entries)

    def to_json(self) -> dict[str, Any]:
        """The ledger as JSON keeps it."""
        return {
            "roots": {name: asdict(root) for name, root in self.roots.items()},
            "entries": entries_json(self.entries),
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Ledger:
        """The ledger that `to_json` wrote."""
        roots = {name: Root(**root) for name, root in data["roots"].items()}
        return cls(roots, entries_of(data["entries"]))


@dataclass(frozen=True, slots=True)
class Progress:
    """What a run has finished: files, and of some only the first records (`partial`).

    Each progress names the files that it finished, and all of those that are partial by then.
    """

    entries: tuple[LedgerEntry, ...] = ()
    partial: tuple[LedgerEntry, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The progress as JSON keeps it."""
        return {"entries": entries_json(self.entries), "partial": entries_json(self.partial)}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Progress:
        """The progress that `to_json` wrote."""
        return cls(entries_of(data["entries"]), entries_of(data["partial"]))


def entries_json(entries: tuple[LedgerEntry, ...]) -> list[dict[str, Any]]:
    """Entries as JSON keeps them: what is as usual is left out."""
    return [
        {
            name: [asdict(problem) for problem in entry.problems] if name == "problems" else getattr(entry, name)
            for name, default in _DEFAULTS.items()
            if getattr(entry, name) != default
        }
        for entry in entries
    ]


def entries_of(data: list[dict[str, Any]]) -> tuple[LedgerEntry, ...]:
    """The entries that `entries_json` wrote."""
    return tuple(
        LedgerEntry(
            **{**row, "problems": tuple(Problem(**one) for one in row["problems"])} if "problems" in row else row
        )
        for row in data
    )
