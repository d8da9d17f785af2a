"""Files whose articles could have one id: in one source, and across sources."""

from __future__ import annotations

from pathlib import Path

import pytest

from search.indexing.id_conflicts import find_rivals
from tests.indexing.test_reindex import run, texts, write
from tests.oracle import Oracle

A, B, C, D, E = ("s", "a.csv"), ("s", "a.csv:1"), ("s", "a.csv:1:2"), ("t", "x"), ("u", "s")


def test_ids_of_records_and_of_files_do_not_meet() -> None:
    """A file called `a.csv:1` would replace the first record of `a.csv`, of whatever source the two are."""
    ids = {A: "a.csv", B: "a.csv:1", C: "a.csv:1:2", D: "a.csv:x", E: "a.csv"}
    assert {key: set(rivals) for key, rivals in find_rivals(ids).items()} == {
        A: {B, C, D, E},
        B: {A, C, E},
        C: {A, B, E},
        D: {A, E},
        E: {A, B, C, D},
    }
    assert find_rivals({A: "a.csv", B: "b.csv:1", C: "a.csvx"}) == {}


@pytest.fixture
def roots(tmp_path: Path) -> tuple[Path, Path]:
    """The source `main`, whose ids have no prefix, and the source `letters`, with a file each that go together."""
    main, letters = tmp_path / "main", tmp_path / "letters"
    (main / "letters").mkdir(parents=True)
    letters.mkdir()
    (main / "letters/a.csv").write_text("title,text\nOne,First.\n")
    write(main, other="Other.", more="More.")
    (letters / "a.csv:1.txt").write_text("Two\n\nSecond.\n")
    return main, letters


RECORD, FILE = {"letters/a.csv:1": "First."}, {"letters/a.csv:1.txt": "Second."}
REST = {"other.txt": "Other.", "more.txt": "More."}


def test_no_source_removes_an_article_of_another(roots: tuple[Path, Path]) -> None:
    """A run of one source cost readers an article of another one, and nothing said so."""
    main, letters = roots
    engine = Oracle()
    run(engine, main)
    report = run(engine, letters)
    assert texts(engine) == RECORD | REST
    (bad,) = report.ledger.of("quarantined")
    assert bad.file == ("letters", "a.csv:1.txt")
    assert "'main/letters/a.csv'" in bad.reason
    (main / "letters/a.csv").unlink()
    run(engine, main)
    assert texts(engine) == REST
    run(engine, letters)
    assert texts(engine) == FILE | REST


def test_whoever_has_an_id_keeps_it(roots: tuple[Path, Path]) -> None:
    """The article that readers know stays; the newcomer is told to be renamed, and read once there is room."""
    main, letters = roots
    engine = Oracle()
    (main / "letters/a.csv").rename(main.parent / "aside.csv")
    run(engine, main)
    run(engine, letters)
    (main.parent / "aside.csv").rename(main / "letters/a.csv")
    report = run(engine, main, letters)
    assert texts(engine) == FILE | REST
    assert [entry.file for entry in report.ledger.of("quarantined")] == [("main", "letters/a.csv")]
    assert not run(engine, main, letters).committed
    (letters / "a.csv:1.txt").unlink()
    (letters / "b.txt").write_text("Three\n\nThird.\n")
    (letters / "c.txt").write_text("Four\n\nFourth.\n")
    run(engine, main, letters, full=True)
    assert texts(engine) == RECORD | REST | {"letters/b.txt": "Third.", "letters/c.txt": "Fourth."}


def test_an_id_that_is_free_is_taken_in_the_same_run(roots: tuple[Path, Path]) -> None:
    """What goes is removed before what comes is read, so that it cannot take the newcomer with it."""
    main, letters = roots
    engine = Oracle()
    write(letters, b="Third.")
    run(engine, main)
    run(engine, letters)
    (main / "letters/a.csv").unlink()
    run(engine, main, letters)
    assert texts(engine) == FILE | REST | {"letters/b.txt": "Third."}
    assert not run(engine, main, letters).committed


def test_a_conflict_is_told_alike_as_long_as_it_is_one(tmp_path: Path) -> None:
    """A run that finds nothing changed must not commit because it names another one of two rivals."""
    engine = Oracle()
    (tmp_path / "a.csv:2.txt").write_text("Two\n\nSecond.\n")
    run(engine, tmp_path)
    (tmp_path / "a.csv").write_text("title,text\nThree,Third.\n")
    (tmp_path / "a.csv:1.txt").write_text("One\n\nFirst.\n")
    assert run(engine, tmp_path).committed
    assert not run(engine, tmp_path).committed
