"""The k best documents: how they are kept, what a query's terms are to the loops, and what only dense terms score.

Indexes are made unsigned: numba looks out for signed ones that count from the end, and then no loop becomes vectors.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from search.kernels.core.bitmap import describe_best
from search.kernels.core.dense_terms import BOUND_MARGIN, CELL, CELLS, rank
from search.kernels.core.postings_codec import FREQUENCY
from search.kernels.jit.argument_types import f32, f64, i32, i64, read, struct, u8, u32, u64, write
from search.kernels.jit.decorators import inlined
from search.kernels.jit.intrinsics import as_read, ctz

SORTED = 48
"""Documents up to which the best are kept sorted."""
PROMISING = 48
"""Blocks that are scored for a first threshold."""
SAMPLED = 4
"""Of so many blocks one is looked at to find the promising ones."""
FIRST_CELL = np.uint64((1 << CELL) - 1)
"""The bits of a block's first cell."""
CHUNK = 16
"""Blocks whose cells' bounds are added at a time."""


class QueryTerms(NamedTuple):
    """The terms of a query in one segment, the sparse ones first."""

    places: Any
    """`(n_terms, 5) int64`: the dense row or -1; of a sparse term from which byte of the postings up to which; in how
    many documents it occurs; its term id."""
    weights: Any
    """`(n_terms,) float64`: what an impact of each term is multiplied with: its idf."""
    sparse: Any
    """How many of the terms are sparse."""


class PatternSets(NamedTuple):
    """The patterns of a query in one segment: each is a term that occurs once wherever a word fits it.

    They add to a score after all other terms.
    """

    bits: Any
    """`(n_patterns, n_blocks) uint64`: a bitmap of the documents for each."""
    weights: Any
    """`(n_patterns,) float64`: their idfs."""


class Scoring(NamedTuple):
    """What it takes to score a document of a segment."""

    impacts: Any
    """`(64 * 256,) float64`: the impact of a term by frequency * 256 + length (see `search.ranking`)."""
    lengths: Any
    """`(n_docs,) uint8`: the length of each document, as `search.ranking` encodes it."""
    bound_scale: Any
    """The factor by which the bounds in `DenseTables` are raised: they were made for another average length."""


class ArticleColumns(NamedTuple):
    """Which article each document of a segment belongs to. Articles are numbered, and so are their documents."""

    last_bits: Any
    """`(n_blocks,) uint64`: the bitmap of the last documents of all articles."""
    of_doc: Any
    """`(n_docs,) int32`: the article of each document."""
    first: Any
    """`(n_articles + 1,) uint32`: the first document of each article, and how many documents there are."""


class Scratch(NamedTuple):
    """Arrays of a thread that loops write to; what is in them before does not matter."""

    docs: Any
    """`(>= n_postings,) int32`: room for the documents of all sparse postings of a query."""
    flags: Any
    """`(>= n_postings,) uint8`: room for their payloads."""
    once: Any
    """`(n_blocks,) uint64`."""
    twice: Any
    """`(n_blocks,) uint64`."""
    spare: Any
    """`(n_blocks,) uint64`."""
    ranks: Any
    """`(n_blocks,) int32`."""
    bounds: Any
    """`(n_blocks,) float32`."""


class TopK(NamedTuple):
    """Where the best documents are put, as many columns as are wanted."""

    scores: Any
    """`(k,) float64`, descending."""
    rows: Any
    """`(4, k) int32`: document, article, number in the article from 1, and how many others of the article match."""


QUERY_TERMS = struct(QueryTerms, read(i64, 2), read(f64), i64)
PATTERN_SETS = struct(PatternSets, read(u64, 2), read(f64))
SCORING = struct(Scoring, read(f64), read(u8), f64)
ARTICLE_COLUMNS = struct(ArticleColumns, read(u64), read(i32), read(u32))
SCRATCH = struct(Scratch, write(i32), write(u8), write(u64), write(u64), write(u64), write(i32), write(f32))
TOP_K = struct(TopK, write(f64), write(i32, 2))


@inlined
def is_worse(score, doc, other, other_doc):
    """Whether a document comes after another one by (score descending, document ascending)."""
    return score < other or (score == other and doc > other_doc)


