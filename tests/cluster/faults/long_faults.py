"""What `make faults` does to a cluster of three: kills, stops, slows, fills and restarts its nodes."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from search.errors import ClusterUnavailable, StorageError
from search.ledger import Ledger
from search.model import Article, SearchRequest
from search.service import find
from tests.cluster.faults.three_nodes import ARTICLES, VICTIMS, Reader, tell, version
from tests.contract.clusters import available, opened
from tests.contract.engines import run
from tests.faults.harness import mounts
from tests.opensearch_nodes import Node, Nodes, alive

ROUNDS = 10
"""Nodes that are killed one after another; every second is the manager."""
SMALL_DISK = 24 << 20


def test_nodes_are_killed_one_after_another(whole: Nodes) -> None:
    """Whatever the moment, and whoever it hits: what a run has committed is there, and every answer is right."""
    engine = opened(whole, "killed-often")
    run(engine, version(0))
    committed = lost = 0
    with Reader(opened(whole, "killed-often")) as reader:
        for turn in range(1, ROUNDS + 1):
            victim = VICTIMS["manager" if turn % 2 else "another"](whole)
            with engine.write() as writer:
                for at, one in enumerate(version(turn)):
                    writer.add(one)
                    if at == turn * ARTICLES // (ROUNDS + 1):
                        whole.signal(victim, signal.SIGKILL)
                writer.commit(Ledger())
            committed += ARTICLES
            whole.start(victim)
            whole.wait()
            lost += ARTICLES - find(engine.snapshot(), SearchRequest(f"v{turn}", per_page=100)).total.value
    tell(f"{ROUNDS} kills: {committed} articles committed, {lost} lost; {reader.figures}")
    assert (lost, reader.wrong) == (0, [])
    assert reader.answers > ROUNDS
    engine.close()


def test_all_nodes_are_killed(whole: Nodes) -> None:
    """After a power cut the last generation is there, and the run that was cut short has changed nothing."""
    engine = opened(whole, "dark")
    run(engine, version(0))

    def interrupted() -> Iterator[Article]:
        for at, one in enumerate(version(1)):
            yield one
            if at == ARTICLES // 2:
                for node in whole.nodes:
                    whole.signal(node, signal.SIGKILL)

    with pytest.raises(ClusterUnavailable):
        run(engine, interrupted())
    with pytest.raises(ClusterUnavailable):
        engine.snapshot()
    for node in whole.nodes:
        whole.start(node)
    whole.wait()
    assert find(engine.snapshot(), SearchRequest("v0", per_page=100)).total.value == ARTICLES
    assert find(run(engine, version(2)), SearchRequest("v2", per_page=100)).total.value == ARTICLES
    engine.close()


def test_a_node_stands_still(whole: Nodes) -> None:
    """A node that does not answer, and does not end either, must not hold up everybody."""
    engine = opened(whole, "paused")
    run(engine, version(0))
    victim = VICTIMS["another"](whole)
    with Reader(opened(whole, "paused")) as reader:
        time.sleep(1)
        whole.signal(victim, signal.SIGSTOP)
        wanted, until = reader.answers + 10, time.monotonic() + 120
        while reader.answers < wanted and time.monotonic() < until:
            time.sleep(0.1)
        answered = reader.answers
        whole.signal(victim, signal.SIGCONT)
    tell(f"a node stands still: {reader.figures}")
    assert reader.wrong == []
    assert answered >= wanted
    engine.close()


@contextmanager
def slowed(nodes: Nodes, victim: Node) -> Iterator[None]:
    """Let a node run for a tenth of the time only."""
    done = threading.Event()

    def brake() -> None:
        while not done.wait(0.02):
            nodes.signal(victim, signal.SIGSTOP)
            time.sleep(0.18)
            nodes.signal(victim, signal.SIGCONT)

    braking = threading.Thread(target=brake)
    braking.start()
    try:
        yield
    finally:
        done.set()
        braking.join()


def test_a_node_is_slow(whole: Nodes) -> None:
    """A machine that is ten times slower than the others makes runs and searches slow, and nothing else."""
    engine = opened(whole, "slow")
    run(engine, version(0))
    with Reader(opened(whole, "slow")) as reader, slowed(whole, VICTIMS["another"](whole)):
        started = time.monotonic()
        run(engine, version(1))
        tell(f"a node is slow: a run takes {time.monotonic() - started:.1f} s; {reader.figures}")
    assert reader.wrong == []
    assert find(engine.snapshot(), SearchRequest("v1", per_page=100)).total.value == ARTICLES
    engine.close()


def test_nodes_are_restarted_one_at_a_time(whole: Nodes) -> None:
    """An upgrade must cost no answer; docs/scaling.md says how."""
    engine = opened(whole, "rolling")
    run(engine, version(0))
    with Reader(opened(whole, "rolling")) as reader:
        for node in whole.nodes:
            whole.signal(node, signal.SIGTERM)
            while alive(node):
                time.sleep(0.1)
            whole.start(node)
            whole.wait()
    tell(f"three restarts: {reader.figures}")
    assert (reader.refused, reader.wrong) == (0, [])
    engine.close()


@pytest.fixture
def narrow(tmp_path: Path) -> Iterator[tuple[Nodes, Path]]:
    """A cluster of which one node has a small disk of its own, and the place of that."""
    folder = tmp_path / "nodes"
    place = folder / "n2" / "data"
    place.mkdir(parents=True)
    with mounts.disk(place, SMALL_DISK):
        nodes = available(lambda: Nodes.started(folder, 3))
        yield nodes, place
        nodes.stop()


def test_the_disk_of_a_node_is_full(narrow: tuple[Nodes, Path]) -> None:
    """The others go on; a run ends well, or says that it cannot, and is whole once there is room."""
    nodes, place = narrow
    engine = opened(nodes, "full")
    run(engine, version(0))
    ballast = place / "ballast"
    with Reader(opened(nodes, "full")) as reader:
        with suppress(OSError):
            ballast.write_bytes(bytes(SMALL_DISK))
        try:
            run(engine, version(1))
            told = "a run ends well"
        except (StorageError, ClusterUnavailable) as error:
            told = f"a run ends with {type(error).__name__}"
        ballast.unlink()
        nodes.request("POST", "/_cluster/reroute?retry_failed=true")
        run(engine, version(2))
    tell(f"the disk of a node is full: {told}; {reader.figures}")
    assert reader.wrong == []
    assert find(engine.snapshot(), SearchRequest("v2", per_page=100)).total.value == ARTICLES
    engine.close()
