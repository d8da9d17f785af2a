"""The postings of a segment's terms: decoded for each query, or kept as tables for terms in many paragraphs."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from search.index.segment.nextword_index import NextwordIndex
from search.index.segment.segment_reader import SegmentReader
from search.index.storage.column_file import Array
from search.index.storage.shared_memory import SharedLock, zeros
from search.index.tuning import Tuning
from search.kernels.core.dense_terms import CELLS, RANK_BLOCK, SUPERBLOCK, DenseTables, make_dense
from search.kernels.core.postings_codec import decode
from search.kernels.jit.argument_types import read_only
from search.kernels.topk.membership import dense_matches_itself
from search.ranking import impact_table


class PostingList(NamedTuple):
    """The decoded postings of a term."""

    docs: Array
    """`(doc_freq,) int32`, ascending."""
    payloads: Array
    """`(doc_freq,) uint8`: frequency and flags (see `search.kernels.core.postings_codec`)."""


class DenseTerms:
    """The tables of a segment's dense terms, those in more than a 64th of its docs.

    A segment of fewer than `Tuning.dense_paragraphs` docs has no dense terms, and no term of at most 64 docs is dense.

    The row of a term is filled when first used. Room is reserved for all rows, which costs address space only.
    Processes forked from the one that made the tables share them. Upper bounds of impacts hold for `average_length`.
    """

    def __init__(self, segment: SegmentReader, average_length: float, tuning: Tuning) -> None:
        doc_freqs, n_blocks = segment.doc_freqs, segment.n_blocks
        least = max(segment.paragraphs // 64, 64)
        self.mask = doc_freqs > (least if segment.paragraphs >= tuning.dense_paragraphs else segment.paragraphs)
        """`(n_terms,) bool`: whether each term is dense."""
        self.term_ids = np.flatnonzero(self.mask)
        """`(n_rows,) int64`: the term of each row, ascending."""
        rows = len(self.term_ids)
        self.segment = segment
        self.average_length = average_length
        self.tuning = tuning
        self.impacts = impact_table(average_length)
        self.row_of = {term_id: row for row, term_id in enumerate(self.term_ids.tolist())}
        self.doc_freqs: list[int] = doc_freqs[self.term_ids].tolist()
        self.offsets = np.concatenate([[0], np.cumsum(self.doc_freqs, dtype=np.int64)])
        """`(n_rows + 1,) int64`: where the payloads of each row begin."""
        self._tables = DenseTables(
            bits=zeros((rows, n_blocks), np.uint64),
            superblock_rank=zeros((rows, -(-n_blocks // SUPERBLOCK)), np.int64),
            block_rank=zeros((rows, -(-n_blocks // RANK_BLOCK)), np.uint16),
            payloads=zeros(int(self.offsets[-1]), np.uint8),
            title_only_counts=zeros(rows, np.int32),
            title_only_blocks=zeros((rows, n_blocks), np.int32),
            title_only_words=zeros((rows, n_blocks), np.uint64),
            block_max=zeros((rows, n_blocks), np.uint8),
            cell_max=zeros((rows, n_blocks * CELLS), np.uint8),
            scales=zeros(rows, np.float32),
        )
        self.tables = DenseTables(*map(read_only, self._tables))
        self.ready = zeros(rows, np.uint8)
        """`(n_rows,) uint8`: 1 for each row whose tables are made."""
        self.lock = SharedLock()
        self.nextword = NextwordIndex(segment, self.term_ids, self.lock, tuning)

    def fill(self, row: int) -> None:
        """Fill the tables of a row, unless that is done. Raises IndexDamaged where a checksum is wrong."""
        if self.ready[row]:
            return
        with self.lock.held():
            if self.ready[row]:
                return
            tables, postings = self._tables, decode_postings(self.segment, int(self.term_ids[row]))
            tables.payloads[self.offsets[row] : self.offsets[row + 1]] = postings.payloads
            tables.scales[row], tables.title_only_counts[row] = make_dense(
                postings.docs, postings.payloads, self.impacts, self.segment.column("lengths"), self.offsets[row],
                tables.bits[row], tables.superblock_rank[row], tables.block_rank[row], tables.block_max[row],
                tables.cell_max[row], tables.title_only_blocks[row], tables.title_only_words[row],
            )  # fmt: skip
            self.ready[row] = 1

    def neighbours_offset(self, term_id: int, *, fill: bool) -> int:
        """Return the number of a term's first posting in the nextword index; -1 if it has none.

        A term that is too rare has none. One whose neighbours are not in the tables gets them now if `fill` is true,
        else the answer is -1 too.
        """
        nextword = self.nextword
        if term_id not in nextword.offset_of:
            return -1
        if not nextword.is_ready(term_id):
            if not fill:
                return -1
            nextword.fill(term_id, decode_postings(self.segment, term_id).docs)
        return nextword.offset_of[term_id]

    def matches_itself(self, row: int) -> Array:
        """Return the `(n_blocks,) uint64` bitmap of the docs that match themselves by the term of a row.

        They have the term in their text, or they are the first doc of an article that has it in the title.
        """
        matches_itself = np.empty(self.tables.bits.shape[1], np.uint64)
        dense_matches_itself(self.tables, row, matches_itself)
        return matches_itself


def decode_postings(segment: SegmentReader, term_id: int) -> PostingList:
    """Return the postings of a term, decoded. Raises IndexDamaged where a checksum is wrong."""
    at = segment.column("postings_at")
    low, high, doc_freq = int(at[term_id]), int(at[term_id + 1]), int(segment.doc_freqs[term_id])
    segment.file.check("postings", low, high)
    docs, payloads = np.empty(doc_freq, np.int32), np.empty(doc_freq, np.uint8)
    decode(segment.file.unchecked("postings"), low, high, docs, payloads)
    return PostingList(docs, payloads)
