"""The tables of dense terms, and the scores of given paragraphs.

A block is 64 paragraphs, one word of a bitmap; a cell is 8. A *dense* term, which occurs in more than one of 64
paragraphs, keeps per block a word of its bitmap, the number of its first posting and its highest impact, and per cell
its highest impact in a byte, rounded up. The rank of a bit (the popcount of the bits below it) finds its posting. All
other terms are *sparse*: their postings are decoded for each query.

Terms come sparse ones first, and every loop adds scores in that order, so that all of them agree to the last bit.
"""

from __future__ import annotations

import numpy as np

from search.kernels.compiling import compiled, f32, f64, i32, i64, popcount, read, types, u8, u64, write
from search.kernels.postings import FREQUENCY

SLACK = 1.0001
"""What ceilings are raised by, so that rounding in 32 bits never prunes a paragraph that belongs into the answer."""


@compiled(
    f32(
        read(i32), read(u8), read(f64), read(u8),
        write(u64), write(i32), write(f32), write(u8),
    )
)  # fmt: skip
def make_dense(docs, payloads, impacts, lengths, bits, begins, peaks, cells):
    """Fill the tables of a dense term; returns the scale of its cells.

    `impacts` is indexed by frequency * 256 + length; the tables are zero before. `begins` has a word for each block.
    """
    highest = 0.0
    for i in range(len(docs)):
        doc = docs[i]
        impact = impacts[np.int64(payloads[i] & FREQUENCY) * 256 + lengths[doc]]
        block = doc >> 6
        bits[block] |= np.uint64(1) << np.uint64(doc & 63)
        peaks[block] = max(peaks[block], np.float32(impact * SLACK))
        highest = max(highest, impact)
    at = 0
    for block in range(len(bits)):
        begins[block] = at
        at += popcount(bits[block])
    scale = highest * SLACK / 255
    for i in range(len(docs)):
        impact = impacts[np.int64(payloads[i] & FREQUENCY) * 256 + lengths[docs[i]]]
        cell = docs[i] >> 3
        cells[cell] = max(cells[cell], np.uint8(min(255, np.int64(np.ceil(impact / scale)))))
    return np.float32(scale)


@compiled(
    types.void(
        read(i32), read(i64), read(i64), read(i64), read(f64),
        read(i32), read(u8), read(u64, 2), read(i32, 2), read(i64), read(u8),
        read(f64), read(u8), write(f64),
    )
)  # fmt: skip
def score_each(
    wanted, rows, starts, ends, weights, docs, payloads, bits, begins, bases, dense_payloads, impacts, lengths, scores
):
    """The scores of the documents `wanted`, ascending, without pruning.

    Term t is dense with the tables of row rows[t], or sparse (-1) with the postings docs[starts[t]:ends[t]]. The
    payloads of dense row r begin at dense_payloads[bases[r]].
    """
    for i in range(len(wanted)):
        scores[i] = 0.0
    for t in range(len(rows)):
        weight = weights[t]
        row = rows[t]
        if row < 0:
            at = starts[t]
            end = ends[t]
            few = (end - at) > len(wanted) * 16
            for i in range(len(wanted)):
                doc = wanted[i]
                if few:
                    step = 1
                    while at + step < end and docs[at + step] < doc:
                        at += step
                        step <<= 1
                    high = min(at + step, end)
                    while at < high:
                        middle = (at + high) >> 1
                        if docs[middle] < doc:
                            at = middle + 1
                        else:
                            high = middle
                else:
                    while at < end and docs[at] < doc:
                        at += 1
                if at == end:
                    break
                if docs[at] == doc:
                    scores[i] += weight * impacts[np.int64(payloads[at] & FREQUENCY) * 256 + lengths[doc]]
        else:
            base = bases[row]
            for i in range(len(wanted)):
                doc = wanted[i]
                word = bits[row, doc >> 6]
                bit = np.uint64(1) << np.uint64(doc & 63)
                if word & bit:
                    payload = dense_payloads[base + begins[row, doc >> 6] + popcount(word & (bit - np.uint64(1)))]
                    scores[i] += weight * impacts[np.int64(payload & FREQUENCY) * 256 + lengths[doc]]
