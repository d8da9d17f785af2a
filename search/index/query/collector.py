"""Collects the best paragraphs of each segment into the page of results that a search asks for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import repeat
from typing import Literal, NamedTuple, Protocol, TypeAlias

import numpy as np

from search.budget import QueryBudget
from search.engine import Search
from search.index.query.segment_searcher import SegmentSearcher
from search.index.segment.doc_values import FacetCounter
from search.index.segment.segment_reader import UNDATED, SegmentReader
from search.index.storage.column_file import Array
from search.kernels.topk.structs import TopK
from search.model import Result, ScoredParagraph, Total

MAX_K = 2_000
"""Maximum number of docs that loops keep."""
PER_ARTICLE = 4
"""Docs that are asked for, for each article that is wanted."""
scored = partial(tuple.__new__, ScoredParagraph)
"""Does what `ScoredParagraph._make` does, in half the time."""


class SegmentTopK(NamedTuple):
    """The best docs of a segment, and how many match there."""

    rows: Array
    """`(4, k) int32`: see `search.kernels.topk.structs.TopK`."""
    scores: Array
    """`(k,) float64`, descending."""
    total: int
    """How many docs match."""
    articles: int
    """How many articles the docs that match are of."""


SegmentRows: TypeAlias = tuple[list[ScoredParagraph], int, int]
"""The best paragraphs of a segment, how many match there, and of how many articles these are."""


class QueryPlan(Protocol):
    """A way to answer a search, segment by segment."""

    relation: Literal["eq", "gte"]
    """`eq` if totals are exact, `gte` if the budget allowed to count only a part."""

    def rows(self, segment: SegmentSearcher, facets: FacetCounter) -> SegmentRows | None:
        """Return the best rows of a segment, and count the facets of all its matches; None if it needs another plan."""


def collect(plan: QueryPlan, search: Search, segments: Sequence[SegmentSearcher], budget: QueryBudget) -> Result | None:
    """Return the answer to a search by a plan; None if some segment needs another plan.

    With one segment the plan itself leaves out the rows before the page. The rows of several segments are merged here,
    and then those before the page are left out.
    """
    rows: list[ScoredParagraph] = []
    total = articles = 0
    facets = FacetCounter(search.facets)
    for segment in segments:
        found = plan.rows(segment, facets)
        if found is None:
            return None
        rows += found[0]
        total += found[1]
        articles += found[2]
    if len(segments) > 1:
        rows = sorted(rows, key=_KEYS[search.sort])[search.offset : search.offset + search.limit]
    return Result(
        tuple(rows), Total(total, plan.relation), articles, facets.result(), (*budget.warnings, *budget.remarks)
    )


def is_topk(search: Search) -> bool:
    """Tell whether a search asks for rows by relevance, and for so few that loops can keep them."""
    return search.sort == "relevance" and 0 < search.offset + search.limit <= MAX_K


def best_rows(
    topk: Callable[[int, FacetCounter], SegmentTopK],
    search: Search,
    segment: SegmentReader,
    facets: FacetCounter,
    *,
    only: bool,
) -> SegmentRows | None:
    """Return the rows of a segment that a search by relevance wants; None if more than MAX_K docs would be needed.

    `topk` returns the best k docs and counts facets. Grouped by article, more docs are asked for until they are of
    enough articles: the first docs of the articles are the rows. If the segment is the `only` one, the rows before the
    page are left out.
    """
    wanted = search.offset + search.limit
    grouped = search.group == "article"
    k = min(PER_ARTICLE * wanted, MAX_K) if grouped else wanted
    best = topk(k, facets)
    page = slice(search.offset if only else 0, wanted)
    if not grouped:
        return scored_paragraphs(segment, best.rows[:, page], best.scores[page]), best.total, best.articles
    while True:
        rows = np.sort(np.unique(best.rows[1], return_index=True)[1])
        if len(rows) >= wanted or len(best.scores) == best.total:
            rows = rows[page]
            return scored_paragraphs(segment, best.rows[:, rows], best.scores[rows]), best.total, best.articles
        if k == MAX_K:
            return None
        k = min(PER_ARTICLE * k, MAX_K)
        best = topk(k, FacetCounter(()))  # the first call has counted them


def scored_paragraphs(segment: SegmentReader, rows: Array, scores: Array) -> list[ScoredParagraph]:
    """Return rows, `(4, n) int32` as in `TopK`, with their scores, as paragraphs with ids."""
    _, articles, numbers, others = rows.tolist()
    ids, locators = map(segment.strings("id").text, articles), zip(repeat(segment), articles, strict=False)
    columns = zip(ids, numbers, scores.tolist(), others, locators, strict=False)  # scores to spare
    return list(map(scored, columns))


def empty_topk(k: int) -> TopK:
    """Return arrays with room for the k best docs, which a loop writes to."""
    return TopK(np.empty(k), np.empty((4, k), np.int32))


def _by_score(row: ScoredParagraph) -> tuple[object, ...]:
    return -row.score, row.article_id, row.number


def _by_date(row: ScoredParagraph, sign: int) -> tuple[object, ...]:
    segment, article = row.locator
    start = int(segment.column("date_start")[article])
    return start == UNDATED, sign * start, row.article_id, row.number


_KEYS: dict[str, Callable[[ScoredParagraph], tuple[object, ...]]] = {
    "relevance": _by_score,
    "date": partial(_by_date, sign=1),
    "-date": partial(_by_date, sign=-1),
}
