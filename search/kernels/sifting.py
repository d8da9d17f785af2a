"""What the loop of AND is made of: lists of postings that become shorter."""

from __future__ import annotations

import numpy as np

from search.kernels.compiling import inlined


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
    order = np.arange(sparse)
    for i in range(1, sparse):
        t = order[i]
        while i > 0 and terms[order[i - 1], 3] > terms[t, 3]:
            order[i] = order[i - 1]
            i -= 1  # noqa: PLW2901 - the place that is free
        order[i] = t
    return order


@inlined
def group_after(first, group, doc):
    """The group of a document, which is not before `group`: galloping, as the table of all documents is in no cache."""
    step = 1
    low = group
    while low + step < len(first) and first[low + step] <= doc:
        low += step
        step <<= 1
    high = min(low + step, len(first))
    while high - low > 1:
        middle = (low + high) >> 1
        if first[middle] <= doc:
            low = middle
        else:
            high = middle
    return low
