"""Block-max pruning: what dense terms and patterns add to a score, exactly and at most.

Indices are cast to unsigned: for a signed one numba adds a test whether it is negative, counted from the end, and LLVM
does not vectorize a loop with that test.
"""

from __future__ import annotations

import numpy as np

from search.kernels.core.bitmap import ONE, bit_of, has_bit
from search.kernels.core.dense_terms import BOUND_MARGIN, CELL, CELLS, rank
from search.kernels.core.postings_codec import FREQUENCY_MASK
from search.kernels.jit.decorators import inlined
from search.kernels.jit.intrinsics import ctz
from search.kernels.topk.topk_heap import topk_insert

PROMISING = 48
"""About how many blocks are scored first, for a threshold that rules out others."""
SAMPLED = 4
"""One block of this many is sampled to find the promising ones."""
FIRST_CELL = np.uint64((1 << CELL) - 1)
"""The bits of a block's first cell."""
CHUNK = 16
"""Blocks whose cell bounds are added together."""


@inlined
def bound_weights_of(terms, tables, scoring):
    """Return the weight of a unit of `block_max` and `cell_max` for each dense term, and the most that all of them add.

    The weights are `(n_terms,) float32`, 0 for sparse terms.
    """
    bound_weights = np.zeros(len(terms.places), np.float32)
    most = 0.0
    for t in range(terms.sparse, len(terms.places)):
        scale = tables.scales[terms.places[t, 0]] * scoring.bound_scale
        bound_weights[t] = np.float32(terms.weights[t] * scale)
        most += np.float64(bound_weights[t]) * 255 * BOUND_MARGIN
    return bound_weights, most


