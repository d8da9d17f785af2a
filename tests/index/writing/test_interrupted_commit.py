"""Ctrl-C while a generation is committed: the index is as it was or as it was to become, and nothing staged is lost."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import pytest

from search.index import WhooshEngine
from search.index.maintenance import backup
from search.index.storage import directory, earlier
from search.index.writing import index_writer
from search.ledger import Ledger, LedgerEntry, Progress
from tests.contract.engines import article, run

if TYPE_CHECKING:
    from _typeshed import TraceFunction

# what is interrupted between opening a file and its `with` leaves the file to the garbage collector
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

WATCHED = {module.__file__ for module in (directory, earlier, index_writer, backup)}
OLD, NEW = [article("a", "An old lamp.")], [article("a", "A new lamp."), article("b", "A boat.")]


def quiet(_done: int, _whole: int) -> None:
    """Nobody watches."""


@contextmanager
def interrupted_at(line: int) -> Iterator[list[str]]:
    """Raise KeyboardInterrupt before the line of this number, of those that are executed; yield which one that is."""
    at: list[str] = []
    seen = 0

    def trace(frame: FrameType, event: str, _argument: object) -> TraceFunction | None:
        nonlocal seen
        if frame.f_code.co_filename not in WATCHED:
            return None
        seen += event == "line"
        if seen == line and not at:
            at.append(f"{Path(frame.f_code.co_filename).name}:{frame.f_lineno}")
            raise KeyboardInterrupt
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        yield at
    finally:
        sys.settrace(before)


def interrupted_everywhere(folder: Path, work: Callable[[WhooshEngine], object]) -> None:
    """Interrupt work on an index of OLD, which makes it one of NEW, before each line: it is one of the two after."""
    outcomes = set()
    for line in range(1, 10_000):
        engine = WhooshEngine(folder / str(line))
        run(engine, OLD)
        with interrupted_at(line) as at, suppress(KeyboardInterrupt):
            work(engine)
        fresh = WhooshEngine(engine.folder)
        assert fresh.check(quiet).damages == (), at
        outcomes.add("new" if fresh.snapshot().article("b") else "old")
        if not at:
            break
    assert outcomes == {"old", "new"}


def test_a_run_that_is_interrupted(tmp_path: Path) -> None:
    """Whoever is impatient at the end of a run must not lose the whole archive."""
    interrupted_everywhere(tmp_path, lambda engine: run(engine, NEW))


def test_a_backup_that_is_brought_back(tmp_path: Path) -> None:
    """An index that was broken once is not to be broken by its rescue."""
    saved = WhooshEngine(tmp_path / "saved")
    run(saved, NEW)
    saved.backup(tmp_path / "backup", quiet)
    interrupted_everywhere(tmp_path, lambda engine: engine.restore(tmp_path / "backup", quiet))


def test_an_interruption_after_the_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that is committed must not say that the index is as it was, because it was removing old files."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    engine = WhooshEngine(tmp_path)
    run(engine, OLD)
    with monkeypatch.context() as patch:
        patch.setattr(index_writer, "collect_garbage", interrupt)
        assert run(engine, NEW).article("b")
    run(engine, [article("c", "A tower.")])
    assert len(list(tmp_path.glob("manifest-*.json"))) == 1


def test_what_was_staged_outlasts_a_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """To look for copies takes minutes in a large archive: an end then must not cost the hours of reading before."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    engine, progress = WhooshEngine(tmp_path), Progress((LedgerEntry("s", "a", "indexed", "a"),))
    with monkeypatch.context() as patch, suppress(KeyboardInterrupt), engine.write(run="it") as writer:
        patch.setattr(index_writer, "link_copies", interrupt)
        writer.add(NEW[0])
        writer.stage(progress)
        writer.commit(Ledger())
    with engine.write(run="it") as writer:
        assert writer.staged == progress
        writer.commit(Ledger())
    assert engine.snapshot().article("a") == NEW[0]
