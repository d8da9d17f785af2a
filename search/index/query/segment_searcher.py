"""A segment of a generation, ready for queries: its terms looked up, its arrays grouped for the compiled loops."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import lru_cache, partial
from itertools import chain
from typing import NamedTuple

import numpy as np

from search.engine import TermFrequency
from search.index.segment.copy_groups import CopyGroups
from search.index.segment.phrase_slots import PhraseSlots
from search.index.segment.posting_lists import DenseTerms
from search.index.segment.segment_reader import SegmentReader
from search.index.segment.segment_view import CollectionStatistics, SegmentView
from search.kernels.jit.argument_types import read_only
from search.kernels.phrase.candidates import PhraseScratch
from search.kernels.topk.structs import ArticleColumns, QueryTerms, Scoring, Scratch
from search.ranking import term_weight

MAX_CACHED_TERMS = 1 << 14
"""Maximum number of stems whose postings' places a segment, or a generation, caches."""
MAX_SIZES = 16
"""Maximum number of sizes of segments for which a thread keeps arrays; more segments are rare, and soon merged."""


class TermPostings(NamedTuple):
    """The place of a term's postings in a segment."""

    row: int
    """The dense row, or -1 for a sparse term."""
    low: int
    """Index in the column `postings` of the first byte of the term's postings."""
    high: int
    """Index in the column `postings` of the byte after the term's postings."""
    doc_freq: int
    """In how many docs the term occurs, in text or title; deleted ones count until a merge."""
    term_id: int


class SegmentSearcher:
    """A segment of a generation, ready for queries. Threads share it."""

    def __init__(self, number: int, view: SegmentView, statistics: CollectionStatistics) -> None:
        segment, dense, slots = view.segment, view.dense, view.segment.derived(PhraseSlots)
        self.number = number
        """The index of the segment among the segments of the generation."""
        self.view = view
        self.segment = segment
        self.dense = dense
        self.tuning = dense.tuning
        self.tables = dense.tables
        self.nextword = dense.nextword.tables
        bound_scale = max(1.0, statistics.average_length / dense.average_length)
        self.scoring = Scoring(read_only(statistics.impacts), read_only(segment.column("lengths")), bound_scale)
        columns = segment.last_docs, segment.article_of, segment.column("article_first")
        self.articles = ArticleColumns(*map(read_only, columns))
        self.postings = segment.file.unchecked("postings")
        """`(n_bytes,) uint8`: all postings. Their checksums are verified term by term, by `term`, before they are read.
        """
        self.slots, self.texts, self.titles = slots, slots.texts, slots.titles
        self.no_docs = np.zeros(segment.n_blocks, np.uint64)
        """`(n_blocks,) uint64`: a bitmap with no bit set; do not write to it."""
        self.term = lru_cache(MAX_CACHED_TERMS)(partial(_find_term, segment, dense))
        """Returns where the postings of a stem are: see `_find_term`."""


def _find_term(segment: SegmentReader, dense: DenseTerms, stem: str) -> TermPostings | None:
    """Return where the postings of a stem are; None if the segment does not have it.

    Verifies the postings' checksums, or fills the tables of a dense term. Raises IndexDamaged.
    """
    term_id = segment.strings("stem").find(stem)
    if term_id < 0:
        return None
    row = dense.row_of.get(term_id, -1)
    at = segment.column("postings_at")
    low, high = int(at[term_id]), int(at[term_id + 1])
    if row >= 0:
        dense.fill(row)
    else:
        segment.file.check("postings", low, high)
    return TermPostings(row, low, high, int(segment.doc_freqs[term_id]), term_id)


class TermStates(NamedTuple):
    """A stem over all segments of a generation."""

    weight: float
    """The term's weight in the generation (`search.ranking.term_weight`); 0 if no segment has the stem."""
    frequency: TermFrequency
    """In how many paragraphs of the generation the stem occurs, and how often."""
    postings: tuple[TermPostings | None, ...]
    """The place of the postings in each segment, None if it does not have the stem."""


