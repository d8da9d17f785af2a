"""Counting articles that meet a query in different paragraphs is bounded work of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from search.budget import QueryBudget
from search.engine import Search
from search.index import WhooshEngine
from search.index.query.scope import article_evaluator
from search.query.article_scope import can_be_elsewhere
from search.query.parser import parse
from tests.contract.engines import article, run

APART = {
    "a b": True,
    "a OR b": False,
    "a -b": False,
    "-(a b)": False,
    "-(a OR b)": False,
    "a NOT NOT b": True,
    "-(-a OR -b)": True,
    "(a OR -b) c": True,
    "a source:x": False,
    '"a b"': False,
    "a (b OR source:x)": True,
    "(a b) OR c": True,
}


@pytest.mark.parametrize("query", APART)
def test_which_queries_can_be_met_apart(query: str) -> None:
    """A query of one part has nothing to count, and its search pays nothing."""
    assert can_be_elsewhere(parse(query).tree) is APART[query]


def test_what_is_too_much_is_not_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A number that is not exact would be taken for one; the total itself stays exact."""
    articles = [article(f"a{n}", "The first word.", "A second one, once more.") for n in range(20)]
    snapshot = run(WhooshEngine(tmp_path / "index", 64 << 20, 1), articles)
    search = Search(parse('first "second one"').tree, count_elsewhere=True)
    assert snapshot.search(search).articles_elsewhere == 20
    monkeypatch.setattr(article_evaluator, "MIN_ALLOWANCE", 1)
    budget = QueryBudget()
    monkeypatch.setattr(article_evaluator, "allowance", lambda _budget: 1)
    found = snapshot.search(search, budget)
    assert (found.articles_elsewhere, found.total.relation, found.warnings) == (None, "eq", ())
    assert not budget.partial
