"""Plain words joined by OR: matched, counted, scored and ranked in one go."""

from __future__ import annotations

import numpy as np

from search.kernels.compiling import compiled, f32, f64, i32, i64, lowest, popcount, read, types, u8, u32, u64, write
from search.kernels.postings import FREQUENCY, OWN, PLAIN
from search.kernels.scoring import SLACK
from search.kernels.sweeping import best_dense, dense_score, describe_best, keep

SPAN = 32
"""Blocks that are worked on at a time: the scores of their paragraphs stay in the fastest cache."""
END = 1 << 40


@compiled(
    types.UniTuple(i64, 3)(
        read(i64, 2), read(f64), i64,
        read(u8), read(u64, 2), read(u64, 2), read(i32, 2), read(i64), read(u8), read(f32, 2), read(u8, 2), read(f32), f64,
        read(f64), read(u8), read(u64), read(u64), read(i32), read(u32),
        write(u64), write(u64), write(f32), write(f64), write(i32, 2),
    )
)  # fmt: skip
def any_of(
    terms, weights, sparse,
    blob, bits, owns, begins, bases, payloads, peaks, cells, scales, raised,
    impacts, lengths, live, ends, article_of, first,
    matching, touched, ceiling, scores, out,
):  # fmt: skip
    """The best documents that have one of the terms, by (score descending, document ascending).

    A document matches where a term is its OWN; all of its terms score it. Terms as in `sweeping`, of which the first
    `sparse` are sparse; tables as in `scoring`, `owns` is `bits` for OWN alone; `live` is empty or a bitmap; `ends` as
    in `bits.count_groups`. Fills the bitmap `matching`, `scores`, and a column of `out` a document (`describe_best`).
    Returns how many were kept, how many documents match, in how many articles.

    Sparse postings are added up in windows of documents; what they touch is scored there. Documents that only dense
    terms score come after, when the threshold is high.
    """
    blocks = len(matching)
    count = len(terms)
    k = len(scores)
    found = np.empty(k, np.int32)
    n = 0
    # What remains of each sparse term: its next posting, and where the one after begins.
    at = np.zeros(count, np.int64)
    docs = np.full(count, END, np.int64)
    flags = np.zeros(count, np.uint8)
    factors = np.zeros(count, np.float32)
    most = 0.0
    for t in range(sparse):
        at[t] = terms[t, 1]
        docs[t] = -1
    for t in range(sparse, count):
        factors[t] = np.float32(weights[t] * scales[terms[t, 0]] * raised)
        most += np.float64(factors[t]) * 255
    most *= SLACK
    window = np.zeros(SPAN * 64, np.float64)
    met = np.zeros(SPAN, np.uint64)
    own = np.zeros(SPAN, np.uint64)
    total = 0
    articles = 0
    carry = np.uint64(0)
    deletions = len(live) > 0
    # The first posting of each sparse term.
    for t in range(sparse):
        i = at[t]
        value = np.int64(blob[i])
        i += 1
        if value & 128:
            value &= 127
            shift = 7
            byte = np.int64(128)
            while byte & 128:
                byte = np.int64(blob[i])
                i += 1
                value |= (byte & 127) << shift
                shift += 7
        docs[t] = (value >> 1) - 1
        flags[t] = PLAIN
        if value & 1:
            flags[t] = blob[i]
            i += 1
        at[t] = i
    for begin in range(0, blocks, SPAN):
        size = min(SPAN, blocks - begin)
        base = begin << 6
        limit = (begin + SPAN) << 6
        for b in range(SPAN):
            own[b] = 0
        for t in range(sparse, count):
            row = terms[t, 0]
            for b in range(size):
                own[b] |= owns[row, begin + b]
        any_touched = False
        for t in range(sparse):
            doc = docs[t]
            if doc >= limit:
                continue
            any_touched = True
            i = at[t]
            end = terms[t, 2]
            weight = weights[t]
            flag = flags[t]
            while doc < limit:
                window[doc - base] += weight * impacts[np.int64(flag & FREQUENCY) * 256 + lengths[doc]]
                bit = np.uint64(1) << np.uint64(doc & 63)
                b = (doc - base) >> 6
                met[b] |= bit
                own[b] |= bit if flag & OWN else np.uint64(0)
                if i >= end:
                    doc = END
                    break
                value = np.int64(blob[i])
                i += 1
                if value & 128:
                    value &= 127
                    shift = 7
                    byte = np.int64(128)
                    while byte & 128:
                        byte = np.int64(blob[i])
                        i += 1
                        value |= (byte & 127) << shift
                        shift += 7
                doc += value >> 1
                flag = PLAIN
                if value & 1:
                    flag = blob[i]
                    i += 1
            docs[t] = doc
            at[t] = i
            flags[t] = flag
        if not any_touched and sparse == count:
            for b in range(size):
                matching[begin + b] = 0
            carry = np.uint64(0)
            continue
        for b in range(size):
            m = own[b]
            if deletions:
                m &= live[begin + b]
            matching[begin + b] = m
            total += popcount(m)
            e = ends[begin + b]
            m |= carry
            low = ~e
            articles += popcount((((m & low) + low) | m) & e)
            carry = np.uint64((m & low) > e)
        if sparse < count:
            for b in range(size):
                touched[begin + b] = matching[begin + b] & ~met[b]
        if not any_touched:
            continue
        for b in range(size):
            rest = met[b]
            met[b] = 0
            while rest:
                i = lowest(rest)
                rest &= rest - np.uint64(1)
                score = window[(b << 6) + i]
                window[(b << 6) + i] = 0.0
                if n == k and score + most < scores[k - 1]:
                    continue
                if not (matching[begin + b] >> np.uint64(i)) & np.uint64(1):
                    continue
                doc = base + (b << 6) + i
                if sparse < count:
                    if n == k:
                        bound = 0.0
                        for t in range(sparse, count):
                            row = terms[t, 0]
                            if (bits[row, doc >> 6] >> np.uint64(i)) & np.uint64(1):
                                bound += np.float64(np.float32(cells[row, doc >> 3]) * factors[t])
                        if score + bound * SLACK < scores[k - 1]:
                            continue
                    score = dense_score(
                        score, doc, terms, sparse, weights, bits, begins, bases, payloads, impacts,
                        np.int64(lengths[doc]),
                    )  # fmt: skip
                n = keep(scores, found, n, score, doc)
    if sparse < count and (n < k or most >= scores[k - 1]):
        n = best_dense(
            touched, terms, sparse, weights, factors, bits, begins, bases, payloads, peaks, cells, impacts, lengths,
            raised, ceiling, scores, found, n,
        )  # fmt: skip
    describe_best(found, n, matching, article_of, first, out)
    return n, total, articles
