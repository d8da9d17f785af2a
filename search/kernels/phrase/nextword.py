"""Which words stand beside a frequent term: it tells of most texts whether they have a phrase, without reading them.

To look into a text takes 50 to 100 ns, which is nearly all the time of a phrase of usual words, and most texts that
have all of its words do not have it. So each posting of a frequent term has two numbers of 16 bits, for what comes
after the term in that text and for what comes before it. A number below TRAIL is the unit (`streams`) that stands
there, in a text that has the term once. Others are TRAIL and a filter of KINDS bits: the SOLE most frequent units have
one each, which proves that they stand there, and all others share the rest, as in a Bloom filter (Bloom: Space/time
trade-offs in hash coding with allowable errors, CACM 1970). This is a nextword index (Williams, Zobel and Bahle: Fast
phrase querying with combined indexes, TOIS 2004) cut down to four bytes a posting in memory, and nothing on disk.

Most terms are several words, and a phrase asks for one of them. So a bit more tells whether a text is *pure*: whether
it has no other word of the term than the most frequent one.

Where a compound's marker stands between two words, both are beside it, and they are beside each other.

A check is a row of numbers: what a phrase asks of the neighbours of one of its terms, on one side.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from search.kernels.core.dense_terms import DENSE_TABLES, rank
from search.kernels.core.token_stream import MARKER, RARE, TRAIL, entry_at, size_at
from search.kernels.jit.argument_types import boolean, i32, i64, read, struct, types, u16, u64, write
from search.kernels.jit.decorators import compiled, inlined
from search.kernels.jit.intrinsics import ctz
from search.kernels.phrase.scan import contains
from search.kernels.phrase.windows import begins, look_ahead

ONE, ALL = np.uint64(1), ~np.uint64(0)
KINDS, SOLE = 12, 6
"""Kinds of units that a filter tells apart, and how many of them are of one unit only."""
SOLES = (1 << SOLE) - 1
ROW, SIDE, KIND, UNIT, WORDS, TERM, BASE = range(7)
"""A check: the row of a dense term or -1; 0 for what comes after it or 1 for what comes before; the kinds of the words
that may stand there; their unit if it is but one, else -1; which words of the term the phrase has. Of a term that is
not dense, its column. Where its neighbours begin."""
SOME, FIRST, EVERY = range(3)
"""Words of a term: any of them, the most frequent one alone, or all that it has."""
NO, ENOUGH = -100, 2
"""What is proved of a text where a check failed, and where the phrase stands."""


class NextwordTables(NamedTuple):
    """The neighbours of the postings of frequent terms."""

    neighbours: Any
    """`(2, n_postings) uint16`: what stands after the term of each posting (row 0), and before it (row 1)."""
    main_form_only: Any
    """`(n_postings / 64,) uint64`: a bit a posting, set where the text has no form of the term but the main one."""


NEXTWORD_TABLES = struct(NextwordTables, read(u16, 2), read(u64))


def kind(unit: int) -> int:
    """The bit of a unit in a filter: Fibonacci hashing, for the units of frequent words are neighbours too."""
    return unit if unit < SOLE else SOLE + (((unit * 40_503 & 0xFFFF) * (KINDS - SOLE)) >> 16)


_kind = inlined(kind)


@compiled(types.void(read(i32), i64, read(u16), read(i64), i64, read(u16), read(i32), write(u16, 2), write(u64)))
def note_neighbours(docs, base, units, first, plain, lead_units, entries, neighbours, main_form_only):
    """The neighbours of a term in each of its documents, from `base` on: those after it in row 0, before it in row 1.

    `entries`, ascending, are its words, `lead_units` their first units. Sets the bits of `main_form_only`.
    """
    place = base
    for d in range(len(docs)):
        look_ahead(docs, d, first, units)
        doc = docs[d]
        start = first[doc]
        end = first[doc + 1]
        times = 0
        after = TRAIL
        before = TRAIL
        kinds_after = 0
        kinds_before = 0
        others = 0
        for i in range(start, end, 64):
            here = begins(units, i, lead_units, np.int64(0), len(lead_units)) & (
                ALL >> np.uint64(max(0, 64 - (end - i)))
            )
            while here:
                at = i + ctz(here)
                here &= here - ONE
                entry = entry_at(units, at, plain)
                if units[at] >= RARE and not contains(entries, np.int64(0), len(entries), entry):
                    continue
                times += 1
                others += entry != entries[0]
                k = at + size_at(units, at)
                if k < end:
                    after = np.int64(units[k])
                    kinds_after |= 1 << _kind(after)
                    if after >= MARKER:
                        times += 1
                        if k + 2 < end:
                            kinds_after |= 1 << _kind(np.int64(units[k + 2]))
                k = at
                for _ in range(2):
                    k -= 1
                    if k >= start and units[k] >= TRAIL:
                        k -= 1
                    if k < start:
                        break
                    before = np.int64(units[k])
                    kinds_before |= 1 << _kind(before)
                    if before < MARKER:
                        break
                    times += 1
        neighbours[0, place] = after if times == 1 else TRAIL | kinds_after
        neighbours[1, place] = before if times == 1 else TRAIL | kinds_before
        main_form_only[place >> 6] |= np.uint64(others == 0) << np.uint64(place & 63)
        place += 1


@inlined
def added(proof, unit, main_form_only, kinds, wanted, words):
    """The proof that a text has a phrase, with what a check of a unit in it adds; see `sift`."""
    same = unit == wanted
    filtered = unit >= TRAIL
    passed = same | (filtered & (unit & kinds != 0)) | ((wanted < 0) & (not filtered))
    certain = (words == EVERY) | ((words == FIRST) & main_form_only)
    sure = certain & (same | (filtered & (unit & kinds & SOLES != 0)))
    return min(proof + np.int8(same | sure) + np.int8(sure), ENOUGH) if passed else NO


@inlined
def is_main_form_only(main_form_only, place):
    """Whether the text of the posting at a place is pure."""
    return (main_form_only[place >> 6] >> np.uint64(place & 63)) & ONE != 0


@compiled(
    i64(
        write(i32), write(types.int8), read(i64, 2), boolean, DENSE_TABLES, NEXTWORD_TABLES, read(u64), write(u64)
    )
)  # fmt: skip
def sift(docs, proofs, checks, alone, tables, nextword, always, found):
    """Keep those of some documents whose texts have to be read to know whether they have a phrase; returns how many.

    Checks of dense terms, which all the documents have, are looked into, and what others have proved is in `proofs`. A
    document where a check fails is left out. The checks are `alone` if they are of the only two words of a phrase; a
    document that then is sure to have it gets its bit in `found`, and is left out too. Others whose bit of `always` is
    set, if there are any, are kept.

    No branch depends on what is read.
    """
    bits = tables.bits
    superblock_rank = tables.superblock_rank
    block_rank = tables.block_rank
    neighbours = nextword.neighbours
    main_form_only = nextword.main_form_only
    n = len(docs)
    some = len(always) > 0
    for c in range(len(checks)):
        if checks[c, ROW] < 0:
            continue
        row = np.uint64(checks[c, ROW])
        side = np.uint64(checks[c, SIDE])
        kinds = checks[c, KIND]
        wanted = checks[c, UNIT]
        words = checks[c, WORDS]
        kept = np.uint64(0)
        for k in range(n):
            doc = np.int64(docs[np.uint64(k)])
            block = np.uint64(doc >> 6)
            bit = ONE << np.uint64(doc & 63)
            place = rank(row, block, bit - ONE, bits, superblock_rank, block_rank)
            unit = np.int64(neighbours[side, place])
            proof = added(
                proofs[np.uint64(k)], unit, is_main_form_only(main_form_only, np.int64(place)), kinds, wanted, words
            )
            proofs[kept] = proof
            docs[kept] = doc
            stays = proof >= 0
            if some:
                stays |= always[block] & bit != 0
            kept += np.uint64(stays)
        n = np.int64(kept)
    if not alone:
        return n
    kept = np.uint64(0)
    for k in range(n):
        doc = np.int64(docs[np.uint64(k)])
        block = np.uint64(doc >> 6)
        bit = ONE << np.uint64(doc & 63)
        sure = proofs[np.uint64(k)] >= ENOUGH
        found[block] |= bit * np.uint64(sure)
        docs[kept] = doc
        kept += np.uint64(not sure)
    return np.int64(kept)
