"""Generations that were replaced: how long they can be opened, and what they cost on the disk."""

from __future__ import annotations

import gc
import os
import shutil
import time
import weakref
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from search.errors import GenerationGone, StorageError
from search.index import WhooshEngine
from search.index.maintenance import backup
from search.index.storage.directory import manifest_name
from search.index.storage.earlier import FOLDER, GRACE_SECONDS, KEPT_SECONDS, earlier_folder, remove_expired
from search.index.writing import index_writer, merge
from tests.contract.engines import article, run


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> WhooshEngine:
    """An index of three generations, of which the first two are replaced. Nothing is merged."""
    for name, value in (("SMALL", 0), ("DEAD", 2.0), ("SIMILAR", 0)):
        monkeypatch.setattr(merge, name, value)
    engine = WhooshEngine(tmp_path / "index")
    for n in range(3):
        run(engine, [article(f"a{n}", f"Version {n}.")])
    return engine


def replaced_ago(engine: WhooshEngine, generation: int, seconds: float) -> None:
    """Make it look as if a generation had been replaced so long ago."""
    when = time.time() - seconds
    os.utime(earlier_folder(engine.folder, generation), (when, when))


def kept(engine: WhooshEngine) -> set[str]:
    return {path.name for path in (engine.folder / FOLDER).iterdir()}


def test_a_generation_is_gone_after_a_quarter_of_an_hour(engine: WhooshEngine) -> None:
    """Sooner would break the paging of a reader, later would let an old answer go on for ever."""
    replaced_ago(engine, 1, KEPT_SECONDS - 5)
    assert engine.snapshot_at(1).generation == 1
    replaced_ago(engine, 1, KEPT_SECONDS + 5)
    with pytest.raises(GenerationGone):
        engine.snapshot_at(1)
    assert engine.snapshot_at(2).generation == 2


@pytest.mark.parametrize("writing", [index_writer, backup])
def test_no_moment_has_neither_of_two_generations(
    engine: WhooshEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, writing: ModuleType
) -> None:
    """Who pages through the newest one asked in vain between a commit and what was done after it."""
    engine.backup(tmp_path / "saved", lambda *_: None)
    committing = writing.commit

    def commit(*args: Any) -> None:  # noqa: ANN401 - handed on
        committing(*args)
        assert WhooshEngine(engine.folder).snapshot_at(3).generation == 3

    monkeypatch.setattr(writing, "commit", commit)
    if writing is backup:
        engine.restore(tmp_path / "saved", lambda *_: None)
    else:
        run(engine, [article("b", "More.")])
    assert engine.snapshot().generation == 4


def test_a_backup_of_a_later_generation(engine: WhooshEngine, tmp_path: Path) -> None:
    """It takes its number along; whoever pages through the generation that it replaces goes on in that."""
    engine.backup(tmp_path / "saved", lambda *_: None)
    other = WhooshEngine(tmp_path / "other")
    run(other, [article("b", "More.")])
    assert other.restore(tmp_path / "saved", lambda *_: None) == 3
    assert [other.snapshot_at(generation).generation for generation in (1, 3)] == [1, 3]


def test_a_generation_is_kept_for_its_time_though_a_commit_failed(
    engine: WhooshEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was kept for a commit that failed is old when the next one comes, and may have lost files."""

    def fail(*_args: Any) -> None:  # noqa: ANN401 - not looked at
        raise OSError("No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(index_writer, "commit", fail)
        with pytest.raises(StorageError):
            run(engine, [article("b", "More.")])
    replaced_ago(engine, 3, KEPT_SECONDS + 5)
    (earlier_folder(engine.folder, 3) / manifest_name(3)).unlink()
    run(engine, [article("b", "More.")])
    assert engine.snapshot_at(3).generation == 3


def test_the_next_run_removes_what_has_expired(engine: WhooshEngine) -> None:
    """Disks fill up otherwise; what a reader may just be opening stays a little longer."""
    replaced_ago(engine, 1, KEPT_SECONDS + GRACE_SECONDS + 5)
    replaced_ago(engine, 2, KEPT_SECONDS + 5)
    with engine.write():
        pass  # nothing has changed
    assert kept(engine) == {"2"}
    run(engine, [article("b", "More.")])
    assert kept(engine) == {"2", "3"}


def test_a_clock_that_went_back_keeps_nothing_for_ever(engine: WhooshEngine) -> None:
    """What was replaced while a clock was a year ahead would take room for a year."""
    replaced_ago(engine, 1, -365 * 86_400)
    with pytest.raises(GenerationGone):
        engine.snapshot_at(1)
    with engine.write():
        pass
    assert kept(engine) == {"2"}


def test_what_vanishes_while_it_is_looked_at_keeps_nothing(engine: WhooshEngine) -> None:
    """What one who tidies up has removed must not save all that a run would have come to after it."""
    for n in range(20):  # such a link is listed, and is not there
        (engine.folder / FOLDER / f"gone{n}").symlink_to("nowhere")
    for generation in (1, 2):
        replaced_ago(engine, generation, KEPT_SECONDS + GRACE_SECONDS + 5)
    with engine.write():
        pass
    assert kept(engine).isdisjoint({"1", "2"})


def test_kept_files_take_no_room_twice(engine: WhooshEngine) -> None:
    """A segment that the newest generation has too is one file on the disk."""
    shared = [
        path for path in engine.folder.glob("*.arrays") if (earlier_folder(engine.folder, 2) / path.name).exists()
    ]
    for path in shared:
        assert path.samefile(earlier_folder(engine.folder, 2) / path.name)
    assert shared
    assert not list((engine.folder / FOLDER).rglob("ledger-*"))


def test_a_tight_disk_keeps_nothing(engine: WhooshEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that could be made needs the room more than a reader who can begin anew."""
    usage = shutil.disk_usage(engine.folder)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=10))
    remove_expired(engine.folder, engine.snapshot().manifest)
    assert kept(engine) == set()
    with pytest.raises(GenerationGone):
        engine.snapshot_at(2)


def test_one_generation_is_open_until_it_expires(engine: WhooshEngine) -> None:
    """Each takes memory, and its files take room for as long as they are open."""
    opened = []
    for generation in (1, 2):
        assert engine.snapshot_at(generation) is engine.snapshot_at(generation)
        opened.append(weakref.ref(engine.snapshot_at(generation)))
    gc.collect()
    assert [snapshot() is None for snapshot in opened] == [True, False]
    replaced_ago(engine, 2, KEPT_SECONDS + 5)
    run(engine, [article("a3", "Version 3.")])
    engine.snapshot()
    gc.collect()
    assert [snapshot() is None for snapshot in opened] == [True, True]


def test_what_cannot_be_opened_is_gone(engine: WhooshEngine) -> None:
    """A run that died while it kept a generation has left half of it."""
    (earlier_folder(engine.folder, 1) / manifest_name(1)).unlink()
    with pytest.raises(GenerationGone):
        engine.snapshot_at(1)
    run(engine, [article("b", "More.")])
