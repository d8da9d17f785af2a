"""The paragraphs of a segment that a query is asked of: all of them, or some, where a part of it is rare.

Sets of paragraphs are arrays that are joined by `&`, `|` and `~`: bitmaps of all paragraphs, 64 to a word, or a truth
value for each of some. What evaluates a query need not know which.
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
    """The paragraphs that meet a node of a query by their own text, and those that do by text or title.

    Where the title adds nothing both are the same array. Neither is to be written to.
    """

    matches_itself: Array
    any: Array


class AllDocs:
    """All paragraphs of a segment, as bitmaps. Each stem is looked up once."""

    is_few = False

    def __init__(self, searcher: SegmentSearcher) -> None:
        self.searcher = searcher
        self.segment = searcher.segment
        self.known: dict[str, NodeMatches] = {}
        self.size = self.segment.paragraphs
        self.everything = self.segment.everything
        self.nothing = searcher.nothing
        self.nowhere = NodeMatches(self.nothing, self.nothing)

    def count(self, some: Array) -> int:
        """How many paragraphs a set has."""
        return int(count(some))

    def docs(self, some: Array) -> Array:
        """The paragraphs of a set, ascending."""
        return listed(some)

    def among(self, bits: Array) -> Array:
        """The set of the paragraphs that have their bit in a bitmap."""
        return bits

    def bits(self, some: Array) -> Array:
        """The bitmap of a set."""
        return some

    def picked(self, some: Array, others: Array) -> Array:
        """A truth value for each of those in `others`: whether it is in `some`."""
        return chosen(listed(others), some)

    def stem(self, stem: str) -> NodeMatches:
        """Where a stem occurs."""
        if stem not in self.known:
            term = self.searcher.term(stem)
            self.known[stem] = self._read(term) if term else self.nowhere
        return self.known[stem]

    def stems(self, stems: Iterable[str]) -> NodeMatches:
        """Where one of some stems occurs."""
        return union([self.stem(stem) for stem in stems]) or self.nowhere

    def titles(self, stems: Iterable[str]) -> Array:
        """The paragraphs of the articles whose title has one of some stems."""
        found = np.zeros(self.segment.blocks, np.uint64)
        for term in filter(None, map(self.searcher.term, stems)):
            postings = decode_postings(self.segment, term.number)
            set_where(postings.docs, postings.payloads, IN_TITLE, found)
        return self.among(found)

    def _read(self, term: TermPostings) -> NodeMatches:
        segment, dense = self.segment, self.searcher.dense
        if term.row >= 0:
            everywhere = np.asarray(dense.bits[term.row])
            return (
                NodeMatches(dense.matches_itself(term.row), everywhere)
                if dense.title_only_counts[term.row]
                else same(everywhere)
            )
        room = THREAD_ARRAYS.sized(segment.blocks, term.frequency).scratch
        blob, found = self.searcher.blob, np.zeros(segment.blocks, np.uint64)
        if not decode_to_bitmap(blob, term.low, term.high, room.docs, room.flags, found):
            return same(found)
        matches_itself = np.zeros(segment.blocks, np.uint64)
        set_where(room.docs[: term.frequency], room.flags[: term.frequency], MATCHES_ITSELF, matches_itself)
        return NodeMatches(matches_itself, found)


class SomeDocs(AllDocs):
    """Some paragraphs of a segment, as a truth value for each."""

    is_few = True

    def __init__(self, searcher: SegmentSearcher, docs: Array) -> None:
        super().__init__(searcher)
        self.some = docs
        self.size = len(docs)
        self.everything = np.ones(len(docs), bool)
        self.nothing = np.zeros(len(docs), bool)
        self.nowhere = NodeMatches(self.nothing, self.nothing)

    @classmethod
    def having(cls, searcher: SegmentSearcher, stems: Sequence[str], within: Array | None) -> SomeDocs:
        """Those that have one of some stems, in text or title, and their bit in a bitmap, if there is one."""
        if within is searcher.segment.everything:
            within = None
        term = searcher.term(stems[0]) if len(stems) == 1 else None
        if term is None:
            bits = AllDocs(searcher).stems(stems).any
            return cls(searcher, listed(bits if within is None else bits & within))
        docs, flags = decode_postings(searcher.segment, term.number)
        if within is not None:
            found = chosen(docs, within)
            docs, flags = docs[found], flags[found]
        space, matches_itself = cls(searcher, docs), flags >= MATCHES_ITSELF
        space.known[stems[0]] = (
            same(space.everything) if matches_itself.all() else NodeMatches(matches_itself, space.everything)
        )
        return space

    def count(self, some: Array) -> int:
        """How many paragraphs a set has."""
        return int(np.count_nonzero(some))

    def docs(self, some: Array) -> Array:
        """The paragraphs of a set, ascending."""
        return self.some if some is self.everything else self.some[some]

    def among(self, bits: Array) -> Array:
        """The set of the paragraphs that have their bit in a bitmap."""
        return chosen(self.some, bits)

    def picked(self, some: Array, others: Array) -> Array:
        """A truth value for each of those in `others`: whether it is in `some`."""
        return some[others]

    def bits(self, some: Array) -> Array:
        """The bitmap of a set."""
        bits = np.zeros(self.segment.blocks, np.uint64)
        set_bits(self.docs(some), bits)
        return bits

    def _read(self, term: TermPostings) -> NodeMatches:
        dense = self.searcher.dense
        found, matches_itself = np.zeros((2, len(self.some)), bool)
        if term.row >= 0:
            title_only = among_dense(dense.tables, term.row, self.some, found, matches_itself)
        else:
            room = THREAD_ARRAYS.sized(self.segment.blocks, term.frequency).scratch
            blob = self.searcher.blob
            title_only = among_postings(
                blob, term.low, term.high, room.docs, room.flags, self.some, found, matches_itself
            )
        return NodeMatches(matches_itself, found) if title_only else same(found)


def same(found: Array) -> NodeMatches:
    """What the title adds nothing to."""
    return NodeMatches(found, found)


def union(mets: Iterable[NodeMatches]) -> NodeMatches | None:
    """What meets one of some nodes; None of none."""
    found: NodeMatches | None = None
    for met in mets:
        if found is None:
            found = met
        elif found.matches_itself is found.any and met.matches_itself is met.any:
            found = same(found.any | met.any)
        else:
            found = NodeMatches(found.matches_itself | met.matches_itself, found.any | met.any)
    return found


def listed(bits: Array) -> Array:
    """The numbers of the bits that are set, ascending."""
    docs = np.empty(count(bits) + 1, np.int32)
    return docs[: list_bits(bits, docs)]


def chosen(docs: Array, bits: Array) -> Array:
    """A truth value for each of some documents: whether its bit is set."""
    found = np.empty(len(docs), bool)
    among_bits(bits, docs, found)
    return found
