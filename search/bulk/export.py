"""export(): every paragraph that a search finds, a batch at a time."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from search.budget import QueryBudget, enlarged
from search.engine import Snapshot
from search.errors import RequestError
from search.model import SNIPPET, Hit, SearchRequest
from search.names.names import Names
from search.names.variant_matcher import VariantMatcher
from search.query.tree import ALL
from search.service import highlighter_for, hits_of, parse_request

BATCH = 100
"""Number of paragraphs that are fetched, and highlighted, together: as many as the largest page has."""
TIMES = 5
"""How many times the budget of a page an export may spend to find what matches."""


class Export(NamedTuple):
    """All paragraphs that a search finds: their number, and batches of them in the order of the search's results.

    All are of one snapshot.
    """

    total: int
    batches: Iterator[tuple[Hit, ...]]


def export(snapshot: Snapshot, request: SearchRequest, *, half_life: int, names: Names, marked: bool) -> Export:
    """Return every paragraph that a request finds, in the order of its results, each as a hit of its own.

    `half_life` and `names` are as in `search.service.find`. Batches are fetched only when they are iterated over. If
    `marked`, the matches in the texts are highlighted, each batch within the budget of a page; texts past that budget
    are not. Raises QueryError and RequestError as `find` does, and RequestError if counting the matches is too much
    work.
    """
    budget = enlarged(TIMES)
    parsed, _, search, _ = parse_request(snapshot, request, budget, half_life=half_life, names=names)
    found = snapshot.stream(search, budget)
    if found.total.relation != "eq":
        parameter, message = "q", "This search is too much work to be exported: what it finds cannot all be counted."
        raise RequestError(parameter, message, "Ask with fewer or rarer words, or narrow it by source or date.")
    tree, variants = (parsed.tree, parsed.variants) if marked else (ALL, ())

    def batches() -> Iterator[tuple[Hit, ...]]:
        matcher = VariantMatcher(variants)
        while batch := list(islice(found.rows, BATCH)):
            highlighter = highlighter_for(snapshot, tree, QueryBudget())
            yield tuple(hits_of(batch, snapshot.fetch(batch), highlighter, matcher, request.snippet or SNIPPET))

    return Export(found.total.value, batches())
