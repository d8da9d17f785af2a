"""reindex(): what a run adds, updates, removes, keeps, refuses; on the engine in memory."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from search.engine import Engine, Partition
from search.errors import IndexDamaged, IndexMissing, SourceError
from search.index import WhooshEngine
from search.indexing import Report, Step, reindex
from search.indexing.file_reader import MAX_PROBLEMS
from search.sources import Options
from tests.oracle import Generation, Oracle


def write(root: Path, **files: str) -> Path:
    """Files in the native format, by their names without ending; `__` stands for a folder's slash."""
    for name, text in files.items():
        path = root / f"{name.replace('__', '/')}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{name}\n\n{text}\n", "utf-8")
    return root


def run(engine: Engine, *roots: Path, full: bool = False) -> Report:
    return reindex(engine, roots, full=full)


def counts(report: Report) -> tuple[int, int, int, int]:
    return report.added, report.updated, report.removed, report.unchanged


def texts(engine: Oracle) -> dict[str, str]:
    """Every article by its id, as one text."""
    return {name: "/".join(article.paragraphs) for name, article in engine.snapshot().articles.items()}


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    """Its checksum would be made first; of a terabyte, which takes no room on the disk, that takes hours."""
    (tmp_path / "a.txt").touch()
    os.truncate(tmp_path / "a.txt", 1 << 28)
    engine = Oracle()
    for _ in range(2):
        run(engine, write(tmp_path, b="One."))
        entry, other = engine.snapshot().ledger().entries
        assert (entry.outcome, entry.digest, other.outcome) == ("quarantined", "", "indexed")
        assert "larger than 64 MB" in entry.reason
    write(tmp_path, a="Two.")
    run(engine, tmp_path)
    assert texts(engine) == {"a.txt": "Two.", "b.txt": "One."}


def test_records_whose_numbers_are_the_ids_of_others(tmp_path: Path) -> None:
    """Whoever cites a record by its id must find it, and not one that happens to stand on that line."""
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "One."}\n{"text": "Two.", "id": "1"}\n')
    engine = Oracle()
    report = run(engine, tmp_path)
    assert (report.articles, texts(engine)) == (2, {"a.jsonl:1~": "One.", "a.jsonl:1": "Two."})
    assert counts(run(engine, tmp_path)) == (0, 0, 0, 1)
    path.write_text('{"text": "One."}\n{"text": "", "id": "1"}\n{"text": "Three.", "id": "3"}\n')
    run(engine, tmp_path)
    assert texts(engine) == {"a.jsonl:1~": "One.", "a.jsonl:1": "Two.", "a.jsonl:3": "Three."}
    path.write_text('{"text": "One."}\n{"text": "Two.", "id": "1"}\n')
    path.chmod(0)
    (entry,) = run(engine, tmp_path).ledger.entries
    assert (entry.articles, entry.outcome) in {(2, "quarantined"), (2, "indexed")}  # the latter for root


def test_a_record_that_is_kept_stays_behind(tmp_path: Path) -> None:
    """What cannot be read any more is kept at its place only, also beyond the problems that the ledger names."""
    path = tmp_path / "letters" / "a.jsonl"
    path.parent.mkdir()
    broken = '{"text": ""}\n' * MAX_PROBLEMS + '{"id": "good", "text": "One."}\n'
    engine = Oracle()
    for text in ("Two.", ""):
        path.write_text(f'{broken}{{"id": "late", "text": "{text}"}}\n')
        run(engine, tmp_path)
        assert texts(engine) == {"letters/a.jsonl:good": "One.", "letters/a.jsonl:late": "Two."}
    path.rename(tmp_path / "a.jsonl")
    run(engine, tmp_path)
    assert texts(engine) == {"a.jsonl:good": "One."}


def test_a_file_that_comes_back_and_is_read_twice(tmp_path: Path) -> None:
    """Its old articles, which the interrupted run had removed, must not come back beside the new ones."""
    root = write(tmp_path / "news", a="One.", b="Two.", c="Three.")
    path = root / "z.jsonl"
    path.write_text('{"id": "old", "text": "Old."}\n')
    index = tmp_path / "index"

    def stop(step: Step) -> None:
        raise KeyboardInterrupt

    with closing(WhooshEngine(index)) as engine:
        run(engine, root)
    path.unlink()
    write(root, a="Uno.")
    with closing(WhooshEngine(index, memory=1)) as engine, pytest.raises(KeyboardInterrupt):
        reindex(engine, [root], progress=stop)
    path.write_text('{"text": "One."}\n{"text": "Two.", "id": "1"}\n')
    with closing(WhooshEngine(index)) as engine:
        run(engine, root)
        snapshot = engine.snapshot()
        assert [one.id for one in snapshot.articles_of("z.jsonl")] == ["z.jsonl:1", "z.jsonl:1~"]
        assert engine.check(lambda _done, _whole: None).damages == ()


