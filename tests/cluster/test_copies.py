"""Copies in a cluster: linked and folded in as many steps as it takes, and not undone by what comes late."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from search.cluster import cluster_folding
from search.cluster.connection import Connection
from search.cluster.writing import cluster_linker, cluster_writer
from search.cluster.writing.bulk_sender import BulkSender
from search.engine import Engine
from tests.contract.clusters import in_cluster
from tests.contract.engines import run
from tests.contract.test_duplicates import ARTICLES, GROUPS, asked, copies


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """An archive in the cluster, without an index yet."""
    engine = in_cluster(tmp_path / "index")
    yield engine
    engine.close()


def test_many_copies_are_linked_and_folded_in_parts(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """An archive of a million articles is read page by page, and a query has only so many terms in one clause."""
    for module, name in ((cluster_linker, "PAGE"), (cluster_linker, "TOGETHER"), (cluster_folding, "MAX_TERMS")):
        monkeypatch.setattr(module, name, 1)
    snapshot = run(engine, ARTICLES)
    assert copies(snapshot) == GROUPS
    page = asked(snapshot, "(storm OR calm) -source:wire")
    assert {hit.article.id for hit in page.hits} == {"daily", "late", "same"}
    assert page.folded.articles == 1
    assert copies(run(engine, [], gone=["wire"]))["daily"] == ["weekly"]


def test_what_comes_twice_undoes_nothing(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bulk that a node held back, and that was sent again meanwhile, may arrive after the copies are linked."""
    sent: list[bytes] = []
    put = BulkSender.put

    def kept(bulk: BulkSender, lines: bytes) -> None:
        sent.append(lines)
        put(bulk, lines)

    def linked(connection: Connection, index: str, bulk: BulkSender) -> None:
        late = [lines for lines in sent if lines.startswith(b'{"create"')]
        cluster_linker.link_copies(connection, index, bulk)
        assert len(late) == len(ARTICLES)
        for lines in late:
            put(bulk, lines)
        bulk.flush()
        assert bulk.refused() == {}

    monkeypatch.setattr(BulkSender, "put", kept)
    monkeypatch.setattr(cluster_writer, "link_copies", linked)
    assert copies(run(engine, ARTICLES)) == GROUPS
