"""A run that several machines make together, here processes: one commit has all that they add, or nothing changes."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from search.cluster.cluster_engine import ClusterEngine
from search.cluster.writing import shared_run
from search.engine import Partition
from search.errors import IndexLocked, OperatorError, RequestError
from search.indexing import reindex
from search.model import SearchRequest
from search.service import find
from tests.contract.clusters import in_cluster, nodes
from tests.processes.commands import ROOT, environment

FILES = 12
_machines: list[subprocess.Popen[str]] = []


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[ClusterEngine]:
    """An archive in the cluster, without an index yet."""
    engine = in_cluster(tmp_path / "index")
    yield engine
    engine.close()


def write(folder: Path, text: str) -> Path:
    folder.mkdir(exist_ok=True)
    for n in range(FILES):
        (folder / f"{n}.txt").write_text(f"Title {n}\n\n{text} number{n}.\n", "utf-8")
    return folder


@pytest.fixture(autouse=True)
def ended() -> Iterator[None]:
    """No machine outlives its test."""
    yield
    for one in _machines:
        one.kill()
        one.communicate()
    _machines.clear()


def part(engine: ClusterEngine, source: Path, which: str) -> subprocess.Popen[str]:
    """One machine that makes its part of a run."""
    name = engine.where.rpartition("/")[2]
    urls = ",".join(nodes().urls)
    variables = {"STEMMA_ENGINE": "opensearch", "STEMMA_OPENSEARCH_URL": urls, "STEMMA_OPENSEARCH_INDEX": name}
    command = [sys.executable, "-m", "search.cli", "reindex", str(source), "--part", which]
    pipe = subprocess.PIPE
    _machines.append(
        subprocess.Popen(command, env=environment(**variables), cwd=ROOT, stdout=pipe, stderr=pipe, text=True)
    )
    return _machines[-1]


def found(engine: ClusterEngine, q: str) -> int:
    return find(engine.snapshot(), SearchRequest(q)).total.value


def test_two_processes_make_one_generation(engine: ClusterEngine, tmp_path: Path) -> None:
    """Ten million articles take hours on one machine; on more, a commit must not be seen in part or lose a source."""
    north, south, west = (write(tmp_path / name, f"lamp {name}") for name in ("north", "south", "west"))
    reindex(engine, [west, write(tmp_path / "east", "lamp east")])
    assert found(engine, "lamp") == 2 * FILES
    write(west, "lamp again")
    (west / "0.txt").unlink()
    running = [part(engine, south, "2/3"), part(engine, west, "3/3"), part(engine, north, "1/3")]
    for one in reversed(running):  # part 1 first: if that fails, the others would wait
        _, errors = one.communicate(timeout=240)
        assert one.returncode == 0, errors
    assert engine.snapshot().generation == 2
    assert [found(engine, q) for q in ("east", "north", "south", "again", "west")] == [12, 12, 12, 11, 0]
    assert {entry.source for entry in engine.snapshot().ledger().entries} == {"north", "south", "east", "west"}
    assert reindex(engine, [north, south, west]).committed is False
    assert engine.check(lambda *_: None).damages == ()


def test_a_part_that_dies_ends_the_run(engine: ClusterEngine, tmp_path: Path) -> None:
    """Nobody waits for it for ever, and what is searched stays; a part that is left over keeps the next run waiting."""
    reindex(engine, [write(tmp_path / "east", "lamp east")])
    north, south = (write(tmp_path / name, f"lamp {name}") for name in ("north", "south"))
    state = engine._state  # noqa: SLF001 - what machines tell each other
    with engine.write(part=Partition(1, 2)):
        other = part(engine, south, "2/2")
        until = time.monotonic() + 120
        while "ledger" not in (state.read("part-2") or {}):
            assert time.monotonic() < until
            time.sleep(0.2)
        other.send_signal(signal.SIGSTOP)
    with pytest.raises(IndexLocked, match="part 2"), engine.write():
        pass
    other.send_signal(signal.SIGCONT)
    assert "ended without a commit" in other.communicate(timeout=120)[1]
    assert other.returncode == 1
    first = part(engine, north, "1/2")
    with pytest.raises(ZeroDivisionError), engine.write(part=Partition(2, 2)):
        raise ZeroDivisionError
    assert "Part 2 of 2 has ended" in first.communicate(timeout=120)[1]
    assert first.returncode == 1
    assert (engine.snapshot().generation, found(engine, "lamp")) == (1, FILES)


def test_a_part_that_does_not_come(engine: ClusterEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever mistypes a number has to learn of it."""
    monkeypatch.setattr(shared_run, "WAIT", 0.5)
    north = write(tmp_path / "north", "lamp")
    for number, missing in ((1, "Part 2 of 2"), (2, "Part 1 of 2")):
        with pytest.raises(OperatorError, match=f"{missing} has not begun"):
            reindex(engine, [north], part=Partition(number, 2))


def test_a_part_names_its_sources(engine: ClusterEngine) -> None:
    """All machines would read all that the index knows otherwise."""
    with pytest.raises(RequestError, match="names the sources"):
        reindex(engine, [], part=Partition(1, 2))


def test_a_part_of_another_version(engine: ClusterEngine) -> None:
    """An archive in which some articles have the terms of another version would miss them, and nobody would know."""
    state = engine._state  # noqa: SLF001 - what machines tell each other
    with engine.write(part=Partition(1, 2)):
        state.write(shared_run.SHARED, state.read(shared_run.SHARED) | {"format": "0.0"})
        with pytest.raises(OperatorError, match="another version"), engine.write(part=Partition(2, 2)):
            pass
