"""The documents that have all words of a phrase: where it can stand."""

from __future__ import annotations

import numpy as np

from search.kernels.bits import list_set
from search.kernels.compiling import compiled, i32, i64, read, u8, u64, write
from search.kernels.postings import OWN, unpack

ALL = ~np.uint64(0)


@compiled(
    i64(
        read(i64, 2), i64, read(i64), read(u8), read(u64, 2), read(u64),
        write(u64), write(i32, 2), write(u8, 2), write(i64), write(i32),
    )
)  # fmt: skip
def candidates(terms, sparse, order, blob, bits, live, matching, docs, flags, sizes, found):
    """List the documents that have all terms, and each sparse one as their OWN; returns how many.

    Terms as in `sweeping`; `order` has the sparse ones, the rarest first. Of each of their lists of postings, by
    `order`, what it has of the documents that are left is kept, sizes[t] of them in docs[t] and flags[t], which are
    longer than any list: all that scoring will ask for. No branch depends on what is read. `matching` is scratch.
    """
    count = len(terms)
    if sparse == 0:
        for block in range(len(matching)):
            matching[np.uint64(block)] = ALL if len(live) == 0 else live[np.uint64(block)]
        for t in range(count):
            row = np.uint64(terms[t, 0])
            for block in range(len(matching)):
                matching[np.uint64(block)] &= bits[row, np.uint64(block)]
        return list_set(matching, found)
    if sparse > 1:
        for block in range(len(matching)):
            matching[np.uint64(block)] = 0
    size = 0
    for o in range(sparse):
        t = np.uint64(order[o])
        n = unpack(blob, terms[t, 1], terms[t, 2], docs[t], flags[t], 0)
        last = size
        size = 0
        for i in range(n):
            doc = np.int64(docs[t, np.uint64(i)])
            flag = flags[t, np.uint64(i)]
            block = np.uint64(doc >> 6)
            if o == 0:
                word = ALL if len(live) == 0 else live[block]
                for d in range(sparse, count):
                    word &= bits[np.uint64(terms[d, 0]), block]
            else:
                word = matching[block]
            docs[t, np.uint64(size)] = doc
            flags[t, np.uint64(size)] = flag
            size += np.int64((word >> np.uint64(doc & 63)) & np.uint64(flag >= OWN))
        sizes[t] = size
        if o > 0:
            for i in range(last):
                matching[found[np.uint64(i)] >> 6] = 0
        for i in range(size):
            doc = np.int64(docs[t, np.uint64(i)])
            found[np.uint64(i)] = doc
            if o + 1 < sparse:
                matching[doc >> 6] |= np.uint64(1) << np.uint64(doc & 63)
        if size == 0:
            break
    return size
