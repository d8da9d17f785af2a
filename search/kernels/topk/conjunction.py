"""Plain words joined by AND: matched, counted, scored and ranked in one go."""

from __future__ import annotations

import numpy as np

from search.kernels.core.bitmap import count_with_groups, describe_best
from search.kernels.core.dense_terms import BOUND_MARGIN, rank
from search.kernels.core.postings_codec import FREQUENCY, MATCHES_ITSELF, unpack
from search.kernels.jit.decorators import (
    as_read,
    boolean,
    compiled,
    ctz,
    f32,
    f64,
    i32,
    i64,
    prefetch,
    read,
    types,
    u8,
    u16,
    u32,
    u64,
    write,
)
from search.kernels.topk.intersection import drop_title_only, rarest_first, sift, still_promising
from search.kernels.topk.topk import best_dense, bound_of, bound_weights_of, dense_score, put_in_order, topk_insert

ANY = np.int64(0x7FFFFFFF)
"""As the last document: none is left out."""
CHUNK = 64
"""Matches that are scored together, so that the processor waits for what they need at once."""
MANY = 500
"""Matches from which on their articles are counted by their bits."""
FEW = 1_000
"""Matches that are scored one by one, without ceilings."""
NONE = np.int64(0)
"""How many terms of `all_of_dense` are sparse."""


@compiled(
    types.UniTuple(i64, 3)(
        read(i64, 2), read(f64), i64,
        read(u8), read(u64, 2), read(i64, 2), read(u16, 2), read(u8), read(u8, 2), read(f32), f64,
        read(f64), read(u8), read(u64), read(u64), read(i32), read(u32),
        write(u64), boolean, write(i32), write(u8), write(f64), write(i32, 2),
    )
)  # fmt: skip
def all_of_sparse(
    terms, weights, sparse,
    blob, bits, superblock_rank, block_rank, payloads, cell_max, scales, bound_scale,
    impacts, lengths, live, ends, article_of, first,
    matching, cleared, docs, flags, scores, out,
):  # fmt: skip
    """The best documents that have all terms, of which at least one is sparse.

    As `disjunction.any_of`. A document matches where one of its terms is its OWN. The rarest sparse term leads: its
    documents that all dense terms have are candidates, bits of `matching`; of each other list of postings, the shortest
    first, what it has of them are the candidates for the next. `matching`, zero before, is filled, and zero again after
    if it is to be `cleared`: to clear all of it would take longer than most queries do.
    """
    count = len(terms)
    order = rarest_first(terms, sparse)
    lead = order[0]
    starts = np.zeros(sparse, np.int64)
    end = unpack(blob, terms[lead, 1], terms[lead, 2], docs, flags, np.int64(0))
    for t in range(sparse, count):
        end = sift(docs, flags, np.int64(0), end, ANY, bits[terms[t, 0]])
    if len(live) > 0:
        end = sift(docs, flags, np.int64(0), end, ANY, live)
    start = 0
    for o in range(1, sparse + 1):
        for i in range(start, end):
            doc = np.int64(docs[np.uint64(i)])
            matching[np.uint64(doc >> 6)] |= np.uint64(1) << np.uint64(doc & 63)
        if o == sparse or start == end:
            break
        t = order[o]
        starts[t] = end
        last = np.int64(docs[end - 1])
        sifted = unpack(blob, terms[t, 1], terms[t, 2], docs, flags, end)
        sifted = sift(docs, flags, end, sifted, last, as_read(matching))
        for i in range(start, end):
            matching[np.uint64(docs[np.uint64(i)] >> 6)] = 0
        start = end
        end = sifted
    bound_weights, most = bound_weights_of(terms, weights, sparse, scales, bound_scale)
    found = np.empty(len(scores), np.int32)
    n = np.int64(0)
    total = end - start
    articles = 0
    beyond = np.int64(0)
    k = len(scores)
    chosen = np.empty(CHUNK, np.int64)
    owned = np.empty(CHUNK, np.uint8)
    sums = np.empty(CHUNK, np.float64)
    seen = np.empty((sparse, CHUNK), np.uint8)
    for begin in range(start, end, CHUNK):
        size = np.int64(0)
        least = scores[k - 1] if n == k else -1.0
        for j in range(begin, min(begin + CHUNK, end)):
            doc = np.int64(docs[j])
            prefetch(lengths, np.int64(docs[min(j + CHUNK, end - 1)]))  # for the chunk after this
            mine = np.uint8(0)
            bound = most
            for t in range(sparse):
                i = starts[t]
                while docs[i] < doc:
                    i += 1
                starts[t] = i
                mine |= flags[i]
                seen[t, size] = flags[i]
                bound += weights[t] * impacts[np.int64(flags[i] & np.uint8(FREQUENCY)) << 8]
            chosen[size] = doc
            owned[size] = mine
            size += np.int64(bound * BOUND_MARGIN >= least) | (1 - np.int64(mine >> np.uint8(7)))
        for i in range(size):
            length = np.int64(lengths[chosen[i]])
            score = 0.0
            for t in range(sparse):
                score += weights[t] * impacts[np.int64(seen[t, i] & np.uint8(FREQUENCY)) << 8 | length]
            sums[i] = score
        if n == k and sparse < count:
            size = still_promising(
                chosen, owned, sums, size, scores[k - 1], terms, sparse, bound_weights, bits, cell_max
            )
        for t in range(sparse, count):
            row = np.uint64(terms[t, 0])
            for i in range(size):
                doc = chosen[i]
                below = (np.uint64(1) << np.uint64(doc & 63)) - np.uint64(1)
                payload = payloads[rank(row, np.uint64(doc >> 6), below, bits, superblock_rank, block_rank)]
                owned[i] |= payload
                sums[i] += weights[t] * impacts[np.int64(payload & np.uint8(FREQUENCY)) << 8 | np.int64(lengths[doc])]
        for i in range(size):
            doc = chosen[i]
            if owned[i] & np.uint8(MATCHES_ITSELF):
                n = topk_insert(scores, found, n, sums[i], doc)
            else:
                matching[doc >> 6] &= ~(np.uint64(1) << np.uint64(doc & 63))
                total -= 1
    if end - start >= MANY:
        articles = count_with_groups(as_read(matching), ends)[1]
    for j in range(start, end if end - start < MANY else start):
        doc = np.int64(docs[j])
        if doc >= beyond and (matching[doc >> 6] >> np.uint64(doc & 63)) & np.uint64(1):
            articles += 1
            beyond = np.int64(first[article_of[doc] + 1])
    put_in_order(scores, found, n)
    describe_best(as_read(found), n, as_read(matching), article_of, first, out)
    for j in range(start, end if cleared else start):
        matching[np.uint64(docs[np.uint64(j)] >> 6)] = 0
    return n, total, articles


