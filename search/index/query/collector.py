"""From the best paragraphs of each segment to the page of results that a search asks for."""

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
from search.index.segment.segment_reader import UNDATED, Segment
from search.index.storage.column_file import Array
from search.kernels.topk.structs import TopK
from search.model import Result, ScoredParagraph, Total

MAX_K = 2_000
"""Paragraphs that loops keep at most."""
PER_ARTICLE = 4
"""Paragraphs that are asked for, for each article that is wanted."""
_scored = partial(tuple.__new__, ScoredParagraph)  # what ScoredParagraph._make does, in half the time


class SegmentTopK(NamedTuple):
    """The best paragraphs of a segment, and how many match there."""

    rows: Array
    """`(4, k) int32`: see `search.kernels.topk.structs.TopK`."""
    scores: Array
    """`(k,) float64`, descending."""
    total: int
    """How many paragraphs match."""
    articles: int
    """How many articles they are of."""


SegmentRows: TypeAlias = tuple[list[ScoredParagraph], int, int]
"""Rows of a segment, how many paragraphs match there, and of how many articles these are."""


class QueryPlan(Protocol):
    """How a search is answered: in each segment by a way that fits its query."""

    relation: Literal["eq", "gte"]
    """Whether totals are exact, or only a part was counted within the budget."""

    def rows(self, segment: SegmentSearcher, facets: FacetCounter) -> SegmentRows | None:
        """Return the best rows of a segment, and count facets of all that match there; None where this way ends."""


def collect(plan: QueryPlan, search: Search, segments: Sequence[SegmentSearcher], budget: QueryBudget) -> Result | None:
    """Return the answer to a search by a plan; None where some segment needs another plan."""
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
    """Tell whether a search asks for the best rows, and so few that loops keep them."""
    return search.sort == "relevance" and 0 < search.offset + search.limit <= MAX_K


def best_rows(
    ask: Callable[[int, FacetCounter], SegmentTopK],
    search: Search,
    segment: Segment,
    facets: FacetCounter,
    *,
    only: bool,
) -> SegmentRows | None:
    """Return the rows of a segment that a search wants; None where too many would have to be kept to know them.

    `ask` returns so many of the best paragraphs. The first ones of so many articles are the best articles. Where the
    segment is the `only` one, what comes before the page is left out.
    """
    wanted = search.offset + search.limit
    grouped = search.group == "article"
    size = min(PER_ARTICLE * wanted, MAX_K) if grouped else wanted
    best = ask(size, facets)
    page = slice(search.offset if only else 0, wanted)
    if not grouped:
        return described(segment, best.rows[:, page], best.scores[page]), best.total, best.articles
    while True:
        rows = np.sort(np.unique(best.rows[1], return_index=True)[1])
        if len(rows) >= wanted or len(best.scores) == best.total:
            rows = rows[page]
            return described(segment, best.rows[:, rows], best.scores[rows]), best.total, best.articles
        if size == MAX_K:
            return None
        size = min(PER_ARTICLE * size, MAX_K)
        best = ask(size, FacetCounter(()))  # which are counted already


def described(segment: Segment, rows: Array, scores: Array) -> list[ScoredParagraph]:
    """Return rows as `TopK` has them, with their scores, as others know them."""
    _, of, numbers, others = rows.tolist()
    ids, locators = map(segment.strings("id").text, of), zip(repeat(segment), of, strict=False)
    columns = zip(ids, numbers, scores.tolist(), others, locators, strict=False)  # scores to spare
    return list(map(_scored, columns))


def empty_topk(k: int) -> TopK:
    """Return room for so many documents."""
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
