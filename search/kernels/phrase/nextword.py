"""A nextword index in memory: the words beside frequent terms, which tell of most texts whether they have a phrase.

Most texts that have all words of a phrase do not have the phrase, and to look into a text takes 50 to 100 ns: that
would be nearly all the time of a phrase of frequent words. So each posting of a frequent term has two numbers of 16
bits, for the units (see `token_stream`) that come after the term in the text, and before it. A number below TRAIL is
the unit itself: there is only one, as when the text has the term once. Any other number is TRAIL plus a filter of
FILTER_BITS bits, for several units: each of the EXACT_BITS most frequent units has a bit of its own, which proves that
the unit is there; all others share the other bits, as in a Bloom filter (Bloom: Space/time trade-offs in hash coding
with allowable errors, CACM 1970). This is a nextword index (Williams, Zobel and Bahle: Fast phrase querying with
combined indexes, TOIS 2004) cut down to four bytes a posting.

Most terms have several forms, and a phrase asks for one of them. So another bit of each posting tells whether the text
has no form of the term but the main one.

Where a compound's marker stands between two words, both are beside it, and they are beside each other.

A check is what a phrase asks of the neighbours of one of its terms, on one side: a row of numbers.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from search.kernels.core.bitmap import ALL, NONE, ONE, bit_of, has_bit
from search.kernels.core.dense_terms import DENSE_TABLES, rank
from search.kernels.core.token_stream import FORM_LEAD, MARKER_LEAD, TRAIL, form_at, n_units_at
from search.kernels.jit.argument_types import boolean, i32, i64, read, struct, types, u16, u64, write
from search.kernels.jit.decorators import compiled, inlined
from search.kernels.jit.intrinsics import ctz
from search.kernels.phrase.scan import contains
from search.kernels.phrase.windows import at_least, equal, equal_any, prefetch_texts, share_bits

FILTER_BITS, EXACT_BITS = 12, 6
"""Bits of a filter, and how many of these stand for one unit only."""
EXACT_MASK = (1 << EXACT_BITS) - 1
"""The bits of a filter that stand for one unit only."""
ROW, SIDE, FILTER, UNIT, FORMS, TERM, BASE = range(7)
"""Columns of a check.

- ROW: the row of a dense term, -1 for any other.
- SIDE: 0 to check what comes after the term, 1 for what comes before.
- FILTER: the filter of the units that the phrase allows there.
- UNIT: the unit that it allows there, if it allows only one, else -1.
- FORMS: which forms of the term the phrase allows, one of the next three constants.
- TERM: the column of a sparse term in `PhraseTerms.terms`.
- BASE: the number of the term's first posting in `NextwordTables`.
"""
ANY_FORM, MAIN_FORM, ALL_FORMS = range(3)
"""Which forms of a term a phrase allows: some of them, the main form alone, or all."""
DISPROVED, PROVED = -100, 2
"""Proofs, of a text and two words that stand side by side in a phrase: they do not, and they do.

A check that fails is DISPROVED. One that only finds the UNIT that it wants counts 1: if those of both words do, from
both sides, the sum is PROVED. 0 is no proof.
"""


class NextwordTables(NamedTuple):
    """The neighbours of the postings of frequent terms."""

    neighbours: Any
    """`(2, n_postings) uint16`: what stands after the term of each posting (row 0), and before it (row 1)."""
    main_form_only: Any
    """`(n_postings / 64,) uint64`: a bit a posting, set where the text has no form of the term but the main one."""


NEXTWORD_TABLES = struct(NextwordTables, read(u16, 2), read(u64))


def filter_bit(unit: int) -> int:
    """Return the number of a unit's bit in a filter: Fibonacci hashing, as frequent units are close together."""
    return unit if unit < EXACT_BITS else EXACT_BITS + (((unit * 40_503 & 0xFFFF) * (FILTER_BITS - EXACT_BITS)) >> 16)


_filter_bit = inlined(filter_bit)