def test_a_first_run(tmp_path: Path) -> None:
    """The ids and headings that everything else goes by."""
    root = tmp_path / "news"
    (root / "b").mkdir(parents=True)
    (root / "a.txt").write_text("Title\n- 2025-07-23\n\nOne.\nTwo.\n")
    write(root, b__c="Three.")
    engine = Oracle()
    steps: list[tuple[int, int]] = []
    options = Options(languages=("de",))
    report = reindex(engine, [root], options, progress=lambda step: steps.append((step.files, step.of_files)))
    assert counts(report) == (2, 0, 0, 0)
    assert (report.committed, report.generation, report.ledger) == (True, 1, engine.snapshot().ledger())
    assert steps == [(1, 2), (2, 2), (2, 2)]
    assert texts(engine) == {"a.txt": "One./Two.", "b/c.txt": "Three."}
    heading = engine.snapshot().articles["a.txt"].heading
    assert (heading.title, heading.source, heading.lang) == ("Title", "news", "de")
    assert heading.date is not None
    assert heading.date.text == "2025-07-23"


def test_nothing_changed_nothing_written(tmp_path: Path) -> None:
    """A run every minute must not make a generation every minute."""
    root, engine = write(tmp_path / "news", a="One.", b="Two."), Oracle()
    run(engine, root)
    (root / "a.txt").touch()
    report = run(engine, root)
    assert counts(report) == (0, 0, 0, 2)
    assert (report.committed, report.generation, engine.snapshot().generation) == (False, None, 1)


def test_changes_are_taken_over(tmp_path: Path) -> None:
    """What the folder says is what is found."""
    root, engine = write(tmp_path / "news", a="One.", b="Two.", c="Three."), Oracle()
    run(engine, root)
    (root / "a.txt").unlink()
    write(root, b="Zwei.", d="Four.")
    assert counts(run(engine, root)) == (1, 1, 1, 1)
    assert texts(engine) == {"b.txt": "Zwei.", "c.txt": "Three.", "d.txt": "Four."}


def test_a_renamed_file_is_another_article(tmp_path: Path) -> None:
    """The id is the path; the old link must say that it is gone, not show something else."""
    root, engine = write(tmp_path / "news", a="One.", b="Two."), Oracle()
    run(engine, root)
    (root / "a.txt").rename(root / "c.txt")
    report = run(engine, root)
    assert (counts(report), report.moved) == ((0, 0, 0, 1), 1)
    assert [(change.verb, change.path, change.was) for change in report.changes] == [("move", "c.txt", "news/a.txt")]
    assert texts(engine) == {"b.txt": "Two.", "c.txt": "One."}


def test_what_a_name_makes_of_a_file_is_read_anew(tmp_path: Path) -> None:
    """The bytes of a renamed file are the same, and yet its ending, or its name as a title, make another article."""
    root, engine = write(tmp_path / "news", keep="Kept."), Oracle()
    (root / "notes.txt").write_text("Title\n\nA **bold** word.\n")
    (root / "an_old_name.md").write_text("Only text.\n")
    (root / "table.csv").write_text("text\tother\tid\na\tb\tc\n")
    (root / "x").mkdir()
    (root / "x/stays.txt").write_text("Title\n\nIt only moves.\n")
    run(engine, root)
    (root / "notes.txt").rename(root / "notes.md")
    (root / "an_old_name.md").rename(root / "a_new_name.md")
    (root / "table.csv").rename(root / "table.tsv")
    (root / "x/stays.txt").rename(root / "stays.txt")
    report = run(engine, root)
    fresh = Oracle()
    run(fresh, root)
    assert engine.snapshot().articles == fresh.snapshot().articles
    assert "**" not in str(texts(engine))
    assert engine.snapshot().articles["a_new_name.md"].heading.title == "a new name"
    assert {entry.path: entry.format for entry in report.ledger.entries}["notes.md"] == "md"
    assert (report.moved, report.articles, report.removed) == (4, 3, 0)


def test_a_broken_file_is_quarantined_and_the_others_go_on(tmp_path: Path) -> None:
    """One bad file among thousands must neither stop the run nor vanish in silence."""
    root, engine = write(tmp_path / "news", a="One.", c="Three."), Oracle()
    (root / "b.txt").write_bytes("Title\n\nÉté ".encode() + b"\xff")
    (root / "notes.odt").write_text("not an article")
    report = run(engine, root)
    assert counts(report) == (2, 0, 0, 0)
    (bad,) = report.ledger.of("quarantined")
    assert (bad.path, bad.article_id) == ("b.txt", None)
    assert "not UTF-8" in bad.reason
    assert bad.advice
    assert [entry.path for entry in report.ledger.of("ignored")] == ["notes.odt"]
    assert not run(engine, root).committed
    write(root, b="Two.")
    assert counts(run(engine, root)) == (1, 0, 0, 2)


