"""Dense terms: those that occur in more than one of 64 documents, kept as bitmaps with bounds of their scores.

A document is a paragraph of a segment. A block is 64 documents, one word of a bitmap; a cell is 16 of them. All other
terms are *sparse*: their postings are decoded for each query.

The payload of a document is found by the rank of its bit, the popcount of all bits below it: up to a superblock (1,024
blocks) and up to a rank block (4 blocks) it is counted in advance, the rest when asked for (Jacobson: Space-efficient
static trees and graphs, FOCS 1989).

Sparse terms come before dense ones, and every loop adds scores in that order, so that all agree to the last bit.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from search.kernels.core.bitmap import ONE, bit_of
from search.kernels.core.postings_codec import FREQUENCY_MASK, MATCHES_ITSELF
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
"""Blocks that share an entry of `superblock_rank`: few enough that the rank of a rank block within its superblock fits
into uint16."""
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
    """`(n_rows, n_rank_blocks) uint16`: where the payloads of each rank block begin, counted from where the payloads of
    its superblock begin."""
    payloads: Any
    """`(n_postings,) uint8`: frequency and flags of each posting (see `postings_codec`), row after row."""
    title_only_counts: Any
    """`(n_rows,) int32`: how many blocks have a document that has the term in its title only."""
    title_only_blocks: Any
    """`(n_rows, n_blocks) int32`: the blocks that have a document with the term in its title only, ascending; the rest
    of a row is unused."""
    title_only_words: Any
    """`(n_rows, n_blocks) uint64`: for each block in `title_only_blocks`, a word with the bits of the documents that
    have the term in their title only."""
    block_max: Any
    """`(n_rows, n_blocks) uint8`: the highest impact in each block, in units of the row's scale, rounded up."""
    cell_max: Any
    """`(n_rows, n_cells) uint8`: the highest impact in each cell, in units of the row's scale, rounded up."""
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
    """Fill the tables of a dense term; its rows of `DenseTables`, the arrays from `bits` on, have to be zero.

    `docs` and `payloads` are its postings, `impacts` and `lengths` are those of `structs.Scoring`. Its payloads begin
    at `base` of `DenseTables.payloads`, which the caller fills. Returns its `scales` and its `title_only_counts`.
    """
    n_title_only = 0
    highest = 0.0
    for i in range(len(docs)):
        doc = docs[i]
        impact = impacts[np.int64(payloads[i] & FREQUENCY_MASK) * 256 + lengths[doc]]
        block = doc >> 6
        bits[block] |= bit_of(doc)
        highest = max(highest, impact)
        if not payloads[i] & MATCHES_ITSELF:
            if n_title_only == 0 or title_only_blocks[n_title_only - 1] != block:
                title_only_blocks[n_title_only] = block
                n_title_only += 1
            title_only_words[n_title_only - 1] |= bit_of(doc)
    at = base
    for block in range(len(bits)):
        if block % SUPERBLOCK == 0:
            superblock_rank[block // SUPERBLOCK] = at
        if block % RANK_BLOCK == 0:
            block_rank[block // RANK_BLOCK] = at - superblock_rank[block // SUPERBLOCK]
        at += popcount(bits[block])
    scale = highest * BOUND_MARGIN / 255
    for i in range(len(docs)):
        impact = impacts[np.int64(payloads[i] & FREQUENCY_MASK) * 256 + lengths[docs[i]]]
        cell = docs[i] // CELL
        cell_max[cell] = max(cell_max[cell], np.uint8(min(255, np.int64(np.ceil(impact / scale)))))
        block_max[docs[i] >> 6] = max(block_max[docs[i] >> 6], cell_max[cell])
    return np.float32(scale), n_title_only


@inlined
def rank(row, block, below, bits, superblock_rank, block_rank):
    """Return the index of a document's payload in `DenseTables.payloads`: the rank of its bit.

    `below` has the bits below the document's in its block. All numbers are unsigned.
    """
    at = superblock_rank[row, block // np.uint64(SUPERBLOCK)] + np.int64(
        block_rank[row, block // np.uint64(RANK_BLOCK)]
    )
    first = block & ~np.uint64(RANK_BLOCK - 1)
    # Three steps, wherever the block is in its rank block: no branch depends on that.
    for i in range(RANK_BLOCK - 1):
        other = min(first + np.uint64(i), block)
        at += popcount(bits[row, other]) * np.int64(other < block)
    return np.uint64(at + popcount(bits[row, block] & below))


@inlined
def gallop(docs, low, end, doc):
    """Return the index of the first of docs[low:end], ascending, that is not less than `doc`; `end` if all are less.

    Galloping search, which is fast if the index is near `low` (Bentley and Yao: An almost optimal algorithm for
    unbounded searching, 1976).
    """
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
    """Score each document of `wanted`, `(n_wanted,) int32`, ascending, without pruning, into `scores`, float64.

    Term t is dense with row rows[t] of the tables, or sparse (-1) with the postings docs[starts[t]:ends[t]] and the
    payloads payloads[starts[t]:ends[t]]. `rows`, `starts` and `ends` are `(n_terms,) int64`; `weights`,
    `(n_terms,) float64`, has what an impact of each term is multiplied with; `docs` is int32, `payloads` uint8;
    `impacts` and `lengths` are those of `structs.Scoring`. The loop goes term by term, so that the processor need not
    wait for one document before it fetches the next.
    """
    bits, superblock_rank, block_rank = tables.bits, tables.superblock_rank, tables.block_rank
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
                    scores[k] += weight * impacts[np.int64(payloads[i] & FREQUENCY_MASK) * 256 + length[k]]
            continue
        row = np.uint64(rows[t])
        for k in range(size):
            doc = np.int64(wanted[k])
            block = np.uint64(doc >> 6)
            bit = bit_of(doc)
            if bits[row, block] & bit:
                payload = dense_payloads[rank(row, block, bit - ONE, bits, superblock_rank, block_rank)]
                scores[k] += weight * impacts[np.int64(payload & FREQUENCY_MASK) * 256 + length[k]]
