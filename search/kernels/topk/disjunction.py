"""Plain words joined by OR: matched, counted, scored and ranked in one go."""

from __future__ import annotations

import numpy as np

from search.kernels.core.bitmap import count_with_groups, describe_best
from search.kernels.core.dense_terms import BOUND_MARGIN
from search.kernels.core.postings_codec import FREQUENCY, unpack
from search.kernels.jit.decorators import (
    as_read,
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
    u32,
    u64,
    write,
)
from search.kernels.topk.topk import (
    best_dense,
    bound_of,
    bound_weights_of,
    dense_score,
    fit_score,
    mark_itself,
    put_in_order,
    topk_insert,
)

SPAN = 128
"""Blocks whose lent documents are seen to at a time."""
ZERO, ONE, SIX, SEVEN, LOW = np.uint64(0), np.uint64(1), np.uint64(6), np.uint64(7), np.uint64(63)


@inlined
def mark(docs, flags, start, end, once, twice, matches_itself):
    """Set the bits of postings: of their documents, of those that were met before, of those whose own the term is."""
    for i in range(start, end):
        doc = np.uint64(docs[np.uint64(i)])
        block = doc >> SIX
        bit = ONE << (doc & LOW)
        before = once[block]
        twice[block] |= before & bit
        once[block] = before | bit
        matches_itself[block] |= bit & (ZERO - (np.uint64(flags[np.uint64(i)]) >> SEVEN))


@inlined
def least_frequency(weight, impacts, threshold):
    """How often a term has to stand in a document that has no other, and is as short as can be, to reach a score."""
    frequency = 1
    while frequency <= FREQUENCY and weight * impacts[frequency << 8] * BOUND_MARGIN < threshold:
        frequency += 1
    return frequency


@inlined
def best_twice(
    terms, weights, sparse, bits, superblock_rank, block_rank, payloads, cell_max, bound_weights, most,
    impacts, lengths, docs, flags, starts, matches_itself, twice, ranks, fits, fit_weights, scores, found,
):  # fmt: skip
    """Keep the best of the documents that have a sparse term and another term or pattern; returns how many.

    The sums of their sparse terms are kept by rank among the bits of `twice`; `ranks` gets that of each block's first.
    """
    count = len(terms)
    k = len(scores)
    n = np.int64(0)
    places = 0
    for block in range(len(twice)):
        ranks[np.uint64(block)] = places
        places += popcount(twice[np.uint64(block)])
    sums = np.zeros(places, np.float64)
    docs_of = np.empty(places, np.int32)
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
    for place in range(places):
        score = sums[np.uint64(place)]
        if n == k and score + most < scores[k - 1]:
            continue
        doc = np.int64(docs_of[np.uint64(place)])
        block = np.uint64(doc >> 6)
        if not (matches_itself[block] >> np.uint64(doc & 63)) & ONE:
            continue
        length = np.int64(lengths[np.uint64(doc)])
        if sparse < count:
            if n == k:
                bound = score + bound_of(doc, terms, sparse, bound_weights, bits, cell_max)
                if fit_score(bound, doc, fits, fit_weights, impacts, length) * BOUND_MARGIN < scores[k - 1]:
                    continue
            score = dense_score(
                score, doc, terms, sparse, weights, bits, superblock_rank, block_rank, payloads, impacts, length
            )
        score = fit_score(score, doc, fits, fit_weights, impacts, length)
        n = topk_insert(scores, found, n, score, doc)
    return n


