"""The tables of dense terms, and the scores of given paragraphs.

A block is 64 paragraphs, one word of a bitmap; a cell is 16; 4 blocks are a strip, 1,024 a stretch. A *dense* term,
which occurs in more than one of 64 paragraphs, keeps

- `bits`: where it occurs, a word a block; - `block_max`, `cell_max`: its highest impact in each block and cell, in
units of its scale, rounded up; - `superblock_rank`, `block_rank`: where in the payloads of all dense terms those of
each stretch begin, and from there those of each strip: with the rank of a bit (the popcount of the bits below it) that
finds a document's payload; - `title_only_blocks`, `title_only_words`: the few blocks with documents of which only the
title has it, ascending, and which.

All other terms are *sparse*: their postings are decoded for each query.

Terms come sparse ones first, and every loop adds scores in that order, so that all of them agree to the last bit.
"""

from __future__ import annotations

import numpy as np

from search.kernels.core.postings_codec import FREQUENCY, MATCHES_ITSELF
from search.kernels.jit.decorators import (
    compiled,
    f32,
    f64,
    i32,
    i64,
    inlined,
    popcount,
    read,
    types,
    u8,
    u16,
    u64,
    write,
)

CELL = 16
"""Documents of a cell."""
CELLS = 64 // CELL
"""Cells of a block."""
RANK_BLOCK = 4
"""Blocks that are found together among the payloads."""
SUPERBLOCK = 1_024
"""Blocks whose payloads are numbered with 16 bits."""
BOUND_MARGIN = 1.0001
"""What ceilings are raised by, so that rounding in 32 bits never prunes a paragraph that belongs into the answer."""


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
def add_scores(
    wanted,
    rows,
    starts,
    ends,
    weights,
    docs,
    payloads,
    bits,
    superblock_rank,
    block_rank,
    dense_payloads,
    impacts,
    lengths,
    scores,
):
    """Score each of the documents `wanted`, ascending, without pruning.

    Term t is dense with the tables of row rows[t], or sparse (-1) with the postings docs[starts[t]:ends[t]]. A term
    after the other, so that the processor need not wait for one document before it asks for the next.
    """
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
