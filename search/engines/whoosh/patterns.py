"""Wildcards and misspellings over one segment: where some word fits."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import numpy as np

from search.engines.whoosh.arrays import Array
from search.engines.whoosh.deadline import Deadline
from search.engines.whoosh.expansion import expand
from search.engines.whoosh.postings import ANY, Sparse, Terms
from search.engines.whoosh.segment import Segment
from search.kernels.bits import count, list_bits
from search.kernels.choosing import divide, shortest
from search.kernels.patterns import add_chiefs, add_dense_chief, add_dense_forms, add_forms, add_stems
from search.kernels.postings import IN_TITLE, OWN, PLAIN
from search.query import Fuzzy, Wildcard

CHUNK = 1024
"""Words between two looks at the clock."""
SHARE = 0.5
"""The share of the time after which no more words are looked at, so that those found are still ranked."""
NONE, NOBODY = np.zeros(0, np.uint64), np.zeros(0, np.int32)


class Fitting:
    """The paragraphs where some word fits, as bitmaps: of their own text, and of the title.

    `lent` is where only the title is known to have one. The title's is empty unless it was asked for.
    """

    def __init__(self, segment: Segment, *, title: bool) -> None:
        self.segment = segment
        self.own = np.zeros(segment.blocks, np.uint64)
        self.lent = np.zeros(segment.blocks, np.uint64)
        self.title = np.zeros(segment.blocks, np.uint64) if title else NONE

    @property
    def bitmaps(self) -> tuple[Array, Array, Array]:
        """As the loops take them."""
        return self.own, self.lent, self.title

    @cached_property
    def any(self) -> Array:
        """Where text or title have one."""
        return np.asarray(self.own | self.lent)

    @cached_property
    def total(self) -> int:
        """In how many paragraphs, of text or title."""
        return int(count(self.any))

    @cached_property
    def postings(self) -> Sparse:
        """As the postings of a word that occurs once wherever it does."""
        docs = np.empty(self.total, np.int32)
        list_bits(self.any, docs)
        return Sparse(docs, np.full(self.total, PLAIN, np.uint8))

    def best(self, bits: Array, wanted: int) -> Array:
        """The best paragraphs of a bitmap when nothing else is scored: the shortest ones."""
        segment = self.segment
        bits = bits & self.any
        docs = np.empty(wanted, np.int32)
        n = shortest(bits, count(bits), segment.column("lengths"), segment.by_length, docs)
        return np.asarray(docs[:n])


class Patterns:
    """What the patterns of one query are met by in a segment; each is worked out once."""

    def __init__(self, segment: Segment, terms: Terms, deadline: Deadline) -> None:
        self.segment = segment
        self.terms = terms
        self.deadline = deadline
        self.known: dict[Wildcard | Fuzzy, Fitting] = {}

    def fitting(self, leaf: Wildcard | Fuzzy) -> Fitting:
        """Where words fit a pattern."""
        if leaf not in self.known:
            self.known[leaf] = self._fitting(leaf)
        return self.known[leaf]

    def _fitting(self, leaf: Wildcard | Fuzzy) -> Fitting:
        segment, found = self.segment, Fitting(self.segment, title=leaf.title)
        entries = expand(segment, leaf, self.deadline)
        known = segment.forms.roles
        whole, chiefs, lesser = (np.empty(len(entries), np.int32) for _ in range(3))
        tally = np.zeros(len(known.chief), np.int32)
        sizes = divide(
            entries, known.via, known.stemmed, known.listed, segment.forms.words_of_stem, tally, whole, chiefs, lesser
        )
        whole, chiefs, lesser = (array[:size] for array, size in zip((whole, chiefs, lesser), sizes, strict=True))
        self._add_whole(found, whole)
        self._add_chiefs(found, chiefs)
        self._add_lesser(found, lesser)
        return found

    def _add_whole(self, found: Fitting, stems: Array) -> None:
        """Stems all of whose words fit."""
        for number in self._frequent(stems):
            add_dense_chief(NOBODY, *self._bitmaps(found, number), *self.segment.forms.lists, *found.bitmaps)
        for chunk in self._chunks(self._seldom(stems)):
            most = int(self.segment.frequencies[chunk].max())
            add_stems(chunk, most, *self._postings(chunk), *found.bitmaps)

    def _add_chiefs(self, found: Fitting, stems: Array) -> None:
        """Stems of whose words the most frequent fits, and not all others."""
        segment, lists = self.segment, self.segment.forms.lists
        first, lesser = segment.forms.lesser_of_stem
        for number in self._frequent(stems):
            others = lesser[first[number] : first[number + 1]]
            add_dense_chief(others, *self._bitmaps(found, number), *lists, *found.bitmaps)
        for chunk in self._chunks(self._seldom(stems)):
            most = int(segment.frequencies[chunk].max())
            add_chiefs(chunk, most, *self._postings(chunk), *lists, first, lesser, *found.bitmaps)

    def _add_lesser(self, found: Fitting, entries: Array) -> None:
        """Other words."""
        segment, lists = self.segment, self.segment.forms.lists
        entries = entries[np.argsort(segment.forms.roles.via[entries], kind="stable")]
        via = segment.forms.roles.via[entries]
        frequent = self.terms.dense_stems[via]
        for number in np.unique(via[frequent]).tolist():
            if self.deadline.passed(SHARE):
                break
            some = entries[via == number]
            add_dense_forms(some, self.terms.bitmap(number, ANY), *lists, *found.bitmaps)
        for chunk in self._chunks(entries[~frequent]):
            stems = segment.forms.roles.via[chunk]
            most = int(segment.frequencies[stems].max())
            add_forms(chunk, stems, most, *self._postings(stems), *lists, *found.bitmaps)

    def _frequent(self, stems: Array) -> list[int]:
        """Those of the stems that have tables; what time does not allow is left out."""
        found: list[int] = []
        for number in stems[self.terms.dense_stems[stems]].tolist():
            if self.deadline.passed(SHARE):
                break
            found.append(number)
        return found

    def _seldom(self, stems: Array) -> Array:
        return stems[~self.terms.dense_stems[stems]]

    def _chunks(self, numbers: Array) -> Iterator[Array]:
        """Some of them at a time; what time does not allow is left out."""
        for low in range(0, len(numbers), CHUNK):
            if self.deadline.passed(SHARE):
                break
            yield numbers[low : low + CHUNK]

    def _bitmaps(self, found: Fitting, number: int) -> tuple[Array, Array, Array]:
        """Where a frequent stem occurs: anywhere, in texts of their own, in titles if that is asked for."""
        bitmap = self.terms.bitmap
        return bitmap(number, ANY), bitmap(number, OWN), bitmap(number, IN_TITLE) if len(found.title) else NONE

    def _postings(self, stems: Array) -> tuple[Array, Array]:
        """All postings, those of these stems checked."""
        at = self.segment.column("postings_at")
        if len(stems):
            self.segment.file.check_each("postings", at[stems], at[stems + 1])
        return self.segment.file.unchecked("postings"), at