@inlined
def best_marked(
    terms, weights, sparse, bits, superblock_rank, block_rank, payloads, block_max, cell_max, bound_weights, most,
    impacts, lengths, docs, flags, starts, matches_itself, once, twice, ranks, ceiling, fits, fit_weights, scores,
    found,
):  # fmt: skip
    """Keep the best of the documents of `matches_itself`, by whether they have one term or more. Returns how many.

    `once` has the documents that have a dense term or a pattern, and with those of sparse terms, `twice` those of them
    that have two terms, of which one is sparse. Documents without any term are left out.

    Most documents have one term, and once, which is not enough when some have two. So those of `twice` are scored
    first. Of documents with one sparse term only, those are looked at in which it stands often enough to reach the
    threshold (as MaxScore; Turtle and Flood: Query evaluation, strategies and optimizations, 1995). Documents that only
    dense terms and patterns score come last.
    """
    blocks = len(matches_itself)
    count = len(terms)
    k = len(scores)
    n = np.int64(0)
    others = count + len(fit_weights)
    for p in range(len(fit_weights)):
        most += fit_weights[p] * impacts[256] * BOUND_MARGIN
    if sparse > 0 and others > 1:
        n = best_twice(
            terms, weights, sparse, bits, superblock_rank, block_rank, payloads, cell_max, bound_weights, most,
            impacts, lengths, docs, flags, starts, matches_itself, twice, ranks, fits, fit_weights, scores, found,
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
            if not ((matches_itself[block] & ~twice[block]) >> np.uint64(doc & 63)) & ONE:
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
            row = np.uint64(terms[t, 0])
            for block in range(blocks):
                once[np.uint64(block)] |= bits[row, np.uint64(block)]
        for p in range(len(fit_weights)):
            for block in range(blocks):
                once[np.uint64(block)] |= fits[p, np.uint64(block)]
        for block in range(blocks):
            once[np.uint64(block)] &= matches_itself[np.uint64(block)] & ~twice[np.uint64(block)]
        n = best_dense(
            once, terms, sparse, weights, bound_weights, bits, superblock_rank, block_rank, payloads, block_max,
            cell_max, impacts, lengths,
            ceiling, fits, fit_weights, scores, found, n,
        )  # fmt: skip
    return n


@compiled(
    types.UniTuple(i64, 3)(
        read(i64, 2), read(f64), i64,
        read(u8), read(u64, 2), read(i64, 2), read(u16, 2), read(u8),
        read(i32), read(i32, 2), read(u64, 2), read(u8, 2), read(u8, 2), read(f32), f64,
        read(f64), read(u8), read(u64), read(u64), read(i32), read(u32),
        write(i32), write(u8), write(u64), write(u64), write(u64), write(i32), write(f32), write(f64), write(i32, 2),
    )
)  # fmt: skip
def any_of(
    terms, weights, sparse,
    blob, bits, superblock_rank, block_rank, payloads,
    title_only_counts, title_only_blocks, title_only_words, block_max, cell_max, scales, bound_scale,
    impacts, lengths, live, ends, article_of, first,
    docs, flags, matches_itself, once, twice, ranks, ceiling, scores, out,
):  # fmt: skip
    """The best documents that have one of the terms, by (score descending, document ascending).

    A document matches where a term is its OWN; all of its terms score it. Terms as in `topk`, of which the first
    `sparse` are sparse; tables as in `dense_terms`, `title_only_counts` is how many lent blocks each row has; `live` is
    empty or a bitmap; `ends` as in `bitmap.count_groups`. `docs` and `flags` are scratch with room for all sparse
    postings, `once`, `twice`, `ranks` and `ceiling` with room for a number a block.

    Fills `matches_itself`, the bitmap of what matches, `scores`, and a column of `out` a document (`describe_best`).
    Returns how many were kept, how many documents match, in how many articles.
    """
    blocks = len(matches_itself)
    count = len(terms)
    k = len(scores)
    for block in range(blocks):
        matches_itself[np.uint64(block)] = 0
    for block in range(blocks):
        once[np.uint64(block)] = 0
    for block in range(blocks):
        twice[np.uint64(block)] = 0
    bound_weights, most = bound_weights_of(terms, weights, sparse, scales, bound_scale)
    saved = np.zeros(SPAN, np.uint64)
    for t in range(sparse, count):
        row = np.uint64(terms[t, 0])
        at = np.int64(0)
        for begin in range(0, blocks, SPAN):
            size = min(SPAN, blocks - begin)
            at = mark_itself(
                matches_itself[begin:],
                begin,
                size,
                row,
                bits,
                at,
                title_only_counts[row],
                title_only_blocks,
                title_only_words,
                saved,
            )
        for block in range(blocks):
            once[np.uint64(block)] |= bits[row, np.uint64(block)]
    starts = np.zeros(sparse + 1, np.int64)
    for t in range(sparse):
        starts[t + 1] = unpack(blob, terms[t, 1], terms[t, 2], docs, flags, starts[t])
        mark(docs, flags, starts[t], starts[t + 1], once, twice, matches_itself)
    if len(live) > 0:
        for block in range(blocks):
            matches_itself[np.uint64(block)] &= live[np.uint64(block)]
    total, articles = count_with_groups(as_read(matches_itself), ends)
    found = np.empty(k, np.int32)
    n = best_marked(
        terms, weights, sparse, bits, superblock_rank, block_rank, payloads, block_max, cell_max, bound_weights, most,
        impacts, lengths,
        docs, flags, starts, as_read(matches_itself), once, twice, ranks, ceiling, bits[:0], weights[:0], scores, found,
    )  # fmt: skip
    put_in_order(scores, found, n)
    describe_best(as_read(found), n, as_read(matches_itself), article_of, first, out)
    return n, total, articles
