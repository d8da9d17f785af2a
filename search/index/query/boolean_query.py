"""Any query: which paragraphs of each segment match is worked out first, as bitmaps, then they are ranked or sorted."""

from __future__ import annotations

from functools import partial
from typing import Literal, TypeAlias

import numpy as np

from search.budget import RANKING, QueryBudget
from search.engine import Search
from search.index.query.bitmap_evaluator import BitmapEvaluator
from search.index.query.collector import SegmentRows, best_rows, described, is_topk
from search.index.query.match_set import listed
from search.index.query.multi_term import MultiTermMatcher
from search.index.query.segment_searcher import Generation, SegmentSearcher, TermPostings
from search.index.query.term_query import BitmapRanker
from search.index.segment.doc_values import FacetCounter
from search.index.segment.segment_view import NOWHERE
from search.index.storage.column_file import Array
from search.kernels.core.bitmap import best_of_groups, count_with_groups, describe, first_in_order
from search.model import ScoredParagraph
from search.query import Fuzzy, Node, Wildcard, patterns, scored_stems
from search.ranking import idf

TermWeights: TypeAlias = dict[str | Wildcard | Fuzzy, float]
"""The idf of each stem and pattern of a query."""

MAX_RANKED = 64
"""Words of a query that make the ranking; it finds what all of them find."""
SCORED, PRUNED = 4.0, 0.5
"""Units of looking for a word in a paragraph that matches; where bounds leave out most of them."""
PATTERN = 4
"""Words that a pattern is as much work as: it has no bounds but one."""


class SegmentMatches:
    """The paragraphs of one segment that match a query."""

    def __init__(self, segment: SegmentSearcher, query: Node, budget: QueryBudget) -> None:
        self.searcher = segment
        self.segment = segment.segment
        self.patterns = MultiTermMatcher(segment.segment, segment.dense, budget)
        space, found = BitmapEvaluator(segment, self.patterns, budget).matches(query)
        self.bits = space.bits(found)
        """`(n_blocks,) uint64`: their bitmap."""
        self.total: int = space.count(found)

    def frequency(self, term: str | Wildcard | Fuzzy) -> int:
        """Return in how many paragraphs of the segment a term occurs."""
        if not isinstance(term, str):
            return self.patterns.fitting(term).total
        found = self.searcher.term(term)
        return found.frequency if found else 0

    def ranker(self, weights: TermWeights) -> BitmapRanker:
        """Return what scores by the terms of a query that occur here."""
        words: list[tuple[TermPostings, float]] = []
        fits: list[tuple[Array, float]] = []
        for term, weight in weights.items():
            if not isinstance(term, str):
                fits.append((self.patterns.fitting(term).any, weight))
            elif word := self.searcher.term(term):
                words.append((word, weight))
        return BitmapRanker(self.searcher, words, fits)

    def shortest(self, weights: TermWeights, k: int) -> list[tuple[int, float]]:
        """Return the k best documents of a query that one pattern alone ranks: the shortest. Empty for any other."""
        (term, weight), *more = weights.items() or [("", 0.0)]
        if more or isinstance(term, str):
            return []
        docs = self.patterns.fitting(term).best(self.bits, k)
        if len(docs) < k:
            return []
        impacts, lengths = self.searcher.scoring.impacts, self.searcher.scoring.lengths
        scores = weight * impacts[256 + lengths[docs].astype(np.int64)]
        return list(zip(docs.tolist(), scores.tolist(), strict=True))

    def described(self, rows: list[tuple[int, float]]) -> list[ScoredParagraph]:
        """Return documents with scores as others know them."""
        segment = self.segment
        docs, scores = np.array([doc for doc, _ in rows], np.int32), np.array([score for _, score in rows])
        out = np.empty((4, len(rows)), np.int32)
        describe(docs, self.bits, segment.article_of, segment.column("article_first"), out)
        return described(segment, out, scores)


