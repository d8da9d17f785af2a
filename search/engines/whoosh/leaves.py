"""The leaves of a query tree over one segment: which paragraphs meet a word, a phrase, a pattern, a filter."""

from __future__ import annotations

import numpy as np

from search.engines.whoosh.arrays import Array
from search.engines.whoosh.deadline import Deadline
from search.engines.whoosh.expansion import expand
from search.engines.whoosh.filters import Filter
from search.engines.whoosh.postings import ANY, Sparse, Terms
from search.engines.whoosh.segment import Segment
from search.engines.whoosh.sought import Sought
from search.kernels.bits import count, list_bits
from search.kernels.phrases import occurrences
from search.kernels.postings import IN_TITLE, OWN, accumulate
from search.query import Fuzzy, Leaf, Near, Phrase, Slot, Wildcard, Word
from search.ranking import MAX_FREQUENCY

CHUNK = 1 << 14
"""Candidates that are verified between two looks at the clock."""
PATTERN_SHARE = 0.5
"""The share of the time after which no more words of a pattern are looked at, so that those found are still ranked."""


class Leaves:
    """What the leaves of one query are met by. Each is worked out once."""

    def __init__(self, segment: Segment, terms: Terms, deadline: Deadline) -> None:
        self.segment = segment
        self.terms = terms
        self.deadline = deadline
        self.known: dict[object, tuple[Array, Array]] = {}
        self.partial: set[Leaf] = set()
        self.patterns: dict[Wildcard | Fuzzy, Sparse] = {}

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
                postings = self.pattern(leaf)
                bits = [self._where(postings, flag) for flag in (OWN, ANY, IN_TITLE)]
                return (bits[2] & self.segment.openings, bits[2]) if leaf.title else (bits[0], bits[1])

    def _where(self, postings: Sparse, flag: int) -> Array:
        return self.segment.bitmap(postings.docs[(postings.payloads & flag) != 0])

    def _word(self, stems: tuple[str, ...], *, title: bool) -> tuple[Array, Array]:
        """Where one of the stems occurs."""
        numbers = self._numbers(stems)
        if title:
            any_ = self._union(numbers, IN_TITLE)
            return any_ & self.segment.openings, any_
        return self._union(numbers, OWN), self._union(numbers, ANY)

    def _numbers(self, stems: tuple[str, ...]) -> list[int]:
        return [number for stem in stems if (number := self.terms.number(stem)) >= 0]

    def _union(self, numbers: list[int], flag: int) -> Array:
        if len(numbers) == 1:
            return self.terms.bitmap(numbers[0], flag)
        found = np.zeros(self.segment.blocks, np.uint64)
        for number in numbers:
            found |= self.terms.bitmap(number, flag)
        return found

    def _phrase(self, slots: tuple[Slot, ...], leaf: Phrase | Near) -> tuple[Array, Array]:
        """Where the text has the phrase, or the title: the candidates have all words, their streams tell.

        A first paragraph owns the title, so it is a candidate for both.
        """
        nothing = np.zeros(self.segment.blocks, np.uint64)
        sought = Sought.of(self.segment, self.terms, slots, leaf)
        if sought is None:
            return nothing, nothing
        candidates = self._union(self._numbers(slots[0].stems), OWN)
        for slot in slots[1:]:
            candidates = candidates & self._union(self._numbers(slot.stems), OWN)
        own = nothing if leaf.title else sought.in_texts(candidates, self.deadline)
        lent = sought.in_titles(candidates, self.deadline)
        if lent is None:
            return own, own
        return own | (lent & self.segment.openings), own | lent

    def _listed(self, bits: Array) -> Array:
        docs = np.empty(count(bits), np.int32)
        list_bits(bits, docs)
        return docs

    def pattern(self, leaf: Wildcard | Fuzzy) -> Sparse:
        """The paragraphs where words fit a pattern, and how many do: as the postings of one word."""
        if leaf not in self.patterns:
            self.patterns[leaf] = self._pattern(leaf)
        return self.patterns[leaf]

    def _pattern(self, leaf: Wildcard | Fuzzy) -> Sparse:
        segment = self.segment
        entries = expand(segment, leaf, self.deadline)
        wanted = np.zeros(segment.entries, np.uint8)
        wanted[entries] = 1
        frequencies, flags = np.zeros(segment.paragraphs, np.int32), np.zeros(segment.paragraphs, np.uint8)
        covered = self._covered(entries, wanted)
        for number in covered:
            if self.deadline.passed(PATTERN_SHARE):
                break
            accumulate(*self.terms.postings(number), frequencies, flags)
        self._count_rest(entries[wanted[entries] > 0], wanted, frequencies, flags)
        docs = np.flatnonzero(frequencies).astype(np.int32)
        payloads = np.minimum(frequencies[docs], MAX_FREQUENCY) | flags[docs]
        return Sparse(docs, payloads.astype(np.uint8))

    def _covered(self, entries: Array, wanted: Array) -> list[int]:
        """The stems all of whose words are wanted: their postings tell all. Those words need no counting any more."""
        segment = self.segment
        plain = entries[entries < segment.plain]
        single = plain[segment.stem_counts[plain] == 1]
        stems, words = np.unique(segment.via[single], return_counts=True)
        covered = stems[words == segment.words_of_stem[stems]]
        wanted[single[np.isin(segment.via[single], covered)]] = 0
        return [int(stem) for stem in covered]

    def _count_rest(self, entries: Array, wanted: Array, frequencies: Array, flags: Array) -> None:
        """Count the words of stems that have other words too, and compounds, in the streams of their paragraphs."""
        segment = self.segment
        candidates = np.zeros(segment.blocks, np.uint64)
        for number in np.unique(segment.via[entries]).tolist():
            if self.deadline.passed(PATTERN_SHARE):
                break
            candidates |= self.terms.bitmap(number, ANY)
        docs = self._listed(candidates)
        articles = segment.article_of[docs]
        in_titles = np.zeros(segment.articles, np.int32)
        of_docs = np.unique(articles).astype(np.int32)
        in_titles[of_docs] = self._counted("titles", of_docs, wanted)
        in_text, in_title = self._counted("texts", docs, wanted), in_titles[articles]
        opening = segment.column("article_first")[articles] == docs
        frequencies[docs] += in_text + in_title
        flags[docs] |= (((in_text > 0) | (opening & (in_title > 0))) * OWN | (in_title > 0) * IN_TITLE).astype(np.uint8)

    def _counted(self, name: str, docs: Array, wanted: Array) -> Array:
        """How many tokens of each text are wanted."""
        units, first = self.segment.stream(name)
        counts = np.zeros(len(docs), np.int32)
        for low in range(0, len(docs), CHUNK):
            if self.deadline.passed():
                break
            occurrences(docs[low : low + CHUNK], units, first, self.segment.plain, wanted, counts[low : low + CHUNK])
        return counts

    def filtered(self, node: Filter) -> Array:
        """The paragraphs of the articles that meet a filter."""
        return self.segment.filtered(node)
