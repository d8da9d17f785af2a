"""The tables of dense terms, and the scores of given paragraphs.

A block is 64 paragraphs, one word of a bitmap; a cell is 16; 4 blocks are a strip, 1,024 a stretch. A *dense* term,
which occurs in more than one of 64 paragraphs, keeps

- `bits`: where it occurs, a word a block;
- `peaks`, `cells`: its highest impact in each block and cell, in units of its scale, rounded up;
- `bases`, `begins`: where in the payloads of all dense terms those of each stretch begin, and from there those of each
  strip: with the rank of a bit (the popcount of the bits below it) that finds a document's payload;
- `lent_blocks`, `lent_words`: the few blocks with documents of which only the title has it, ascending, and which.

All other terms are *sparse*: their postings are decoded for each query.

Terms come sparse ones first, and every loop adds scores in that order, so that all of them agree to the last bit.
"""

from __future__ import annotations

import numpy as np

from search.kernels.core.postings_codec import FREQUENCY, OWN
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
STRIP = 4
"""Blocks that are found together among the payloads."""
STRETCH = 1_024
"""Blocks whose payloads are numbered with 16 bits."""
SLACK = 1.0001
"""What ceilings are raised by, so that rounding in 32 bits never prunes a paragraph that belongs into the answer."""


@compiled(
    types.Tuple((f32, i64))(
        read(i32), read(u8), read(f64), read(u8),
        i64, write(u64), write(i64), write(u16), write(u8), write(u8), write(i32), write(u64),
    )
)  # fmt: skip
def make_dense(
    docs, payloads, impacts, lengths, base, bits, bases, begins, peaks, cells, lent_blocks, lent_words
):  # fmt: skip
    """Fill the tables of a dense term, whose payloads begin at `base`; returns its scale, and how many blocks are lent.

    `impacts` is indexed by frequency * 256 + length; the tables are zero before.
    """
    lents = 0
    highest = 0.0
    for i in range(len(docs)):
        doc = docs[i]
        impact = impacts[np.int64(payloads[i] & FREQUENCY) * 256 + lengths[doc]]
        block = doc >> 6
        bits[block] |= np.uint64(1) << np.uint64(doc & 63)
        highest = max(highest, impact)
        if not payloads[i] & OWN:
            if lents == 0 or lent_blocks[lents - 1] != block:
                lent_blocks[lents] = block
                lents += 1
            lent_words[lents - 1] |= np.uint64(1) << np.uint64(doc & 63)
    at = base
    for block in range(len(bits)):
        if block % STRETCH == 0:
            bases[block // STRETCH] = at
        if block % STRIP == 0:
            begins[block // STRIP] = at - bases[block // STRETCH]
        at += popcount(bits[block])
    scale = highest * SLACK / 255
    for i in range(len(docs)):
        impact = impacts[np.int64(payloads[i] & FREQUENCY) * 256 + lengths[docs[i]]]
        cell = docs[i] // CELL
        cells[cell] = max(cells[cell], np.uint8(min(255, np.int64(np.ceil(impact / scale)))))
        peaks[docs[i] >> 6] = max(peaks[docs[i] >> 6], cells[cell])
    return np.float32(scale), lents


@inlined
def place_of(row, block, below, bits, bases, begins):
    """Where a dense term's payload of a document is; `below` are the bits below the document's. All unsigned."""
    at = bases[row, block // np.uint64(STRETCH)] + np.int64(begins[row, block // np.uint64(STRIP)])
    first = block & ~np.uint64(STRIP - 1)
    for i in range(STRIP - 1):  # no branch depends on which block of the strip it is
        other = min(first + np.uint64(i), block)
        at += popcount(bits[row, other]) * np.int64(other < block)
    return np.uint64(at + popcount(bits[row, block] & below))


@inlined
def reach(docs, low, end, doc):
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
    wanted, rows, starts, ends, weights, docs, payloads, bits, bases, begins, dense_payloads, impacts, lengths, scores
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
                i = reach(docs, i, ends[t], doc)
                if i < ends[t] and docs[i] == doc:
                    scores[k] += weight * impacts[np.int64(payloads[i] & FREQUENCY) * 256 + length[k]]
            continue
        row = np.uint64(rows[t])
        for k in range(size):
            doc = np.int64(wanted[k])
            block = np.uint64(doc >> 6)
            bit = np.uint64(1) << np.uint64(doc & 63)
            if bits[row, block] & bit:
                payload = dense_payloads[place_of(row, block, bit - np.uint64(1), bits, bases, begins)]
                scores[k] += weight * impacts[np.int64(payload & FREQUENCY) * 256 + length[k]]
