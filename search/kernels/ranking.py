"""Exact top-k over a bitmap of matching paragraphs, with score ceilings on two levels.

The method is block-max pruning (Ding and Suel: Faster top-k document retrieval using block-max indexes, SIGIR 2011) on
blocks of fixed size and the cells in them (`scoring`): a query adds its terms' ceilings in one sweep, scores the most
promising blocks for a first threshold, then sweeps once over the blocks, cells and paragraphs that can still win.
"""

from __future__ import annotations

import numpy as np

from search.kernels.compiling import compiled, f32, f64, i32, i64, lowest, read, u8, u16, u64, write
from search.kernels.postings import FREQUENCY
from search.kernels.scoring import CELL, CELLS, SLACK, place_of
from search.kernels.sweeping import FIRST_CELL, keep


@compiled(
    i64(
        read(u64), f64, i64,
        read(i64), read(i64), read(i64), read(f64),
        read(i32), read(u8), read(u64, 2), read(i64, 2), read(u16, 2), read(u8),
        read(u8, 2), read(u8, 2), read(f32), f64,
        read(f64), read(u8), write(f64), write(i32),
    )
)  # fmt: skip
def top(
    mask,
    floor,
    promising,
    rows,
    starts,
    ends,
    weights,
    docs,
    payloads,
    bits,
    bases,
    begins,
    dense_payloads,
    peaks,
    cells,
    scales,
    raised,
    impacts,
    lengths,
    scores,
    found,
):
    """The best documents of a mask by (score descending, document ascending); returns how many.

    Terms as in `score_each`. `floor` is a score that others already reach: lower ones need not be found. `promising`
    is how many blocks make the first threshold. `raised` is what ceilings are to be multiplied by.
    One sweep over the blocks a term, then the blocks that can still win.
    """
    blocks = len(mask)
    terms = len(rows)
    k = len(scores)
    ceiling = np.zeros(blocks, np.float32)
    sparse = 0
    for t in range(terms):
        weight = weights[t]
        if rows[t] < 0:
            sparse += 1
            i = starts[t]
            end = ends[t]
            while i < end:
                block = docs[i] >> 6
                high = 0.0
                while i < end and docs[i] >> 6 == block:
                    high = max(high, impacts[np.int64(payloads[i] & FREQUENCY) * 256 + lengths[docs[i]]])
                    i += 1
                ceiling[block] += np.float32(high * weight * SLACK)
        else:
            row = rows[t]
            factor = np.float32(weight * scales[row] * raised)
            for block in range(blocks):
                ceiling[np.uint64(block)] += np.float32(peaks[np.uint64(row), np.uint64(block)]) * factor
    best = np.float32(0)
    for block in range(blocks):
        high = ceiling[block] if mask[block] != 0 else np.float32(-1)
        ceiling[block] = high
        best = max(best, high)
    scale = np.float32(256) / best if best > 0 else np.float32(0)
    histogram = np.zeros(258, np.int64)
    for block in range(blocks):
        if ceiling[block] >= 0:
            histogram[np.int64(ceiling[block] * scale)] += 1
    level = 257
    promised = 0
    while level > 0 and promised < promising:
        promised += histogram[level]
        level -= 1
    at = np.empty(terms, np.int64)
    exact = np.zeros(64, np.float64)
    cell = np.zeros(CELLS, np.float32)
    n = 0
    for phase in range(2):
        for t in range(sparse):
            at[t] = starts[t]
        for block in range(blocks):
            high = ceiling[block]
            if high < 0:
                continue
            threshold = max(scores[k - 1], floor) if n == k else floor
            if high < threshold or (phase == 0 and high * scale < level + 1):
                continue
            if phase == 0:
                ceiling[block] = -1
            touched = False
            for t in range(sparse):
                # Galloping: blocks come in ascending order.
                low = at[t]
                end = ends[t]
                limit = block << 6
                if low < end and docs[low] < limit:
                    step = 1
                    while low + step < end and docs[low + step] < limit:
                        low += step
                        step <<= 1
                    top_end = min(low + step, end)
                    while low < top_end:
                        middle = (low + top_end) >> 1
                        if docs[middle] < limit:
                            low = middle + 1
                        else:
                            top_end = middle
                weight = weights[t]
                while low < end and docs[low] < limit + 64:
                    if not touched:
                        touched = True
                        for i in range(64):
                            exact[i] = 0.0
                    doc = docs[low]
                    exact[doc & 63] += weight * impacts[np.int64(payloads[low] & FREQUENCY) * 256 + lengths[doc]]
                    low += 1
                at[t] = low
            for c in range(CELLS):
                cell[c] = 0
            for t in range(sparse, terms):
                row = rows[t]
                factor = np.float32(weights[t] * scales[row] * raised)
                begin = block * CELLS
                for c in range(CELLS):
                    cell[c] += np.float32(cells[row, begin + c]) * factor
            alive = mask[block]
            for c in range(CELLS):
                limit_score = np.float64(cell[c])
                if touched:
                    most = 0.0
                    for i in range(c * CELL, (c + 1) * CELL):
                        most = max(most, exact[i])
                    limit_score += most * SLACK
                if limit_score < threshold:
                    alive &= ~(FIRST_CELL << np.uint64(c * CELL))
            while alive:
                i = lowest(alive)
                alive &= alive - np.uint64(1)
                bit = np.uint64(1) << np.uint64(i)
                doc = (block << 6) + i
                score = exact[i] if touched else 0.0
                length = np.int64(lengths[doc])
                for t in range(sparse, terms):
                    row = rows[t]
                    word = bits[row, block]
                    if word & bit:
                        place = place_of(np.uint64(row), np.uint64(block), bit - np.uint64(1), bits, bases, begins)
                        payload = dense_payloads[place]
                        score += weights[t] * impacts[np.int64(payload & FREQUENCY) * 256 + length]
                if score >= floor:
                    n = keep(scores, found, n, score, doc)
    return n
