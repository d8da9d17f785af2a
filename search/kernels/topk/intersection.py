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
def drop_lent(bits, terms, lents, lent_blocks, lent_words):
    """Clear the bits of the documents that all dense terms are lent to; see `dense_terms` for how these are kept."""
    fewest = 0
    for t in range(1, len(terms)):
        if lents[terms[t, 0]] < lents[terms[fewest, 0]]:
            fewest = t
    at = np.zeros(len(terms), np.int64)
    row = np.uint64(terms[fewest, 0])
    for i in range(lents[row]):
        block = lent_blocks[row, np.uint64(i)]
        lent = lent_words[row, np.uint64(i)] & bits[block]
        if lent == 0:
            continue
        for t in range(len(terms)):
            other = np.uint64(terms[t, 0])
            while at[t] < lents[other] and lent_blocks[other, np.uint64(at[t])] < block:
                at[t] += 1
            here = at[t] < lents[other] and lent_blocks[other, np.uint64(at[t])] == block
            lent &= lent_words[other, np.uint64(at[t])] if here else np.uint64(0)
        bits[block] &= ~lent


@inlined
def still_promising(chosen, owned, sums, size, least, terms, sparse, factors, bits, cells):
    """Keep of the documents those that can reach a score, or may not match; returns how many."""
    to = 0
    for i in range(size):
        bound = sums[i] + bound_of(chosen[i], terms, sparse, factors, bits, cells)
        chosen[to] = chosen[i]
        owned[to] = owned[i]
        sums[to] = sums[i]
        to += np.int64(bound >= least) | (1 - np.int64(owned[i] >> np.uint8(7)))
    return to
