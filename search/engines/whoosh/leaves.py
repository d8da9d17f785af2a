"""The leaves of a query tree over one segment: which paragraphs meet a word, a phrase, a pattern, a filter."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

import numpy as np

from search.budget import MATCHING, QueryBudget
from search.engines.whoosh.arrays import Array
from search.engines.whoosh.exact import Exact
from search.engines.whoosh.filters import Filter
from search.engines.whoosh.patterns import Patterns
from search.engines.whoosh.slots import NOBODY
from search.engines.whoosh.sought import Sought, slots_of
from search.engines.whoosh.spaces import Few, Met, Space, chosen, same
from search.query import Leaf, Near, Phrase, Word

LEAF = 10_000
"""Units of a word, a phrase or a pattern, beside those of what it reads."""
POSTING = 5
"""Units of a posting that is looked at for a bitmap; those of frequent stems are bitmaps already."""

LISTED = 2_000
"""Paragraphs up to which they are listed and looked into one by one, where one loop could look for a phrase in all."""
PHRASE = (Phrase, Near)


class Leaves:
    """What meets the leaves of one query in a space, each looked at in some paragraphs only: those `within` a set.

    What is returned is right for these; of others it may have some that meet the leaf.
    """

    def __init__(self, exact: Exact, space: Space, patterns: Patterns, budget: QueryBudget) -> None:
        self.exact = exact
        self.segment = exact.segment
        self.space = space
        self.patterns = patterns
        self.budget = budget

    def met(self, leaf: Leaf, within: Array) -> Met:
        """The paragraphs that meet a leaf."""
        if not self.budget.affords(LEAF):
            return self.space.nowhere
        if isinstance(leaf, Word):
            return self._word(leaf)
        if isinstance(leaf, PHRASE):
            return self._phrase(leaf, within) if self.space.is_few else self._rare_phrase(leaf, within)
        own, found = self.patterns.fitting(leaf).met(title=leaf.title)
        return Met(self.space.among(own), self.space.among(found))

    def filtered(self, node: Filter) -> Array:
        """The paragraphs of the articles that meet a filter."""
        return self.space.among(self.segment.filtered(node))

    def _word(self, leaf: Word) -> Met:
        """Where one of the stems occurs."""
        if not self.budget.affords(self._price(leaf.stems)):
            return self.space.nowhere
        if leaf.title:
            titles = self.space.titles(leaf.stems)
            return Met(titles & self.space.among(self.segment.openings), titles)
        return self.space.stems(leaf.stems)

    def _price(self, stems: Sequence[str]) -> int:
        """The units of the bitmaps of some stems."""
        terms = [term for stem in stems if (term := self.exact.term(stem))]
        few = sum([term.frequency for term in terms if term.row < 0])
        return 2 * self.segment.blocks * len(terms) + POSTING * few

    def _rare_phrase(self, leaf: Phrase | Near, within: Array) -> Met:
        """As `_phrase`; where one of its words is rare, only the paragraphs that have it are asked."""
        stems = self.rarest(leaf)
        if self.frequency(stems) > LISTED:
            return self._phrase(leaf, within)
        everywhere, few = self.space, Few.having(self.exact.words, stems, within)
        self.space = few
        met = self._phrase(leaf, few.everything)
        self.space = everywhere
        own = few.bits(met.own)
        return same(own) if met.own is met.any else Met(own, few.bits(met.any))

    def rarest(self, leaf: Phrase | Near) -> tuple[str, ...]:
        """The stems of the rarest word of a phrase."""
        return min([slot.stems for slot in slots_of(leaf)], key=self.frequency)

    def frequency(self, stems: Sequence[str]) -> int:
        """In how many paragraphs one of some stems occurs, at most."""
        return sum([term.frequency for stem in stems if (term := self.exact.term(stem))])

    def _phrase(self, leaf: Phrase | Near, within: Array) -> Met:
        """Where the text has the phrase, or the title.

        A first paragraph owns the title; all others of its article are lent it.
        """
        filled = [self.segment.slots.filled(slot) for slot in slots_of(leaf)]
        if not all([slot.entries and slot.stems for slot in filled]):  # noqa: C419 - faster than a generator
            return self.space.nowhere
        sought = Sought(self.segment, leaf, filled)
        own = self.space.nothing if leaf.title else self._in_texts(sought, within)
        articles = self._in_titles(sought, within) if sought.titled else NOBODY
        if not len(articles):
            return same(own)
        having = np.zeros(self.segment.articles, bool)
        having[articles] = True
        lent = self.space.among(self.segment.of_articles(having))
        return Met(own | (lent & self.space.among(self.segment.openings)), own | lent)

    def _in_texts(self, sought: Sought, within: Array) -> Array:
        """The paragraphs whose text has what is sought."""
        space, dense = self.space, self.exact.dense
        price = sought.price(dense)
        slots = [slot.stems for slot in slots_of(sought.leaf)]
        terms = [term for stem in dict.fromkeys(chain.from_iterable(slots)) if (term := self.exact.term(stem))]
        if sought.quick and max([len(slot.stems) for slot in sought.filled]) == 1:
            candidates = min(*[term.frequency for term in terms], space.count(within))
            if candidates > LISTED and price * candidates <= self.budget.left(MATCHING):
                self.budget.charge(price * candidates)
                return space.among(self.exact.standing(sought, terms, space.bits(within), self.budget))
        if not self.budget.affords(self._price([*chain.from_iterable(slots)])):
            return space.nothing
        for stems in slots:
            within = within & space.stems(stems).any
        docs = space.docs(within)
        if not len(docs):
            return space.nothing
        docs = docs[: self.budget.how_many(len(docs), price)]
        found = np.zeros(self.segment.blocks, np.uint64)
        docs = sought.sifted(docs, dense, self.budget, found)
        sought.in_texts(docs, self.budget, found)
        return space.among(found)

    def _in_titles(self, sought: Sought, within: Array) -> Array:
        """The articles whose title has what is sought; of a few paragraphs, those of these."""
        articles = sought.titles
        if self.space.is_few:
            asked = np.zeros(self.segment.articles, bool)
            asked[self.segment.article_of[self.space.docs(within)]] = True
            articles = articles[asked[articles]]
        if not len(articles):
            return articles
        articles = articles[: self.budget.how_many(len(articles), sought.title_price)]
        openings = self.segment.column("article_first")[articles].astype(np.int32)
        found = np.zeros(self.segment.blocks, np.uint64)
        sought.in_titles(openings, self.budget, found)
        return np.asarray(articles[chosen(openings, found)])
