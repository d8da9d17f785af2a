"""A search over the segments of a generation: match, count, rank, sort, cut; then merge what the segments found."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Literal, TypeAlias

import numpy as np

from search.budget import RANKING, QueryBudget
from search.engine import Search
from search.index.query.bitmap_evaluator import BitmapEvaluator
from search.index.query.match_set import listed
from search.index.query.multi_term import MultiTermMatcher
from search.index.query.phrase_query import SegmentPhraseSearcher
from search.index.query.term_query import TermPostings, TermScorer, best_rows, found_rows, is_short
from search.index.segment.doc_values import FacetCounter
from search.index.segment.segment_reader import UNDATED
from search.index.segment.segment_view import NOWHERE, CollectionStatistics
from search.index.storage.column_file import Array
from search.kernels.core.bitmap import best_of_groups, count_groups, describe, first_in_order
from search.model import Result, ScoredParagraph, Total
from search.query import Fuzzy, Node, Wildcard, patterns, scored_stems
from search.ranking import idf

TermWeights: TypeAlias = dict[str | Wildcard | Fuzzy, float]


class SegmentMatches:
    """What of one segment matches."""

    def __init__(self, exact: SegmentPhraseSearcher, query: Node, budget: QueryBudget) -> None:
        self.words = exact.words
        self.segment = exact.segment
        self.patterns = MultiTermMatcher(exact.segment, exact.dense, budget)
        space, found = BitmapEvaluator(exact, self.patterns, budget).matches(query)
        self.bits = space.bits(found)
        self.total: int = space.count(found)

    def frequency(self, term: str | Wildcard | Fuzzy) -> int:
        """In how many paragraphs of the segment a term occurs."""
        if not isinstance(term, str):
            return self.patterns.fitting(term).total
        found = self.words.term(term)
        return found.frequency if found else 0

    def scorer(self, weights: TermWeights) -> TermScorer:
        """The terms of a query that occur here, as they score."""
        words: list[tuple[TermPostings, float]] = []
        fits: list[tuple[Array, float]] = []
        for term, weight in weights.items():
            if not isinstance(term, str):
                fits.append((self.patterns.fitting(term).any, weight))
            elif word := self.words.term(term):
                words.append((word, weight))
        return TermScorer(self.words, words, fits)

    def shortest(self, weights: TermWeights, impacts: Array, wanted: int) -> list[tuple[int, float]]:
        """The best documents of a query that one pattern alone ranks: the shortest. None where others match too.

        So many match at least.
        """
        (term, weight), *more = weights.items() or [("", 0.0)]
        if more or isinstance(term, str):
            return []
        docs = self.patterns.fitting(term).best(self.bits, wanted)
        if len(docs) < wanted:
            return []
        scores = weight * impacts[256 + self.segment.column("lengths")[docs].astype(np.int64)]
        return list(zip(docs.tolist(), scores.tolist(), strict=True))

    def described(self, rows: list[tuple[int, float]]) -> list[ScoredParagraph]:
        """Documents with scores, as others know them."""
        segment = self.segment
        docs, scores = np.array([doc for doc, _ in rows], np.int32), np.array([score for _, score in rows])
        out = np.empty((4, len(rows)), np.int32)
        describe(docs, self.bits, segment.article_of, segment.column("article_first"), out)
        return found_rows(segment, out, scores)

    def holds(self, article: int) -> bool:
        """Whether a paragraph of an article matches here."""
        low, high = self.segment.span(article)
        return any(self.bits[doc >> 6] >> np.uint64(doc & 63) & np.uint64(1) for doc in range(low, high))


MAX_RANKED = 64
"""Words of a query that make the ranking; it finds what all of them find."""
SCORED, PRUNED = 4.0, 0.5
"""Units of looking for a word in a paragraph that matches; where ceilings leave out most of them."""
PATTERN = 4
"""Words that a pattern is as much work as: it has no ceilings but one."""


class BooleanSearch:
    """One search."""

    def __init__(
        self, parts: Sequence[SegmentPhraseSearcher], corpus: CollectionStatistics, search: Search, budget: QueryBudget
    ) -> None:
        self.search = search
        self.corpus = corpus
        self.budget = budget
        cuts = budget.cuts
        self.impacts = corpus.impacts
        self.stems = scored_stems(search.query)
        self.patterns = patterns(search.query)
        self.found = [SegmentMatches(part, search.query, budget) for part in parts]
        self.partial = budget.cuts > cuts

    def result(self) -> Result:
        """The rows asked for, and the totals."""
        low, high = self.search.offset, self.search.offset + self.search.limit
        total = sum(found.total for found in self.found)
        weights = self._weights(total) if total else {}
        one = len(self.found) == 1
        answers = [self._rows(found, weights, low if one else 0, high) for found in self.found]
        hits = [row for rows, _ in answers for row in rows]
        if not one:
            hits = sorted(hits, key=self._key)[low:high]
        articles = sum([articles for _, articles in answers])
        facets = FacetCounter(self.search.facets)
        for found in self.found:
            facets.add(found.segment, found.bits)
        relation: Literal["eq", "gte"] = "gte" if self.partial else "eq"
        return Result(
            tuple(hits),
            Total(total, relation),
            articles,
            facets.result(),
            (*self.budget.warnings, *self.budget.remarks),
        )

    def _weights(self, total: int) -> TermWeights:
        """The idf of each stem and pattern that occurs at all; of the rarest, where all are too much work."""
        weights: TermWeights = {}
        for term in (*self.stems, *self.patterns):
            if frequency := sum(found.frequency(term) for found in self.found):
                weights[term] = idf(self.corpus.paragraphs, frequency)
        each = PRUNED if is_short(self.search) else SCORED
        price = int(each * total) if self.search.sort == "relevance" else 0
        most = min(MAX_RANKED, max(1, self.budget.left(RANKING) // price)) if price else MAX_RANKED
        if len(weights) > most:
            rarest = f"{most} rarest words of the query were" if most > 1 else "rarest word of the query was"
            self.budget.remark(f"Only the {rarest} used to rank what it found.")
            weights = dict(sorted(weights.items(), key=lambda item: -item[1])[:most])
        self.budget.charge(price * sum([1 if isinstance(term, str) else PATTERN for term in weights]))
        return weights

    def _key(self, row: ScoredParagraph) -> tuple[object, ...]:
        """What rows of several segments are sorted by."""
        tie = (row.article_id, row.number)
        if self.search.sort == "relevance":
            return (-row.score, *tie)
        for found in self.found:
            segment = found.segment
            article = segment.article(row.article_id)
            if article >= 0 and found.holds(article):
                start = int(segment.column("date_start")[article])
                return (start == UNDATED, start if self.search.sort == "date" else -start, *tie)
        raise AssertionError(row)

    def _rows(
        self, found: SegmentMatches, weights: TermWeights, low: int, high: int
    ) -> tuple[list[ScoredParagraph], int]:
        """The best rows of one segment from `low` up to `high`, and how many articles match."""
        wanted = min(high, found.total)
        if is_short(self.search) and wanted:
            if self.search.group == "none" and (shortest := found.shortest(weights, self.impacts, wanted)):
                return found.described(shortest[low:]), count_groups(found.bits, found.segment.ends)
            ask = partial(found.scorer(weights).best, found.bits)
            if weights and (
                rows := best_rows(ask, self.search, found.segment, FacetCounter(()), one=len(self.found) == 1)
            ):
                return rows[0], rows[2]
        others = self._others(found, found.scorer(weights), wanted, weights)
        return found.described(others[low:]), count_groups(found.bits, found.segment.ends)

    def _others(
        self, found: SegmentMatches, terms: TermScorer, wanted: int, weights: TermWeights
    ) -> list[tuple[int, float]]:
        """The same when they are many, of different articles, sorted by date or of no score."""
        grouped = self.search.group == "article"
        if self.search.sort == "relevance" and weights:
            docs = listed(found.bits)
            scores = terms.score(docs, found.bits)
            if grouped:
                docs, scores = _best_of_articles(docs, scores, found.segment.article_of)
            return _best(docs, scores, wanted)
        order = found.segment.article_order(self.search.sort)
        docs = np.empty(wanted, np.int32)
        first = found.segment.column("article_first")
        n = first_in_order(found.bits, first, order, wanted, grouped, docs)
        docs = docs[:n]
        by_number = np.argsort(docs)
        scores = np.empty(n)
        scores[by_number] = terms.score(docs[by_number], NOWHERE)
        return list(zip(docs.tolist(), scores.tolist(), strict=True))


def _best(docs: Array, scores: Array, wanted: int) -> list[tuple[int, float]]:
    """The best documents by (score descending, document ascending); documents come ascending."""
    if len(docs) > 4 * wanted:
        least = np.partition(scores, len(scores) - wanted)[len(scores) - wanted]
        kept = scores >= least
        docs, scores = docs[kept], scores[kept]
    order = np.argsort(-scores, kind="stable")[:wanted]
    return list(zip(docs[order].tolist(), scores[order].tolist(), strict=True))


def _best_of_articles(docs: Array, scores: Array, article_of: Array) -> tuple[Array, Array]:
    """The best document of each article."""
    best, high = np.empty(len(docs), np.int32), np.empty(len(docs), np.float64)
    n = best_of_groups(docs, scores, article_of, best, high)
    return best[:n], high[:n]