@compiled(
    types.UniTuple(i64, 3)(
        read(i64, 2), read(f64),
        read(u64, 2), read(i64, 2), read(u16, 2), read(u8),
        read(i32), read(i32, 2), read(u64, 2), read(u8, 2), read(u8, 2), read(f32), f64,
        read(f64), read(u8), read(u64), read(u64), read(i32), read(u32),
        write(u64), write(f32), write(f64), write(i32, 2),
    )
)  # fmt: skip
def all_of_dense(
    terms, weights,
    bits, superblock_rank, block_rank, payloads,
    title_only_counts, title_only_blocks, title_only_words, block_max, cell_max, scales, bound_scale,
    impacts, lengths, live, ends, article_of, first,
    matching, ceiling, scores, out,
):  # fmt: skip
    """The best documents that have all terms, all of which are dense. As `disjunction.any_of`."""
    blocks = len(matching)
    count = len(terms)
    row = np.uint64(terms[0, 0])
    for block in range(blocks):
        matching[np.uint64(block)] = bits[row, np.uint64(block)]
    for t in range(1, count):
        row = np.uint64(terms[t, 0])
        for block in range(blocks):
            matching[np.uint64(block)] &= bits[row, np.uint64(block)]
    drop_title_only(matching, terms, title_only_counts, title_only_blocks, title_only_words)
    if len(live) > 0:
        for block in range(blocks):
            matching[np.uint64(block)] &= live[np.uint64(block)]
    total, articles = count_with_groups(as_read(matching), ends)
    bound_weights, _ = bound_weights_of(terms, weights, NONE, scales, bound_scale)
    found = np.empty(len(scores), np.int32)
    n = np.int64(0)
    if total > FEW:
        n = best_dense(
            matching, terms, NONE, weights, bound_weights, bits, superblock_rank, block_rank, payloads, block_max,
            cell_max, impacts, lengths,
            ceiling, bits[:0], weights[:0], scores, found, n,
        )  # fmt: skip
    for block in range(blocks if total <= FEW else 0):
        rest = matching[np.uint64(block)]
        while rest:
            doc = (block << 6) + ctz(rest)
            rest &= rest - np.uint64(1)
            if n == len(scores) and bound_of(doc, terms, NONE, bound_weights, bits, cell_max) < scores[n - 1]:
                continue
            length = np.int64(lengths[np.uint64(doc)])
            score = dense_score(
                0.0, doc, terms, NONE, weights, bits, superblock_rank, block_rank, payloads, impacts, length
            )  # fmt: skip
            n = topk_insert(scores, found, n, score, doc)
    put_in_order(scores, found, n)
    describe_best(as_read(found), n, as_read(matching), article_of, first, out)
    return n, total, articles