def test_a_file_that_breaks_keeps_its_last_good_article(tmp_path: Path) -> None:
    """A save that went wrong must not take the article from its readers."""
    root, engine = write(tmp_path / "news", a="One.", b="Two."), Oracle()
    run(engine, root)
    (root / "a.txt").write_text("")
    report = run(engine, root)
    assert counts(report) == (0, 0, 0, 1)
    assert [(entry.path, entry.article_id) for entry in report.ledger.of("quarantined")] == [("a.txt", "a.txt")]
    assert texts(engine) == {"a.txt": "One.", "b.txt": "Two."}
    assert not run(engine, root).committed
    write(root, a="Uno.")
    assert counts(run(engine, root)) == (0, 1, 0, 1)
    (root / "a.txt").write_text("")
    run(engine, root)
    (root / "a.txt").unlink()
    assert counts(run(engine, root)) == (0, 0, 1, 1)
    assert texts(engine) == {"b.txt": "Two."}


def test_a_file_that_becomes_something_else_is_removed(tmp_path: Path) -> None:
    """What is ignored now is not found any more."""
    root, engine = write(tmp_path / "news", a="One.", b="Two.", c="Three."), Oracle()
    run(engine, root)
    (root / "a.txt").unlink()
    os.mkfifo(root / "a.txt")
    assert counts(run(engine, root)) == (0, 0, 1, 2)
    assert sorted(texts(engine)) == ["b.txt", "c.txt"]


def test_a_name_that_is_not_utf8_is_quarantined(tmp_path: Path) -> None:
    """It could not be written into a link."""
    root, engine = write(tmp_path / "news", a="One."), Oracle()
    (root / os.fsdecode(b"caf\xe9.txt")).write_text("Title\n\nOne.\n")
    (bad,) = run(engine, root).ledger.of("quarantined")
    assert "not UTF-8" in bad.reason


@pytest.mark.parametrize("kept", [0, 1])
def test_a_source_that_lost_most_of_its_files_is_refused(tmp_path: Path, kept: int) -> None:
    """A disk that is not mounted looks like an archive that was emptied."""
    root, engine = write(tmp_path / "news", a="One.", b="Two.", c="Three."), Oracle()
    run(engine, root)
    for name in "abc"[kept:]:
        (root / f"{name}.txt").unlink()
    with pytest.raises(SourceError, match=f"{3 - kept} of the 3 files") as caught:
        run(engine, root)
    assert ("--full" if kept else "--drop news") in caught.value.hint
    assert len(texts(engine)) == 3
    if kept:
        run(engine, root, full=True)
        assert len(texts(engine)) == kept


@pytest.mark.parametrize(("had", "came", "is_refused"), [(1, 1, False), (1, 3, False), (4, 2, False), (4, 1, True)])
def test_files_that_others_replace_are_not_lost(tmp_path: Path, had: int, came: int, *, is_refused: bool) -> None:
    """Last year's dump gives way to this year's; a disk that is not mounted has nothing in its place."""
    root, engine = write(tmp_path / "news", **{f"old{n}": f"Old {n}." for n in range(had)}), Oracle()
    run(engine, root)
    for path in root.iterdir():
        path.unlink()
    write(root, **{f"new{n}": f"New {n}." for n in range(came)})
    (root / "photo.jpg").write_bytes(b"no article")
    (root / ".hidden.txt").write_text("Title\n\nText.\n")
    if is_refused:
        with pytest.raises(SourceError, match=f"{had} of the {had} files"):
            run(engine, root)
    else:
        assert counts(run(engine, root)) == (came, 0, had, 0)
    assert len(texts(engine)) == (had if is_refused else came)


def test_a_run_that_fails_half_way_changes_nothing(tmp_path: Path) -> None:
    """A reindex is invisible until it commits."""
    root, engine = write(tmp_path / "news", a="One.", b="Two."), Oracle()
    run(engine, root)
    write(root, a="Uno.", b="Due.")

    def stop(step: Step) -> None:
        if step.files == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        reindex(engine, [root], progress=stop)
    assert texts(engine) == {"a.txt": "One.", "b.txt": "Two."}


class Damaged(Oracle):
    """An index that cannot be opened until it is built anew."""

    def snapshot(self) -> Generation:
        try:
            return super().snapshot()
        except IndexMissing:
            raise IndexDamaged("a file is gone") from None

    @contextmanager
    def write(self, *, anew: bool = False, run: str = "", part: Partition | None = None) -> Iterator[Oracle]:
        if not anew:
            raise IndexDamaged("a file is gone")
        with super().write(anew=anew) as writer:
            yield writer


def test_a_damaged_index_is_built_anew_on_request_only(tmp_path: Path) -> None:
    """What a damaged index remembers of other sources would be lost without a word."""
    root, engine = write(tmp_path / "news", a="One."), Damaged()
    with pytest.raises(IndexDamaged):
        run(engine, root)
    assert counts(run(engine, root, full=True)) == (1, 0, 0, 0)
