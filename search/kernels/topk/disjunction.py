"""Plain words joined by OR: matched, counted, scored and ranked in one go."""

from __future__ import annotations

import numpy as np

from search.kernels.core.bitmap import count_with_groups
from search.kernels.core.dense_terms import BOUND_MARGIN, DENSE_TABLES
from search.kernels.core.postings_codec import FREQUENCY, unpack
from search.kernels.jit.argument_types import i64, read, types, u8, u64, write
from search.kernels.jit.decorators import compiled, inlined
from search.kernels.jit.intrinsics import as_read, popcount
from search.kernels.topk.topk import (
    ARTICLE_COLUMNS,
    QUERY_TERMS,
    SCORING,
    SCRATCH,
    TOP_K,
    PatternSets,
    best_dense,
    bound_of,
    bound_weights_of,
    dense_score,
    fit_score,
    topk_insert,
    write_topk,
)

SPAN = 128
"""Blocks whose title-only documents are seen to at a time."""
ZERO, ONE, SIX, SEVEN, LOW = np.uint64(0), np.uint64(1), np.uint64(6), np.uint64(7), np.uint64(63)


@inlined
def mark(docs, flags, start, end, once, twice, matching):
    """Set the bits of postings: of their documents, of those met before, of those that match themselves."""
    for i in range(start, end):
        doc = np.uint64(docs[np.uint64(i)])
        block = doc >> SIX
        bit = ONE << (doc & LOW)
        before = once[block]
        twice[block] |= before & bit
        once[block] = before | bit
        matching[block] |= bit & (ZERO - (np.uint64(flags[np.uint64(i)]) >> SEVEN))


@inlined
def least_frequency(weight, impacts, threshold):
    """How often a term has to stand in a document that has no other, and is as short as can be, to reach a score."""
    frequency = 1
    while frequency <= FREQUENCY and weight * impacts[frequency << 8] * BOUND_MARGIN < threshold:
        frequency += 1
    return frequency


@inlined
def mark_itself(matching, begin, size, row, tables, at, saved):
    """Add the documents that match themselves by a dense term, in `size` blocks; returns where to go on.

    `matching` begins at block `begin`; `at` is the first of the row's title-only blocks from there; `saved` is scratch.
    """
    bits = tables.bits
    title_only_blocks = tables.title_only_blocks
    title_only_words = tables.title_only_words
    title_only_count = tables.title_only_counts[row]
    end = at
    while end < title_only_count and title_only_blocks[row, np.uint64(end)] < begin + size:
        saved[end - at] = matching[title_only_blocks[row, np.uint64(end)] - begin]
        end += 1
    for b in range(size):
        matching[np.uint64(b)] |= bits[row, np.uint64(begin + b)]
    for i in range(at, end):
        b = np.int64(title_only_blocks[row, np.uint64(i)])
        matching[b - begin] = saved[i - at] | (bits[row, np.uint64(b)] & ~title_only_words[row, np.uint64(i)])
    return end


@inlined
def best_twice(terms, patterns, tables, scoring, bound_weights, most, starts, matching, scratch, scores, found):
    """Keep the best of the documents that have a sparse term and another term or pattern; returns how many.

    The sums of their sparse terms are kept by rank among the bits of `scratch.twice`; `scratch.ranks` gets that of each
    block's first.
    """
    places = terms.places
    weights = terms.weights
    sparse = terms.sparse
    fits = patterns.bits
    fit_weights = patterns.weights
    bits = tables.bits
    superblock_rank = tables.superblock_rank
    block_rank = tables.block_rank
    payloads = tables.payloads
    cell_max = tables.cell_max
    impacts = scoring.impacts
    lengths = scoring.lengths
    docs = scratch.docs
    flags = scratch.flags
    twice = scratch.twice
    ranks = scratch.ranks
    count = len(places)
    k = len(scores)
    n = np.int64(0)
    size = 0
    for block in range(len(twice)):
        ranks[np.uint64(block)] = size
        size += popcount(twice[np.uint64(block)])
    sums = np.zeros(size, np.float64)
    docs_of = np.empty(size, np.int32)
    for t in range(sparse):
        weight = weights[t]
        for i in range(starts[t], starts[t + 1]):
            doc = np.int64(docs[np.uint64(i)])
            block = np.uint64(doc >> 6)
            word = twice[block]
            bit = ONE << np.uint64(doc & 63)
            if word & bit:
                place = np.uint64(np.int64(ranks[block]) + popcount(word & (bit - ONE)))
                frequency = np.int64(flags[np.uint64(i)] & np.uint8(FREQUENCY))
                sums[place] += weight * impacts[np.uint64(frequency << 8 | np.int64(lengths[np.uint64(doc)]))]
                docs_of[place] = doc
    for place in range(size):
        score = sums[np.uint64(place)]
        if n == k and score + most < scores[k - 1]:
            continue
        doc = np.int64(docs_of[np.uint64(place)])
        block = np.uint64(doc >> 6)
        if not (matching[block] >> np.uint64(doc & 63)) & ONE:
            continue
        length = np.int64(lengths[np.uint64(doc)])
        if sparse < count:
            if n == k:
                bound = score + bound_of(doc, places, sparse, bound_weights, bits, cell_max)
                if fit_score(bound, doc, fits, fit_weights, impacts, length) * BOUND_MARGIN < scores[k - 1]:
                    continue
            score = dense_score(
                score, doc, places, sparse, weights, bits, superblock_rank, block_rank, payloads, impacts, length
            )
        score = fit_score(score, doc, fits, fit_weights, impacts, length)
        n = topk_insert(scores, found, n, score, doc)
    return n