class Generation:
    """The segments of a generation, ready for queries. Threads share it."""

    def __init__(self, views: Sequence[SegmentView], statistics: CollectionStatistics, copies: CopyGroups) -> None:
        self.statistics = statistics
        self.copies = copies
        self.segments = [SegmentSearcher(number, view, statistics) for number, view in enumerate(views)]
        self.term_states = lru_cache(MAX_CACHED_TERMS)(partial(_term_states, self.segments, statistics.paragraphs))
        """Returns the weight of a stem, and where its postings are in each segment."""


def _term_states(segments: Sequence[SegmentSearcher], n_paragraphs: int, stem: str) -> TermStates:
    postings = tuple([segment.term(stem) for segment in segments])
    found = [(segment.segment, term) for segment, term in zip(segments, postings, strict=True) if term]
    occurrences = sum(int(segment.collection_freqs[term.term_id]) for segment, term in found)
    frequency = TermFrequency(sum(term.doc_freq for _, term in found), occurrences)
    return TermStates(term_weight(n_paragraphs, *frequency) if found else 0.0, frequency, postings)


class SegmentArrays:
    """Arrays that loops over a segment of `n_blocks` write to, with room for `n_postings` of sparse terms."""

    def __init__(self, n_blocks: int, n_postings: int) -> None:
        self.n_postings = n_postings
        self.matching = np.empty(n_blocks, np.uint64)
        self.zeros = np.zeros(n_blocks, np.uint64)
        """`(n_blocks,) uint64`: a bitmap with no bit set; a loop that sets bits in it clears them again."""
        self.proofs = np.empty(n_postings, np.int8)
        self.candidates = np.zeros(n_blocks, np.uint64)
        once, twice, spare = np.empty((3, n_blocks), np.uint64)
        docs, flags = np.empty(n_postings, np.int32), np.empty(n_postings, np.uint8)
        ranks, bounds = np.empty(n_blocks, np.int32), np.empty(n_blocks, np.float32)
        self.scratch = Scratch(docs, flags, once, twice, spare, ranks, bounds)

    def phrase(self, n_found: int) -> PhraseScratch:
        """Return the arrays that loops over phrases write to, with room for `n_found` candidates."""
        proved, found = np.empty(n_found, np.int8), np.empty(n_found, np.int32)
        return PhraseScratch(self.candidates, self.scratch.docs, self.scratch.flags, self.proofs, proved, found)


class ThreadArrays(threading.local):
    """The arrays of a thread, for each size of segment: a query goes over all segments, and so does the next one."""

    def __init__(self) -> None:
        self._by_size: dict[int, SegmentArrays] = {}

    def sized(self, n_blocks: int, n_postings: int) -> SegmentArrays:
        """Return arrays for a segment of `n_blocks`, with room for at least `n_postings` of sparse terms.

        They are allocated anew only for another size, or for more postings than there is room for.
        """
        arrays = self._by_size.get(n_blocks)
        if arrays is None or n_postings > arrays.n_postings:
            if len(self._by_size) >= MAX_SIZES:
                self._by_size.clear()
            arrays = self._by_size[n_blocks] = SegmentArrays(n_blocks, 2 * n_postings)
        return arrays


THREAD_ARRAYS = ThreadArrays()


def query_terms(weighted: Sequence[tuple[TermPostings, float]]) -> tuple[QueryTerms, int]:
    """Return terms with weights as loops take them, sparse ones first, and the sum of the sparse ones' doc_freqs."""
    if len(weighted) > 1:
        weighted = sorted(weighted, key=is_dense)
    postings = [term.doc_freq for term, _ in weighted if term.row < 0]
    places = np.array(
        [*chain.from_iterable([term for term, _ in weighted])], np.int64
    )  # a flat list is converted faster than tuples
    weights = np.array([weight for _, weight in weighted], np.float64)
    return QueryTerms(places.reshape(-1, len(TermPostings._fields)), weights, len(postings)), sum(postings)


def is_dense(weighted: tuple[TermPostings, float]) -> bool:
    """Tell whether a term, given with its weight, is dense."""
    return weighted[0].row >= 0
