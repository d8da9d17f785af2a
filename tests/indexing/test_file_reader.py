"""What the entry of a file says of its records: read, read in part, refused, kept; also after an interruption."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from search.errors import UnreadableArticle
from search.indexing.file_reader import REASON, FileReader
from search.indexing.fingerprints import with_current_stat
from search.ledger import Ledger, LedgerEntry, Problem
from search.sources import FoundFile, Record, RefusedRecord, SourceFile
from tests.contract.engines import article
from tests.indexing.test_reindex import texts
from tests.oracle import Oracle

PARTS = ("2 of 3 pages hold only pictures.", "A note could not be read.")
BAD = RefusedRecord("b", "No text.", "Write some.")


def record(key: str, *missing: str) -> Record:
    return Record("T", None, (f"Text {key}.",), key=key, missing=missing)


class Stopped(Exception):
    """An interruption of a run."""


class Reading:
    """A file of these records, which is read into an engine that may have articles of it."""

    def __init__(self, folder: Path, *records: Record | RefusedRecord, known: tuple[str, ...] = ()) -> None:
        if not (folder / "a.zip").exists():
            (folder / "a.zip").touch()
        self.file = with_current_stat(FoundFile("a.zip", str(folder / "a.zip")))
        self.records = records
        self.engine = Oracle()
        with self.engine.write() as writer:
            for key in known:
                writer.add(article(f"a.zip:{key}", "Before."))
            writer.commit(Ledger())
        self.before = LedgerEntry("s", "a.zip", "indexed", "a.zip", articles=len(known)) if known else None

    def read(self, done: LedgerEntry | None = None, stop_after: int | None = None) -> LedgerEntry:
        """The entry after a run, which resumes one that had `done` a part, or is itself stopped after some records."""
        writer = self.engine if done else self.engine.write().__enter__()
        so_far: list[LedgerEntry] = []
        reader = FileReader(
            writer, self.engine.snapshot(), ("en",), lambda _: SourceFile("zip", iter(self.records)), so_far.append
        )
        if stop_after is not None:

            def records() -> Iterator[Record | RefusedRecord]:
                for number, one in enumerate(self.records):
                    if number == stop_after:
                        raise Stopped
                    yield one

            writer.full = True
            reader.open_file = lambda _: SourceFile("zip", records())
        with suppress(Stopped):
            so_far.append(
                reader.read(
                    self.file, LedgerEntry("s", "a.zip", "indexed", "a.zip"), done or self.before, self.before, done
                )
            )
        writer.full = False
        return so_far[-1] if stop_after is None else so_far[:stop_after][-1]


def test_what_is_missing_of_a_file(tmp_path: Path) -> None:
    """A file of which a part is not found must not pass for one that is."""
    entry = Reading(tmp_path, record("", *PARTS)).read()
    assert (entry.outcome, entry.reason, entry.partial, entry.problems) == ("partial", " ".join(PARTS), 1, ())
    for one in (Reading(tmp_path, record("", *PARTS)), Reading(tmp_path, record("a", *PARTS), record("b"))):
        assert one.read(one.read(stop_after=1)) == Reading(tmp_path, *one.records).read()
    entry = Reading(tmp_path, record("")).read()
    assert (entry.outcome, entry.reason, entry.partial) == ("indexed", "", 0)


def test_a_file_that_is_wrong_in_a_million_places(tmp_path: Path) -> None:
    """Each generation keeps the ledger, and each page of the status shows it: no file may make it large."""
    many = ("The order of reading names 'x', which is nowhere.",) * 100_000
    entry = Reading(tmp_path, record("", *many)).read()
    assert (len(entry.reason), entry.reason[-1]) == (REASON, "…")
    entry = Reading(tmp_path, record("a", *many), RefusedRecord("b", " ".join(many), "")).read()
    assert [len(problem.reason) for problem in entry.problems] == [REASON, REASON]


def test_what_is_missing_of_records(tmp_path: Path) -> None:
    """In a file of thousands somebody has to know which they are."""
    entry = Reading(tmp_path, record("a", *PARTS), BAD, record("c")).read()
    assert (entry.outcome, entry.articles, entry.refused, entry.partial) == ("partial", 2, 1, 1)
    assert entry.reason == "1 of its 3 records could not be read. 1 of its 3 records could be read in part only."
    assert entry.problems == (
        Problem("a", " ".join(PARTS), "", outcome="partial"),
        Problem("b", "No text.", "Write some."),
    )
    with pytest.raises(UnreadableArticle, match="None of its 1 records"):
        Reading(tmp_path, BAD).read()


@pytest.mark.parametrize("stop_after", range(1, 8))
def test_a_file_that_was_read_up_to_a_record(tmp_path: Path, stop_after: int) -> None:
    """A record that is kept, though it cannot be read, is one record: another one was passed over for it."""
    records = (
        BAD,
        record("a", *PARTS),
        record("c"),
        RefusedRecord("d.png", "picture", "", ignored=True),
        BAD,
        record("e"),
    )
    whole, parts = (Reading(tmp_path, *records, known=("b", "c", "gone")) for _ in range(2))
    expected = whole.read()
    assert (expected.articles, expected.kept, expected.refused, expected.ignored) == (4, 1, 2, 1)
    assert parts.read(parts.read(stop_after=stop_after)) == expected
    assert parts.engine.draft == whole.engine.draft
    assert sorted(parts.engine.draft) == ["a.zip:a", "a.zip:b", "a.zip:c", "a.zip:e"]
    assert texts(whole.engine)["a.zip:b"] == "Before."
