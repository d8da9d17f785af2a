"""What writers share in a cluster beside the index: their lock, and what an interrupted run has staged."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest

from search.cluster import coordination
from search.cluster.cluster_engine import ClusterEngine
from search.cluster.connection import Connection
from search.engine import Writer
from search.errors import ClusterUnavailable, IndexLocked
from search.ledger import Ledger, LedgerEntry, Progress
from tests.contract.archives.corpus import NEW_A, OLD, ask, rows
from tests.contract.clusters import in_cluster, nodes
from tests.contract.engines import article, run

STEPS = [Progress((LedgerEntry("s", name, "indexed", name),)) for name in ("north", "south")]


class Interrupted(Exception):
    """What ends a run before its time."""


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[ClusterEngine]:
    """An archive in the cluster, without an index yet."""
    engine = in_cluster(tmp_path / "index")
    yield engine
    engine.close()


def test_a_long_run_can_be_gone_on_with(engine: ClusterEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was staged is split over documents if it is long: none of them may take the place of another."""
    monkeypatch.setattr(coordination, "CHUNK", 10)
    with suppress(Interrupted), engine.write(run="it") as writer:
        for step in STEPS:
            writer.add(article(step.entries[0].path, "A lamp."))
            writer.stage(step)
        raise Interrupted
    with engine.write(run="it") as writer:
        assert writer.staged == Progress(tuple(entry for step in STEPS for entry in step.entries))
        writer.commit(Ledger())
    assert [found[0] for found in ask(engine.snapshot(), "lamp")] == ["north", "south"]


def test_a_lock_whose_answer_was_lost(engine: ClusterEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that indexes from time to time would lock itself out until it is restarted."""
    call: Callable[..., Any] = Connection.call

    def lose(connection: Connection, method: str, path: str, *arguments: object, **options: object) -> object:
        answer = call(connection, method, path, *arguments, **options)
        if method == "PUT" and "/_doc/lock" in path:
            raise ClusterUnavailable(connection.where, "does not answer", "")
        return answer

    monkeypatch.setattr(Connection, "call", lose)
    with pytest.raises(ClusterUnavailable):
        run(engine, OLD)
    monkeypatch.undo()
    assert ask(run(engine, OLD), "lamp") == rows("a 2, b 1")


GOING_ON: dict[str, Callable[[Writer], object]] = {
    "send": lambda writer: writer.refused(),
    "stage": lambda writer: writer.stage(STEPS[1]),
    "commit": lambda writer: writer.commit(Ledger()),
}


@pytest.mark.parametrize("step", GOING_ON)
@pytest.mark.parametrize("before", [0, 1])
def test_a_run_that_lost_its_lock_leaves_the_next_one_alone(engine: ClusterEngine, before: int, step: str) -> None:
    """A machine that stood still for a minute must not spoil, or remove, what the one that took over has written."""
    if before:
        run(engine, OLD)
    with ExitStack() as first, ExitStack() as second:
        late = first.enter_context(engine.write(run="it"))
        late.add(article("late", "A lamp."))
        fall_silent(engine)
        writer = second.enter_context(engine.write(run="it"))
        writer.add(NEW_A)
        writer.stage(STEPS[0])
        with pytest.raises(IndexLocked, match="begun to write"):
            GOING_ON[step](late)
        first.close()
        assert engine.unfinished() > 0
        second.close()
        with engine.write(run="it") as writer:
            assert writer.staged == STEPS[0]
            writer.commit(Ledger())
    assert ask(engine.snapshot(), "lamp") == (rows("b 1, a 1") if before else rows("a 1"))


def fall_silent(engine: ClusterEngine) -> None:
    """Let the writer's lock be that of another machine that has not renewed it for long."""
    connection = Connection(nodes().urls)
    lock = f"/{engine.where.rpartition('/')[2]}-state/_doc/lock"
    holder = connection.call("GET", lock)["_source"]
    connection.call("PUT", lock, holder | {"process": 0, "host": "elsewhere", "renewed": 0})
    connection.close()
