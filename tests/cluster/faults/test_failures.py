"""A cluster that is away, or refuses, is an error that says what to do; nothing of it is lost or given away."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from search.cluster.connection import Connection
from search.engine import open_engine
from search.errors import ClusterUnavailable, RequestError, StorageError
from search.model import Article
from search.settings import Settings
from tests.contract.archives.corpus import NEW_A, OLD, ask, rows
from tests.contract.clusters import in_cluster, nodes
from tests.contract.engines import run
from tests.processes.commands import run as stemma
from web import create_app

EVERY = {"size": 0, "timeout": "10s"}
SECRET = "secret"  # noqa: S105 - nobody's
NOWHERE = f"http://user:{SECRET}@127.0.0.1:9"
SETTINGS = Settings(engine="opensearch", opensearch_url=(NOWHERE,), opensearch_user="u", opensearch_password=SECRET)


def test_a_cluster_that_is_away() -> None:
    """Readers and writers are told where it should be and what to set, and not the password."""
    engine = open_engine(SETTINGS)
    for attempt in (engine.snapshot, lambda: run(engine, OLD)):
        with pytest.raises(ClusterUnavailable, match="STEMMA_OPENSEARCH_URL") as caught:
            attempt()
        assert "127.0.0.1:9" in str(caught.value)
        assert SECRET not in str(caught.value)
    assert SECRET not in repr(SETTINGS).replace(NOWHERE, "")
    engine.close()


def test_a_server_without_its_cluster() -> None:
    """It says 503 and when to try again, and does not tell the public where the cluster is."""
    engine = open_engine(SETTINGS)
    client = create_app(engine, SETTINGS).test_client()
    for path in ("/readyz", "/api/v1/search?q=lamp", "/?q=lamp"):
        answer = client.get(path)
        assert (answer.status_code, "Retry-After" in answer.headers) == (503, True), path
        assert "127.0.0.1" not in answer.text
    assert client.get("/healthz").status_code == 200
    engine.close()


@pytest.mark.parametrize("command", [("search", "lamp"), ("status",), ("check",), ("reindex",)])
def test_a_command_without_its_cluster(tmp_path: Path, command: tuple[str, ...]) -> None:
    """One line, and exit 1."""
    (tmp_path / "seeds").mkdir()
    done = stemma(tmp_path, *command, STEMMA_ENGINE="opensearch", STEMMA_OPENSEARCH_URL="http://127.0.0.1:9")
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("stemma: OpenSearch at http://127.0.0.1:9 does not answer.")


def test_a_cluster_whose_disk_is_full(tmp_path: Path) -> None:
    """It blocks writing then; the run ends at once, and what is searched stays."""
    engine = in_cluster(tmp_path / "index")
    before = run(engine, OLD)
    connection = Connection(nodes().urls)
    name = engine.where.rpartition("/")[2]

    def articles() -> Iterator[Article]:
        yield NEW_A
        block = {"index.blocks.read_only_allow_delete": True}
        connection.call("PUT", f"/{name}-{before.generation + 1:06}/_settings", block)

    with pytest.raises(StorageError, match="index is unchanged"):
        run(engine, articles(), gone=["b"])
    assert ask(engine.snapshot(), "lamp") == rows("a 2, b 1")
    assert ask(run(engine, [NEW_A]), "lamp") == rows("b 1, a 1")
    connection.close()
    engine.close()


def test_a_query_that_is_too_long_for_the_cluster(tmp_path: Path) -> None:
    """It has a limit of its own, which is the asker's to mend: no 503, and no try again."""
    engine = in_cluster(tmp_path / "index")
    snapshot = run(engine, OLD)
    assert ask(snapshot, " OR ".join(["lamp", *(f"w{n}" for n in range(900))])) == rows("a 2, b 1")
    with pytest.raises(RequestError, match="more words") as caught:
        ask(snapshot, " ".join(f'"w{n} lamp"' for n in range(500)))
    assert caught.value.parameter == "q"
    engine.close()


def test_a_shard_that_no_node_has(tmp_path: Path) -> None:
    """Half of what matches must not pass for all of it, alone or among other searches; a check says what is missing."""
    engine = in_cluster(tmp_path / "index")
    run(engine, OLD)
    name = engine.where.rpartition("/")[2]
    old, half = f"{name}-000001", f"{name}-000002"
    connection = Connection(nodes().urls)
    meta = connection.call("GET", f"/{old}/_mapping")[old]["mappings"]["_meta"]
    settings = {"number_of_shards": 2, "number_of_replicas": 0, "routing.allocation.total_shards_per_node": 1}
    body = {"settings": settings, "mappings": {"_meta": meta}, "aliases": {name: {}}}
    connection.call("PUT", f"/{half}?wait_for_active_shards=0", body)
    connection.call("GET", f"/_cluster/health/{half}?wait_for_active_shards=1")
    for bodies in ([EVERY], [EVERY, EVERY]):
        with pytest.raises(ClusterUnavailable, match="cannot answer now"):
            connection.search(half, *bodies)
    seen: list[tuple[int, int]] = []
    checked = engine.check(lambda done, whole: seen.append((done, whole)))
    assert (seen, checked.files, checked.articles, checked.paragraphs) == ([(0, 1), (1, 1)], 1, None, None)
    assert [(damage.part, damage.what) for damage in checked.damages] == [(half, "some of its shards have no copy")]
    connection.call("DELETE", f"/{half}")
    connection.close()
    engine.close()