@inlined
def sink(scores, found, node, size, last):
    """Let a node of a heap sink to its place: the worst is on top. Node j is kept at place `last` - j."""
    score = scores[last - node]
    doc = found[last - node]
    child = 2 * node + 1
    while child < size:
        at = last - child
        if child + 1 < size and is_worse(scores[at - 1], found[at - 1], scores[at], found[at]):
            child += 1
            at -= 1
        if not is_worse(scores[at], found[at], score, doc):
            break
        scores[last - node] = scores[at]
        found[last - node] = found[at]
        node = child
        child = 2 * node + 1
    scores[last - node] = score
    found[last - node] = doc


@inlined
def topk_insert(scores, found, n, score, doc):
    """Keep the best by (score descending, document ascending); returns how many there are.

    The worst of as many as there is room for is the last one: of few they are sorted, of many they are a heap.
    """
    k = len(scores)
    if n == k and not is_worse(scores[k - 1], found[k - 1], score, doc):
        return n
    if k <= SORTED:
        i = min(n, k - 1)
        while i > 0 and is_worse(scores[i - 1], found[i - 1], score, doc):
            scores[i] = scores[i - 1]
            found[i] = found[i - 1]
            i -= 1
        scores[i] = score
        found[i] = doc
        return min(n + 1, k)
    if n == k:
        scores[k - 1] = score
        found[k - 1] = doc
        sink(scores, found, 0, k, k - 1)
        return n
    scores[n] = score
    found[n] = doc
    if n + 1 == k:
        for node in range(k // 2 - 1, -1, -1):
            sink(scores, found, node, k, k - 1)
    return n + 1


@inlined
def put_in_order(scores, found, n):
    """Sort what was kept: heapsort, unless it is sorted already."""
    if len(scores) <= SORTED:
        return
    last = n - 1
    for node in range(n // 2 - 1, -1, -1):
        sink(scores, found, node, n, last)
    for size in range(n - 1, 0, -1):
        at = last - size
        score = scores[last]
        doc = found[last]
        scores[last] = scores[at]
        found[last] = found[at]
        scores[at] = score
        found[at] = doc
        sink(scores, found, 0, size, last)
    for i in range(n // 2):
        score = scores[i]
        doc = found[i]
        scores[i] = scores[last - i]
        found[i] = found[last - i]
        scores[last - i] = score
        found[last - i] = doc


@inlined
def bound_weights_of(terms, tables, scoring):
    """What a unit of each dense term's bounds is worth, and what all dense terms can add at most."""
    bound_weights = np.zeros(len(terms.places), np.float32)
    most = 0.0
    for t in range(terms.sparse, len(terms.places)):
        scale = tables.scales[terms.places[t, 0]] * scoring.bound_scale
        bound_weights[t] = np.float32(terms.weights[t] * scale)
        most += np.float64(bound_weights[t]) * 255 * BOUND_MARGIN
    return bound_weights, most


@inlined
def bound_of(doc, terms, sparse, bound_weights, bits, cell_max):
    """What the dense terms can add at most to a document's score, by its cell."""
    bound = 0.0
    for t in range(sparse, len(terms)):
        row = np.uint64(terms[t, 0])
        has = np.int64((bits[row, np.uint64(doc >> 6)] >> np.uint64(doc & 63)) & np.uint64(1))
        bound += np.float64(np.float32(has * np.int64(cell_max[row, np.uint64(doc // CELL)])) * bound_weights[t])
    return bound * BOUND_MARGIN


@inlined
def dense_score(score, doc, terms, sparse, weights, bits, superblock_rank, block_rank, payloads, impacts, length):
    """A score, with what the dense terms add to it."""
    block = np.uint64(doc >> 6)
    bit = np.uint64(1) << np.uint64(doc & 63)
    for t in range(sparse, len(terms)):
        row = np.uint64(terms[t, 0])
        if bits[row, block] & bit:
            payload = payloads[rank(row, block, bit - np.uint64(1), bits, superblock_rank, block_rank)]
            score += weights[t] * impacts[np.uint64(np.int64(payload & FREQUENCY) * 256 + length)]
    return score


@inlined
def fit_score(score, doc, fits, fit_weights, impacts, length):
    """A score, with what the patterns add to it."""
    for p in range(len(fit_weights)):
        if (fits[p, doc >> 6] >> np.uint64(doc & 63)) & np.uint64(1):
            score += fit_weights[p] * impacts[np.uint64(256 + length)]
    return score


@inlined
def fit_bound(word, block, fits, fit_weights, impacts):
    """What the patterns can add at most to the score of a document of a block's `word`: as if it was the shortest."""
    bound = 0.0
    for p in range(len(fit_weights)):
        bound += fit_weights[p] * impacts[256] * np.float64(fits[p, block] & word != 0)
    return bound * BOUND_MARGIN


@inlined
def promising_from(bounds, most):
    """The bound from which on there are about PROMISING blocks, going by a sample; `most` is no less than any."""
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
def best_dense(mask, terms, patterns, tables, scoring, bound_weights, bounds, scores, found, n):
    """Put the best of a mask's documents, which no sparse term scores, among the best so far; returns how many.

    Block-max pruning (Ding and Suel: Faster top-k document retrieval using block-max indexes, SIGIR 2011) in blocks of
    64 and the cells in them (`dense_terms`): one sweep adds the bounds, the most promising blocks raise the threshold,
    a second one looks into those that can still win. In a cell, a document's own bits say which bounds can be its.
    `bound_weights` are what a unit of a cell is worth, `bounds` is scratch, a number a block.
    """
    places = terms.places
    sparse = terms.sparse
    weights = terms.weights
    fits = patterns.bits
    fit_weights = patterns.weights
    bits = tables.bits
    superblock_rank = tables.superblock_rank
    block_rank = tables.block_rank
    payloads = tables.payloads
    block_max = tables.block_max
    cell_max = tables.cell_max
    impacts = scoring.impacts
    lengths = scoring.lengths
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
    for p in range(len(fit_weights)):
        share = np.float32(fit_weights[p] * impacts[256] * BOUND_MARGIN)
        most += np.float64(share)
        for block in range(blocks):
            bounds[np.uint64(block)] += share * np.float32(fits[p, np.uint64(block)] != 0)
    level = promising_from(bounds, most)
    sums = np.zeros(CHUNK * CELLS, np.float32)
    shares = np.zeros(count, np.float32)
    present = np.zeros(count, np.uint64)
    for phase in range(2):
        for start in range(0, blocks, CHUNK):
            size = min(CHUNK, blocks - start)
            threshold = np.float32(scores[k - 1] * (2 - BOUND_MARGIN)) if n == k else np.float32(0)
            least = max(level, threshold)
            some = False
            for block in range(start, start + size):
                some |= bounds[np.uint64(block)] >= least
            if not some:
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
                    if len(fit_weights) > 0:
                        among = mask[block] & (FIRST_CELL << np.uint64(c * CELL))
                        cell_bound += np.float32(fit_bound(among, block, fits, fit_weights, impacts))
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
                        alive &= alive - np.uint64(1)
                        bound = np.float32(0)
                        for t in range(sparse, count):
                            bound += np.float32(np.int64((present[t] >> i) & np.uint64(1))) * shares[t]
                        doc = (block << 6) + c * CELL + np.int64(i)
                        if len(fit_weights) > 0:
                            bound += np.float32(fit_score(0.0, doc, fits, fit_weights, impacts, np.int64(lengths[doc])))
                        if bound < threshold:
                            continue
                        length = np.int64(lengths[doc])
                        score = dense_score(
                            0.0, doc, places, sparse, weights, bits, superblock_rank, block_rank, payloads, impacts,
                            length
                        )  # fmt: skip
                        score = fit_score(score, doc, fits, fit_weights, impacts, length)
                        n = topk_insert(scores, found, n, score, doc)
                        if n == k:
                            threshold = np.float32(scores[k - 1] * (2 - BOUND_MARGIN))
        level = np.float32(0)
    return n


@inlined
def write_topk(topk, found, n, bits, articles):
    """Put the n documents found, whose scores are in `topk`, in order, and describe them: see `TopK.rows`."""
    put_in_order(topk.scores, found, n)
    describe_best(as_read(found), n, bits, articles.of_doc, articles.first, topk.rows)
