"""Dense terms: those that occur in more than one of 64 documents, kept as bitmaps with bounds of their scores.

A document is a paragraph of a segment. A block is 64 documents, one word of a bitmap; a cell is 16 of them. All other
terms are *sparse*: their postings are unpacked for each query.

The payload of a document is found by the rank of its bit, which is the popcount of all bits below it: counted up to a
superblock (1,024 blocks) and up to a rank block (4 blocks) in advance, the rest when asked for (Jacobson:
Space-efficient static trees and graphs, FOCS 1989).

Terms come sparse ones first, and every loop adds scores in that order, so that all of them agree to the last bit.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from search.kernels.core.postings_codec import FREQUENCY, MATCHES_ITSELF
from search.kernels.jit.argument_types import f32, f64, i32, i64, read, struct, types, u8, u16, u64, write
from search.kernels.jit.decorators import compiled, inlined
from search.kernels.jit.intrinsics import popcount

CELL = 16
"""Documents of a cell."""
CELLS = 64 // CELL
"""Cells of a block."""
RANK_BLOCK = 4
"""Blocks that share an entry of `block_rank`."""
SUPERBLOCK = 1_024
"""Blocks that share an entry of `superblock_rank`: so many have fewer than 2^16 documents."""
BOUND_MARGIN = 1.0001
"""The factor by which score bounds are raised, so that rounding to 32 bits never prunes a document that belongs to the
best."""


class DenseTables(NamedTuple):
    """The tables of a segment's dense terms: row r of each array is about the term of dense row r."""

    bits: Any
    """`(n_rows, n_blocks) uint64`: the bitmap of the documents that have the term, in text or title."""
    superblock_rank: Any
    """`(n_rows, n_superblocks) int64`: where the payloads of each superblock begin in `payloads`."""
    block_rank: Any
    """`(n_rows, n_rank_blocks) uint16`: where those of each rank block begin, from its superblock on."""
    payloads: Any
    """`(n_postings,) uint8`: frequency and flags of each posting (see `postings_codec`), row after row."""
    title_only_counts: Any
    """`(n_rows,) int32`: how many blocks have a document that has the term in its title only."""
    title_only_blocks: Any
    """`(n_rows, n_blocks) int32`: the numbers of these blocks, ascending."""
    title_only_words: Any
    """`(n_rows, n_blocks) uint64`: the bits of these documents, a word for each of these blocks."""
    block_max: Any
    """`(n_rows, n_blocks) uint8`: the highest impact in each block, in units of the row's scale, rounded up."""
    cell_max: Any
    """`(n_rows, n_cells) uint8`: the highest impact in each cell, likewise."""
    scales: Any
    """`(n_rows,) float32`: the impact that a unit of `block_max` and `cell_max` stands for."""


DENSE_TABLES = struct(
    DenseTables,
    *(read(u64, 2), read(i64, 2), read(u16, 2), read(u8), read(i32), read(i32, 2), read(u64, 2)),
    *(read(u8, 2), read(u8, 2), read(f32)),
)


