"""Where a phrase of dense terms can stand: 64 documents at a time, from bitmaps and neighbours."""

from __future__ import annotations

import numpy as np

from search.kernels.blocks import equal, least, sharing
from search.kernels.candidates import TABLES
from search.kernels.compiling import boolean, compiled, deposit, i32, i64, inlined, lowest, read, u16, u64, write
from search.kernels.neighbours import EVERY, FIRST, KIND, ROW, SIDE, SOLES, UNIT, WORDS
from search.kernels.scoring import place_of
from search.kernels.streams import TRAIL

ALL, ONE, NONE = ~np.uint64(0), np.uint64(1), np.uint64(0)


@inlined
def pures(pure, at):
    """Which of the 64 postings from `at` on are pure."""
    word = np.uint64(at >> 6)
    shift = np.uint64(at & 63)
    return (pure[word] >> shift) | ((pure[word + ONE] << ONE) << (np.uint64(63) - shift))


@inlined
def checked(check, units, pure, at):
    """What a check says of the 64 postings from `at` on: which pass, which are sure, and which have the same unit.

    As `neighbours.added` does for one.
    """
    kinds = check[KIND]
    filtered = least(units, at, np.uint16(TRAIL))
    passed = sharing(units, at, np.uint16(kinds)) & filtered
    certain = ALL if check[WORDS] == EVERY else pures(pure, at) if check[WORDS] == FIRST else NONE
    sole = sharing(units, at, np.uint16(kinds & SOLES)) & filtered
    if check[UNIT] < 0:
        return passed | ~filtered, sole & certain, NONE
    same = equal(units, at, np.uint16(check[UNIT]))
    return passed | same, (sole | same) & certain, same


@compiled(
    i64(
        read(i64, 2), read(i64, 2), boolean, read(u64, 2), read(i64, 2), read(u16, 2), read(u16, 2),
        read(u64), read(u64), read(u64), write(u64), write(i32),
    )
)  # fmt: skip
def dense_candidates(terms, checks, alone, bits, bases, begins, neighbours, pure, live, always, matching, found):
    """List the documents that have all terms and whose texts have to be read to know whether they have a phrase.

    Returns how many; `matching` becomes the bitmap of those that are sure. As `candidates` and then `neighbours.sift`,
    if all terms are dense: the postings of a term in a block stand side by side, so that one comparison tells of all of
    them, and their bits go to their documents at once.
    """
    n = np.uint64(0)
    for block in range(bits.shape[1]):
        b = np.uint64(block)
        matching[b] = NONE
        both = ALL if len(live) == 0 else live[b]
        for t in range(terms.shape[1]):
            both &= bits[np.uint64(terms[TABLES, t]), b]
        if both == 0:
            continue
        left = both
        once = NONE
        proved = NONE
        for c in range(len(checks)):
            check = checks[c]
            row = np.uint64(check[ROW])
            at = np.int64(place_of(row, b, NONE, bits, bases, begins))
            passed, sure, same = checked(check, neighbours[check[SIDE]], pure, at)
            left &= deposit(passed, bits[row, b])
            if left == 0:
                break
            same = deposit(same, bits[row, b])
            proved |= deposit(sure, bits[row, b]) | (once & same)
            once |= same
        if alone:
            matching[b] |= left & proved
            left &= ~proved
        if len(always) > 0:
            left |= both & always[b] & ~matching[b]
        while left:
            found[n] = (block << 6) + lowest(left)
            n += ONE
            left &= left - ONE
    return np.int64(n)
