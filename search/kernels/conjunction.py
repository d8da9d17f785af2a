"""Plain words joined by AND: matched, counted, scored and ranked in one go."""

from __future__ import annotations

import numpy as np

from search.kernels.compiling import compiled, f32, f64, i32, i64, inlined, lowest, popcount, read, types, u8, u32, u64, write
from search.kernels.postings import FREQUENCY, OWN
from search.kernels.sweeping import best_dense, dense_score, describe_best, keep, read_posting

FEW = 1_000
"""Matches that are scored one by one, without ceilings."""


@inlined
def finished(found, n, total, articles, matching, article_of, first, out):
    """What is returned, once the best are described."""
    describe_best(found, n, matching, article_of, first, out)
    return n, total, articles


@compiled(
    types.UniTuple(i64, 3)(
        read(i64, 2), read(f64), i64, i64,
        read(u8), read(u64, 2), read(i32, 2), read(i64), read(u8),
        read(f64), read(u8), read(u64), read(i32), read(u32),
        write(u64), write(f64), write(i32, 2),
    )
)  # fmt: skip
def all_of_sparse(
    terms, weights, sparse, lead,
    blob, bits, begins, bases, payloads,
    impacts, lengths, live, article_of, first,
    matching, scores, out,
):  # fmt: skip
    """The best documents that have all terms, at least one of which is sparse; `lead` is the rarest of these.

    As `disjunction.any_of`. A document matches where one of its terms is its OWN. The lead's postings are read, and the
    others' up to each of them; dense terms are bits.
    """
    for block in range(len(matching)):
        matching[np.uint64(block)] = 0
    count = len(terms)
    found = np.empty(len(scores), np.int32)
    n = 0
    total = 0
    articles = 0
    article = -1
    at = np.zeros(sparse, np.int64)
    docs = np.full(sparse, -1, np.int64)
    flags = np.zeros(sparse, np.int64)
    for t in range(sparse):
        at[t] = terms[t, 1]
    i = at[lead]
    end = terms[lead, 2]
    doc = np.int64(-1)
    while i < end:
        i, doc, flag = read_posting(blob, i, doc)
        block = doc >> 6
        bit = np.uint64(1) << np.uint64(doc & 63)
        word = live[np.uint64(block)] & bit if len(live) > 0 else bit
        for t in range(sparse, count):
            word &= bits[np.uint64(terms[t, 0]), np.uint64(block)]
        if word == 0:
            continue
        flags[lead] = flag
        owned = flag
        for t in range(sparse):
            if t == lead:
                continue
            other = docs[t]
            if other < doc:
                j = at[t]
                last = terms[t, 2]
                flag = flags[t]
                while other < doc:
                    if j >= last:
                        return finished(found, n, total, articles, matching, article_of, first, out)
                    j, other, flag = read_posting(blob, j, other)
                at[t] = j
                docs[t] = other
                flags[t] = flag
            if other != doc:
                word = np.uint64(0)
                break
            owned |= flags[t]
        if word == 0:
            continue
        for t in range(sparse, count):
            if owned & OWN:
                break
            row = terms[t, 0]
            at_rank = bases[row] + begins[row, block] + popcount(bits[np.uint64(row), np.uint64(block)] & (bit - np.uint64(1)))
            owned |= np.int64(payloads[at_rank])
        if not owned & OWN:
            continue
        total += 1
        matching[np.uint64(block)] |= bit
        if article_of[doc] != article:
            article = article_of[doc]
            articles += 1
        length = np.int64(lengths[np.uint64(doc)])
        score = 0.0
        for t in range(sparse):
            score += weights[t] * impacts[np.uint64((flags[t] & FREQUENCY) * 256 + length)]
        score = dense_score(score, doc, terms, sparse, weights, bits, begins, bases, payloads, impacts, length)
        n = keep(scores, found, n, score, doc)
    return finished(found, n, total, articles, matching, article_of, first, out)


@compiled(
    types.UniTuple(i64, 3)(
        read(i64, 2), read(f64),
        read(u64, 2), read(u64, 2), read(i32, 2), read(i64), read(u8), read(f32, 2), read(u8, 2), read(f32), f64,
        read(f64), read(u8), read(u64), read(u64), read(i32), read(u32),
        write(u64), write(f32), write(f64), write(i32, 2),
    )
)  # fmt: skip
def all_of_dense(
    terms, weights,
    bits, owns, begins, bases, payloads, peaks, cells, scales, raised,
    impacts, lengths, live, ends, article_of, first,
    matching, ceiling, scores, out,
):  # fmt: skip
    """The best documents that have all terms, all of which are dense. As `disjunction.any_of`."""
    blocks = len(matching)
    count = len(terms)
    row = terms[0, 0]
    for block in range(blocks):
        matching[np.uint64(block)] = owns[np.uint64(row), np.uint64(block)]
    for t in range(1, count):
        row = terms[t, 0]
        for block in range(blocks):
            matching[np.uint64(block)] |= owns[np.uint64(row), np.uint64(block)]
    for t in range(count):
        row = terms[t, 0]
        for block in range(blocks):
            matching[np.uint64(block)] &= bits[np.uint64(row), np.uint64(block)]
    if len(live) > 0:
        for block in range(blocks):
            matching[np.uint64(block)] &= live[np.uint64(block)]
    total = 0
    articles = 0
    carry = np.uint64(0)
    for block in range(blocks):
        m = matching[np.uint64(block)]
        total += popcount(m)
        e = ends[np.uint64(block)]
        m |= carry
        low = ~e
        articles += popcount((((m & low) + low) | m) & e)
        carry = np.uint64((m & low) > e)
    found = np.empty(len(scores), np.int32)
    n = 0
    if total > FEW:
        factors = np.zeros(count, np.float32)
        for t in range(count):
            factors[t] = np.float32(weights[t] * scales[terms[t, 0]] * raised)
        n = best_dense(
            matching, terms, 0, weights, factors, bits, begins, bases, payloads, peaks, cells, impacts, lengths,
            raised, ceiling, scores, found, n,
        )  # fmt: skip
        return finished(found, n, total, articles, matching, article_of, first, out)
    for block in range(blocks):
        rest = matching[np.uint64(block)]
        while rest:
            doc = (block << 6) + lowest(rest)
            rest &= rest - np.uint64(1)
            score = dense_score(
                0.0, doc, terms, 0, weights, bits, begins, bases, payloads, impacts, np.int64(lengths[np.uint64(doc)])
            )
            n = keep(scores, found, n, score, doc)
    return finished(found, n, total, articles, matching, article_of, first, out)
