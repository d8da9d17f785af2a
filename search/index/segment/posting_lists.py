"""The postings of a segment's stems: decoded for each query, or kept as tables where they are many."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from search.index.segment.nextword_index import NextwordIndex
from search.index.segment.segment_reader import Segment
from search.index.storage.column_file import Array
from search.index.storage.shared_memory import SharedLock, zeros
from search.index.tuning import Tuning
from search.kernels.core.dense_terms import CELLS, RANK_BLOCK, SUPERBLOCK, DenseTables, make_dense
from search.kernels.core.postings_codec import decode
from search.kernels.jit.argument_types import read_only
from search.kernels.topk.membership import dense_matches_itself
from search.ranking import impact_table


class PostingList(NamedTuple):
    """Postings in memory: ascending paragraphs, and a payload each (see `search.kernels.core.postings_codec`)."""

    docs: Array
    payloads: Array


class DenseTerms:
    """The tables of the dense terms of a segment, a row each (see `dense_terms`). Filled when first used.

    Rows are reserved for all dense stems, which costs address space only. Ceilings hold for `average`. Processes forked
    from the one that makes it share all of it.
    """

    def __init__(self, segment: Segment, average: float, tuning: Tuning) -> None:
        frequencies = segment.frequencies
        least = max(segment.paragraphs // 64, 64)
        dense = frequencies > (least if segment.paragraphs >= tuning.dense_paragraphs else segment.paragraphs)
        stems = np.flatnonzero(dense)
        rows, blocks = len(stems), segment.blocks
        self.segment = segment
        self.average = average
        self.tuning = tuning
        self.impacts = impact_table(average)
        self.row_of = {int(stem): row for row, stem in enumerate(stems)}
        self.stems = stems
        self.frequencies: list[int] = frequencies[stems].tolist()
        self.firsts = np.concatenate([[0], np.cumsum(frequencies[stems], dtype=np.int64)])
        self.payloads = zeros(int(self.firsts[-1]), np.uint8)
        self.stems_mask = dense
        self.bits = zeros((rows, blocks), np.uint64)
        self.superblock_rank = zeros((rows, -(-blocks // SUPERBLOCK)), np.int64)
        self.block_rank = zeros((rows, -(-blocks // RANK_BLOCK)), np.uint16)
        self.block_max = zeros((rows, blocks), np.uint8)
        self.cell_max = zeros((rows, blocks * CELLS), np.uint8)
        self.scales = zeros(rows, np.float32)
        self.title_only_counts = zeros(rows, np.int32)
        self.title_only_blocks = zeros((rows, blocks), np.int32)
        self.title_only_words = zeros((rows, blocks), np.uint64)
        self.built = zeros(rows, np.uint8)
        self.lock = SharedLock()
        self.nextword = NextwordIndex(segment, stems, self.lock, tuning)
        arrays = (
            *(self.bits, self.superblock_rank, self.block_rank, self.payloads, self.title_only_counts),
            *(self.title_only_blocks, self.title_only_words, self.block_max, self.cell_max, self.scales),
        )
        self.tables = DenseTables(*map(read_only, arrays))

    def fill(self, row: int) -> None:
        """Make the tables of a row, once."""
        if self.built[row]:
            return
        with self.lock.held():
            if self.built[row]:
                return
            postings = decode_postings(self.segment, int(self.stems[row]))
            self.payloads[self.firsts[row] : self.firsts[row + 1]] = postings.payloads
            self.scales[row], self.title_only_counts[row] = make_dense(
                postings.docs, postings.payloads, self.impacts, self.segment.column("lengths"), self.firsts[row],
                self.bits[row], self.superblock_rank[row], self.block_rank[row], self.block_max[row],
                self.cell_max[row],
                self.title_only_blocks[row], self.title_only_words[row],
            )  # fmt: skip
            self.built[row] = 1

    def note(self, stem: int, *, now: bool = True) -> int:
        """Where the neighbours of a stem begin; -1 if it is too rare for that, or they are not to be noted `now`."""
        nextword = self.nextword
        if stem not in nextword.base_of or not (now or nextword.is_noted(stem)):
            return -1
        if not nextword.is_noted(stem):
            nextword.note(stem, decode_postings(self.segment, stem).docs)
        return nextword.base_of[stem]

    def matches_itself(self, row: int) -> Array:
        """Return the bitmap of the paragraphs that match themselves by the term of a row."""
        matches_itself = np.empty(self.bits.shape[1], np.uint64)
        dense_matches_itself(self.tables, row, matches_itself)
        return matches_itself


def decode_postings(segment: Segment, stem: int) -> PostingList:
    """The postings of a stem."""
    at = segment.column("postings_at")
    low, high, count = int(at[stem]), int(at[stem + 1]), int(segment.frequencies[stem])
    segment.file.check("postings", low, high)
    docs, payloads = np.empty(count, np.int32), np.empty(count, np.uint8)
    decode(segment.file.unchecked("postings"), low, high, docs, payloads)
    return PostingList(docs, payloads)
