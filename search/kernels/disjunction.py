"""Plain words joined by OR: matched, counted, scored and ranked in one go."""

from __future__ import annotations

import numpy as np

from search.kernels.bits import groups_of_word
from search.kernels.compiling import compiled, f32, f64, i32, i64, popcount, read, types, u8, u16, u32, u64, write
from search.kernels.postings import FREQUENCY, unpack
from search.kernels.scoring import SLACK
from search.kernels.sweeping import add_own, best_dense, dense_score, describe_best, keep

SPAN = 128
"""Blocks that are worked on at a time: the scores of their paragraphs stay in the fastest cache."""
END = np.int32(0x7FFFFFFF)
"""Behind the last document of a term: no document."""
ONE, SEVEN, EIGHT, PAYLOAD = np.uint64(1), np.uint64(7), np.uint64(8), np.uint64(FREQUENCY)


@compiled(
    types.UniTuple(i64, 3)(
        read(i64, 2), read(f64), i64,
        read(u8), read(u64, 2), read(i64, 2), read(u16, 2), read(u8),
        read(i32), read(i32, 2), read(u64, 2), read(u8, 2), read(u8, 2), read(f32), f64,
        read(f64), read(u8), read(u64), read(u64), read(i32), read(u32),
        write(i32), write(u8), write(u64), write(u64), write(f32), write(f64), write(i32, 2),
    )
)  # fmt: skip
def any_of(
    terms, weights, sparse,
    blob, bits, bases, begins, payloads,
    lents, lent_blocks, lent_words, peaks, cells, scales, raised,
    impacts, lengths, live, ends, article_of, first,
    docs, flags, matching, untouched, ceiling, scores, out,
):  # fmt: skip
    """The best documents that have one of the terms, by (score descending, document ascending).

    A document matches where a term is its OWN; all of its terms score it. Terms as in `sweeping`, of which the first
    `sparse` are sparse; tables as in `scoring`, `lents` is how many lent blocks each row has; `live` is empty or a
    bitmap; `ends` as in `bits.count_groups`; `docs` and `flags` are scratch, with room for all
    sparse postings and one more a term.

    Fills the bitmap `matching`, `scores`, and a column of `out` a document (`describe_best`).
    Returns how many were kept, how many documents match, in how many articles.

    Sparse postings are added up in windows of documents; what they touch is scored there. Documents that only dense
    terms score come after, when the threshold is high.
    """
    blocks = len(matching)
    count = len(terms)
    k = len(scores)
    found = np.empty(k, np.int32)
    n = 0
    at = np.zeros(count, np.int64)  # of each sparse term the posting to come
    room = 0
    for t in range(sparse):
        at[t] = room
        room = unpack(blob, terms[t, 1], terms[t, 2], docs, flags, room)
        docs[room] = END
        room += 1
    factors = np.zeros(count, np.float32)
    most = 0.0
    for t in range(sparse, count):
        factors[t] = np.float32(weights[t] * scales[terms[t, 0]] * raised)
        most += np.float64(factors[t]) * 255
    most *= SLACK
    window = np.zeros(SPAN * 64, np.float64)
    places = np.empty(SPAN * 64 + 1, np.uint16)
    met = np.zeros(SPAN, np.uint64)
    dense = np.zeros(SPAN, np.uint64)
    own = np.zeros(SPAN, np.uint64)
    saved = np.zeros(SPAN, np.uint64)
    lent_at = np.zeros(count, np.int64)
    total = 0
    articles = 0
    carry = np.uint64(0)
    for begin in range(0, blocks, SPAN):
        size = min(SPAN, blocks - begin)
        base = begin << 6
        limit = (begin + SPAN) << 6
        for b in range(SPAN):
            own[b] = 0
        touches = 0
        for t in range(sparse):
            i = np.uint64(at[t])
            doc = np.int64(docs[i])
            if doc >= limit:
                continue
            weight = weights[t]
            while doc < limit:
                place = np.uint64(doc - base)
                flag = np.uint64(flags[i])
                i += ONE
                before = window[place]
                impact = impacts[(flag & PAYLOAD) << EIGHT | np.uint64(lengths[np.uint64(doc)])]
                window[place] = before + weight * impact
                places[np.uint64(touches)] = place
                touches += np.int64(before == 0.0)
                own[place >> np.uint64(6)] |= (flag >> SEVEN) << (place & np.uint64(63))
                doc = np.int64(docs[i])
            at[t] = i
        if touches == 0 and sparse == count:
            for b in range(size):
                matching[np.uint64(begin + b)] = 0
            if carry:  # an article that matched before this window, and ends in it or goes on
                for b in range(size):
                    groups, carry = groups_of_word(np.uint64(0), ends[np.uint64(begin + b)], carry)
                    articles += groups
            continue
        for t in range(sparse, count):
            row = np.uint64(terms[t, 0])
            lent_at[t] = add_own(own, begin, size, row, bits, lent_at[t], lents[row], lent_blocks, lent_words, saved)
        if len(live) > 0:
            for b in range(size):
                own[b] &= live[np.uint64(begin + b)]
        for b in range(size):
            total += popcount(own[b])
        for b in range(size):
            matching[np.uint64(begin + b)] = own[b]
        if sparse < count:
            for b in range(SPAN):
                met[b] = 0
                dense[b] = 0
            for j in range(touches):
                place = np.uint64(places[np.uint64(j)])
                met[place >> np.uint64(6)] |= np.uint64(1) << (place & np.uint64(63))
            for b in range(size):
                untouched[np.uint64(begin + b)] = own[b] & ~met[b]
            for t in range(sparse, count):
                row = np.uint64(terms[t, 0])
                for b in range(size):
                    dense[b] |= bits[row, np.uint64(begin + b)]
        for b in range(size):
            groups, carry = groups_of_word(own[b], ends[np.uint64(begin + b)], carry)
            articles += groups
        for j in range(touches):
            place = np.uint64(places[np.uint64(j)])
            score = window[place]
            window[place] = 0.0
            if n == k:
                more = (dense[place >> np.uint64(6)] >> (place & np.uint64(63))) & np.uint64(1)
                if score + most * np.float64(np.int64(more)) < scores[k - 1]:
                    continue
            if not (own[place >> np.uint64(6)] >> (place & np.uint64(63))) & np.uint64(1):
                continue
            doc = base + np.int64(place)
            if sparse < count:
                if n == k:
                    bound = 0.0
                    for t in range(sparse, count):
                        row = np.uint64(terms[t, 0])
                        has = (bits[row, np.uint64(doc >> 6)] >> np.uint64(doc & 63)) & np.uint64(1)
                        bound += np.float64(
                            np.float32(np.int64(has) * np.int64(cells[row, np.uint64(doc >> 3)])) * factors[t]
                        )
                    if score + bound * SLACK < scores[k - 1]:
                        continue
                score = dense_score(
                    score, doc, terms, sparse, weights, bits, bases, begins, payloads, impacts, np.int64(lengths[doc])
                )
            n = keep(scores, found, n, score, doc)
    if sparse < count and (n < k or most >= scores[k - 1]):
        n = best_dense(
            untouched, terms, sparse, weights, factors, bits, bases, begins, payloads, peaks, cells, impacts, lengths,
            ceiling, scores, found, n,
        )  # fmt: skip
    describe_best(found, n, matching, article_of, first, out)
    return n, total, articles
