"""Articles that the cluster does not take: the others are indexed, and the ledger says which and why."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from search.cluster import schema
from search.cluster.connection import Connection
from search.cluster.writing import bulk_sender, cluster_writer
from search.cluster.writing.bulk_sender import BulkSender
from search.engine import Engine
from search.errors import StorageError
from search.indexing import reindex
from search.model import Article, SearchRequest
from search.service import find
from tests.contract.clusters import in_cluster
from tests.contract.engines import article, run

BAD = "unwanted"


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """An engine whose cluster refuses paragraphs with a certain word."""

    def documents(article: Article, serial: int) -> Iterator[dict[str, Any]]:
        for document in schema.documents(article, serial):
            yield document | ({"start": "no date"} if BAD in document["body"]["text"] else {})

    monkeypatch.setattr(cluster_writer, "documents", documents)
    engine = in_cluster(tmp_path / "index")
    yield engine
    engine.close()


def write(folder: Path, **texts: str) -> None:
    folder.mkdir(exist_ok=True)
    for name, text in texts.items():
        (folder / f"{name}.txt").write_text(f"Title\n\n{text}\n", "utf-8")


def found(engine: Engine, q: str) -> list[tuple[str, int]]:
    return sorted((hit.article.id, hit.number) for hit in find(engine.snapshot(), SearchRequest(q)).hits)


@pytest.mark.parametrize("staging", [False, True])
def test_a_refused_article_is_quarantined(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, staging: bool
) -> None:
    """One article must not cost the run of a million; and what was there of it before is better than nothing."""
    monkeypatch.setattr(cluster_writer.ClusterWriter, "full", property(lambda _writer: staging))
    seeds = tmp_path / "seeds"
    write(seeds, a="lamp one", b="lamp two", c="lamp three")
    assert reindex(engine, [seeds]).added == 3
    write(seeds, a="lamp four", b=f"lamp five\n\nlamp {BAD}", d=f"lamp {BAD}")
    report = reindex(engine, [seeds])
    assert [(e.path, e.article_id, e.kept) for e in report.ledger.of("quarantined")] == [
        ("b.txt", "b.txt", 1),
        ("d.txt", None, 0),
    ]
    assert all("failed to parse" in entry.reason for entry in report.ledger.of("quarantined"))
    assert (report.added, report.updated, report.unchanged) == (0, 1, 1)
    assert found(engine, "lamp") == [("a.txt", 1), ("b.txt", 1), ("c.txt", 1)]
    assert found(engine, "two") == [("b.txt", 1)]
    write(seeds, b="lamp six", d="lamp seven")
    report = reindex(engine, [seeds])
    assert (report.added, report.updated, report.ledger.of("quarantined")) == (1, 1, ())
    assert found(engine, "six OR seven") == [("b.txt", 1), ("d.txt", 1)]


def test_a_cluster_that_refuses_everything(engine: Engine) -> None:
    """That is no fault of the articles: the run ends, and nothing is changed."""
    before = run(engine, [article("a", "lamp")]).generation
    with pytest.raises(StorageError, match="does not take"):
        run(engine, [article(f"b{n}", BAD) for n in range(bulk_sender.MAX_REFUSALS + 1)])
    assert engine.snapshot().generation == before


def test_half_of_a_character(engine: Engine) -> None:
    """No reader of a format lets one through; if one did, it must not end the run."""
    snapshot = run(engine, [article("a", "lamp \ud800", title="half \udc00")])
    whole = snapshot.article("a")
    assert whole is not None
    assert (whole.heading.title, whole.paragraphs) == ("half \ufffd", ("lamp \ufffd",))


def test_the_end_does_not_wait_for_a_busy_cluster() -> None:
    """Ctrl-C must not take the minutes for which documents are sent again; nothing of the run is to be kept anyway."""

    class Busy(Connection):
        def call(self, method: str, path: str, body: object = None, **_options: object) -> dict[str, Any]:
            return {"items": [{"index": {"status": 503, "error": {"type": "busy"}}}]}

    sender = BulkSender(Busy([]), "index", lambda: None)
    sender.put(b"x" * (bulk_sender.BULK + 1))
    began = time.monotonic()
    sender.close()
    assert time.monotonic() - began < 5
