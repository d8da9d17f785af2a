"""The folder of an index: what makes a generation, which one is opened, and what may be removed."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from search.errors import IndexDamaged, IndexMissing, IndexOutdated, OperatorError, StorageError
from search.index import WhooshEngine
from search.index.storage import directory
from search.index.storage.directory import (
    Manifest,
    SegmentFiles,
    checked_bytes,
    collect_garbage,
    commit,
    latest_generation,
    manifest_name,
    open_newest,
    read_manifest,
    toc_name,
    write_manifest,
)
from search.ledger import Ledger
from tests.contract.engines import article, run

SEGMENTS = (
    SegmentFiles("MAIN_a.arrays", 10, 1, 2, 30, "", 0, 0),
    SegmentFiles("MAIN_b.arrays", 20, 2, 3, 40, "MAIN_b.3.dead", 5, 1),
)


def committed(folder: Path, generation: int) -> Manifest:
    """A generation of the folder."""
    toc = b"toc"
    manifest = Manifest(generation, "2026-01-01T00:00:00Z", SEGMENTS, 1, zlib.crc32(toc))
    write_manifest(folder, manifest)
    commit(folder, generation, toc)
    return manifest


def test_a_manifest_is_read_as_it_was_written(tmp_path: Path) -> None:
    """It names every file of a generation: what it forgets is removed as garbage."""
    manifest = committed(tmp_path, 3)
    assert read_manifest(tmp_path, 3) == manifest
    assert manifest.names() == {
        "_MAIN_3.toc", "manifest-3.json", "ledger-3.json", "copies-3.arrays",
        "MAIN_a.arrays", "MAIN_b.arrays", "MAIN_b.3.dead",
    }  # fmt: skip


def test_each_flipped_bit_of_a_manifest_is_noticed(tmp_path: Path) -> None:
    """A wrong number of deletions brings back what was deleted."""
    committed(tmp_path, 1)
    path = tmp_path / manifest_name(1)
    data = path.read_bytes()
    for at in range(0, len(data), 3):
        path.write_bytes(data[:at] + bytes([data[at] ^ 1 << at % 8]) + data[at + 1 :])
        with pytest.raises((IndexDamaged, IndexOutdated)):
            read_manifest(tmp_path, 1)


def test_another_format_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read as this format, an index of another one would give wrong answers instead of none."""
    with monkeypatch.context() as patch:
        patch.setattr(directory, "FORMAT", "0.0")
        committed(tmp_path, 1)
    with pytest.raises(IndexOutdated, match=r"0\.0"):
        read_manifest(tmp_path, 1)


def test_the_table_of_contents_is_checked(tmp_path: Path) -> None:
    """Whoosh opens what it names, so it has to be that of the manifest."""
    committed(tmp_path, 1)
    (tmp_path / toc_name(1)).write_bytes(b"other")
    with pytest.raises(IndexDamaged):
        read_manifest(tmp_path, 1)
    (tmp_path / "file").write_bytes(b"abc")
    assert checked_bytes(tmp_path / "file", zlib.crc32(b"abc")) == b"abc"


def test_the_highest_generation_that_was_committed_is_the_newest(tmp_path: Path) -> None:
    """A generation without its table of contents is one of a run that died; 10 comes after 9."""
    assert latest_generation(tmp_path) is None
    assert latest_generation(tmp_path / "none") is None
    for generation in (9, 10):
        committed(tmp_path, generation)
    write_manifest(tmp_path, replace(read_manifest(tmp_path, 10), generation=11))
    (tmp_path / "_MAIN_12.toc.new").write_bytes(b"")
    assert latest_generation(tmp_path) == 10
    with pytest.raises(OperatorError, match="not a folder"):
        latest_generation(tmp_path / manifest_name(10))


def test_garbage_is_what_is_ours_and_not_kept(tmp_path: Path) -> None:
    """Whoever names the wrong folder as an index must not lose a file of theirs."""
    old, new = committed(tmp_path, 1), committed(tmp_path, 2)
    for name in old.names() | new.names() | {"MAIN_c.arrays", "_MAIN_9.toc.new"}:
        (tmp_path / name).touch()
    others = {"writer.lock", "thesis.arrays", "manifest.json", "ledger-2024.csv", "staging", "MAIN_notes.txt"}
    for name in others:
        (tmp_path / name).touch()
    collect_garbage(tmp_path, new.names())
    assert {path.name for path in tmp_path.iterdir()} == new.names() | others


def test_opening_starts_over_when_a_commit_removes_the_generation(tmp_path: Path) -> None:
    """A search that comes while a run commits must be answered."""
    committed(tmp_path, 1)
    tried = []

    def opening(generation: int) -> int:
        tried.append(generation)
        if generation == 1:
            committed(tmp_path, 2)
            (tmp_path / toc_name(1)).unlink()
            raise IndexDamaged("MAIN_a.arrays is missing")
        return generation

    assert open_newest(tmp_path, opening) == 2
    assert tried == [1, 2]


def test_opening_does_not_start_over_for_damage(tmp_path: Path) -> None:
    """What is damaged stays so, and whoever waits for an answer has to be told what is wrong."""
    with pytest.raises(IndexMissing):
        open_newest(tmp_path, lambda generation: generation)
    committed(tmp_path, 1)
    tried = []

    def opening(generation: int) -> int:
        tried.append(generation)
        raise IndexDamaged("MAIN_a.arrays is missing")

    with pytest.raises(IndexDamaged, match="MAIN_a"):
        open_newest(tmp_path, opening)
    assert tried == [1]


def add(engine: WhooshEngine, stuck: Path) -> None:
    """A run that cannot remove something."""
    with engine.write() as writer:
        stuck.mkdir()
        writer.add(article("b", "New."))
        writer.commit(Ledger())


def restore(engine: WhooshEngine, stuck: Path) -> None:
    """A backup brought back, and something that cannot be removed."""
    copy = engine.folder.with_name("copy")
    engine.backup(copy, lambda _done, _whole: None)
    stuck.mkdir()
    engine.restore(copy, lambda _done, _whole: None)


@pytest.mark.parametrize("change", [add, restore])
def test_what_is_committed_is_said_to_be(tmp_path: Path, change: Callable[[WhooshEngine, Path], None]) -> None:
    """Whoever reads that nothing was changed does not look at what their readers find now."""
    engine = WhooshEngine(tmp_path / "index")
    run(engine, [article("a", "Old.")])
    stuck = engine.folder / "MAIN_0.arrays"  # it has the name of a file, and as a folder it is not removed like one
    with pytest.raises(StorageError, match="All is written") as raised:
        change(engine, stuck)
    assert "nothing was changed" not in str(raised.value)
    assert engine.snapshot().generation == 2
    stuck.rmdir()
    run(engine, [])
    assert {path.name for path in engine.folder.glob("_MAIN_*")} == {"_MAIN_3.toc"}
