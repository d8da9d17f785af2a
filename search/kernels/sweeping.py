"""What the loops of plain queries share: counting articles, keeping the best, and ranking what only dense terms score.

A query's terms come as `terms`, a row each: the row of a dense term's tables or -1, and for a sparse one the bytes of
its postings, from and to. Sparse terms come first. `weights` are their idfs.
"""

from __future__ import annotations

import numpy as np

from search.kernels.compiling import inlined, lowest, popcount
from search.kernels.postings import FREQUENCY
from search.kernels.scoring import SLACK

PROMISING = 48
"""Blocks that are scored for a first threshold."""


@inlined
def keep(scores, found, n, score, doc):
    """Keep the best by (score descending, document ascending) in sorted arrays; returns how many there are."""
    k = len(scores)
    if n == k and (score < scores[k - 1] or (score == scores[k - 1] and doc > found[k - 1])):
        return n
    i = min(n, k - 1)
    while i > 0 and (score > scores[i - 1] or (score == scores[i - 1] and doc < found[i - 1])):
        scores[i] = scores[i - 1]
        found[i] = found[i - 1]
        i -= 1
    scores[i] = score
    found[i] = doc
    return min(n + 1, k)


@inlined
def dense_score(score, doc, terms, sparse, weights, bits, begins, bases, payloads, impacts, length):
    """A score, with what the dense terms add to it."""
    block = doc >> 6
    bit = np.uint64(1) << np.uint64(doc & 63)
    for t in range(sparse, len(terms)):
        row = terms[t, 0]
        word = bits[row, block]
        if word & bit:
            payload = payloads[bases[row] + begins[row, block] + popcount(word & (bit - np.uint64(1)))]
            score += weights[t] * impacts[np.int64(payload & FREQUENCY) * 256 + length]
    return score


@inlined
def best_dense(
    mask, terms, sparse, weights, factors, bits, begins, bases, payloads, peaks, cells, impacts, lengths,
    raised, ceiling, scores, found, n,
):  # fmt: skip
    """Put the best of a mask's documents, which only dense terms score, among the best so far; returns how many.

    Block-max pruning (Ding and Suel: Faster top-k document retrieval using block-max indexes, SIGIR 2011) in blocks of
    64 and cells of 8 (`scoring`): one sweep adds the ceilings, the most promising blocks raise the threshold, a second
    one looks into those that can still win. In a cell, a document's own bits say which ceilings can be its. `factors`
    are what a unit of a cell is worth, `ceiling` is scratch.
    """
    blocks = len(mask)
    count = len(terms)
    k = len(scores)
    for block in range(blocks):
        ceiling[block] = 0
    for t in range(sparse, count):
        row = terms[t, 0]
        factor = np.float32(weights[t] * raised)
        for block in range(blocks):
            ceiling[block] += peaks[row, block] * factor
    best = np.float32(0)
    for block in range(blocks):
        high = ceiling[block] if mask[block] != 0 else np.float32(-1)
        ceiling[block] = high
        best = max(best, high)
    level = np.float32(0)
    if n < k or best > scores[k - 1]:
        scale = np.float32(255) / best if best > 0 else np.float32(0)
        histogram = np.zeros(257, np.int32)
        for block in range(blocks):
            histogram[np.int64(max(ceiling[block] * scale, np.float32(-1))) + 1] += 1
        at = 256
        promised = 0
        while at > 1 and promised < PROMISING:
            promised += histogram[at]
            at -= 1
        level = np.float32(at) / scale if scale > 0 else np.float32(0)
    words = np.zeros(count, np.uint64)
    shares = np.zeros((count, 8), np.float32)
    cell = np.zeros(8, np.float32)
    for phase in range(2):
        for block in range(blocks):
            high = ceiling[block]
            if high < level:
                continue
            threshold = np.float32(-1)
            if n == k:
                threshold = np.float32(scores[k - 1] * (2 - SLACK))
            if high < threshold:
                continue
            if phase == 0:
                ceiling[block] = -1
            for c in range(8):
                cell[c] = 0
            for t in range(sparse, count):
                row = terms[t, 0]
                factor = factors[t]
                words[t] = bits[row, block]
                for c in range(8):
                    share = np.float32(cells[row, block * 8 + c]) * factor
                    shares[t, c] = share
                    cell[c] += share
            alive = mask[block]
            for c in range(8):
                if cell[c] < threshold:
                    alive &= ~(np.uint64(255) << np.uint64(c * 8))
            while alive:
                i = lowest(alive)
                alive &= alive - np.uint64(1)
                bound = np.float32(0)
                for t in range(sparse, count):
                    if (words[t] >> np.uint64(i)) & np.uint64(1):
                        bound += shares[t, i >> 3]
                if bound < threshold:
                    continue
                doc = (block << 6) + i
                score = dense_score(
                    0.0, doc, terms, sparse, weights, bits, begins, bases, payloads, impacts, np.int64(lengths[doc])
                )
                n = keep(scores, found, n, score, doc)
        level = np.float32(0)
    return n


@inlined
def describe_best(found, n, bits, article_of, first, out):
    """Each document's number, its article, its number in it from 1, and how many others of it have their bit set."""
    for i in range(n):
        doc = found[i]
        article = article_of[doc]
        others = -1
        for other in range(first[article], first[article + 1]):
            others += np.int64((bits[other >> 6] >> np.uint64(other & 63)) & np.uint64(1))
        out[0, i] = doc
        out[1, i] = article
        out[2, i] = doc - first[article] + 1
        out[3, i] = others
