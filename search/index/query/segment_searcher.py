"""A segment of a generation as queries take it: its terms looked up, its arrays grouped for the loops."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np

from search.index.segment.phrase_slots import PhraseSlots
from search.index.segment.segment_view import CollectionStatistics, SegmentView
from search.kernels.jit.argument_types import read_only
from search.kernels.phrase.candidates import PhraseScratch
from search.kernels.topk.structs import ArticleColumns, QueryTerms, Scoring, Scratch
from search.ranking import idf

KNOWN_TERMS = 1 << 14
"""Stems of a generation whose postings' places are kept."""


class TermPostings(NamedTuple):
    """Where the postings of a stem are, and how many there are."""

    row: int
    """The dense row, or -1 for a sparse term."""
    low: int
    """The first byte among those of all postings."""
    high: int
    """The byte after the last one."""
    frequency: int
    """In how many paragraphs the stem occurs, in text or title; deleted ones count until a merge."""
    number: int
    """The term id."""


class SegmentSearcher:
    """A segment of a generation, ready for queries. Threads share it.

    `tables`, `scoring` and `articles` are what the loops take; `blob` are the bytes of all postings, and what is read
    of them has to be checked first, which `term` does.
    """

    def __init__(self, number: int, view: SegmentView, statistics: CollectionStatistics) -> None:
        segment, dense, slots = view.segment, view.dense, view.segment.derived(PhraseSlots)
        self.number = number
        """Its place among the segments of the generation."""
        self.view = view
        self.segment = segment
        self.dense = dense
        self.tuning = dense.tuning
        self.tables = dense.tables
        self.nextword = dense.nextword.tables
        bound_scale = max(1.0, statistics.average / dense.average)
        self.scoring = Scoring(read_only(statistics.impacts), read_only(segment.column("lengths")), bound_scale)
        columns = segment.ends, segment.article_of, segment.column("article_first")
        self.articles = ArticleColumns(*map(read_only, columns))
        self.blob = segment.file.unchecked("postings")
        self.slots, self.texts, self.titles = slots, slots.texts, slots.titles
        self.nothing = np.zeros(segment.blocks, np.uint64)
        """A bitmap without a bit, that is not to be written to."""
        self._terms: dict[str, TermPostings | None] = {}

    def term(self, stem: str) -> TermPostings | None:
        """Return where a stem's postings are, checked, or its tables, filled; None when it does not occur."""
        try:
            return self._terms[stem]
        except KeyError:
            if len(self._terms) >= KNOWN_TERMS:
                self._terms = {}
            term = self._terms[stem] = self._look_up(stem)
            return term

    def _look_up(self, stem: str) -> TermPostings | None:
        number = self.segment.strings("stem").find(stem)
        if number < 0:
            return None
        row = self.dense.row_of.get(number, -1)
        at = self.segment.column("postings_at")
        low, high = int(at[number]), int(at[number + 1])
        if row >= 0:
            self.dense.fill(row)
        else:
            self.segment.file.check("postings", low, high)
        return TermPostings(row, low, high, int(self.segment.frequencies[number]), number)


class TermStates(NamedTuple):
    """A stem over all segments of a generation."""

    idf: float
    """0 where no segment has it."""
    postings: tuple[TermPostings | None, ...]
    """Of each segment, None where it does not occur."""


class Generation:
    """The segments of a generation, ready for queries. Threads share it."""

    def __init__(self, views: Sequence[SegmentView], statistics: CollectionStatistics) -> None:
        self.statistics = statistics
        self.segments = [SegmentSearcher(number, view, statistics) for number, view in enumerate(views)]
        self._states: dict[str, TermStates] = {}

    def term_states(self, stem: str) -> TermStates:
        """Return the idf of a stem, and its postings in each segment."""
        try:
            return self._states[stem]
        except KeyError:
            if len(self._states) >= KNOWN_TERMS:
                self._states = {}
            postings = tuple(segment.term(stem) for segment in self.segments)
            frequency = sum(term.frequency for term in postings if term)
            weight = idf(self.statistics.paragraphs, frequency) if frequency else 0.0
            states = self._states[stem] = TermStates(weight, postings)
            return states


class ThreadArrays(threading.local):
    """Arrays of a thread that loops write to: allocated once, and again for a larger segment or query."""

    n_blocks = -1
    n_postings = -1

    def sized(self, n_blocks: int, n_postings: int) -> ThreadArrays:
        """Return the arrays of this thread, for a segment of so many blocks, and for so many sparse postings."""
        if n_blocks != self.n_blocks or n_postings > self.n_postings:
            self._allocate(n_blocks, max(2 * n_postings if n_postings > self.n_postings else 0, self.n_postings, 0))
        return self

    def _allocate(self, n_blocks: int, n_postings: int) -> None:
        self.n_blocks, self.n_postings = n_blocks, n_postings
        self.matching = np.empty(n_blocks, np.uint64)
        self.zeros = np.zeros(n_blocks, np.uint64)
        """A bitmap that is zero again after each use."""
        self.proofs = np.empty(n_postings, np.int8)
        self.candidates = np.zeros(n_blocks, np.uint64)
        once, twice, spare = np.empty((3, n_blocks), np.uint64)
        docs, flags = np.empty(n_postings, np.int32), np.empty(n_postings, np.uint8)
        ranks, bounds = np.empty(n_blocks, np.int32), np.empty(n_blocks, np.float32)
        self.scratch = Scratch(docs, flags, once, twice, spare, ranks, bounds)

    def phrase(self, n_found: int) -> PhraseScratch:
        """Return what the loops of phrases write to, with room for so many documents."""
        proved, found = np.empty(n_found, np.int8), np.empty(n_found, np.int32)
        return PhraseScratch(self.candidates, self.scratch.docs, self.scratch.flags, self.proofs, proved, found)


THREAD_ARRAYS = ThreadArrays()


def query_terms(weighted: Sequence[tuple[TermPostings, float]]) -> tuple[QueryTerms, int]:
    """Return terms with their idfs as the loops take them, and how many postings the sparse ones have."""
    weighted = sorted(weighted, key=is_dense)  # stable
    postings = [term.frequency for term, _ in weighted if term.row < 0]
    places = np.array([*chain.from_iterable([term for term, _ in weighted])], np.int64)  # faster than of tuples
    places = places.reshape(len(weighted), len(TermPostings._fields))
    weights = np.array([weight for _, weight in weighted], np.float64)
    places.flags.writeable = weights.flags.writeable = False
    return QueryTerms(places, weights, len(postings)), sum(postings)


def is_dense(weighted: tuple[TermPostings, float]) -> bool:
    """Tell whether a term has tables."""
    return weighted[0].row >= 0
