"""The postings of a segment's stems: decoded for each query, or kept as tables where they are many."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from search.engines.whoosh.arrays import Array
from search.engines.whoosh.beside import Beside
from search.engines.whoosh.segment import Segment
from search.engines.whoosh.shared import SharedLock, zeros
from search.kernels.bits import set_where
from search.kernels.postings import OWN, decode
from search.kernels.scoring import CELLS, STRETCH, STRIP, make_dense
from search.ranking import impact_table

DENSE_FROM = 4096
"""Paragraphs of a segment from which on stems can be dense: below, decoding is as fast."""
ANY = 0xFF


class Sparse(NamedTuple):
    """Postings in memory: ascending paragraphs, and a payload each (see `search.kernels.postings`)."""

    docs: Array
    payloads: Array


class Dense:
    """The tables of the dense terms of a segment, a row each (see `search.kernels.scoring`). Filled when first used.

    Rows are reserved for all dense stems, which costs address space only. Ceilings hold for `average`. Processes forked
    from the one that makes it share all of it.
    """

    def __init__(self, segment: Segment, average: float) -> None:
        frequencies = segment.frequencies
        dense = frequencies > max(segment.paragraphs // 64, 64) if segment.paragraphs >= DENSE_FROM else frequencies < 0
        stems = np.flatnonzero(dense)
        rows, blocks = len(stems), segment.blocks
        self.segment = segment
        self.average = average
        self.impacts = impact_table(average)
        self.row_of = {int(stem): row for row, stem in enumerate(stems)}
        self.stems = stems
        self.frequencies: list[int] = frequencies[stems].tolist()
        self.firsts = np.concatenate([[0], np.cumsum(frequencies[stems], dtype=np.int64)])
        self.payloads = zeros(int(self.firsts[-1]), np.uint8)
        self.stems_mask = dense
        self.bits = zeros((rows, blocks), np.uint64)
        self.bases = zeros((rows, -(-blocks // STRETCH)), np.int64)
        self.begins = zeros((rows, -(-blocks // STRIP)), np.uint16)
        self.peaks = zeros((rows, blocks), np.uint8)
        self.cells = zeros((rows, blocks * CELLS), np.uint8)
        self.scales = zeros(rows, np.float32)
        self.lents = zeros(rows, np.int32)
        self.lent_blocks = zeros((rows, blocks), np.int32)
        self.lent_words = zeros((rows, blocks), np.uint64)
        self.filled = zeros(rows, np.uint8)
        self.lock = SharedLock()
        self.beside = Beside(segment, stems, self.lock)

    def fill(self, row: int) -> None:
        """Make the tables of a row, once."""
        if self.filled[row]:
            return
        with self.lock.held():
            if self.filled[row]:
                return
            postings = decoded(self.segment, int(self.stems[row]))
            self.payloads[self.firsts[row] : self.firsts[row + 1]] = postings.payloads
            self.scales[row], self.lents[row] = make_dense(
                postings.docs, postings.payloads, self.impacts, self.segment.column("lengths"), self.firsts[row],
                self.bits[row], self.bases[row], self.begins[row], self.peaks[row], self.cells[row],
                self.lent_blocks[row], self.lent_words[row],
            )  # fmt: skip
            self.filled[row] = 1

    def note(self, stem: int, *, now: bool = True) -> int:
        """Where the neighbours of a stem begin; -1 if it is too rare for that, or they are not to be noted `now`."""
        beside = self.beside
        if stem not in beside.base_of or not (now or beside.is_noted(stem)):
            return -1
        if not beside.is_noted(stem):
            beside.note(stem, decoded(self.segment, stem).docs)
        return beside.base_of[stem]

    def own(self, row: int) -> Array:
        """The bitmap of the paragraphs of which the term is OWN."""
        own: Array = self.bits[row].copy()
        lents = self.lents[row]
        own[self.lent_blocks[row, :lents]] &= ~self.lent_words[row, :lents]
        return own


def decoded(segment: Segment, stem: int) -> Sparse:
    """The postings of a stem."""
    at = segment.column("postings_at")
    low, high, count = int(at[stem]), int(at[stem + 1]), int(segment.frequencies[stem])
    segment.file.check("postings", low, high)
    docs, payloads = np.empty(count, np.int32), np.empty(count, np.uint8)
    decode(segment.file.unchecked("postings"), low, high, docs, payloads)
    return Sparse(docs, payloads)


def where(segment: Segment, postings: Sparse, flag: int) -> Array:
    """The bitmap of the paragraphs whose payload has a flag."""
    bits = np.zeros(segment.blocks, np.uint64)
    set_where(postings.docs, postings.payloads, flag, bits)
    return bits


class Terms:
    """The stems of one query in one segment; each is looked up and decoded once."""

    def __init__(self, segment: Segment, dense: Dense) -> None:
        self.segment = segment
        self.dense = dense
        self.numbers: dict[str, int] = {}
        self.sparse: dict[int, Sparse] = {}
        self.bitmaps: dict[tuple[int, int], Array] = {}

    def number(self, stem: str) -> int:
        """The number of a stem; -1 when it does not occur."""
        if stem not in self.numbers:
            self.numbers[stem] = self.segment.strings("stem").find(stem)
        return self.numbers[stem]

    def row(self, number: int) -> int:
        """The row of a dense stem, filled; -1 for a sparse one."""
        row = self.dense.row_of.get(number, -1)
        if row >= 0:
            self.dense.fill(row)
        return row

    def postings(self, number: int) -> Sparse:
        """The postings of a stem."""
        if number not in self.sparse:
            self.sparse[number] = decoded(self.segment, number)
        return self.sparse[number]

    def bitmap(self, number: int, flag: int) -> Array:
        """Where a stem occurs: ANY where, OWN, or IN_TITLE. Not to be written to."""
        row = self.row(number)
        if row >= 0 and flag == ANY:
            everywhere: Array = self.dense.bits[row]
            return everywhere
        if (number, flag) not in self.bitmaps:
            self.bitmaps[number, flag] = (
                self.dense.own(row) if row >= 0 and flag == OWN else where(self.segment, self.postings(number), flag)
            )
        return self.bitmaps[number, flag]
