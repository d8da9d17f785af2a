"""The documents that have all words of a phrase, and may have it by their neighbours: where it can stand."""

from __future__ import annotations

import numpy as np

from search.kernels.compiling import compiled, i32, i64, inlined, read, types, u8, u16, u64, write
from search.kernels.neighbours import BASE, KIND, NO, SIDE, TERM, UNIT, WORDS, added, is_pure
from search.kernels.postings import OWN, unpack

ALL, ONE = ~np.uint64(0), np.uint64(1)
TABLES, LOW, HIGH, START, END = range(5)
"""What is known of each term: its row of tables or -1; the bytes of a sparse one's postings; where they are put."""


@inlined
def check_postings(checks, term, neighbours, pure, start, end, proofs):
    """What the checks of a sparse term say of its postings, put into proofs[start:end]."""
    size = np.uint64(end - start)
    mine = proofs[start:end]
    for i in range(size):
        mine[i] = 0
    for c in range(len(checks)):
        if checks[c, TERM] == term:
            base = checks[c, BASE]
            units = neighbours[checks[c, SIDE], base : base + end - start]
            kinds = checks[c, KIND]
            wanted = checks[c, UNIT]
            words = checks[c, WORDS]
            for i in range(size):
                mine[i] = added(mine[i], np.int64(units[i]), is_pure(pure, base + np.int64(i)), kinds, wanted, words)


@compiled(
    i64(
        write(i64, 2), read(i64), read(i64, 2), read(u8), read(u64, 2), read(u16, 2), read(u64), read(u64), read(u64),
        write(u64), write(i32), write(u8), write(types.int8), write(types.int8), write(i32),
    )
)  # fmt: skip
def candidates(
    terms, order, checks, blob, bits, neighbours, pure, live, always, matching, docs, flags, proofs, proved, found
):  # fmt: skip
    """List the documents that have all terms, each sparse one as their OWN, and pass its checks; returns how many.

    `terms` has a column a term, the sparse ones first, of which there is one at least; `order` has these, the rarest
    first. Their postings are put into docs and flags from START on, by `order`, and of each list those that are
    documents of the lists before are kept, up to END: all that scoring will ask for. `proved` gets what the checks
    prove of those that are `found`. Those with a bit in `always` need not pass. No branch depends on what is read of
    postings. `proofs` is scratch, and so is `matching`, which is zero before and after.
    """
    count = terms.shape[1]
    sparse = len(order)
    some = len(always) > 0
    row = np.uint64(terms[TABLES, min(sparse, count - 1)])
    size = 0
    for o in range(sparse):
        t = order[o]
        start = terms[START, t]
        last = size
        kept = np.uint64(start)
        end = unpack(blob, terms[LOW, t], terms[HIGH, t], docs, flags, start)
        check_postings(checks, t, neighbours, pure, start, end, proofs)
        for i in range(start, end):
            doc = np.int64(docs[np.uint64(i)])
            flag = flags[np.uint64(i)]
            proof = proofs[np.uint64(i)]
            block = np.uint64(doc >> 6)
            shift = np.uint64(doc & 63)
            if o > 0:
                word = matching[block]
            elif sparse < count:
                word = bits[row, block]
                for d in range(sparse + 1, count):
                    word &= bits[np.uint64(terms[TABLES, d]), block]
            else:
                word = ALL
            if o == 0 and len(live) > 0:
                word &= live[block]
            passed = np.uint64(proof >= 0)
            if some:
                passed |= always[block] >> shift
            docs[kept] = doc
            flags[kept] = flag
            proofs[kept] = proof
            kept += (word >> shift) & passed & np.uint64(flag >= OWN)
        terms[END, t] = np.int64(kept)
        size = np.int64(kept) - start
        for i in range(last):
            matching[found[np.uint64(i)] >> 6] = 0
        before = 0
        for i in range(size):
            doc = np.int64(docs[np.uint64(start + i)])
            proof = np.int64(proofs[np.uint64(start + i)])
            if o > 0:
                while found[np.uint64(before)] < doc:
                    before += 1
                proof = max(NO, proof + proved[np.uint64(before)])
            found[np.uint64(i)] = doc
            proved[np.uint64(i)] = proof
            if o + 1 < sparse:
                matching[doc >> 6] |= ONE << np.uint64(doc & 63)
        if size == 0:
            break
    return size