@compiled(
    types.Tuple((f32, i64))(
        read(i32), read(u8), read(f64), read(u8),
        i64, write(u64), write(i64), write(u16), write(u8), write(u8), write(i32), write(u64),
    )
)  # fmt: skip
def make_dense(
    docs, payloads, impacts, lengths, base, bits, superblock_rank, block_rank, block_max, cell_max, title_only_blocks,
    title_only_words
):  # fmt: skip
    """Fill the tables of a dense term, whose payloads begin at `base`; returns its scale, and how many blocks are lent.

    `impacts` is indexed by frequency * 256 + length; the tables are zero before.
    """
    title_only_counts = 0
    highest = 0.0
    for i in range(len(docs)):
        doc = docs[i]
        impact = impacts[np.int64(payloads[i] & FREQUENCY) * 256 + lengths[doc]]
        block = doc >> 6
        bits[block] |= np.uint64(1) << np.uint64(doc & 63)
        highest = max(highest, impact)
        if not payloads[i] & MATCHES_ITSELF:
            if title_only_counts == 0 or title_only_blocks[title_only_counts - 1] != block:
                title_only_blocks[title_only_counts] = block
                title_only_counts += 1
            title_only_words[title_only_counts - 1] |= np.uint64(1) << np.uint64(doc & 63)
    at = base
    for block in range(len(bits)):
        if block % SUPERBLOCK == 0:
            superblock_rank[block // SUPERBLOCK] = at
        if block % RANK_BLOCK == 0:
            block_rank[block // RANK_BLOCK] = at - superblock_rank[block // SUPERBLOCK]
        at += popcount(bits[block])
    scale = highest * BOUND_MARGIN / 255
    for i in range(len(docs)):
        impact = impacts[np.int64(payloads[i] & FREQUENCY) * 256 + lengths[docs[i]]]
        cell = docs[i] // CELL
        cell_max[cell] = max(cell_max[cell], np.uint8(min(255, np.int64(np.ceil(impact / scale)))))
        block_max[docs[i] >> 6] = max(block_max[docs[i] >> 6], cell_max[cell])
    return np.float32(scale), title_only_counts


@inlined
def rank(row, block, below, bits, superblock_rank, block_rank):
    """Where a dense term's payload of a document is; `below` are the bits below the document's. All unsigned."""
    at = superblock_rank[row, block // np.uint64(SUPERBLOCK)] + np.int64(
        block_rank[row, block // np.uint64(RANK_BLOCK)]
    )
    first = block & ~np.uint64(RANK_BLOCK - 1)
    for i in range(RANK_BLOCK - 1):  # no branch depends on which block of the strip it is
        other = min(first + np.uint64(i), block)
        at += popcount(bits[row, other]) * np.int64(other < block)
    return np.uint64(at + popcount(bits[row, block] & below))


@inlined
def gallop(docs, low, end, doc):
    """The first of docs[low:end], ascending, that is not before a document: galloping, as it is mostly near."""
    if low >= end or docs[low] >= doc:
        return low
    step = 1
    while low + step < end and docs[low + step] < doc:
        low += step
        step <<= 1
    high = min(low + step, end)
    while low < high:
        middle = (low + high) >> 1
        if docs[middle] < doc:
            low = middle + 1
        else:
            high = middle
    return low


@inlined
def add_scores(wanted, rows, starts, ends, weights, docs, payloads, tables, impacts, lengths, scores):
    """Score each of the documents `wanted`, ascending, without pruning.

    Term t is dense with the tables of row rows[t], or sparse (-1) with the postings docs[starts[t]:ends[t]]. A term
    after the other, so that the processor need not wait for one document before it asks for the next.
    """
    bits = tables.bits
    superblock_rank = tables.superblock_rank
    block_rank = tables.block_rank
    dense_payloads = tables.payloads
    size = len(wanted)
    length = np.empty(size, np.int64)
    for k in range(size):
        length[k] = lengths[wanted[k]]
        scores[k] = 0.0
    for t in range(len(rows)):
        weight = weights[t]
        if rows[t] < 0:
            i = starts[t]
            for k in range(size):
                doc = np.int64(wanted[k])
                i = gallop(docs, i, ends[t], doc)
                if i < ends[t] and docs[i] == doc:
                    scores[k] += weight * impacts[np.int64(payloads[i] & FREQUENCY) * 256 + length[k]]
            continue
        row = np.uint64(rows[t])
        for k in range(size):
            doc = np.int64(wanted[k])
            block = np.uint64(doc >> 6)
            bit = np.uint64(1) << np.uint64(doc & 63)
            if bits[row, block] & bit:
                payload = dense_payloads[rank(row, block, bit - np.uint64(1), bits, superblock_rank, block_rank)]
                scores[k] += weight * impacts[np.int64(payload & FREQUENCY) * 256 + length[k]]
