"""The documents that have all words of a phrase: where it can stand."""

from __future__ import annotations

import numpy as np

from search.kernels.compiling import compiled, i32, i64, lowest, read, u8, u64, write
from search.kernels.postings import OWN, unpack

ALL, ONE = ~np.uint64(0), np.uint64(1)
ROW, LOW, HIGH, START, END = range(5)
"""What is known of each term: its row of tables or -1; the bytes of a sparse one's postings; where they are put."""


@compiled(
    i64(
        write(i64, 2), read(i64), read(u8), read(u64, 2), read(u64),
        write(u64), write(i32), write(u8), write(i32),
    )
)  # fmt: skip
def candidates(terms, order, blob, bits, live, matching, docs, flags, found):
    """List the documents that have all terms, and each sparse one as their OWN; returns how many.

    `terms` has a column a term, the sparse ones first; `order` has these, the rarest first. Their postings are put into
    docs and flags from START on, by `order`, and of each list those that are documents of the lists before are kept, up
    to END: all that scoring will ask for. No branch depends on what is read of postings. `matching` is scratch.
    """
    count = terms.shape[1]
    sparse = len(order)
    if sparse == 0:
        size = 0
        for block in range(len(matching)):
            word = ALL if len(live) == 0 else live[np.uint64(block)]
            for t in range(count):
                word &= bits[np.uint64(terms[ROW, t]), np.uint64(block)]
            while word:
                found[np.uint64(size)] = (block << 6) + lowest(word)
                size += 1
                word &= word - ONE
        return size
    if sparse > 1:
        for block in range(len(matching)):
            matching[np.uint64(block)] = 0
    size = 0
    for o in range(sparse):
        t = order[o]
        start = terms[START, t]
        last = size
        kept = np.uint64(start)
        for i in range(start, unpack(blob, terms[LOW, t], terms[HIGH, t], docs, flags, start)):
            doc = np.int64(docs[np.uint64(i)])
            flag = flags[np.uint64(i)]
            block = np.uint64(doc >> 6)
            if o == 0:
                word = ALL if len(live) == 0 else live[block]
                for d in range(sparse, count):
                    word &= bits[np.uint64(terms[ROW, d]), block]
            else:
                word = matching[block]
            docs[kept] = doc
            flags[kept] = flag
            kept += (word >> np.uint64(doc & 63)) & np.uint64(flag >= OWN)
        terms[END, t] = np.int64(kept)
        size = np.int64(kept) - start
        if o > 0:
            for i in range(last):
                matching[found[np.uint64(i)] >> 6] = 0
        for i in range(size):
            doc = np.int64(docs[np.uint64(start + i)])
            found[np.uint64(i)] = doc
            if o + 1 < sparse:
                matching[doc >> 6] |= ONE << np.uint64(doc & 63)
        if size == 0:
            break
    return size
