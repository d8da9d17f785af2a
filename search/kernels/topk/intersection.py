"""Steps of AND: lists of postings and bitmaps that become smaller with each term."""

from __future__ import annotations

import numpy as np

from search.kernels.core.bitmap import has_bit
from search.kernels.jit.decorators import inlined
from search.kernels.topk.block_max import bound_of

NO_LIMIT = np.int64(0x7FFFFFFF)
"""The value of `last` with which `intersect` leaves no document out."""


@inlined
def intersect(docs, flags, start, end, last, bits):
    """Keep of docs[start:end] and flags[start:end] the postings whose bit is set in `bits`; return their new end.

    Postings after document `last` are left out. No branch depends on whether a bit is set.
    """
    to = np.uint64(start)
    for i in range(start, end):
        doc = np.int64(docs[np.uint64(i)])
        flag = flags[np.uint64(i)]
        if doc > last:
            break
        docs[to] = doc
        flags[to] = flag
        to += has_bit(bits[np.uint64(doc >> 6)], doc)
    return np.int64(to)


@inlined
def rarest_first(places, sparse):
    """Return the numbers of the sparse terms, `(n_sparse,) int64`, by rising document frequency.

    `places` is that of `structs.QueryTerms`.
    """
    order = np.empty(sparse, np.int64)
    for t in range(sparse):
        at = t
        while at > 0 and places[order[at - 1], 3] > places[t, 3]:
            order[at] = order[at - 1]
            at -= 1
        order[at] = t
    return order


@inlined
def clear_title_only(bits, places, title_only_counts, title_only_blocks, title_only_words):
    """Clear the bits of the documents that have all dense terms in their title only.

    The tables of title-only documents are those of `dense_terms.DenseTables`. The term with the fewest such blocks
    leads.
    """
    fewest = 0
    for t in range(1, len(places)):
        if title_only_counts[places[t, 0]] < title_only_counts[places[fewest, 0]]:
            fewest = t
    at = np.zeros(len(places), np.int64)
    row = np.uint64(places[fewest, 0])
    for i in range(title_only_counts[row]):
        block = title_only_blocks[row, np.uint64(i)]
        title_only = title_only_words[row, np.uint64(i)] & bits[block]
        if title_only == 0:
            continue
        for t in range(len(places)):
            other = np.uint64(places[t, 0])
            while at[t] < title_only_counts[other] and title_only_blocks[other, np.uint64(at[t])] < block:
                at[t] += 1
            here = at[t] < title_only_counts[other] and title_only_blocks[other, np.uint64(at[t])] == block
            title_only &= title_only_words[other, np.uint64(at[t])] if here else np.uint64(0)
        bits[block] &= ~title_only


@inlined
def drop_hopeless(chosen, flags, sums, size, least, places, sparse, bound_weights, bits, cell_max):
    """Keep those of the first `size` documents that have to be looked at further; return how many are kept.

    They are those that can still reach the score `least`, and those that may turn out not to match, which have to be
    left out of the total. `chosen` has the documents, `flags` and `sums` their flags and scores by the terms so far.
    """
    to = 0
    for i in range(size):
        bound = sums[i] + bound_of(chosen[i], places, sparse, bound_weights, bits, cell_max)
        chosen[to] = chosen[i]
        flags[to] = flags[i]
        sums[to] = sums[i]
        to += np.int64(bound >= least) | (1 - np.int64(flags[i] >> np.uint8(7)))
    return to