@inlined
def bound_of(doc, terms, sparse, bound_weights, bits, cell_max):
    """Return the most that the dense terms can add to the score of a document, by the bounds of its cell."""
    bound = 0.0
    for t in range(sparse, len(terms)):
        row = np.uint64(terms[t, 0])
        has = np.int64(has_bit(bits[row, np.uint64(doc >> 6)], doc))
        bound += np.float64(np.float32(has * np.int64(cell_max[row, np.uint64(doc // CELL)])) * bound_weights[t])
    return bound * BOUND_MARGIN


@inlined
def dense_score(score, doc, terms, sparse, weights, bits, superblock_rank, block_rank, payloads, impacts, length):
    """Return `score` plus what the dense terms add to it; `length` is the document's, as int64."""
    block = np.uint64(doc >> 6)
    bit = bit_of(doc)
    for t in range(sparse, len(terms)):
        row = np.uint64(terms[t, 0])
        if bits[row, block] & bit:
            payload = payloads[rank(row, block, bit - ONE, bits, superblock_rank, block_rank)]
            score += weights[t] * impacts[np.uint64(np.int64(payload & FREQUENCY_MASK) * 256 + length)]
    return score


@inlined
def pattern_score(score, doc, pattern_bits, pattern_weights, impacts, length):
    """Return `score` plus what the patterns add to it."""
    for p in range(len(pattern_weights)):
        if has_bit(pattern_bits[p, doc >> 6], doc):
            score += pattern_weights[p] * impacts[np.uint64(256 + length)]
    return score


@inlined
def pattern_bound(word, block, pattern_bits, pattern_weights, impacts):
    """Return the most that patterns can add to the score of a document among the bits `word` of a block.

    The impact is that in a document of length 0, the highest.
    """
    bound = 0.0
    for p in range(len(pattern_weights)):
        bound += pattern_weights[p] * impacts[256] * np.float64(pattern_bits[p, block] & word != 0)
    return bound * BOUND_MARGIN


@inlined
def promising_from(bounds, most):
    """Return, from a sample of the bounds of blocks, a bound that about PROMISING blocks reach.

    `bounds` is `(n_blocks,) float32`, and none of them is more than `most`.
    """
    scale = np.float32(255) / np.float32(most)
    histogram = np.zeros(258, np.int32)
    for block in range(0, len(bounds), SAMPLED):
        histogram[np.int64(max(bounds[block] * scale, np.float32(-1))) + 1] += SAMPLED
    at = 257
    promised = 0
    while at > 0 and promised < PROMISING:
        promised += histogram[at]
        at -= 1
    return np.float32(at) / scale


@inlined
def block_max_topk(mask, terms, patterns, tables, scoring, bound_weights, bounds, scores, found, n):
    """Insert the best documents of a bitmap that no sparse term scores into the n best; return how many there are.

    Block-max pruning (Ding and Suel: Faster top-k document retrieval using block-max indexes, SIGIR 2011) in blocks of
    64 documents and in cells of 16 (see `dense_terms`). One sweep adds up the bounds of blocks; the most promising
    blocks raise the threshold; a second sweep looks into the blocks that can still reach it. In a cell, a document's
    own bits tell which terms' bounds apply.

    `mask` is the bitmap, `bound_weights` comes from `bound_weights_of`, `bounds` is scratch, `(n_blocks,) float32`.
    """
    places, sparse, weights = terms.places, terms.sparse, terms.weights
    pattern_bits, pattern_weights = patterns.bits, patterns.weights
    bits, superblock_rank, block_rank = tables.bits, tables.superblock_rank, tables.block_rank
    payloads, block_max, cell_max = tables.payloads, tables.block_max, tables.cell_max
    impacts, lengths = scoring.impacts, scoring.lengths
    blocks = len(mask)
    count = len(places)
    k = len(scores)
    most = 0.0
    for block in range(blocks):
        bounds[np.uint64(block)] = np.float32(0) if mask[np.uint64(block)] != 0 else np.float32(-1e30)
    for t in range(sparse, count):
        row = np.uint64(places[t, 0])
        factor = bound_weights[t]
        most += np.float64(factor) * 256
        for block in range(blocks):
            bounds[np.uint64(block)] += np.float32(block_max[row, np.uint64(block)]) * factor
    for p in range(len(pattern_weights)):
        share = np.float32(pattern_weights[p] * impacts[256] * BOUND_MARGIN)
        most += np.float64(share)
        for block in range(blocks):
            bounds[np.uint64(block)] += share * np.float32(pattern_bits[p, np.uint64(block)] != 0)
    level = promising_from(bounds, most)
    sums = np.zeros(CHUNK * CELLS, np.float32)
    shares = np.zeros(count, np.float32)
    present = np.zeros(count, np.uint64)
    for phase in range(2):
        for start in range(0, blocks, CHUNK):
            size = min(CHUNK, blocks - start)
            threshold = np.float32(scores[k - 1] * (2 - BOUND_MARGIN)) if n == k else np.float32(0)
            least = max(level, threshold)
            promising = False
            for block in range(start, start + size):
                promising |= bounds[np.uint64(block)] >= least
            if not promising:
                continue
            for c in range(CHUNK * CELLS):
                sums[c] = 0
            for t in range(sparse, count):
                row = np.uint64(places[t, 0])
                factor = bound_weights[t]
                for c in range(size * CELLS):
                    sums[np.uint64(c)] += np.float32(cell_max[row, np.uint64(start * CELLS + c)]) * factor
            for block in range(start, start + size):
                if bounds[block] < max(level, threshold):
                    continue
                if phase == 0:
                    bounds[block] = -1
                for c in range(CELLS):
                    cell_bound = sums[(block - start) * CELLS + c]
                    if len(pattern_weights) > 0:
                        among = mask[block] & (FIRST_CELL << np.uint64(c * CELL))
                        cell_bound += np.float32(pattern_bound(among, block, pattern_bits, pattern_weights, impacts))
                    if cell_bound < threshold:
                        continue
                    alive = (mask[block] >> np.uint64(c * CELL)) & FIRST_CELL
                    if alive == 0:
                        continue
                    for t in range(sparse, count):
                        row = np.uint64(places[t, 0])
                        shares[t] = np.float32(cell_max[row, np.uint64(block * CELLS + c)]) * bound_weights[t]
                        present[t] = bits[row, np.uint64(block)] >> np.uint64(c * CELL)
                    while alive:
                        i = np.uint64(ctz(alive))
                        alive &= alive - ONE
                        bound = np.float32(0)
                        for t in range(sparse, count):
                            bound += np.float32(np.int64(present[t] >> i & ONE)) * shares[t]
                        doc = (block << 6) + c * CELL + np.int64(i)
                        if len(pattern_weights) > 0:
                            bound += np.float32(
                                pattern_score(0.0, doc, pattern_bits, pattern_weights, impacts, np.int64(lengths[doc]))
                            )
                        if bound < threshold:
                            continue
                        length = np.int64(lengths[doc])
                        score = dense_score(
                            0.0, doc, places, sparse, weights, bits, superblock_rank, block_rank, payloads, impacts,
                            length
                        )  # fmt: skip
                        score = pattern_score(score, doc, pattern_bits, pattern_weights, impacts, length)
                        n = topk_insert(scores, found, n, score, doc)
                        if n == k:
                            threshold = np.float32(scores[k - 1] * (2 - BOUND_MARGIN))
        level = np.float32(0)
    return n