@inlined
def best_marked(terms, patterns, tables, scoring, starts, matching, scratch, scores, found):
    """Keep the best of the documents of `matching`, by whether they have one term or more. Returns how many.

    `scratch.once` has the documents that have a dense term or a pattern, and with those of sparse terms,
    `scratch.twice` those of them that have two terms, of which one is sparse. Documents without any term are left out.
    The postings of sparse term t are scratch.docs[starts[t]:starts[t + 1]].

    Most documents have one term, and once, which is not enough when some have two. So those of `twice` are scored
    first. Of documents with one sparse term only, those are looked at in which it stands often enough to reach the
    threshold (as MaxScore; Turtle and Flood: Query evaluation, strategies and optimizations, 1995). Documents that only
    dense terms and patterns score come last.
    """
    places = terms.places
    weights = terms.weights
    sparse = terms.sparse
    fits = patterns.bits
    fit_weights = patterns.weights
    bits = tables.bits
    impacts = scoring.impacts
    lengths = scoring.lengths
    docs = scratch.docs
    flags = scratch.flags
    once = scratch.once
    twice = scratch.twice
    bound_weights, most = bound_weights_of(terms, tables, scoring)
    blocks = len(matching)
    count = len(places)
    k = len(scores)
    n = np.int64(0)
    others = count + len(fit_weights)
    for p in range(len(fit_weights)):
        most += fit_weights[p] * impacts[256] * BOUND_MARGIN
    if sparse > 0 and others > 1:
        n = best_twice(
            terms, patterns, tables, scoring, bound_weights, most, starts, matching, scratch, scores, found
        )  # fmt: skip
    for t in range(sparse):
        weight = weights[t]
        least = least_frequency(weight, impacts, scores[k - 1]) if n == k else 1
        if least > FREQUENCY:
            continue
        for i in range(starts[t], starts[t + 1]):
            frequency = np.int64(flags[np.uint64(i)] & np.uint8(FREQUENCY))
            if frequency < least:
                continue
            doc = np.int64(docs[np.uint64(i)])
            block = np.uint64(doc >> 6)
            if not ((matching[block] & ~twice[block]) >> np.uint64(doc & 63)) & ONE:
                continue
            score = 0.0 + weight * impacts[np.uint64(frequency << 8 | np.int64(lengths[np.uint64(doc)]))]
            if n == k and score < scores[k - 1]:
                continue
            n = topk_insert(scores, found, n, score, doc)
            if n == k:
                least = least_frequency(weight, impacts, scores[k - 1])
    if sparse < others and (n < k or most >= scores[k - 1]):
        for block in range(blocks):
            once[np.uint64(block)] = 0
        for t in range(sparse, count):
            row = np.uint64(places[t, 0])
            for block in range(blocks):
                once[np.uint64(block)] |= bits[row, np.uint64(block)]
        for p in range(len(fit_weights)):
            for block in range(blocks):
                once[np.uint64(block)] |= fits[p, np.uint64(block)]
        for block in range(blocks):
            once[np.uint64(block)] &= matching[np.uint64(block)] & ~twice[np.uint64(block)]
        n = best_dense(
            once, terms, patterns, tables, scoring, bound_weights, scratch.bounds, scores, found, n
        )  # fmt: skip
    return n


@compiled(
    types.UniTuple(i64, 3)(
        QUERY_TERMS, read(u8), DENSE_TABLES, SCORING, read(u64), ARTICLE_COLUMNS, SCRATCH, write(u64), TOP_K
    )
)  # fmt: skip
def any_of(terms, blob, tables, scoring, live, articles, scratch, matching, topk):
    """Find the best documents that have one of the terms, by (score descending, document ascending).

    A document matches where it matches itself by a term; all of its terms score it. `blob` are the bytes of all
    postings. `live` is a bitmap of the documents that may match, or empty if all may. Fills `matching`, the
    `(n_blocks,) uint64` bitmap of what matches, and `topk`. Returns how many documents were kept, how many match, and
    of how many articles these are.
    """
    places = terms.places
    sparse = terms.sparse
    bits = tables.bits
    docs = scratch.docs
    flags = scratch.flags
    once = scratch.once
    twice = scratch.twice
    blocks = len(matching)
    count = len(places)
    for block in range(blocks):
        matching[np.uint64(block)] = 0
    for block in range(blocks):
        once[np.uint64(block)] = 0
    for block in range(blocks):
        twice[np.uint64(block)] = 0
    saved = np.zeros(SPAN, np.uint64)
    for t in range(sparse, count):
        row = np.uint64(places[t, 0])
        at = np.int64(0)
        for begin in range(0, blocks, SPAN):
            size = min(SPAN, blocks - begin)
            at = mark_itself(matching[begin:], begin, size, row, tables, at, saved)
        for block in range(blocks):
            once[np.uint64(block)] |= bits[row, np.uint64(block)]
    starts = np.zeros(sparse + 1, np.int64)
    for t in range(sparse):
        starts[t + 1] = unpack(blob, places[t, 1], places[t, 2], docs, flags, starts[t])
        mark(docs, flags, starts[t], starts[t + 1], once, twice, matching)
    if len(live) > 0:
        for block in range(blocks):
            matching[np.uint64(block)] &= live[np.uint64(block)]
    total, n_articles = count_with_groups(as_read(matching), articles.last_bits)
    found = np.empty(len(topk.scores), np.int32)
    none = PatternSets(bits[:0], terms.weights[:0])
    n = best_marked(terms, none, tables, scoring, starts, as_read(matching), scratch, topk.scores, found)
    write_topk(topk, found, n, as_read(matching), articles)
    return n, total, n_articles
