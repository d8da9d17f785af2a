"""The ledger: for every file of every source, what became of it. It is plain data, kept with the index as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from itertools import repeat
from typing import Any, Literal, NamedTuple, TypeAlias, get_args

from search.errors import RequestError

Outcome: TypeAlias = Literal["indexed", "partial", "quarantined", "ignored"]
"""The outcome of a run for one file.

The file's articles are in the index (`indexed`); they are there, but a part of the file could not be read (`partial`);
the file cannot be read, though the index may keep the articles that it had before (`quarantined`); or it is a file that
holds no articles (`ignored`).
"""
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)


@dataclass(frozen=True, slots=True)
class Problem:
    """A record, in a file of many records, that could not be read, or only in part, with the reason and advice."""

    key: str
    """Identifies the record in its file: its id, or else the number of its line or row, or its place in a list."""
    reason: str
    advice: str
    stale: bool = False
    """Whether the index holds the record as it was when it could last be read."""
    outcome: Literal["partial", "quarantined"] = "quarantined"


class LedgerEntry(NamedTuple):
    """One file: where it was found, what it was like, and the outcome."""

    source: str
    path: str
    """Path relative to the root folder of the source."""
    outcome: Outcome
    article_id: str | None = None
    """Id of the file's article, which the ids of all its articles begin with; None where the index holds none. A
    quarantined file may have one: its articles as they were when it could last be read."""
    size: int = 0
    """Size of the file in bytes when it was read."""
    mtime: int = 0
    """Time of the last change in nanoseconds since 1970; 0 if it was so recent that another could have the same."""
    digest: str = ""
    """SHA-256 of the file's bytes in hexadecimal; empty where they could not be read."""
    format: str = ""
    """Ending that names the file's format, such as `csv.gz`."""
    encoding: str = ""
    """Encoding of the file's text, such as `windows-1254 (guessed)`; empty where the format prescribes it."""
    lang: str = ""
    """Language of the file's articles; empty where they have several."""
    generation: int = 0
    """Generation in which the file was last read."""
    articles: int = 0
    """Number of the file's articles in the index."""
    guessed: int = 0
    """Number of the file's articles whose date is a guess."""
    refused: int = 0
    """Number of the file's records that could not be read; the first of them are in `problems`."""
    partial: int = 0
    """Number of the file's articles that were read in part."""
    kept: int = 0
    """Number of the file's articles that can no longer be read and stay as they were; `refused` counts them too."""
    problems: tuple[Problem, ...] = ()
    """The first records, in a file of many, that could not be read, or only in part."""
    ignored: int = 0
    """Number of members that hold no articles, in a file that is an archive, such as a zip."""
    reason: str = ""
    """Reason why the file is quarantined or ignored, or, if it was read in part, what is missing."""
    advice: str = ""
    """Advice on how to make a quarantined file readable."""

    @property
    def file(self) -> tuple[str, str]:
        """The source and the path, which together name a file."""
        return self.source, self.path

    @property
    def encoding_guessed(self) -> bool:
        """Whether the file has articles in the index whose encoding is a guess."""
        return self.outcome in {"indexed", "partial"} and "(guessed)" in self.encoding


_DEFAULTS = {name: LedgerEntry._field_defaults.get(name) for name in LedgerEntry._fields}


