"""Queries over time, on every engine."""

from __future__ import annotations

import pytest

from search import budget
from search.budget import QueryBudget
from search.corpus.trends import Trends, trends
from search.engine import Engine
from search.errors import QueryError, RequestError
from search.model import SearchRequest
from search.names.names import default_names
from tests.contract.engines import article, run

ARTICLES = (
    article("a", "The pump failed.", "Nothing else.", date="1961-03-14", source="gazette"),
    article("b", "A pump, and a pump.", date="1961-12", source="gazette"),
    article("c", "No such thing.", date="1963", source="gazette"),
    article("d", "Three pumps.", date="1970-01-01", source="chronicle"),
    article("e", "An undated pump."),
)


def ask(engine: Engine, *queries: str, request: SearchRequest | None = None) -> Trends:
    return trends(engine.snapshot(), queries, request or SearchRequest(), QueryBudget(), default_names())


def test_matches_are_counted_by_year_and_so_is_the_archive(engine: Engine) -> None:
    """A share is of what there is: more matches in a year may only mean that more was printed."""
    run(engine, ARTICLES)
    found = ask(engine, "pump", "thing OR nothing")
    assert found.interval == "year"
    pump, thing = found.series
    assert [tuple(point) for point in pump.points] == [("1961", 2, 3), ("1963", 0, 1), ("1970", 1, 1)]
    assert [tuple(point) for point in thing.points] == [("1961", 1, 3), ("1963", 1, 1), ("1970", 0, 1)]
    assert (pump.total.value, pump.total.relation, pump.undated) == (4, "eq", 1)
    assert pump.points[0].share == pytest.approx(2 / 3)


def test_a_few_years_are_counted_by_month(engine: Engine) -> None:
    """A year is too coarse for an archive of one; but months are not made up for what has only a year."""
    run(engine, ARTICLES)
    gazette = SearchRequest(source="gazette", date_to="1961")
    found = ask(engine, "pump", request=gazette)
    assert found.interval == "month"
    assert [tuple(point) for point in found.series[0].points] == [("1961-03", 1, 2), ("1961-12", 1, 1)]
    assert ask(engine, "pump", request=SearchRequest(source="gazette")).interval == "year"


def test_filters_apply_to_both(engine: Engine) -> None:
    """The share of a source is of that source."""
    run(engine, ARTICLES)
    found = ask(engine, "pump", request=SearchRequest(source="chronicle"))
    assert [tuple(point) for point in found.series[0].points] == [("1970-01", 1, 1)]


def test_an_archive_without_dates_has_no_points(engine: Engine) -> None:
    """And still says how much was found."""
    run(engine, [ARTICLES[-1]])
    (found,) = ask(engine, "pump").series
    assert (found.points, found.total.value, found.undated) == ((), 1, 1)


def test_what_cannot_be_asked(engine: Engine) -> None:
    """Of several queries the one at fault is named."""
    run(engine, ARTICLES)
    for queries in ((), ("a",) * 5):
        with pytest.raises(RequestError):
            ask(engine, *queries)
    with pytest.raises(QueryError, match="Query 2: "):
        ask(engine, "pump", "(pump")


def test_each_query_may_have_its_patterns(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """They shared the words that patterns may stand for: the second found less, with a warning that was wrong."""
    run(engine, ARTICLES)
    monkeypatch.setattr(budget, "MAX_TERMS", 2)  # `pump` and `pumps`
    found = ask(engine, "pump*", "pum*", "pu?ps")
    assert [(one.total.value, one.total.relation) for one in found.series] == [(4, "eq"), (4, "eq"), (1, "eq")]
    assert found.warnings == ()
