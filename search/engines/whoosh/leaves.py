"""The leaves of a query tree over one segment: which paragraphs meet a word, a phrase, a pattern, a filter."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from search.budget import QueryBudget
from search.engines.whoosh.arrays import Array
from search.engines.whoosh.filters import Filter
from search.engines.whoosh.patterns import Patterns
from search.engines.whoosh.postings import ANY, Terms
from search.engines.whoosh.segment import Segment
from search.engines.whoosh.sought import Sought, slots_of
from search.kernels.bits import count, list_bits
from search.kernels.postings import IN_TITLE, OWN
from search.query import Leaf, Near, Phrase, Word

LEAF = 10_000
"""Units of a word, a phrase or a pattern, beside those of what it reads."""
POSTING = 5
"""Units of a posting that is looked at for a bitmap; those of frequent stems are bitmaps already."""


class Leaves:
    """What the leaves of one query are met by. Each is worked out once."""

    def __init__(self, segment: Segment, terms: Terms, budget: QueryBudget) -> None:
        self.segment = segment
        self.terms = terms
        self.budget = budget
        self.known: dict[object, tuple[Array, Array]] = {}
        self.partial: set[Leaf] = set()
        self.nothing = np.zeros(segment.blocks, np.uint64)
        self.patterns = Patterns(segment, terms, budget)

    def own(self, leaf: Leaf) -> Array:
        """Where the paragraph's own text meets a leaf; the title is paragraph 1's own."""
        return self._met(leaf)[0]

    def any(self, leaf: Leaf) -> Array:
        """Where text or title meet it."""
        return self._met(leaf)[1]

    def _met(self, leaf: Leaf) -> tuple[Array, Array]:
        if leaf not in self.known:
            before = self.budget.cuts
            self.known[leaf] = self._read(leaf) if self.budget.affords(LEAF) else (self.nothing, self.nothing)
            if self.budget.cuts > before:
                self.partial.add(leaf)
        elif leaf in self.partial:
            self.budget.cuts += 1
        return self.known[leaf]

    def _read(self, leaf: Leaf) -> tuple[Array, Array]:
        match leaf:
            case Word():
                return self._word(leaf.stems, title=leaf.title)
            case Phrase() | Near():
                return self._phrase(leaf)
            case _:
                found = self.patterns.fitting(leaf)
                return (found.title & self.segment.openings, found.title) if leaf.title else (found.own, found.any)

    def _word(self, stems: tuple[str, ...], *, title: bool) -> tuple[Array, Array]:
        """Where one of the stems occurs."""
        numbers = self._numbers(stems)
        if not self.budget.affords(self._price(numbers)):
            return self.nothing, self.nothing
        if title:
            any_ = self._union(numbers, IN_TITLE)
            return any_ & self.segment.openings, any_
        return self._union(numbers, OWN), self._union(numbers, ANY)

    def _numbers(self, stems: tuple[str, ...]) -> list[int]:
        return [number for stem in stems if (number := self.terms.number(stem)) >= 0]

    def _price(self, numbers: Sequence[int]) -> int:
        """The units of the bitmaps of some stems."""
        dense, frequencies = self.terms.dense.row_of, self.segment.frequencies
        few = sum(int(frequencies[number]) for number in numbers if number not in dense)
        return 2 * self.segment.blocks * len(numbers) + POSTING * few

    def _union(self, numbers: Sequence[int], flag: int) -> Array:
        if len(numbers) == 1:
            return self.terms.bitmap(numbers[0], flag)
        found = np.zeros(self.segment.blocks, np.uint64)
        for number in numbers:
            found |= self.terms.bitmap(number, flag)
        return found

    def _phrase(self, leaf: Phrase | Near) -> tuple[Array, Array]:
        """Where the text has the phrase, or the title: the candidates have all words, their streams tell.

        A first paragraph owns the title, so it is a candidate for both.
        """
        segment = self.segment
        own, opened = self.nothing.copy(), self.nothing.copy()
        filled = [segment.slots.filled(slot) for slot in slots_of(leaf)]
        if not all(slot.entries and slot.stems for slot in filled):
            return own, own
        if not self.budget.affords(self._price([stem for slot in filled for stem in slot.stems])):
            return own, own
        sought = Sought(segment, leaf, filled)
        candidates = self._union(filled[0].stems, OWN)
        for slot in filled[1:]:
            candidates = candidates & self._union(slot.stems, OWN)
        docs = _listed(candidates)
        docs = docs[: self.budget.how_many(len(docs), sought.price(self.terms.dense))]
        docs = sought.sifted(docs, self.terms.dense, self.budget, own)
        if leaf.title:
            own = np.zeros_like(opened)
        else:
            sought.in_texts(docs, self.budget, own)
        sought.in_titles(docs, self.budget, opened)
        if not opened.any():
            return own, own
        chosen = np.zeros(segment.articles, bool)
        chosen[segment.article_of[_listed(opened)]] = True
        return own | opened, own | segment.of_articles(chosen)

    def filtered(self, node: Filter) -> Array:
        """The paragraphs of the articles that meet a filter."""
        return self.segment.filtered(node)


def _listed(bits: Array) -> Array:
    docs = np.empty(count(bits), np.int32)
    list_bits(bits, docs)
    return docs
