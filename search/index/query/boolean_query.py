"""Any query: first a bitmap of the docs that match is made for each segment, then these are ranked or sorted."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, partial
from typing import Literal, TypeAlias

import numpy as np

from search.budget import RANKING, QueryBudget
from search.index.query.collector import SegmentTopK, best_rows, empty_topk
from search.index.query.duplicate_folding import fold_copies
from search.index.query.matching.bitmap_evaluator import BitmapEvaluator
from search.index.query.matching.match_set import bitmap_docs
from search.index.query.matching.multi_term import MultiTermMatcher
from search.index.query.segment_searcher import THREAD_ARRAYS, Generation, SegmentSearcher, TermPostings, query_terms
from search.index.query.weighted_query import WeightedQuery
from search.index.segment.doc_values import FacetCounter
from search.index.segment.segment_reader import NO_BITMAP
from search.index.storage.column_file import Array
from search.kernels.core.bitmap import best_of_groups, count, count_with_groups, fill_hits, first_in_order
from search.kernels.jit.argument_types import read_only
from search.kernels.topk.bitmap_topk import bitmap_topk, score_docs
from search.kernels.topk.structs import PatternSets
from search.model import NOTHING_FOLDED
from search.query.tree import Fuzzy, Node, Wildcard, patterns, scored_leaves
from search.ranking import term_weight

ScoredDocs: TypeAlias = tuple[Array, Array]
"""Docs, `(n,) int32`, in the order of the results, and their scores, `(n,) float64`."""
TermWeights: TypeAlias = dict[str | Wildcard | Fuzzy, float]
"""The weight of each stem and pattern of a query (see `search.ranking`)."""

SCORE_COST, PRUNED_COST = 4.0, 0.5
"""Units of work for a word in a matching doc: if all docs are scored, and if bounds rule most of them out."""
PATTERN_WORDS = 4
"""Words that cost as much as a pattern, which has one bound for all docs."""


class BitmapRanker:
    """Ranks docs of a segment by the terms and patterns of a query. Which docs match is found before."""

    def __init__(
        self,
        segment: SegmentSearcher,
        weighted: Sequence[tuple[TermPostings, float]],
        patterns: Sequence[tuple[Array, float]],
    ) -> None:
        self.segment = segment
        self.terms, self.n_postings = query_terms(weighted)
        bits = np.array([bits for bits, _ in patterns], np.uint64).reshape(len(patterns), segment.segment.n_blocks)
        self.patterns = PatternSets(
            read_only(bits), read_only(np.array([weight for _, weight in patterns], np.float64))
        )

    def topk(self, mask: Array, k: int, _facets: FacetCounter) -> SegmentTopK:
        """Return the k best docs of a `(n_blocks,) uint64` bitmap."""
        segment, topk = self.segment, empty_topk(k)
        scratch = THREAD_ARRAYS.sized(segment.segment.n_blocks, self.n_postings).scratch
        n, total, articles = bitmap_topk(
            self.terms, self.patterns, segment.postings, segment.tables, segment.scoring, mask, segment.articles,
            segment.tuning.pruned_matches, scratch, topk,
        )  # fmt: skip
        return SegmentTopK(topk.rows, topk.scores[:n], total, articles)

    def scores(self, docs: Array, mask: Array) -> Array:
        """Return the scores of `docs`, given as `(n,) int32`, ascending; the scores are `(n,) float64`.

        `mask`, `(n_blocks,) uint64`, is a bitmap that has all of `docs`, which lets the loop skip the postings of
        others. With NO_BITMAP no posting is skipped.
        """
        segment, scores = self.segment, np.empty(len(docs), np.float64)
        scratch = THREAD_ARRAYS.sized(segment.segment.n_blocks, self.n_postings).scratch
        score_docs(
            docs, self.terms, self.patterns, segment.postings, segment.tables, segment.scoring, mask, scratch, scores
        )  # fmt: skip
        return scores


class SegmentMatches:
    """The docs of one segment that match a query."""

    def __init__(self, segment: SegmentSearcher, patterns: MultiTermMatcher, bits: Array, total: int) -> None:
        self.searcher = segment
        self.segment = segment.segment
        self.patterns = patterns
        """The matcher that knows which words of the segment fit the wildcards and misspellings of the query."""
        self.bits = bits
        """`(n_blocks,) uint64`: the bitmap of the docs."""
        self.total = total

    @classmethod
    def of_query(
        cls, segment: SegmentSearcher, query: Node, budget: QueryBudget, among: Array | None = None
    ) -> SegmentMatches:
        """Return the docs that match a query, as far as the budget goes; only those in `among`, if that is given."""
        patterns = MultiTermMatcher(segment.segment, segment.dense, budget)
        space, docs = BitmapEvaluator(segment, patterns, budget).matches(query, among)
        return cls(segment, patterns, space.to_bitmap(docs), space.count(docs))

    def restricted(self, bits: Array) -> SegmentMatches:
        """Return the docs of a `(n_blocks,) uint64` bitmap, all of which have to be among these docs."""
        return SegmentMatches(self.searcher, self.patterns, bits, int(count(bits)))

    def ranker(self, weights: TermWeights) -> BitmapRanker:
        """Return a ranker by those terms of a query that occur in the segment."""
        words: list[tuple[TermPostings, float]] = []
        bitmaps: list[tuple[Array, float]] = []
        for term, weight in weights.items():
            if not isinstance(term, str):
                bitmaps.append((self.patterns.match(term).any, weight))
            elif word := self.searcher.term(term):
                words.append((word, weight))
        return BitmapRanker(self.searcher, words, bitmaps)

    def shortest(self, weights: TermWeights, k: int) -> ScoredDocs | None:
        """Return the k best docs of a query that only one pattern ranks: the shortest.

        None for any other query, and where fewer docs match.
        """
        (term, weight), *more = weights.items()
        if more or isinstance(term, str):
            return None
        docs = self.patterns.match(term).shortest(self.bits, k)
        if len(docs) < k:
            return None
        impacts, lengths = self.searcher.scoring.impacts, self.searcher.scoring.lengths
        return docs, weight * impacts[256 + lengths[docs].astype(np.int64)]

    def topk(self, docs: Array, scores: Array) -> SegmentTopK:
        """Return `docs`, `(n,) int32`, with `scores`, `(n,) float64`, as the best rows of the segment."""
        segment = self.segment
        rows = np.empty((4, len(docs)), np.int32)
        fill_hits(docs, self.bits, segment.article_of, segment.column("article_first"), rows)
        return SegmentTopK(rows, scores, self.total, count_with_groups(self.bits, segment.last_docs)[1])


class BooleanQuery:
    """Any query, in any order, with filters, facets and groups."""

    def __init__(
        self,
        generation: Generation,
        query: WeightedQuery,
        budget: QueryBudget,
        matches: list[SegmentMatches] | None = None,
    ) -> None:
        """Find the docs of each segment that match; with `matches` they are known."""
        self.query = query
        self.search = search = query.search
        self.budget = budget
        cuts = budget.cuts
        self.matches = matches or [
            SegmentMatches.of_query(segment, search.query, budget) for segment in generation.segments
        ]
        self.relation: Literal["eq", "gte"] = "gte" if budget.cuts > cuts else "eq"
        self.total = sum([matches.total for matches in self.matches])
        """How many docs match, with those that are left out as copies."""
        self.shown, self.folded = self.matches, NOTHING_FOLDED
        """The docs of each segment that are ranked, and what is left out as copies."""
        if search.duplicates == "fold":
            shown, self.folded = fold_copies(generation, [one.bits for one in self.matches])
            self.shown = [one.restricted(bits) for one, bits in zip(self.matches, shown, strict=True)]
        self.n_paragraphs = generation.statistics.paragraphs

    def topk(self, segment: SegmentSearcher, facets: FacetCounter) -> SegmentTopK:
        """Return the best rows of a segment: see `QueryPlan`."""
        matches, group = self.shown[segment.number], self.search.group
        facets.add(matches.segment, self.matches[segment.number].bits)
        wanted = min(self.query.n_rows, matches.total)
        ranked: ScoredDocs | None = None
        if self.query.is_topk and wanted and self.weights:
            ranked = matches.shortest(self.weights, wanted) if group == "none" else None
            if ranked is None:
                topk = partial(matches.ranker(self.weights).topk, matches.bits)
                if best := best_rows(topk, group, self.query.n_rows, FacetCounter(())):
                    return best
        return matches.topk(*(ranked or self._first_docs(matches, wanted)))

    @cached_property
    def weights(self) -> TermWeights:
        """The weight of each stem and pattern of the query that occurs.

        If ranking by all of them is too much work, only the highest weights, with a remark in the budget.
        """
        if not self.total:
            return {}
        weights: TermWeights = {stem: weight for stem, weight in self.query.weights.items() if weight}
        for pattern in patterns(scored_leaves(self.search.query)):
            if doc_freq := sum(matches.patterns.match(pattern).doc_freq for matches in self.matches):
                weights[pattern] = term_weight(self.n_paragraphs, doc_freq, doc_freq)
        each = PRUNED_COST if self.query.is_topk else SCORE_COST
        cost = int(each * self.total) if self.search.sort == "relevance" else 0
        max_terms = max(1, self.budget.left(RANKING) // cost) if cost else len(weights)
        if len(weights) > max_terms:
            most = f"{max_terms} words that say most were" if max_terms > 1 else "word that says most was"
            self.budget.remark(f"Only the {most} used to rank what was found.")
            weights = dict(sorted(weights.items(), key=lambda item: -item[1])[:max_terms])
        self.budget.charge(cost * sum([1 if isinstance(term, str) else PATTERN_WORDS for term in weights]))
        return weights

    def _first_docs(self, matches: SegmentMatches, wanted: int) -> ScoredDocs:
        """Return the first `wanted` docs in the order of the search, and their scores, without a top-k loop.

        For an order by relevance all matches are scored. If no term of the query scores, the order is that of the docs'
        numbers.
        """
        grouped, ranker = self.search.group == "article", matches.ranker(self.weights)
        if self.search.sort == "relevance" and self.weights:
            docs = bitmap_docs(matches.bits)
            scores = ranker.scores(docs, matches.bits)
            if grouped:
                docs, scores = _best_of_articles(docs, scores, matches.segment.article_of)
            return _best_docs(docs, scores, wanted)
        order = matches.segment.article_order(self.search.sort)
        docs = np.empty(wanted, np.int32)
        n = first_in_order(matches.bits, matches.segment.column("article_first"), order, wanted, grouped, docs)
        docs = docs[:n]
        by_number = np.argsort(docs)
        scores = np.empty(n)
        scores[by_number] = ranker.scores(docs[by_number], NO_BITMAP)
        return docs, scores


def _best_docs(docs: Array, scores: Array, wanted: int) -> ScoredDocs:
    """Return the best docs by (score descending, doc ascending), given docs in ascending order."""
    if len(docs) > 4 * wanted > 0:
        least = np.partition(scores, len(scores) - wanted)[len(scores) - wanted]
        docs, scores = docs[scores >= least], scores[scores >= least]
    order = np.argsort(-scores, kind="stable")[:wanted]
    return docs[order], scores[order]


def _best_of_articles(docs: Array, scores: Array, article_of: Array) -> ScoredDocs:
    """Return the best doc of each article, int32, ascending, and the score of each, float64.

    `docs` are `(n,) int32`, ascending, `scores` are `(n,) float64`; `article_of`, `(n_docs,) int32`, has the article of
    each doc of the segment.
    """
    best, high = np.empty(len(docs), np.int32), np.empty(len(docs), np.float64)
    n = best_of_groups(docs, scores, article_of, best, high)
    return best[:n], high[:n]