class BooleanQuery:
    """Any query, in any order, with filters, facets and groups."""

    def __init__(self, generation: Generation, search: Search, budget: QueryBudget) -> None:
        self.search = search
        self.budget = budget
        cuts = budget.cuts
        self.found = [SegmentMatches(segment, search.query, budget) for segment in generation.segments]
        self.relation: Literal["eq", "gte"] = "gte" if budget.cuts > cuts else "eq"
        total = sum(found.total for found in self.found)
        self.weights = self._weights(generation.statistics.paragraphs, total) if total else {}

    def rows(self, segment: SegmentSearcher, facets: FacetCounter) -> SegmentRows:
        """Return the best rows of a segment: see `QueryPlan`."""
        found, only = self.found[segment.number], len(self.found) == 1
        facets.add(found.segment, found.bits)
        low, wanted = self.search.offset if only else 0, min(self.search.offset + self.search.limit, found.total)
        best: list[tuple[int, float]] = []
        if is_topk(self.search) and wanted:
            best = found.shortest(self.weights, wanted) if self.search.group == "none" else []
            ask = partial(found.ranker(self.weights).topk, found.bits)
            if self.weights and not best:
                rows = best_rows(ask, self.search, found.segment, FacetCounter(()), only=only)
                if rows:
                    return rows
        best = best or self._best(found, wanted)
        return found.described(best[low:]), found.total, count_with_groups(found.bits, found.segment.ends)[1]

    def _weights(self, n_paragraphs: int, total: int) -> TermWeights:
        """Return the idf of each stem and pattern that occurs at all; of the rarest, where all are too much work."""
        weights: TermWeights = {}
        for term in (*scored_stems(self.search.query), *patterns(self.search.query)):
            if frequency := sum(found.frequency(term) for found in self.found):
                weights[term] = idf(n_paragraphs, frequency)
        each = PRUNED if is_topk(self.search) else SCORED
        price = int(each * total) if self.search.sort == "relevance" else 0
        most = min(MAX_RANKED, max(1, self.budget.left(RANKING) // price)) if price else MAX_RANKED
        if len(weights) > most:
            rarest = f"{most} rarest words of the query were" if most > 1 else "rarest word of the query was"
            self.budget.remark(f"Only the {rarest} used to rank what it found.")
            weights = dict(sorted(weights.items(), key=lambda item: -item[1])[:most])
        self.budget.charge(price * sum([1 if isinstance(term, str) else PATTERN for term in weights]))
        return weights

    def _best(self, found: SegmentMatches, wanted: int) -> list[tuple[int, float]]:
        """Return the first documents where loops do not: of many articles, by date, or where nothing has a score."""
        grouped, ranker = self.search.group == "article", found.ranker(self.weights)
        if self.search.sort == "relevance" and self.weights:
            docs = listed(found.bits)
            scores = ranker.scores(docs, found.bits)
            if grouped:
                docs, scores = _best_of_articles(docs, scores, found.segment.article_of)
            return _best(docs, scores, wanted)
        order = found.segment.article_order(self.search.sort)
        docs = np.empty(wanted, np.int32)
        n = first_in_order(found.bits, found.segment.column("article_first"), order, wanted, grouped, docs)
        docs = docs[:n]
        by_number = np.argsort(docs)
        scores = np.empty(n)
        scores[by_number] = ranker.scores(docs[by_number], NOWHERE)
        return list(zip(docs.tolist(), scores.tolist(), strict=True))


def _best(docs: Array, scores: Array, wanted: int) -> list[tuple[int, float]]:
    """Return the best documents by (score descending, document ascending); documents come ascending."""
    if len(docs) > 4 * wanted:
        least = np.partition(scores, len(scores) - wanted)[len(scores) - wanted]
        kept = scores >= least
        docs, scores = docs[kept], scores[kept]
    order = np.argsort(-scores, kind="stable")[:wanted]
    return list(zip(docs[order].tolist(), scores[order].tolist(), strict=True))


def _best_of_articles(docs: Array, scores: Array, article_of: Array) -> tuple[Array, Array]:
    """Return the best document of each article, and its score."""
    best, high = np.empty(len(docs), np.int32), np.empty(len(docs), np.float64)
    n = best_of_groups(docs, scores, article_of, best, high)
    return best[:n], high[:n]