@compiled(types.void(read(i32), i64, read(u16), read(i64), i64, read(u16), read(i32), write(u16, 2), write(u64)))
def fill_neighbours(docs, base, units, first, first_marker, lead_units, form_ids, neighbours, main_form_only):
    """Fill the neighbours of a term, a posting each, from `base` on: the units after it in row 0, before it in row 1.

    `docs` are the term's documents; document d has units[first[d]:first[d + 1]]. `form_ids`, ascending, are the term's
    forms, the main form first, `lead_units` their first units. Sets the bits of `main_form_only` too.
    """
    place = base
    for d in range(len(docs)):
        prefetch_texts(docs, d, first, units)
        doc = docs[d]
        start = first[doc]
        end = first[doc + 1]
        times = 0
        after = TRAIL
        before = TRAIL
        filter_after = 0
        filter_before = 0
        others = 0
        for i in range(start, end, 64):
            here = equal_any(units, i, lead_units, np.int64(0), len(lead_units)) & (
                ALL >> np.uint64(max(0, 64 - (end - i)))
            )
            while here:
                at = i + ctz(here)
                here &= here - ONE
                form_id = form_at(units, at, first_marker)
                if units[at] >= FORM_LEAD and not contains(form_ids, np.int64(0), len(form_ids), form_id):
                    continue
                times += 1
                others += form_id != form_ids[0]
                k = at + n_units_at(units, at)
                if k < end:
                    after = np.int64(units[k])
                    filter_after |= 1 << _filter_bit(after)
                    if after >= MARKER_LEAD:
                        times += 1
                        if k + 2 < end:
                            filter_after |= 1 << _filter_bit(np.int64(units[k + 2]))
                k = at
                for _ in range(2):
                    k -= 1
                    if k >= start and units[k] >= TRAIL:
                        k -= 1
                    if k < start:
                        break
                    before = np.int64(units[k])
                    filter_before |= 1 << _filter_bit(before)
                    if before < MARKER_LEAD:
                        break
                    times += 1
        neighbours[0, place] = after if times == 1 else TRAIL | filter_after
        neighbours[1, place] = before if times == 1 else TRAIL | filter_before
        main_form_only[place >> 6] |= np.uint64(others == 0) << np.uint64(place & 63)
        place += 1


@inlined
def add_proof(proof, unit, main_form_only, filter_bits, wanted, forms):
    """Return the proof of a text after one more check: `proof`, int8, is what other checks have proved of it.

    `unit` is the number that `NextwordTables.neighbours` has for the text, `main_form_only` its bit. `filter_bits`,
    `wanted` and `forms` are the columns FILTER, UNIT and FORMS of the check.
    """
    same = unit == wanted
    filtered = unit >= TRAIL
    passed = same | (filtered & (unit & filter_bits != 0)) | ((wanted < 0) & (not filtered))
    certain = (forms == ALL_FORMS) | ((forms == MAIN_FORM) & main_form_only)
    proves = certain & (same | (filtered & (unit & filter_bits & EXACT_MASK != 0)))
    return min(proof + np.int8(same | proves) + np.int8(proves), PROVED) if passed else DISPROVED


@inlined
def is_main_form_only(main_form_only, place):
    """Tell whether the text of a posting has no form of the term but the main one."""
    return has_bit(main_form_only[place >> 6], place) != 0


@inlined
def check_postings(checks, term, neighbours, main_form_only, start, end, proofs):
    """Fill proofs[start:end] with what the checks of a sparse term prove of each of its postings."""
    size = np.uint64(end - start)
    term_proofs = proofs[start:end]
    for i in range(size):
        term_proofs[i] = 0
    for c in range(len(checks)):
        if checks[c, TERM] == term:
            base = checks[c, BASE]
            units = neighbours[checks[c, SIDE], base : base + end - start]
            filter_bits = checks[c, FILTER]
            wanted = checks[c, UNIT]
            forms = checks[c, FORMS]
            for i in range(size):
                term_proofs[i] = add_proof(
                    term_proofs[i],
                    np.int64(units[i]),
                    is_main_form_only(main_form_only, base + np.int64(i)),
                    filter_bits,
                    wanted,
                    forms,
                )


