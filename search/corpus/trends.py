"""Queries over time: how many paragraphs each of them finds in each year or month, and of how many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal, NamedTuple, TypeAlias

from search.budget import QueryBudget
from search.dates import period_number
from search.engine import Snapshot
from search.errors import QueryError, RequestError
from search.model import Facet, Result, SearchRequest, Total
from search.names.names import Names
from search.service import parse_request

Interval: TypeAlias = Literal["year", "month"]

MAX_QUERIES = 4
"""Maximum number of queries that are compared: more lines of a chart cannot be told apart without colours."""
MAX_MONTHS = 36
"""Number of months, from the first date to the last, up to which each month is counted; past it each year is."""
FACETS: tuple[Facet, ...] = ("month", "year")


class TrendPoint(NamedTuple):
    """A year or a month, as `1961` or `1961-03`: `paragraphs` match, of the `of` that the filters leave in it."""

    start: str
    paragraphs: int
    of: int

    @property
    def share(self) -> float:
        """The share of the paragraphs that match, 0 to 1."""
        return self.paragraphs / self.of


class TrendSeries(NamedTuple):
    """A query over time, as it was typed (`q`) and as it was read. `undated` is the number of matches in no period."""

    q: str
    interpreted: str
    total: Total
    undated: int
    points: tuple[TrendPoint, ...]


class Trends(NamedTuple):
    """Some queries over time. All have points for the same periods: those in which the filters leave paragraphs."""

    interval: Interval
    series: tuple[TrendSeries, ...]
    warnings: tuple[str, ...]


def trends(
    snapshot: Snapshot, queries: Sequence[str], request: SearchRequest, budget: QueryBudget, names: Names
) -> Trends:
    """Return some queries over time, all within the filters of `request`, whose own query does not matter.

    Shares are of the paragraphs that the filters leave. All counts draw on one budget; a count that it does not allow
    for is a lower bound, and its total says so. Periods are months if the dates that the filters leave all have a month
    and span at most MAX_MONTHS months, else years. A paragraph without a date is in no period.

    Raises RequestError for more than MAX_QUERIES queries, or none, and QueryError for one that cannot be read.
    """
    if not 1 <= len(queries) <= MAX_QUERIES:
        raise RequestError("q", f"q is given {len(queries)} times.", f"Give it once to {MAX_QUERIES} times.")
    _, everything = _count(snapshot, replace(request, q=""), budget, names)
    interval = _interval(everything)
    of = _counts(everything, interval)
    series = []
    for number, q in enumerate(queries, 1):
        try:
            interpreted, found = _count(snapshot, replace(request, q=q), budget, names)
        except QueryError as error:
            where = f"Query {number}: " if len(queries) > 1 else ""
            raise QueryError(where + error.message, error.hint, error.position) from None
        counts = _counts(found, interval)
        points = tuple([TrendPoint(start, counts.get(start, 0), of[start]) for start in sorted(of)])
        undated = found.total.value - sum(counts.values())
        series.append(TrendSeries(q, interpreted, found.total, undated, points))
    return Trends(interval, tuple(series), (*budget.warnings, *budget.remarks))


def _count(snapshot: Snapshot, request: SearchRequest, budget: QueryBudget, names: Names) -> tuple[str, Result]:
    """Return how a request was read, and its result, which counts matches by year and by month, but has no rows."""
    read = parse_request(snapshot, request, budget, half_life=0, names=names)
    search = replace(read.search, offset=0, limit=0, sort="date", facets=FACETS, count_elsewhere=False)
    return read.parsed.interpreted, snapshot.search(search, budget)


def _counts(found: Result, interval: Interval) -> dict[str, int]:
    return {count.value: count.paragraphs for count in found.facets.get(interval, ())}


def _interval(everything: Result) -> Interval:
    months, years = (_counts(everything, interval) for interval in ("month", "year"))
    if not months or sum(months.values()) < sum(years.values()):
        return "year"
    return "month" if period_number(max(months)) - period_number(min(months)) < MAX_MONTHS else "year"
