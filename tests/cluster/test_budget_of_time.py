"""A search in a cluster has a time after which it answers with what it has found."""

from __future__ import annotations

from pathlib import Path

import pytest

from search import budget
from search.cluster import cluster_search
from search.model import SearchRequest
from search.service import find
from tests.contract.clusters import in_cluster
from tests.contract.engines import article, run

SLOW = "double sum = 0; for (int i = 0; i < 100000; i++) { sum += Math.sqrt(i) } return _score + sum * 1e-30"


def test_a_search_that_takes_too_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody's query may occupy the cluster for long; the asker is told that there may be more."""
    engine = in_cluster(tmp_path / "index")
    snapshot = run(engine, [article("a", *["slow"] * 20_000)])
    whole = find(snapshot, SearchRequest("slow"))
    assert (whole.total.value, whole.total.relation, whole.warnings) == (20_000, "eq", ())
    monkeypatch.setattr(budget, "SECONDS", 0.0)
    monkeypatch.setattr(cluster_search, "SCORE", SLOW)
    spent = budget.QueryBudget()
    page = find(snapshot, SearchRequest("slow"), spent)
    assert (page.total.relation, spent.out_of_time) == ("gte", True)
    assert page.total.value < 20_000
    assert budget.CUT in page.warnings
    engine.close()