@inlined
def main_form_only_bits(main_form_only, at):
    """Return a word that tells which of the 64 postings from `at` on are of texts without another form of the term."""
    word = np.uint64(at >> 6)
    shift = np.uint64(at & 63)
    return (main_form_only[word] >> shift) | ((main_form_only[word + ONE] << ONE) << (np.uint64(63) - shift))


@inlined
def check_block(check, units, main_form_only, at):
    """Run a check on the 64 postings from `at` on; return three words: which pass, are proved, have the wanted unit.

    `check` is `(7,) int64`; `units`, `(n_postings,) uint16`, is the row of `NextwordTables.neighbours` for the side of
    the check; `main_form_only` is a bitmap of `NextwordTables`. Bit k of a word, uint64, is about posting `at` + k.
    `add_proof` runs a check on one posting.
    """
    filter_bits = check[FILTER]
    filtered = at_least(units, at, np.uint16(TRAIL))
    passed = share_bits(units, at, np.uint16(filter_bits)) & filtered
    certain = (
        ALL
        if check[FORMS] == ALL_FORMS
        else main_form_only_bits(main_form_only, at)
        if check[FORMS] == MAIN_FORM
        else NONE
    )
    exact_class = share_bits(units, at, np.uint16(filter_bits & EXACT_MASK)) & filtered
    if check[UNIT] < 0:
        return passed | ~filtered, exact_class & certain, NONE
    same = equal(units, at, np.uint16(check[UNIT]))
    return passed | same, (exact_class | same) & certain, same


@compiled(
    i64(
        write(i32), write(types.int8), read(i64, 2), boolean, DENSE_TABLES, NEXTWORD_TABLES, read(u64), write(u64)
    )
)  # fmt: skip
def filter_by_neighbours(docs, proofs, checks, alone, tables, nextword, always, found):
    """Keep those of some documents whose texts have to be read to know whether they have a phrase; return how many.

    Changes `docs`, int32, and `proofs`, int8, which has what other checks have proved. Only checks of dense terms,
    which all documents have, are made; a document where one fails is left out, unless it is in the bitmap `always`,
    which may be empty. The checks are `alone` if they are those of the only two words of a phrase: then a document that
    is proved to have the phrase gets its bit in `found`, and is left out too.

    No branch depends on what is read.
    """
    bits, superblock_rank, block_rank = tables.bits, tables.superblock_rank, tables.block_rank
    neighbours, main_form_only = nextword.neighbours, nextword.main_form_only
    n = len(docs)
    has_always = len(always) > 0
    for c in range(len(checks)):
        if checks[c, ROW] < 0:
            continue
        row = np.uint64(checks[c, ROW])
        side = np.uint64(checks[c, SIDE])
        filter_bits = checks[c, FILTER]
        wanted = checks[c, UNIT]
        forms = checks[c, FORMS]
        kept = np.uint64(0)
        for k in range(n):
            doc = np.int64(docs[np.uint64(k)])
            block = np.uint64(doc >> 6)
            bit = bit_of(doc)
            place = rank(row, block, bit - ONE, bits, superblock_rank, block_rank)
            unit = np.int64(neighbours[side, place])
            proof = add_proof(
                proofs[np.uint64(k)],
                unit,
                is_main_form_only(main_form_only, np.int64(place)),
                filter_bits,
                wanted,
                forms,
            )
            proofs[kept] = proof
            docs[kept] = doc
            stays = proof >= 0
            if has_always:
                stays |= always[block] & bit != 0
            kept += np.uint64(stays)
        n = np.int64(kept)
    if not alone:
        return n
    kept = np.uint64(0)
    for k in range(n):
        doc = np.int64(docs[np.uint64(k)])
        block = np.uint64(doc >> 6)
        bit = bit_of(doc)
        proved = proofs[np.uint64(k)] >= PROVED
        found[block] |= bit * np.uint64(proved)
        docs[kept] = doc
        kept += np.uint64(not proved)
    return np.int64(kept)
