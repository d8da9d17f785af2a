"""The leaves of a query tree over one segment: which paragraphs meet a word, a phrase, a pattern, a filter."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

from search.engines.whoosh.arrays import Array
from search.engines.whoosh.deadline import Deadline
from search.engines.whoosh.patterns import Patterns
from search.engines.whoosh.postings import ANY, Terms
from search.engines.whoosh.segment import Segment
from search.kernels.bits import count, list_bits, set_groups
from search.kernels.phrases import adjacent, near
from search.kernels.postings import IN_TITLE, OWN
from search.kernels.streams import RARE
from search.query import Dated, Lang, Leaf, Near, Phrase, Slot, Source, Word

Filter: TypeAlias = Source | Lang | Dated
CHUNK = 1 << 14
"""Candidates that are verified between two looks at the clock."""


class Leaves:
    """What the leaves of one query are met by. Each is worked out once."""

    def __init__(self, segment: Segment, terms: Terms, deadline: Deadline) -> None:
        self.segment = segment
        self.terms = terms
        self.deadline = deadline
        self.known: dict[object, tuple[Array, Array]] = {}
        self.partial: set[Leaf] = set()
        self.patterns = Patterns(segment, terms, deadline)

    def own(self, leaf: Leaf) -> Array:
        """Where the paragraph's own text meets a leaf; the title is paragraph 1's own."""
        return self._met(leaf)[0]

    def any(self, leaf: Leaf) -> Array:
        """Where text or title meet it."""
        return self._met(leaf)[1]

    def _met(self, leaf: Leaf) -> tuple[Array, Array]:
        if leaf not in self.known:
            before = self.deadline.cuts
            self.known[leaf] = self._read(leaf)
            if self.deadline.cuts > before:
                self.partial.add(leaf)
        elif leaf in self.partial:
            self.deadline.cuts += 1
        return self.known[leaf]

    def _read(self, leaf: Leaf) -> tuple[Array, Array]:
        match leaf:
            case Word():
                return self._word(leaf.stems, title=leaf.title)
            case Phrase():
                return self._phrase(leaf.slots, leaf)
            case Near():
                return self._phrase((*leaf.left.slots, *leaf.right.slots), leaf)
            case _:
                found = self.patterns.fitting(leaf)
                return (found.title & self.segment.openings, found.title) if leaf.title else (found.own, found.any)

    def _word(self, stems: tuple[str, ...], *, title: bool) -> tuple[Array, Array]:
        """Where one of the stems occurs."""
        numbers = [number for stem in stems if (number := self.terms.number(stem)) >= 0]
        if title:
            any_ = self._union(numbers, IN_TITLE)
            return any_ & self.segment.openings, any_
        return self._union(numbers, OWN), self._union(numbers, ANY)

    def _union(self, numbers: list[int], flag: int) -> Array:
        if len(numbers) == 1:
            return self.terms.bitmap(numbers[0], flag)
        found = np.zeros(self.segment.blocks, np.uint64)
        for number in numbers:
            found |= self.terms.bitmap(number, flag)
        return found

    def _phrase(self, slots: tuple[Slot, ...], leaf: Phrase | Near) -> tuple[Array, Array]:
        """Where the text has the phrase, or the title: the candidates have all words, their streams tell."""
        candidates = self.segment.everything
        for slot in slots:
            candidates = candidates & self._word(slot.stems, title=False)[1]
        filled = [self._entries(slot) for slot in slots]
        own = np.zeros(self.segment.blocks, np.uint64)
        any_ = own.copy()
        if any(len(entries) == 0 for entries in filled):
            return own, any_
        if not leaf.title:
            docs = self._listed(candidates)
            own |= self.segment.bitmap(docs[self._verified(docs, "texts", slots, filled, leaf)])
            any_ |= own
        first = self._listed(candidates & self.segment.openings)
        articles = self.segment.article_of[first]
        chosen = np.zeros(self.segment.articles, bool)
        chosen[articles[self._verified(articles, "titles", slots, filled, leaf)]] = True
        if chosen.any():
            lent = np.zeros(self.segment.blocks, np.uint64)
            set_groups(self.segment.column("article_first"), chosen, lent)
            own |= lent & self.segment.openings
            any_ |= lent
        return own, any_

    def _entries(self, slot: Slot) -> Array:
        """The entries that fill a slot, ascending."""
        if slot.stemmed:
            numbers = [number for term in slot.terms if (number := self.terms.number(term)) >= 0]
            found = [self.segment.entries_of_stem(number) for number in numbers]
        else:
            found = [self.segment.entries_of_word(term) for term in slot.terms]
        entries = np.unique(np.concatenate(found)) if found else np.zeros(0, np.int32)
        widths = self.segment.widths[entries]
        return np.asarray(entries[np.maximum(widths, 1) == slot.width], np.int32)

    def _listed(self, bits: Array) -> Array:
        docs = np.empty(count(bits), np.int32)
        list_bits(bits, docs)
        return docs

    def _verified(
        self, docs: Array, name: str, slots: tuple[Slot, ...], filled: list[Array], leaf: Phrase | Near
    ) -> Array:
        """In which of these texts, or titles, the phrase stands; those that time did not allow count as none."""
        segment, plain = self.segment, self.segment.plain
        units, first = segment.stream(name)
        slot_first = np.concatenate([[0], np.cumsum([len(entries) for entries in filled])]).astype(np.int32)
        entries = np.concatenate(filled)
        widths = np.array([slot.width for slot in slots], np.int32)
        found = np.zeros(len(docs), bool)
        if isinstance(leaf, Phrase):
            split, slop, right, distance = len(slots), leaf.slop, 0, 0
        else:
            split, slop, right, distance = len(leaf.left.slots), leaf.left.slop, leaf.right.slop, leaf.distance
        opening = segment.first_units(filled[0])
        only = int(filled[0][0]) if len(filled[0]) == 1 and filled[0][0] < min(RARE, plain) else -1
        any_unit = segment.first_units(entries)
        for low in range(0, len(docs), CHUNK):
            if self.deadline.passed():
                break
            chunk = slice(low, low + CHUNK)
            if isinstance(leaf, Phrase) and slop == 1:
                adjacent(docs[chunk], units, first, plain, slot_first, entries, widths, opening, only, found[chunk])
            else:
                near(
                    docs[chunk], units, first, plain, slot_first, entries, widths, any_unit,
                    split, slop, right, distance, found[chunk],
                )  # fmt: skip
        return found

    def filtered(self, node: Filter) -> Array:
        """The paragraphs of the articles that meet a filter."""
        if node not in self.known:
            bits = np.zeros(self.segment.blocks, np.uint64)
            set_groups(self.segment.column("article_first"), self._chosen(node), bits)
            self.known[node] = (bits, bits)
        return self.known[node][0]

    def _chosen(self, node: Filter) -> Array:
        segment = self.segment
        if isinstance(node, Source):
            return np.asarray(segment.column("source") == _index(segment.names("source"), node.name))
        if isinstance(node, Lang):
            return np.asarray(segment.column("lang") == _index(segment.names("lang"), node.code))
        start, end = segment.column("date_start"), segment.column("date_end")
        chosen = segment.dated.copy()
        for bound, holds in (
            (node.ends_after, end.__gt__),
            (node.starts_before, start.__lt__),
            (node.ends_by, end.__le__),
            (node.starts_from, start.__ge__),
        ):
            if bound is not None:
                chosen &= holds(bound)
        return chosen


def _index(names: list[str], name: str) -> int:
    return names.index(name) if name in names else -1
