"""Reads the queries that are offered, as far as the budget of the request that they are offered to goes."""

from __future__ import annotations

from search.budget import CHARACTER_COST, RANKING, QueryBudget
from search.engine import Search, Snapshot
from search.errors import QueryError
from search.model import SearchRequest
from search.query.filters import with_filters
from search.query.parser import parse


def languages_of(snapshot: Snapshot) -> tuple[str, ...]:
    """Return the languages that the words of a query are read in."""
    return tuple(snapshot.statistics().languages) or ("en",)


def read(snapshot: Snapshot, request: SearchRequest, budget: QueryBudget) -> Search | None:
    """Return what a request asks an engine to count; None if it cannot be read, or the budget does not allow for it.

    Raises RequestError for a date that cannot be read.
    """
    if not budget.allows(CHARACTER_COST * len(request.q), RANKING):
        return None
    try:
        tree = parse(request.q, match=request.match, languages=languages_of(snapshot)).tree
    except QueryError:  # such as for a query that has become too long
        return None
    return Search(with_filters(tree, request))
