"""What of one segment matches a query."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

from search.budget import QueryBudget
from search.engines.whoosh.arrays import Array
from search.engines.whoosh.exact import Exact
from search.engines.whoosh.matching import Matching
from search.engines.whoosh.patterns import Patterns
from search.engines.whoosh.words import Scorer, Term, found_rows
from search.kernels.bits import describe
from search.model import Found
from search.query import Fuzzy, Node, Wildcard

Weights: TypeAlias = dict[str | Wildcard | Fuzzy, float]


class Matched:
    """What of one segment matches."""

    def __init__(self, exact: Exact, query: Node, budget: QueryBudget) -> None:
        self.words = exact.words
        self.segment = exact.segment
        self.patterns = Patterns(exact.segment, exact.dense, budget)
        space, found = Matching(exact, self.patterns, budget).matches(query)
        self.bits = space.bits(found)
        self.total: int = space.count(found)

    def frequency(self, term: str | Wildcard | Fuzzy) -> int:
        """In how many paragraphs of the segment a term occurs."""
        if not isinstance(term, str):
            return self.patterns.fitting(term).total
        found = self.words.term(term)
        return found.frequency if found else 0

    def scorer(self, weights: Weights) -> Scorer:
        """The terms of a query that occur here, as they score."""
        words: list[tuple[Term, float]] = []
        fits: list[tuple[Array, float]] = []
        for term, weight in weights.items():
            if not isinstance(term, str):
                fits.append((self.patterns.fitting(term).any, weight))
            elif word := self.words.term(term):
                words.append((word, weight))
        return Scorer(self.words, words, fits)

    def shortest(self, weights: Weights, impacts: Array, wanted: int) -> list[tuple[int, float]]:
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

    def described(self, rows: list[tuple[int, float]]) -> list[Found]:
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
