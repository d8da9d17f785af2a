"""Indexes that runs leave behind in a cluster: they go when nobody reads them any more, and foreign ones stay."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Barrier

import pytest

from search.cluster import cluster_engine
from search.cluster.connection import Conflict, Connection
from search.cluster.writing import cluster_writer
from search.engine import Engine, Snapshot
from search.errors import GenerationGone, IndexLocked, OperatorError, RetryLater
from search.ledger import Ledger, Progress
from tests.contract.archives.corpus import NEW_A, OLD, ask, rows
from tests.contract.clusters import in_cluster, nodes
from tests.contract.engines import run
from tests.processes.commands import run as stemma


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """An archive in the cluster, without an index yet."""
    engine = in_cluster(tmp_path / "index")
    yield engine
    engine.close()


@pytest.fixture
def connection() -> Iterator[Connection]:
    """A way to look behind the engine."""
    connection = Connection(nodes().urls)
    yield connection
    connection.close()


def indexes(connection: Connection, engine: Engine) -> list[str]:
    """What there is of an archive, without its name."""
    name = engine.where.rpartition("/")[2]
    return sorted(index.removeprefix(f"{name}-") for index in connection.call("GET", f"/{name}-*/_alias"))


def test_old_generations_go(engine: Engine, connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    """An archive that is brought up to date each minute must not fill the cluster; whoever reads has time to end."""
    for _ in range(3):
        run(engine, OLD)
    assert indexes(connection, engine) == ["000001", "000002", "000003", "state"]
    monkeypatch.setattr(cluster_writer, "KEEP", -1.0)
    run(engine, [NEW_A])
    assert indexes(connection, engine) == ["000004", "state"]
    assert ask(engine.snapshot(), "lamp") == rows("b 1, a 1")


def test_an_end_right_after_the_commit(engine: Engine, connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run whose commit is not answered, as it is interrupted meanwhile, must not remove what is searched by then."""
    call = Connection.call

    def interrupted(self: Connection, method: str, path: str, *arguments: object, **options: object) -> object:
        answer = call(self, method, path, *arguments, **options)  # type: ignore[arg-type]  # whatever they are
        if path == "/_aliases":
            raise KeyboardInterrupt
        return answer

    run(engine, OLD)
    with monkeypatch.context() as patch:
        patch.setattr(Connection, "call", interrupted)
        with pytest.raises(KeyboardInterrupt):
            run(engine, [NEW_A])
    assert indexes(connection, engine) == ["000001", "000002", "state"]
    assert ask(engine.snapshot(), "lamp") == rows("b 1, a 1")
    run(engine, OLD)


def test_threads_share_a_generation(engine: Engine) -> None:
    """What one thread learns of it, such as how frequent words are, the others need not ask for again."""
    run(engine, OLD)
    engine.close()
    together = Barrier(8)

    def opened(_: int) -> Snapshot:
        together.wait()
        return engine.snapshot()

    with ThreadPoolExecutor(8) as threads:
        first, *others = threads.map(opened, range(8))
    assert all(other is first for other in others)


