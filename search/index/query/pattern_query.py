"""A query that is one wildcard or one misspelling, answered with little ado: found is what `boolean_query` finds."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from search.budget import QueryBudget
from search.engine import Search
from search.index.query.multi_term import TermUnion, expand
from search.index.query.term_query import chosen, is_short
from search.index.segment.segment_view import CollectionStatistics, SegmentView
from search.index.storage.column_file import Array
from search.kernels.terms.multi_term_plan import shortest_topk
from search.model import Result, ScoredParagraph, Total
from search.query import Fuzzy, Wildcard
from search.ranking import idf

NOTHING = np.zeros(0, np.uint64)
MOST = 200
"""Rows that the loop keeps sorted."""


class Scratch(threading.local):
    """Two bitmaps of a thread. Who has used them leaves them clear, and says so."""

    bitmaps = np.zeros((2, 0), np.uint64)
    clear = True

    def taken(self, blocks: int) -> Array:
        """Of so many blocks, with no bit set."""
        if self.bitmaps.shape[1] != blocks or not self.clear:
            self.bitmaps = np.zeros((2, blocks), np.uint64)
        self.clear = False
        return self.bitmaps


_scratch = Scratch()


class PatternTopK(NamedTuple):
    """What one segment has: its best paragraphs, a column each (`multi_term_plan.shortest_topk`), and its totals."""

    best: list[list[int]]
    total: int
    articles: int
    fitting: int


class SegmentPatternSearcher:
    """A segment, as a query that is one pattern takes it."""

    def __init__(self, part: SegmentView, corpus: CollectionStatistics) -> None:
        segment = part.segment
        self.segment = segment
        self.union_of = TermUnion(segment, part.dense)
        self.id_of = segment.strings("id").text
        self.impacts: list[float] = corpus.impacts[256:512].tolist()
        self.topk_arrays = (
            NOTHING if part.live is None else part.live, segment.ends, segment.column("lengths"), *segment.shortest,
            segment.article_of, segment.column("article_first"),
        )  # fmt: skip

    def topk(self, leaf: Wildcard | Fuzzy, wanted: int, budget: QueryBudget) -> PatternTopK:
        """The paragraphs of which a word fits."""
        entries = expand(self.segment, leaf, budget)
        matches_itself, title_only = _scratch.taken(self.segment.blocks)
        self.union_of.add(entries, budget, matches_itself, title_only, NOTHING)
        best = np.empty((5, wanted), np.int32)
        n, *totals = shortest_topk(matches_itself, title_only, *self.topk_arrays, best)
        _scratch.clear = True
        return PatternTopK(best[:, :n].tolist(), *totals)

    def rows(self, found: PatternTopK, weight: float) -> list[ScoredParagraph]:
        """Its best paragraphs, scored."""
        _, articles, numbers, others, lengths = found.best
        scores = [weight * self.impacts[length] for length in lengths]
        locators = [(self.segment, article) for article in articles]
        return list(
            map(ScoredParagraph._make, zip(map(self.id_of, articles), numbers, scores, others, locators, strict=True))
        )


def answer_pattern(
    parts: Sequence[SegmentPatternSearcher], corpus: CollectionStatistics, search: Search, budget: QueryBudget
) -> Result | None:
    """The answer to a query that is one pattern; None when it has to be worked out otherwise."""
    leaf, wanted = search.query, search.offset + search.limit
    if not is_short(search) or wanted > MOST or search.group != "none" or search.facets:
        return None
    if not isinstance(leaf, Wildcard | Fuzzy) or leaf.title:
        return None
    before = budget.cuts
    found = [part.topk(leaf, wanted, budget) for part in parts]
    weight = idf(corpus.paragraphs, sum([one.fitting for one in found]))
    rows = [row for part, one in zip(parts, found, strict=True) for row in part.rows(one, weight)]
    total = Total(sum([one.total for one in found]), "gte" if budget.cuts > before else "eq")
    articles = sum([one.articles for one in found])
    page = chosen(rows[search.offset :] if len(parts) == 1 else rows, search, len(parts))
    return Result(page, total, articles, warnings=tuple(budget.warnings))
