"""The best documents of a bitmap by score ceilings on two levels.

The method is block-max pruning (Ding and Suel: Faster top-k document retrieval using block-max indexes, SIGIR 2011) on
blocks of fixed size and the cells in them (`dense_terms`): a query adds its terms' ceilings in one sweep, scores the
most promising blocks for a first threshold, then sweeps once over the blocks, cells and paragraphs that can still win.
"""

from __future__ import annotations

import numpy as np

from search.kernels.core.dense_terms import BOUND_MARGIN, CELL, CELLS, gallop
from search.kernels.core.postings_codec import FREQUENCY
from search.kernels.jit.decorators import ctz, inline_always
from search.kernels.topk.topk import FIRST_CELL, dense_score, topk_insert


@inline_always
def best_of_many(
    mask, promising, sparse, rows, starts, ends, weights, docs, payloads, bits, superblock_rank, block_rank,
    dense_payloads,
    block_max, cell_max, scales, bound_scale, impacts, lengths, scores, found,
):  # fmt: skip
    """Score those documents of a mask that ceilings allow to be among the best; returns how many are kept."""
    blocks = len(mask)
    terms = len(rows)
    of_rows = rows.reshape((terms, 1))
    k = len(scores)
    ceiling = np.zeros(blocks, np.float32)
    for t in range(sparse):
        i = starts[t]
        while i < ends[t]:
            block = docs[i] >> 6
            high = 0.0
            while i < ends[t] and docs[i] >> 6 == block:
                high = max(high, impacts[np.int64(payloads[i] & FREQUENCY) * 256 + lengths[docs[i]]])
                i += 1
            ceiling[block] += np.float32(high * weights[t] * BOUND_MARGIN)
    for t in range(sparse, terms):
        row = np.uint64(rows[t])
        factor = np.float32(weights[t] * scales[row] * bound_scale)
        for block in range(blocks):
            ceiling[np.uint64(block)] += np.float32(block_max[row, np.uint64(block)]) * factor
    best = np.float32(0)
    for block in range(blocks):
        high = ceiling[np.uint64(block)] if mask[np.uint64(block)] != 0 else np.float32(-1)
        ceiling[np.uint64(block)] = high
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
    n = np.int64(0)
    for phase in range(2):
        for t in range(sparse):
            at[t] = starts[t]
        for block in range(blocks):
            high = ceiling[block]
            if high < 0:
                continue
            threshold = scores[k - 1] if n == k else -1.0
            if high < threshold or (phase == 0 and high * scale < level + 1):
                continue
            if phase == 0:
                ceiling[block] = -1
            touched = False
            for t in range(sparse):
                low = gallop(docs, at[t], ends[t], block << 6)
                while low < ends[t] and docs[low] < (block << 6) + 64:
                    if not touched:
                        touched = True
                        for i in range(64):
                            exact[i] = 0.0
                    doc = docs[low]
                    exact[doc & 63] += weights[t] * impacts[np.int64(payloads[low] & FREQUENCY) * 256 + lengths[doc]]
                    low += 1
                at[t] = low
            for c in range(CELLS):
                cell[c] = 0
            for t in range(sparse, terms):
                row = rows[t]
                factor = np.float32(weights[t] * scales[row] * bound_scale)
                begin = block * CELLS
                for c in range(CELLS):
                    cell[c] += np.float32(cell_max[row, begin + c]) * factor
            alive = mask[block]
            for c in range(CELLS):
                limit_score = np.float64(cell[c])
                if touched:
                    most = 0.0
                    for i in range(c * CELL, (c + 1) * CELL):
                        most = max(most, exact[i])
                    limit_score += most * BOUND_MARGIN
                if limit_score < threshold:
                    alive &= ~(FIRST_CELL << np.uint64(c * CELL))
            while alive:
                i = ctz(alive)
                alive &= alive - np.uint64(1)
                doc = (block << 6) + i
                score = dense_score(
                    exact[i] if touched else 0.0, doc, of_rows, sparse, weights,
                    bits, superblock_rank, block_rank, dense_payloads, impacts, np.int64(lengths[doc]),
                )  # fmt: skip
                n = topk_insert(scores, found, n, score, doc)
    return n
