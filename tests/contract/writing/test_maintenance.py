"""Checking, copying and bringing back an index: what is damaged is found, what is copied answers alike."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given

from search.engine import LocalEngine
from search.errors import IndexDamaged, IndexLocked, IndexMissing, IndexOutdated, OperatorError, StorageError
from search.ledger import Ledger, LedgerEntry, Root
from tests.contract.archives.archive_strategies import FEWER, Run, archives
from tests.contract.archives.corpus import NEW_A, OLD, ask, rows
from tests.contract.engines import article, run

Open = Callable[[Path], LocalEngine]


def quiet(_done: int, _whole: int) -> None:
    """Nobody watches."""


@pytest.fixture
def engine(on_disk: Open, tmp_path: Path) -> LocalEngine:
    """An index of two generations, with deletions."""
    engine = on_disk(tmp_path / "index")
    run(engine, OLD)
    run(engine, [NEW_A])
    return engine


@FEWER
@given(archives())
def test_what_is_written_is_found_sound(on_disk: Open, runs: list[Run]) -> None:
    """Postings, positions, lengths and texts agree after any history: each is worked out anew from the texts."""
    with TemporaryDirectory() as folder:
        engine = on_disk(Path(folder))
        for step in runs:
            run(engine, step.articles, gone=step.gone, anew=step.anew)
        checked = engine.check(quiet)
        assert checked.damages == ()
        assert checked.articles == engine.snapshot().statistics().articles
        engine.close()


def test_each_damage_is_found(engine: LocalEngine, on_disk: Open, tmp_path: Path) -> None:
    """A bit that flips, or an end that is missing, in any file and at any place, is named with what to do about it."""
    found = sorted((tmp_path / "index").iterdir())
    files = [path for path in found if path.is_file() and path.name != "writer.lock"]
    assert len(files) >= 4
    for path in files:
        data = path.read_bytes()
        places = range(0, len(data), max(1, len(data) // 40))
        broken = [data[:at] + bytes([data[at] ^ 1 << at % 8]) + data[at + 1 :] for at in places]
        for changed in (*broken, data[:-1], data[: len(data) // 2], b""):
            path.unlink()  # in place would change what this process has mapped
            path.write_bytes(changed)
            try:
                checked = on_disk(tmp_path / "index").check(quiet)
            except IndexOutdated:  # the bit was one of the version's
                assert path.suffix == ".json"
                continue
            assert checked.damages, (path.name, len(changed))
            assert all("reindex --full" in damage.advice or "Report" in damage.advice for damage in checked.damages)
        path.unlink()
        if path.suffix == ".toc":  # without what makes a generation one, there is none
            with pytest.raises(IndexMissing):
                on_disk(tmp_path / "index").check(quiet)
        else:
            assert on_disk(tmp_path / "index").check(quiet).damages, path.name
        path.write_bytes(data)
    assert on_disk(tmp_path / "index").check(quiet).damages == ()


def test_a_ledger_that_does_not_fit_is_found(lasting: Open, tmp_path: Path) -> None:
    """An article that no file accounts for would stay for ever; one that is missing would never come back."""
    for entries in (
        (),
        (LedgerEntry("s", "a", "indexed", "a", articles=2),),
        (LedgerEntry("s", "b", "indexed", "b", articles=1),),
    ):
        engine = lasting(tmp_path)
        with engine.write(anew=True) as writer:
            writer.add(article("a", "One."))
            writer.commit(Ledger({"s": Root("/s", "")}, entries))
        (damage,) = engine.check(quiet).damages
        assert "ledger" in damage.what


def test_there_must_be_something_to_check(on_disk: Open, tmp_path: Path) -> None:
    """`stemma check` on a wrong folder must not say that all is well."""
    with pytest.raises(IndexMissing):
        on_disk(tmp_path).check(quiet)
    with pytest.raises(IndexMissing):
        on_disk(tmp_path).backup(tmp_path / "copy", quiet)


def test_a_backup_is_an_index(engine: LocalEngine, on_disk: Open, tmp_path: Path) -> None:
    """It can be searched where it lies, and what happens to the index later does not change it."""
    target = tmp_path / "deep" / "copy"
    assert engine.backup(target, quiet) == engine.snapshot().generation
    run(engine, [], gone=["a", "b"])
    copy = on_disk(target)
    assert copy.check(quiet).damages == ()
    assert ask(copy.snapshot(), "lamp") == rows("b 1, a 1")
    assert [path.name for path in target.parent.iterdir()] == ["copy"]


@pytest.mark.parametrize("kind", ["folder", "file"])
def test_a_backup_overwrites_nothing(engine: LocalEngine, tmp_path: Path, kind: str) -> None:
    """The last backup must outlive a slip of the hand."""
    target = tmp_path / "copy"
    if kind == "folder":
        target.mkdir()
        (target / "precious").write_text("")
    else:
        target.write_text("")
    with pytest.raises(StorageError, match="already"):
        engine.backup(target, quiet)
    assert target.exists()


def test_a_backup_lies_outside_of_the_index(engine: LocalEngine) -> None:
    """It would be lost with the index."""
    inside = Path(engine.where) / "copies" / "monday"
    with pytest.raises(StorageError, match="is in the folder of the index"):
        engine.backup(inside, quiet)
    assert not inside.parent.exists()


def test_a_backup_of_damage_is_refused(engine: LocalEngine, tmp_path: Path) -> None:
    """A copy of a broken index is found out when it is needed, and then it is too late."""
    segment = next((tmp_path / "index").glob("MAIN_*.arrays"))
    data = bytearray(segment.read_bytes())
    data[len(data) // 2] ^= 1
    segment.unlink()
    segment.write_bytes(data)
    with pytest.raises(IndexDamaged):
        engine.backup(tmp_path / "copy", quiet)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["index"]


def test_what_is_damaged_is_named(engine: LocalEngine, tmp_path: Path) -> None:
    """A backup that is refused has to say which file is at fault, and not to look for one that is there."""
    (manifest,) = (tmp_path / "index").glob("manifest-*.json")
    manifest.write_bytes(manifest.read_bytes().replace(b"MAIN", b"MEIN", 1))
    with pytest.raises(IndexDamaged, match=rf"{manifest.name} is cut short or changed"):
        engine.backup(tmp_path / "copy", quiet)


def test_a_backup_comes_back(engine: LocalEngine, tmp_path: Path) -> None:
    """Into the index that it is of, which went on, and under readers that hold what was there."""
    engine.backup(tmp_path / "copy", quiet)
    later = run(engine, [article("a", "Nothing.")], gone=["b"])
    assert ask(later, "lamp") == []
    assert engine.restore(tmp_path / "copy", quiet) == later.generation + 1
    assert ask(engine.snapshot(), "lamp") == rows("b 1, a 1")
    assert ask(later, "lamp") == []
    assert engine.check(quiet).damages == ()
    assert ask(run(engine, OLD), "lamp") == rows("a 2, b 1")


def test_a_backup_comes_back_to_nothing(engine: LocalEngine, on_disk: Open, tmp_path: Path) -> None:
    """The machine that it was of may be gone. Its generation is what it was, for files name those they were read in."""
    saved = engine.backup(tmp_path / "copy", quiet)
    shutil.rmtree(tmp_path / "index")
    other = on_disk(tmp_path / "new")
    assert other.restore(tmp_path / "copy", quiet) == saved
    assert ask(other.snapshot(), "lamp") == rows("b 1, a 1")


def test_damage_is_not_restored(engine: LocalEngine, on_disk: Open, tmp_path: Path) -> None:
    """A broken backup must not replace an index that works, whatever of it is broken."""
    engine.backup(tmp_path / "copy", quiet)
    before = sorted(path.name for path in (tmp_path / "index").iterdir())
    for path in sorted((tmp_path / "copy").iterdir()):
        data = path.read_bytes()
        path.write_bytes(data[: len(data) // 2])
        with pytest.raises(IndexDamaged):
            engine.restore(tmp_path / "copy", quiet)
        path.write_bytes(data)
    assert sorted(path.name for path in (tmp_path / "index").iterdir()) == before
    assert ask(on_disk(tmp_path / "index").snapshot(), "lamp") == rows("b 1, a 1")
    (tmp_path / "file").touch()
    for name in ("nowhere", "file"):
        with pytest.raises(IndexMissing, match=r"There is no backup in .*Name a folder that `stemma backup`"):
            engine.restore(tmp_path / name, quiet)
    with pytest.raises(OperatorError, match=r"file is not a folder"):
        on_disk(tmp_path / "file").restore(tmp_path / "index", quiet)


def test_restoring_waits_for_nobody(engine: LocalEngine, on_disk: Open, tmp_path: Path) -> None:
    """A run that is writing would overwrite what was restored."""
    engine.backup(tmp_path / "copy", quiet)
    with engine.write(), pytest.raises(IndexLocked):
        on_disk(tmp_path / "index").restore(tmp_path / "copy", quiet)


def test_an_index_that_was_made_anew_is_another_one(engine: LocalEngine, on_disk: Open, tmp_path: Path) -> None:
    """Its generations have the same numbers: a server went on with files that are gone, and a run built upon them."""
    assert ask(engine.snapshot(), "lamp")
    shutil.rmtree(tmp_path / "index")
    for name in ("x", "y"):
        run(on_disk(tmp_path / "index"), [article(name, "A harbour.")])
    assert engine.snapshot().generation == 2
    assert ask(engine.snapshot(), "lamp") == []
    assert ask(run(engine, [article("z", "A harbour.")]), "harbour") == rows("x 1, y 1, z 1")
    assert engine.check(quiet).damages == ()