def test_generations_can_be_opened_for_a_while_only(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who comes back to a cursor the next day is told so at once, not in the middle of the results."""
    old = run(engine, OLD).generation
    run(engine, [NEW_A])
    assert ask(engine.snapshot_at(old), "lamp") == rows("a 2, b 1")
    monkeypatch.setattr(cluster_engine, "KEEP", -1.0)
    with pytest.raises(GenerationGone):
        engine.snapshot_at(old)


def test_what_was_no_generation_cannot_be_opened(engine: Engine, connection: Connection) -> None:
    """What a run that died has left, or one that goes on is writing, is not what anybody has searched."""
    run(engine, OLD)
    run(engine, [NEW_A], anew=True)
    name = engine.where.rpartition("/")[2]
    connection.call("DELETE", f"/{name}-000001")
    connection.call("PUT", f"/{name}-000001")
    with engine.write() as writer:
        writer.add(NEW_A)
        writer.stage(Progress())
        for generation in (1, writer.generation):
            with pytest.raises(GenerationGone):
                engine.snapshot_at(generation)


def test_abandoned_indexes_go(engine: Engine, connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that dies in its last moment leaves an index that no other run asks for; what is not ours stays."""
    run(engine, OLD)
    name = engine.where.rpartition("/")[2]
    for left in ("000009", "notes"):
        connection.call("PUT", f"/{name}-{left}")
    monkeypatch.setattr(cluster_writer, "KEEP", -1.0)
    run(engine, [NEW_A])
    assert indexes(connection, engine) == ["000002", "notes", "state"]


def test_a_run_that_dies_as_it_commits(engine: Engine, connection: Connection) -> None:
    """What it had staged can be gone on with, though its index was about to be closed to writers."""
    run(engine, OLD)
    name = engine.where.rpartition("/")[2]
    with engine.write(run="it") as writer:
        writer.add(NEW_A)
        writer.stage(Progress())
        connection.call("PUT", f"/{name}-{writer.generation:06}/_settings", {"index.blocks.write": True})
    with engine.write(run="it") as writer:
        writer.remove("b")
        writer.commit(Ledger())
    assert ask(engine.snapshot(), "lamp") == rows("a 1")


@pytest.mark.parametrize("kind", ["index", "alias"])
def test_a_name_that_is_taken(engine: Engine, connection: Connection, kind: str) -> None:
    """What another program keeps under the name is not touched, and the run says so before it reads a file."""
    name = engine.where.rpartition("/")[2]
    taken: str
    body: dict[str, object]
    taken, body = (f"/{name}", {}) if kind == "index" else (f"/{name}-else", {"aliases": {name: {}}})
    connection.call("PUT", taken, body)
    with pytest.raises(OperatorError, match="STEMMA_OPENSEARCH_INDEX"):
        run(engine, OLD, anew=True)
    connection.call("DELETE", taken)


def test_what_status_and_check_say_of_a_cluster(tmp_path: Path) -> None:
    """Whoever looks after an archive has to see that a node, or a copy, is missing."""
    engine = in_cluster(tmp_path / "index")
    run(engine, OLD)
    name = engine.where.rpartition("/")[2]
    variables = {"STEMMA_OPENSEARCH_URL": ",".join(nodes().urls), "STEMMA_OPENSEARCH_INDEX": name}
    status, checked = (
        stemma(tmp_path, command, STEMMA_ENGINE="opensearch", **variables).stdout for command in ("status", "check")
    )
    assert re.search(r"^Cluster +OpenSearch \d+\.\d+\.\d+, 1 node, green$", status, re.MULTILINE)
    assert f"2 of 2 of {name}-000001 are there, and 0 of 0 copies\n" in status
    assert checked.startswith("Checked generation 1: 2 shards, ")
    assert checked.endswith("All is well.\n")
    engine.close()


@pytest.mark.parametrize("before", [0, 1])
def test_a_run_that_was_overtaken_commits_nothing(tmp_path: Path, before: int) -> None:
    """A writer that lost its lock without knowing must not undo what the next one has committed."""
    engine = in_cluster(tmp_path / "index")
    if before:
        run(engine, OLD)
    name = engine.where.rpartition("/")[2]
    connection = Connection(nodes().urls)
    with engine.write() as writer:
        writer.add(NEW_A)
        other = f"{name}-{9:06}"
        connection.call("PUT", f"/{other}", {"settings": {"number_of_replicas": 0}})
        moved = [{"add": {"index": other, "alias": name, "is_write_index": True}}]
        moved += [{"remove": {"index": f"{name}-{1:06}", "alias": name}}] if before else []
        connection.call("POST", "/_aliases", {"actions": moved})
        with pytest.raises(IndexLocked, match="new generation"):
            writer.commit(Ledger())
    assert list(connection.call("GET", f"/_alias/{name}")) == [other]
    connection.close()
    engine.close()


@pytest.mark.parametrize("before", [0, 1])
def test_requests_that_arrive_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: int) -> None:
    """A request whose answer was lost is sent again, and finds done what it asks for: that must not end a run."""
    engine = in_cluster(tmp_path / "index")
    if before:
        run(engine, OLD)
    call: Callable[..., object] = Connection.call

    def twice(connection: Connection, method: str, path: str, *arguments: object, **options: object) -> object:
        if method != "GET":
            with suppress(RetryLater, OperatorError, Conflict):
                call(connection, method, path, *arguments, **options)
        return call(connection, method, path, *arguments, **options)

    monkeypatch.setattr(Connection, "call", twice)
    assert ask(run(engine, [NEW_A]), "lamp") == (rows("b 1, a 1") if before else rows("a 1"))
    with engine.write() as writer:
        writer.add(NEW_A)
        writer.stage(Progress())
    monkeypatch.undo()
    engine.close()