@dataclass(frozen=True, slots=True)
class Root:
    """The root folder of a source, the prefix of its ids, and the options that its files were read with."""

    path: str
    prefix: str
    """Text before a file's path in its article id."""
    reading: str = ""
    """JSON with the options, and the version of the reader, that its files were read with."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """The sources of an index by name, and an entry for each of their files."""

    roots: dict[str, Root] = field(default_factory=dict)
    entries: tuple[LedgerEntry, ...] = ()
    commits: dict[int, str] = field(default_factory=dict)
    """Time, in ISO 8601 and UTC, when each generation that an entry names was committed. Some can be missing: older
    versions of Stemma did not note it."""

    def commit_time(self) -> str:
        """Return the time, in ISO 8601 and UTC, for a commit that is made now: never before that of an earlier commit.

        Clocks can go back, and a program that asks what changed since a time must not miss this commit.
        """
        return max([f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}", *self.commits.values()])

    def committed(self, generation: int, when: str) -> Ledger:
        """Return the ledger with the time `when` of the commit of `generation`, without times that no entry needs."""
        named = {entry.generation for entry in self.entries}
        commits = {of: time for of, time in self.commits.items() if of in named}
        return replace(self, commits={**commits, generation: when})

    def changed_at(self) -> dict[int, str]:
        """Return the time, in ISO 8601 and UTC, when each generation that an entry names was committed.

        If it was not noted, it is that of the next commit whose time is known, so that it is not too early; an empty
        text if there is none.
        """
        found: dict[int, str] = {}
        later = ""
        for generation in sorted({*self.commits, *(entry.generation for entry in self.entries)}, reverse=True):
            later = self.commits.get(generation, later)
            found[generation] = later
        return found

    def of(self, outcome: Outcome) -> tuple[LedgerEntry, ...]:
        """Return the entries with this outcome."""
        return tuple(entry for entry in self.entries if entry.outcome == outcome)

    def counts(self) -> dict[str, int]:
        """Return the number of files by outcome; the sum is the number of all files that were found."""
        counts = Counter(entry.outcome for entry in self.entries)
        return {outcome: counts[outcome] for outcome in OUTCOMES}

    @property
    def refused(self) -> int:
        """The number of records that could not be read, in all files of many records together."""
        return sum(entry.refused for entry in self.entries)

    @property
    def partial(self) -> int:
        """The number of articles that were read in part."""
        return sum(entry.partial for entry in self.entries)

    def to_json(self) -> dict[str, Any]:
        """Return the ledger as a JSON object for people and programs, with an object for each entry."""
        return {"roots": self._roots_to_json(), "entries": entries_to_json(self.entries), "commits": self.commits}

    def to_columns(self) -> dict[str, Any]:
        """Return the ledger as a JSON object with a list for each field of the entries.

        It is read in a third of the time of `to_json`. Fields that have their default in all entries are left out.
        """
        columns = dict(zip(LedgerEntry._fields, zip(*self.entries, strict=True), strict=False))
        used = {name: column for name, column in columns.items() if any(one != _DEFAULTS[name] for one in column)}
        if "problems" in used:
            used["problems"] = tuple([asdict(problem) for problem in problems] for problems in used["problems"])
        return {"roots": self._roots_to_json(), "columns": used, "commits": self.commits}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Ledger:
        """Return the ledger that `to_columns` or `to_json` made `data` of. Changes `data`."""
        roots = {name: Root(**root) for name, root in data["roots"].items()}
        commits = {int(generation): time for generation, time in data.get("commits", {}).items()}
        if "columns" not in data:
            return cls(roots, entries_from_json(data["entries"]), commits)
        columns = data["columns"]
        if "problems" in columns:
            columns["problems"] = [tuple(Problem(**one) for one in problems) for problems in columns["problems"]]
        filled = (columns.get(name, repeat(default)) for name, default in _DEFAULTS.items())
        return cls(roots, tuple(map(LedgerEntry._make, zip(*filled, strict=False))) if columns else (), commits)

    def _roots_to_json(self) -> dict[str, dict[str, str]]:
        """Return the sources as a JSON object."""
        return {name: asdict(root) for name, root in self.roots.items()}


@dataclass(frozen=True, slots=True)
class Progress:
    """Files that an unfinished run has staged: written, but not committed yet.

    `entries` has the files that the run finished since it last staged, `partial` all files of which only the first
    records are staged.
    """

    entries: tuple[LedgerEntry, ...] = ()
    partial: tuple[LedgerEntry, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the progress as a JSON object."""
        return {"entries": entries_to_json(self.entries), "partial": entries_to_json(self.partial)}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Progress:
        """Return the progress that `to_json` made `data` of."""
        return cls(entries_from_json(data["entries"]), entries_from_json(data["partial"]))


def entries_to_json(entries: tuple[LedgerEntry, ...]) -> list[dict[str, Any]]:
    """Return entries as JSON objects, without fields whose value is their default."""
    return [
        {
            name: [asdict(problem) for problem in entry.problems] if name == "problems" else getattr(entry, name)
            for name, default in _DEFAULTS.items()
            if getattr(entry, name) != default
        }
        for entry in entries
    ]


def entries_from_json(data: list[dict[str, Any]]) -> tuple[LedgerEntry, ...]:
    """Return the entries that `entries_to_json` made `data` of."""
    return tuple(
        LedgerEntry(**row | {"problems": tuple(Problem(**one) for one in row["problems"])})
        if "problems" in row
        else LedgerEntry(**row)
        for row in data
    )


def merged(known: Ledger, parts: Sequence[Ledger]) -> Ledger:
    """Return one ledger with the sources of all parts of a run, and with those of `known` that no part has.

    There has to be at least one part. Raises RequestError if two parts have the same source, or two files the same id.
    """
    sources = Counter(name for part in parts for name in part.roots)
    if twice := [name for name, n in sources.items() if n > 1]:
        raise RequestError("sources", f"Two parts of the run have the source {twice[0]!r}.", "Name it in one only.")
    roots = {name: root for ledger in (known, *parts) for name, root in ledger.roots.items()}
    entries = [entry for entry in known.entries if entry.source not in sources]
    entries += [entry for part in parts for entry in part.entries]
    ids = Counter(entry.article_id for entry in entries if entry.article_id is not None)
    if same := [name for name, n in ids.items() if n > 1]:
        raise RequestError("sources", f"Two parts of the run have files of the id {same[0]!r}.", "Rename one of them.")
    return Ledger(roots, tuple(sorted(entries)), parts[0].commits)


def disagreements(ledger: Ledger, article_ids: Iterable[str]) -> Iterator[str]:
    """Yield a text for each way in which a ledger does not agree with the ids of the articles of its generation."""
    ids = Counter(article_ids)
    if twice := [name for name, n in ids.items() if n > 1]:
        yield f"{len(twice):,} articles are there twice, {twice[0]!r} for one"
    if not ledger.roots:  # the articles were not read from sources, so there is nothing to compare
        return
    of = {entry.article_id: entry.articles for entry in ledger.entries if entry.article_id is not None}
    held: Counter[str] = Counter()
    for name in ids:
        file = next((one for one in files_of(name) if one in of), None)
        if file is None:
            yield f"no file of the ledger has the article {name!r}"
            return
        held[file] += 1
    wrong = [file for file, articles in of.items() if held[file] != articles]
    if wrong:
        yield f"{wrong[0]!r} has {held[wrong[0]]:,} articles, and {of[wrong[0]]:,} by the ledger"


def files_of(article_id: str) -> list[str]:
    """Return the ids of the files that an article may be of, longest first: its own, and what is before each colon."""
    return [article_id, *(article_id[:at] for at in range(len(article_id) - 1, 0, -1) if article_id[at] == ":")]
