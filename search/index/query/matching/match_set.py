"""Sets of docs that a query is evaluated on: bitmaps of all docs of a segment, or truth values for a list of docs.

A list is used where a part of the query is rare. Sets of either kind are arrays, joined by `&`, `|` and `~`, so that an
evaluator need not know which kind it has.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from search.index.query.segment_searcher import THREAD_ARRAYS, SegmentSearcher, TermPostings
from search.index.segment.posting_lists import decode_postings
from search.index.storage.column_file import Array
from search.kernels.core.bitmap import count, list_bits, set_bits, set_where
from search.kernels.core.postings_codec import IN_TITLE, MATCHES_ITSELF, decode_to_bitmap
from search.kernels.topk.membership import among_bits, among_dense, among_postings


class NodeMatches(NamedTuple):
    """Two sets of docs that match a node of a query. They may be one array, and are not to be written to."""

    matches_itself: Array
    """The docs that match by their own text; the first doc of an article by the title, too."""
    any: Array
    """The docs that match by their text or by the title of their article."""


def without_title_only(docs: Array) -> NodeMatches:
    """Return matches none of which is by the title alone."""
    return NodeMatches(docs, docs)


def union_matches(parts: Iterable[NodeMatches]) -> NodeMatches | None:
    """Return the docs that match at least one of several nodes; None if there are no nodes."""
    union: NodeMatches | None = None
    for part in parts:
        if union is None:
            union = part
        elif union.matches_itself is union.any and part.matches_itself is part.any:
            union = without_title_only(union.any | part.any)
        else:
            union = NodeMatches(union.matches_itself | part.matches_itself, union.any | part.any)
    return union


def bitmap_docs(bits: Array) -> Array:
    """Return the docs whose bits are set in a `(n_blocks,) uint64` bitmap, int32, ascending."""
    docs = np.empty(count(bits) + 1, np.int32)
    return docs[: list_bits(bits, docs)]


def lookup_bits(docs: Array, bits: Array) -> Array:
    """Return `(len(docs),) bool`: whether the bit of each doc is set in a `(n_blocks,) uint64` bitmap."""
    values = np.empty(len(docs), bool)
    among_bits(bits, docs, values)
    return values


class AllDocs:
    """All docs of a segment. Its sets are `(n_blocks,) uint64` bitmaps."""

    is_list = False

    def __init__(self, searcher: SegmentSearcher) -> None:
        self.searcher = searcher
        self.segment = searcher.segment
        self.cache: dict[str, NodeMatches] = {}
        """The matches of each stem."""
        self.size = self.segment.paragraphs
        self.all_docs = self.segment.all_docs
        self.no_docs = searcher.no_docs
        self.no_matches = without_title_only(self.no_docs)

    def count(self, subset: Array) -> int:
        """Return how many docs a set has."""
        return int(count(subset))

    def docs(self, subset: Array) -> Array:
        """Return the docs of a set, int32, ascending."""
        return bitmap_docs(subset)

    def from_bitmap(self, bits: Array) -> Array:
        """Return the set of the docs whose bits are set in a `(n_blocks,) uint64` bitmap."""
        return bits

    def to_bitmap(self, subset: Array) -> Array:
        """Return the `(n_blocks,) uint64` bitmap of a set."""
        return subset

    def select(self, subset: Array, others: Array) -> Array:
        """Return a truth value for each doc of the set `others`: whether it is in `subset`."""
        return lookup_bits(bitmap_docs(others), subset)

    def term(self, stem: str) -> NodeMatches:
        """Return the docs that have a stem; each stem is looked up once."""
        if stem not in self.cache:
            term = self.searcher.term(stem)
            self.cache[stem] = self._read(term) if term else self.no_matches
        return self.cache[stem]

    def any_term(self, stems: Iterable[str]) -> NodeMatches:
        """Return the docs that have at least one of several stems."""
        return union_matches([self.term(stem) for stem in stems]) or self.no_matches

    def title_matches(self, stems: Iterable[str]) -> Array:
        """Return the set of all docs of the articles whose title has at least one of several stems."""
        bits = np.zeros(self.segment.n_blocks, np.uint64)
        for term in filter(None, map(self.searcher.term, stems)):
            postings = decode_postings(self.segment, term.term_id)
            set_where(postings.docs, postings.payloads, IN_TITLE, bits)
        return self.from_bitmap(bits)

    def _read(self, term: TermPostings) -> NodeMatches:
        segment, dense = self.segment, self.searcher.dense
        if term.row >= 0:
            bits = np.asarray(dense.tables.bits[term.row])
            title_only = dense.tables.title_only_counts[term.row]
            return NodeMatches(dense.matches_itself(term.row), bits) if title_only else without_title_only(bits)
        scratch = THREAD_ARRAYS.sized(segment.n_blocks, term.doc_freq).scratch
        bits = np.zeros(segment.n_blocks, np.uint64)
        if not decode_to_bitmap(self.searcher.postings, term.low, term.high, scratch.docs, scratch.flags, bits):
            return without_title_only(bits)
        matches_itself = np.zeros(segment.n_blocks, np.uint64)
        set_where(scratch.docs[: term.doc_freq], scratch.flags[: term.doc_freq], MATCHES_ITSELF, matches_itself)
        return NodeMatches(matches_itself, bits)


class SomeDocs(AllDocs):
    """Some docs of a segment, `(n,) int32`, ascending. Its sets are `(n,) bool`, a truth value for each."""

    is_list = True

    def __init__(self, searcher: SegmentSearcher, docs: Array) -> None:
        super().__init__(searcher)
        self.listed_docs = docs
        self.size = len(docs)
        self.all_docs = np.ones(len(docs), bool)
        self.no_docs = np.zeros(len(docs), bool)
        self.no_matches = without_title_only(self.no_docs)

    @classmethod
    def with_terms(cls, searcher: SegmentSearcher, stems: Sequence[str], within: Array | None) -> SomeDocs:
        """Return the docs of the bitmap `within` (all docs if None) that have a stem of `stems` in text or title."""
        if within is searcher.segment.all_docs:
            within = None
        term = searcher.term(stems[0]) if len(stems) == 1 else None
        if term is None:
            bits = AllDocs(searcher).any_term(stems).any
            return cls(searcher, bitmap_docs(bits if within is None else bits & within))
        docs, flags = decode_postings(searcher.segment, term.term_id)
        if within is not None:
            kept = lookup_bits(docs, within)
            docs, flags = docs[kept], flags[kept]
        space, matches_itself = cls(searcher, docs), flags >= MATCHES_ITSELF
        space.cache[stems[0]] = NodeMatches(space.all_docs if matches_itself.all() else matches_itself, space.all_docs)
        return space

    def count(self, subset: Array) -> int:
        """Return how many docs a set has."""
        return int(np.count_nonzero(subset))

    def docs(self, subset: Array) -> Array:
        """Return the docs of a set, int32, ascending."""
        return self.listed_docs if subset is self.all_docs else self.listed_docs[subset]

    def from_bitmap(self, bits: Array) -> Array:
        """Return the set of the docs whose bits are set in a `(n_blocks,) uint64` bitmap."""
        return lookup_bits(self.listed_docs, bits)

    def to_bitmap(self, subset: Array) -> Array:
        """Return the `(n_blocks,) uint64` bitmap of a set."""
        bits = np.zeros(self.segment.n_blocks, np.uint64)
        set_bits(self.docs(subset), bits)
        return bits

    def select(self, subset: Array, others: Array) -> Array:
        """Return a truth value for each doc of the set `others`: whether it is in `subset`."""
        return subset[others]

    def _read(self, term: TermPostings) -> NodeMatches:
        searcher, docs = self.searcher, self.listed_docs
        any_, matches_itself = np.zeros((2, len(docs)), bool)
        if term.row >= 0:
            title_only = among_dense(searcher.tables, term.row, docs, any_, matches_itself)
        else:
            scratch = THREAD_ARRAYS.sized(self.segment.n_blocks, term.doc_freq).scratch
            title_only = among_postings(
                searcher.postings, term.low, term.high, scratch.docs, scratch.flags, docs, any_, matches_itself
            )
        return NodeMatches(matches_itself, any_) if title_only else without_title_only(any_)
