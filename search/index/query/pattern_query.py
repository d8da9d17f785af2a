"""A query that is one wildcard or one misspelling: the best paragraphs that match are the shortest ones."""

from __future__ import annotations

import threading
from typing import Literal

import numpy as np

from search.budget import QueryBudget
from search.index.query.collector import SegmentTopK
from search.index.query.matching.multi_term import expand, union_forms
from search.index.query.segment_searcher import Generation, SegmentSearcher
from search.index.query.weighted_query import WeightedQuery
from search.index.segment.doc_values import FacetCounter
from search.index.segment.segment_reader import NO_BITMAP
from search.index.storage.column_file import Array
from search.kernels.terms.multi_term_plan import shortest_topk
from search.model import NOTHING_FOLDED
from search.query.tree import Fuzzy, Wildcard
from search.ranking import term_weight

MAX_SORTED = 200
"""Rows that the loop keeps sorted at most."""


class _Bitmaps(threading.local):
    """Two bitmaps of a thread, which are all zero between uses."""

    bitmaps = np.zeros((2, 0), np.uint64)
    clear = True
    """Whether both bitmaps are all zero; the caller of `take` sets it afterwards. While it is False, `take` makes new
    bitmaps."""

    def take(self, n_blocks: int) -> Array:
        """Return two bitmaps, `(2, n_blocks) uint64`, with no bit set."""
        if self.bitmaps.shape[1] != n_blocks or not self.clear:
            self.bitmaps = np.zeros((2, n_blocks), np.uint64)
        self.clear = False
        return self.bitmaps


_bitmaps = _Bitmaps()


class PatternQuery:
    """A query that is one pattern, without filters, facets or groups."""

    folded = NOTHING_FOLDED

    def __init__(self, generation: Generation, leaf: Wildcard | Fuzzy, n_rows: int, budget: QueryBudget) -> None:
        cuts = budget.cuts
        self._topk = [_topk(segment, leaf, n_rows, budget) for segment in generation.segments]
        self.relation: Literal["eq", "gte"] = "gte" if budget.cuts > cuts else "eq"
        fitting = sum([doc_freq for *_, doc_freq in self._topk])
        self.weight = term_weight(generation.statistics.paragraphs, fitting, fitting) if fitting else 0.0

    @classmethod
    def plan(cls, generation: Generation, query: WeightedQuery, budget: QueryBudget) -> PatternQuery | None:
        """Return a plan for a pattern; None for titles, filters, groups and facets, or if too many rows are wanted."""
        leaf, search = query.query, query.search
        if query.filters or not isinstance(leaf, Wildcard | Fuzzy) or leaf.title or query.n_rows > MAX_SORTED:
            return None
        return None if search.group != "none" or search.facets else cls(generation, leaf, query.n_rows, budget)

    def topk(self, segment: SegmentSearcher, _facets: FacetCounter) -> SegmentTopK:
        """Return the best rows of a segment: see `QueryPlan`."""
        best, n, total, n_articles, _ = self._topk[segment.number]
        scores = self.weight * segment.scoring.impacts[256:512][best[4, :n]]
        return SegmentTopK(best[:4], scores, total, n_articles)


def _topk(
    segment: SegmentSearcher, leaf: Wildcard | Fuzzy, k: int, budget: QueryBudget
) -> tuple[Array, int, int, int, int]:
    """Return the k best docs of a segment that match a pattern, and four counts.

    The best docs are `(5, k) int32`: document, article, number in the article, number of other matches of the
    article, and length as `search.ranking` encodes it. The counts are the number of columns in use, the number
    of docs that match, the number of articles of these docs, and the number of docs that match if deleted docs are
    counted too.
    """
    reader = segment.segment
    matches_itself, title_only = _bitmaps.take(reader.n_blocks)
    form_ids = expand(reader, leaf, budget)
    union_forms(reader, segment.dense, form_ids, budget, (matches_itself, title_only, NO_BITMAP))
    best = np.empty((5, k), np.int32)
    live = NO_BITMAP if segment.view.live is None else segment.view.live
    counts = shortest_topk(
        matches_itself, title_only, live, segment.articles.last_bits, segment.scoring.lengths, *reader.shortest,
        segment.articles.of_doc, segment.articles.first, best,
    )  # fmt: skip
    _bitmaps.clear = True
    return best, *counts
