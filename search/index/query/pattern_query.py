"""One wildcard or one misspelling: the best paragraphs where some word fits it are the shortest ones."""

from __future__ import annotations

import threading
from typing import Literal

import numpy as np

from search.budget import QueryBudget
from search.engine import Search
from search.index.query.collector import SegmentRows
from search.index.query.multi_term import TermUnion, expand
from search.index.query.segment_searcher import Generation, SegmentSearcher
from search.index.segment.doc_values import FacetCounter
from search.index.storage.column_file import Array
from search.kernels.terms.multi_term_plan import shortest_topk
from search.model import ScoredParagraph
from search.query import Fuzzy, Wildcard
from search.ranking import idf

NOTHING = np.zeros(0, np.uint64)
MAX_K = 200
"""Rows that the loop keeps sorted."""


class _Bitmaps(threading.local):
    """Two bitmaps of a thread. Whoever has used them leaves them clear, and says so."""

    bitmaps = np.zeros((2, 0), np.uint64)
    clear = True

    def taken(self, n_blocks: int) -> Array:
        """Return them for so many blocks, with no bit set."""
        if self.bitmaps.shape[1] != n_blocks or not self.clear:
            self.bitmaps = np.zeros((2, n_blocks), np.uint64)
        self.clear = False
        return self.bitmaps


_bitmaps = _Bitmaps()


class PatternQuery:
    """A query that is one pattern, without filters, facets or groups."""

    def __init__(self, generation: Generation, search: Search, leaf: Wildcard | Fuzzy, budget: QueryBudget) -> None:
        self.search = search
        cuts = budget.cuts
        self.found = [_topk(segment, leaf, search.offset + search.limit, budget) for segment in generation.segments]
        self.relation: Literal["eq", "gte"] = "gte" if budget.cuts > cuts else "eq"
        self.weight = idf(generation.statistics.paragraphs, sum([fitting for *_, fitting in self.found]))

    @classmethod
    def plan(
        cls, generation: Generation, search: Search, leaf: Wildcard | Fuzzy, budget: QueryBudget
    ) -> PatternQuery | None:
        """Return how to answer a pattern that is all of a query; None where others have to be counted or grouped."""
        if leaf.title or search.offset + search.limit > MAX_K or search.group != "none" or search.facets:
            return None
        return cls(generation, search, leaf, budget)

    def rows(self, segment: SegmentSearcher, _facets: FacetCounter) -> SegmentRows:
        """Return the best rows of a segment: see `QueryPlan`."""
        (_, articles, numbers, others, lengths), total, n_articles, _ = self.found[segment.number]
        impacts = segment.scoring.impacts[256:512]
        scores = [self.weight * float(impacts[length]) for length in lengths]
        ids = map(segment.segment.strings("id").text, articles)
        locators = [(segment.segment, article) for article in articles]
        rows = list(map(ScoredParagraph._make, zip(ids, numbers, scores, others, locators, strict=True)))
        return rows[self.search.offset if len(self.found) == 1 else 0 :], total, n_articles


def _topk(
    segment: SegmentSearcher, leaf: Wildcard | Fuzzy, k: int, budget: QueryBudget
) -> tuple[list[list[int]], int, int, int]:
    """Return the best paragraphs of a segment as `shortest_topk` has them, and three counts.

    These are: how many paragraphs match, of how many articles, and in how many, deleted ones too, a word fits.
    """
    reader = segment.segment
    entries = expand(reader, leaf, budget)
    matches_itself, title_only = _bitmaps.taken(reader.blocks)
    TermUnion(reader, segment.dense).add(entries, budget, matches_itself, title_only, NOTHING)
    best = np.empty((5, k), np.int32)
    live = NOTHING if segment.view.live is None else segment.view.live
    n, *totals = shortest_topk(
        matches_itself, title_only, live, segment.articles.last_bits, segment.scoring.lengths, *reader.shortest,
        segment.articles.of_doc, segment.articles.first, best,
    )  # fmt: skip
    _bitmaps.clear = True
    return best[:, :n].tolist(), *totals
