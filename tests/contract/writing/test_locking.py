"""There is one writer: a second one is told who holds the index, and a dead one holds nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from search.engine import Engine
from search.errors import IndexLocked
from tests.contract.archives.corpus import NEW_A, OLD, ask, rows
from tests.contract.engines import run
from tests.processes.commands import ROOT, environment

HOLDER = """
import sys
from pathlib import Path
from tests.contract.archives.corpus import NEW_A
from tests.contract.engines import LASTING

with LASTING[sys.argv[2]](Path(sys.argv[1])).write() as writer:
    writer.add(NEW_A)
    print("writing", flush=True)
    sys.stdin.read()
"""
"""Begins a run and stays in the middle of it until its input ends."""


@pytest.fixture
def held(lasting: Callable[[Path], Engine], tmp_path: Path) -> Iterator[tuple[Engine, subprocess.Popen[str]]]:
    """An index of three articles, and another process that is writing it."""
    engine = lasting(tmp_path / "index")
    run(engine, OLD)
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path / "index"), engine.name],
        env=environment(),
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "writing\n"
        yield engine, holder
        holder.kill()
    engine.close()


def test_second_writer_is_told_who_writes(held: tuple[Engine, subprocess.Popen[str]]) -> None:
    """Whoever starts a second run learns at once which process to wait for, or to stop, and since when it writes."""
    engine, holder = held
    for anew in (False, True):
        with pytest.raises(IndexLocked, match=rf"\bprocess {holder.pid}\b.*\b\d+ s\b"):
            run(engine, [], anew=anew)
    assert ask(engine.snapshot(), "lamp") == rows("a 2, b 1")


def test_writer_that_ends_gives_way(held: tuple[Engine, subprocess.Popen[str]]) -> None:
    """When the other process is done, nothing stands in the way."""
    engine, holder = held
    holder.communicate("", timeout=60)
    assert holder.returncode == 0
    assert ask(run(engine, [NEW_A]), "lamp") == rows("b 1, a 1")


def test_killed_writer_holds_nothing(held: tuple[Engine, subprocess.Popen[str]]) -> None:
    """A killed process leaves no lock behind, and nothing of what it was writing."""
    engine, holder = held
    holder.send_signal(signal.SIGKILL)
    assert holder.wait(60) == -signal.SIGKILL
    assert ask(engine.snapshot(), "lamp") == rows("a 2, b 1")
    assert ask(run(engine, [], gone=["b"]), "lamp") == rows("a 2")
    assert ask(run(engine, [NEW_A]), "lamp") == rows("a 1")


def test_second_writer_in_the_same_process(lasting: Callable[[Path], Engine], tmp_path: Path) -> None:
    """Two threads of one server are two writers too; the first goes on undisturbed."""
    engine = lasting(tmp_path / "index")
    run(engine, OLD)
    with engine.write() as writer:
        writer.add(NEW_A)
        with pytest.raises(IndexLocked, match=rf"\bprocess {os.getpid()}\b"):
            run(lasting(tmp_path / "index"), [], gone=["b"])
        writer.commit(engine.snapshot().ledger())
    assert ask(engine.snapshot(), "lamp") == rows("b 1, a 1")
