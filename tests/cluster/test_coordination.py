"""What writers share in a cluster beside the index: their lock, and what an interrupted run has staged."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from search.cluster import coordination
from search.cluster.cluster_engine import ClusterEngine
from search.cluster.connection import Connection
from search.errors import ClusterUnavailable
from search.ledger import Ledger, LedgerEntry, Progress
from tests.contract.archives.corpus import OLD, ask, rows
from tests.contract.clusters import in_cluster
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
