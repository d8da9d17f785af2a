"""Which of some documents have a term, or a bit in a bitmap: what is asked of all parts of a query but the rarest."""

from __future__ import annotations

import numpy as np

from search.kernels.core.postings_codec import OWN, unpack
from search.kernels.jit.decorators import boolean, compiled, i32, i64, read, u8, u64, write

ONE = np.uint64(1)


@compiled(i64(read(u8), i64, i64, write(i32), write(u8), read(i32), write(boolean), write(boolean)))
def among_postings(blob, start, end, docs, payloads, wanted, found, own):
    """Tell of each of the documents wanted, ascending, whether a sparse term occurs in it, and as its OWN.

    Its postings are blob[start:end]; `docs` and `payloads` are scratch with room for them. `found` and `own` are false
    before. Returns to how many documents it is lent.
    """
    n = unpack(blob, start, end, docs, payloads, np.int64(0))
    i = 0
    lent = 0
    for k in range(len(wanted)):
        doc = wanted[np.uint64(k)]
        while i < n and docs[np.uint64(i)] < doc:
            i += 1
        if i == n:
            break
        if docs[np.uint64(i)] == doc:
            found[np.uint64(k)] = True
            mine = payloads[np.uint64(i)] >= OWN
            own[np.uint64(k)] = mine
            lent += 1 - np.int64(mine)
    return lent


@compiled(
    i64(read(u64, 2), i64, read(i32), read(i32, 2), read(u64, 2), read(i32), write(boolean), write(boolean))
)  # fmt: skip
def among_dense(bits, row, lents, lent_blocks, lent_words, wanted, found, own):
    """Tell of each of the documents wanted, ascending, whether a dense term occurs in it, and as its OWN.

    Tables as in `dense_terms`. Returns to how many documents it is lent.
    """
    at = 0
    lent = 0
    for k in range(len(wanted)):
        doc = np.int64(wanted[np.uint64(k)])
        block = doc >> 6
        bit = ONE << np.uint64(doc & 63)
        here = (bits[row, block] & bit) != 0
        found[np.uint64(k)] = here
        while at < lents[row] and lent_blocks[row, at] < block:
            at += 1
        if here and at < lents[row] and lent_blocks[row, at] == block and lent_words[row, at] & bit:
            here = False
            lent += 1
        own[np.uint64(k)] = here
    return lent


@compiled(i64(read(u64), read(i32), write(boolean)))
def among_bits(bits, wanted, found):
    """Tell of each of some documents whether its bit is set; returns of how many."""
    n = 0
    for k in range(len(wanted)):
        doc = np.int64(wanted[np.uint64(k)])
        here = (bits[doc >> 6] >> np.uint64(doc & 63)) & ONE
        found[np.uint64(k)] = here != 0
        n += np.int64(here)
    return n


@compiled(i64(read(i32), write(u64)))
def set_bits(docs, bits):
    """Set the bits of some documents; returns how many they are."""
    for k in range(len(docs)):
        doc = np.int64(docs[np.uint64(k)])
        bits[doc >> 6] |= ONE << np.uint64(doc & 63)
    return len(docs)


@compiled(i64(read(u64), i64, read(i32), read(i32, 2), read(u64, 2), write(u64)))
def own_of_dense(bits, row, lents, lent_blocks, lent_words, own):
    """Fill a bitmap with the documents of which a dense term is OWN; returns in how many blocks it is lent."""
    for block in range(len(bits)):
        own[np.uint64(block)] = bits[np.uint64(block)]
    for i in range(lents[row]):
        own[lent_blocks[row, i]] &= ~lent_words[row, i]
    return np.int64(lents[row])
