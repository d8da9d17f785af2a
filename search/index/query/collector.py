"""Collects the best paragraphs of each segment into the page of results that a search asks for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from itertools import repeat
from typing import Literal, NamedTuple, Protocol

import numpy as np

from search.engine import Search
from search.index.query.segment_searcher import SegmentSearcher
from search.index.segment.doc_values import FacetCounter
from search.index.segment.segment_reader import UNDATED
from search.index.storage.column_file import Array
from search.kernels.topk.structs import TopK
from search.model import Folded, Group, ScoredParagraph, Sort

MAX_K = 2_000
"""Maximum number of docs that loops keep."""
PER_ARTICLE = 4
"""Docs that are asked for, for each article that is wanted."""
scored = partial(tuple.__new__, ScoredParagraph)
"""Does what `ScoredParagraph._make` does, in half the time."""


class SegmentTopK(NamedTuple):
    """The best docs of a segment, and how many match there."""

    rows: Array
    """`(4, >= n) int32`, its first n columns in use: see `search.kernels.topk.structs.TopK`."""
    scores: Array
    """`(n,) float64`, descending."""
    total: int
    """How many docs match."""
    articles: int
    """How many articles the docs that match are of."""


def no_topk() -> SegmentTopK:
    """Return what a segment without matches gives."""
    return SegmentTopK(np.empty((4, 0), np.int32), np.empty(0), 0, 0)


class QueryPlan(Protocol):
    """A way to answer a search, segment by segment."""

    relation: Literal["eq", "gte"]
    """`eq` if totals are exact, `gte` if the budget allowed to count only a part."""
    folded: Folded
    """The matches that are left out as copies: rows and totals of `topk` are without them, facets are with them."""

    def topk(self, segment: SegmentSearcher, facets: FacetCounter) -> SegmentTopK | None:
        """Return the best rows of a segment, as many as `WeightedQuery.n_rows` if so many match; count all facets.

        The caller may write to the arrays. None if the search needs another plan.
        """


def collect(plan: QueryPlan, segments: Sequence[SegmentSearcher], facets: FacetCounter) -> list[SegmentTopK] | None:
    """Return the best rows of each segment by a plan, with facets counted; None if some segment needs another plan."""
    best = []
    for segment in segments:
        if (topk := plan.topk(segment, facets)) is None:
            return None
        best.append(topk)
    return best


def rows_among_first(segments: Sequence[SegmentSearcher], best: Sequence[SegmentTopK], *limits: int) -> list[list[int]]:
    """Return, for each limit n, how many rows of each segment are among the first n rows of all segments by relevance.

    A segment's rows are sorted by relevance, so they are its first ones.
    """
    if len(best) == 1:
        return [[min(n, len(best[0].scores))] for n in limits]
    most, numbers = max(limits), range(len(best))
    rows = [(*_by_score(row), i) for i in numbers for row in scored_paragraphs(segments[i], best[i], 0, most)]
    order = [i for *_, i in sorted(rows)]
    counts = [Counter(order[:n]) for n in limits]
    return [[count[i] for i in numbers] for count in counts]


def page(search: Search, segments: Sequence[SegmentSearcher], best: Sequence[SegmentTopK]) -> list[ScoredParagraph]:
    """Return the rows that a search asks for, given the best ones of each segment."""
    low, high = search.offset, search.offset + search.limit
    if len(best) == 1:
        return scored_paragraphs(segments[0], best[0], low, high)
    rows = [row for i in range(len(best)) for row in scored_paragraphs(segments[i], best[i], 0, high)]
    return sorted(rows, key=ORDERS[search.sort])[low:high]


def is_topk(sort: Sort, n_rows: int) -> bool:
    """Tell whether rows are asked for by relevance, and so few that loops can keep them."""
    return sort == "relevance" and 0 < n_rows <= MAX_K


def best_rows(
    topk: Callable[[int, FacetCounter], SegmentTopK], group: Group, n_rows: int, facets: FacetCounter
) -> SegmentTopK | None:
    """Return the best rows of a segment by relevance, as many as `n_rows`; None if that takes more than MAX_K docs.

    `topk` returns the best k docs and counts facets. Grouped by article, it is called with a growing k until the docs
    are of `n_rows` articles; the first doc of each article is its row.
    """
    if group == "none":
        return topk(n_rows, facets)
    k = min(PER_ARTICLE * n_rows, MAX_K)
    best = topk(k, facets)
    while True:
        rows = np.sort(np.unique(best.rows[1, : len(best.scores)], return_index=True)[1])
        if len(rows) >= n_rows or len(best.scores) == best.total:
            rows = rows[:n_rows]
            return best._replace(rows=best.rows.take(rows, axis=1), scores=best.scores[rows])
        if k == MAX_K:
            return None
        k = min(PER_ARTICLE * k, MAX_K)
        best = topk(k, FacetCounter(()))  # the first call has counted the facets


def scored_paragraphs(segment: SegmentSearcher, best: SegmentTopK, low: int, high: int) -> list[ScoredParagraph]:
    """Return the best rows of a segment from `low` to `high` as paragraphs with ids."""
    reader = segment.segment
    scores = best.scores[low:high].tolist()
    _, articles, numbers, others = best.rows[:, low : low + len(scores)].tolist()
    ids, locators = reader.strings("id").texts(articles), zip(repeat(reader), articles, strict=False)
    return list(map(scored, zip(ids, numbers, scores, others, locators, strict=True)))


def empty_topk(k: int) -> TopK:
    """Return arrays with room for the k best docs, which a loop writes to."""
    return TopK(np.empty(k), np.empty((4, k), np.int32))


def _by_score(row: ScoredParagraph) -> tuple[object, ...]:
    return -row.score, row.article_id, row.number


def _by_date(row: ScoredParagraph, sign: int) -> tuple[object, ...]:
    segment, article = row.locator
    start = int(segment.column("date_start")[article])
    return start == UNDATED, sign * start, row.article_id, row.number


ORDERS: dict[str, Callable[[ScoredParagraph], tuple[object, ...]]] = {
    "relevance": _by_score,
    "date": partial(_by_date, sign=1),
    "-date": partial(_by_date, sign=-1),
}
"""For each order of results the key that rows are sorted by."""
