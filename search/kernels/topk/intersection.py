"""What the loop of AND is made of: lists of postings that become shorter."""

from __future__ import annotations

import numpy as np

from search.kernels.jit.decorators import inlined
from search.kernels.topk.topk import bound_of


@inlined
def sift(docs, flags, start, end, last, bits):
    """Keep of the postings from start up to end those whose bit is set, up to document `last`; returns their new end.

    No branch depends on what is read.
    """
    to = np.uint64(start)
    for i in range(start, end):
        doc = np.int64(docs[np.uint64(i)])
        flag = flags[np.uint64(i)]
        if doc > last:
            break
        docs[to] = doc
        flags[to] = flag
        to += (bits[np.uint64(doc >> 6)] >> np.uint64(doc & 63)) & np.uint64(1)
    return np.int64(to)


@inlined
def rarest_first(terms, sparse):
    """The numbers of the sparse terms, the rarest first."""
    order = np.empty(sparse, np.int64)
    for t in range(sparse):
        place = t
        while place > 0 and terms[order[place - 1], 3] > terms[t, 3]:
            order[place] = order[place - 1]
            place -= 1
        order[place] = t
    return order


@inlined
def drop_title_only(bits, terms, title_only_counts, title_only_blocks, title_only_words):
    """Clear the bits of the documents that all dense terms are lent to; see `dense_terms` for how these are kept."""
    fewest = 0
    for t in range(1, len(terms)):
        if title_only_counts[terms[t, 0]] < title_only_counts[terms[fewest, 0]]:
            fewest = t
    at = np.zeros(len(terms), np.int64)
    row = np.uint64(terms[fewest, 0])
    for i in range(title_only_counts[row]):
        block = title_only_blocks[row, np.uint64(i)]
        title_only = title_only_words[row, np.uint64(i)] & bits[block]
        if title_only == 0:
            continue
        for t in range(len(terms)):
            other = np.uint64(terms[t, 0])
            while at[t] < title_only_counts[other] and title_only_blocks[other, np.uint64(at[t])] < block:
                at[t] += 1
            here = at[t] < title_only_counts[other] and title_only_blocks[other, np.uint64(at[t])] == block
            title_only &= title_only_words[other, np.uint64(at[t])] if here else np.uint64(0)
        bits[block] &= ~title_only


@inlined
def still_promising(chosen, owned, sums, size, least, terms, sparse, bound_weights, bits, cell_max):
    """Keep of the documents those that can reach a score, or may not match; returns how many."""
    to = 0
    for i in range(size):
        bound = sums[i] + bound_of(chosen[i], terms, sparse, bound_weights, bits, cell_max)
        chosen[to] = chosen[i]
        owned[to] = owned[i]
        sums[to] = sums[i]
        to += np.int64(bound >= least) | (1 - np.int64(owned[i] >> np.uint8(7)))
    return to
