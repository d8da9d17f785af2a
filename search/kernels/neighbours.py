"""Which words stand beside a dense term: for each of its documents, a filter that tells where a phrase cannot stand.

To look into a text takes 50 ns, which is nearly all the time of a phrase of usual words, and most texts that have all
of its words do not have it. So each posting of a dense term (`scoring`) has 16 bits beside its payload: a Bloom filter
(Bloom: Space/time trade-offs in hash coding with allowable errors, CACM 1970) of the words that follow the term in that
text, in the low 8 bits, and one of those that come before it, in the high 8. A word is the lowest three bits of its
first unit (`streams`). This is a nextword index (Williams, Zobel and Bahle: Fast phrase querying with combined indexes,
TOIS 2004) cut down to what costs two bytes a posting in memory, and nothing on disk.

Where a compound's marker stands between two words, they are beside each other, and the marker beside both.
"""

from __future__ import annotations

import numpy as np

from search.kernels.blocks import begins
from search.kernels.compiling import compiled, i64, lowest, read, types, u16, u64, write
from search.kernels.scoring import place_of
from search.kernels.streams import MARKER, TRAIL, size_at

ONE, ALL = np.uint64(1), ~np.uint64(0)
KINDS = 8
"""Kinds of words that a filter tells apart."""


@compiled(types.void(read(u64), i64, read(u16), read(i64), read(u16), write(u16)))
def note_neighbours(bits, base, units, first, heads, neighbours):
    """The neighbours of a dense term in each of its documents, from `base` on.

    `bits` are its documents, `heads` the first units of its words, which may be those of other words too: what is noted
    needlessly costs a look into a text.
    """
    place = base
    for block in range(len(bits)):
        rest = bits[block]
        while rest:
            doc = (block << 6) + lowest(rest)
            rest &= rest - ONE
            start = first[doc]
            end = first[doc + 1]
            noted = np.int64(0)
            for i in range(start, end, 64):
                here = begins(units, i, heads, 0, len(heads)) & (ALL >> np.uint64(max(0, 64 - (end - i))))
                while here:
                    at = i + lowest(here)
                    here &= here - ONE
                    after = at + size_at(units, at)
                    if after < end:
                        noted |= 1 << (np.int64(units[after]) & 7)
                        if units[after] >= MARKER and after + 2 < end:
                            noted |= 1 << (np.int64(units[after + 2]) & 7)
                    before = at
                    for _ in range(2):
                        before -= 1
                        if before >= start and units[before] >= TRAIL:
                            before -= 1
                        if before < start:
                            break
                        noted |= 256 << (np.int64(units[before]) & 7)
                        if units[before] < MARKER:
                            break
            neighbours[place] = noted
            place += 1


@compiled(i64(write(types.int32), read(i64, 2), read(u64, 2), read(i64, 2), read(u16, 2), read(u16), read(u64)))
def likely(docs, checks, bits, bases, begins, neighbours, always):
    """Keep those of some documents in which all checks say that a phrase may stand; returns how many.

    A check is the row of a dense term and a filter of the words that may follow it, or come before it: a document
    without the term, or whose neighbours are none of those, is left out, unless its bit of `always` is set, if there
    are any.
    """
    n = len(docs)
    for c in range(len(checks)):
        row = np.uint64(checks[c, 0])
        wanted = np.int64(checks[c, 1])
        kept = 0
        for k in range(n):
            doc = np.int64(docs[np.uint64(k)])
            block = np.uint64(doc >> 6)
            bit = ONE << np.uint64(doc & 63)
            known = np.int64(neighbours[place_of(row, block, bit - ONE, bits, bases, begins)])
            keep = (known & wanted != 0) & (bits[row, block] & bit != 0)
            if len(always) > 0:
                keep |= always[block] & bit != 0
            docs[np.uint64(kept)] = doc
            kept += keep
        n = kept
    return n
