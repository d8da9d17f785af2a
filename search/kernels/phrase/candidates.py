"""Candidates of a phrase: the paragraphs that have all of its terms, and whose known neighbours do not rule it out."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from search.kernels.core.bitmap import ALL, NONE, ONE, clear_words, set_bits
from search.kernels.core.dense_terms import DENSE_TABLES, rank
from search.kernels.core.postings_codec import MATCHES_ITSELF, decode_postings
from search.kernels.jit.argument_types import boolean, i32, i64, read, struct, types, u8, u64, write
from search.kernels.jit.decorators import compiled
from search.kernels.jit.intrinsics import ctz, pdep
from search.kernels.phrase.nextword import DISPROVED, NEXTWORD_TABLES, ROW, SIDE, check_block, check_postings

ROWS, LOW, HIGH, START, END = range(5)
"""The rows of `PhraseTerms.terms`."""


class PhraseTerms(NamedTuple):
    """The terms of a phrase in one segment, a column each, the sparse ones first."""

    terms: Any
    """`(5, n_terms) int64`, the rows named ROWS to END: the dense row or -1; for a sparse term, where its bytes begin
    and end in the postings, and where its decoded postings begin and end in the scratch arrays."""
    order: Any
    """`(n_sparse,) int64`: the columns of the sparse terms, the rarest first."""
    checks: Any
    """`(n_checks, 7) int64`: what is asked of the neighbours of terms (see `nextword`)."""


class PhraseScratch(NamedTuple):
    """Arrays of a thread that the loops of phrases write to."""

    matching: Any
    """`(n_blocks,) uint64`: a bitmap, zero before and after."""
    docs: Any
    """`(>= n_postings,) int32`: room for the documents of all sparse postings."""
    flags: Any
    """`(>= n_postings,) uint8`: room for the payloads of all sparse postings."""
    proofs: Any
    """`(>= n_postings,) int8`: room for what the checks prove of each sparse posting."""
    proved: Any
    """`(>= n_found,) int8`: what all checks together prove of each document found."""
    found: Any
    """`(>= n_found,) int32`: the documents found: no more than the rarest term has."""


# The arrays are made for each query: a `read_only` view of each would cost time.
PHRASE_TERMS = struct(PhraseTerms, write(i64, 2), write(i64), write(i64, 2))
PHRASE_SCRATCH = struct(
    PhraseScratch, write(u64), write(i32), write(u8), write(types.int8), write(types.int8), write(i32)
)


@compiled(i64(PHRASE_TERMS, read(u8), DENSE_TABLES, NEXTWORD_TABLES, read(u64), read(u64), PHRASE_SCRATCH))
def phrase_candidates(phrase, blob, tables, nextword, live, always, scratch):
    """List the documents that have all terms, match themselves by each sparse one, and pass the sparse terms' checks.

    At least one term is sparse. Sparse postings are decoded to scratch.docs and scratch.flags from START on, the rarest
    term first. Of each list the documents that all lists before have are kept, up to END: scoring asks for no others.
    `scratch.found` gets the documents, `scratch.proved` what the checks prove of them. Returns how many there are.

    `live` and `always` are bitmaps or empty: only documents of `live` are listed, and those of `always` need not pass.
    No branch depends on what a posting holds.
    """
    terms, order, checks = phrase.terms, phrase.order, phrase.checks
    bits = tables.bits
    neighbours, main_form_only = nextword.neighbours, nextword.main_form_only
    matching, docs, flags, proofs = scratch.matching, scratch.docs, scratch.flags, scratch.proofs
    proved, found = scratch.proved, scratch.found
    count = terms.shape[1]
    sparse = len(order)
    has_always = len(always) > 0
    row = np.uint64(terms[ROWS, min(sparse, count - 1)])
    size = 0
    for o in range(sparse):
        t = order[o]
        start = terms[START, t]
        last = size
        kept = np.uint64(start)
        end = decode_postings(blob, terms[LOW, t], terms[HIGH, t], docs, flags, start)
        check_postings(checks, t, neighbours, main_form_only, start, end, proofs)
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
                    word &= bits[np.uint64(terms[ROWS, d]), block]
            else:
                word = ALL
            if o == 0 and len(live) > 0:
                word &= live[block]
            passed = np.uint64(proof >= 0)
            if has_always:
                passed |= always[block] >> shift
            docs[kept] = doc
            flags[kept] = flag
            proofs[kept] = proof
            kept += (word >> shift) & passed & np.uint64(flag >= MATCHES_ITSELF)
        terms[END, t] = np.int64(kept)
        size = np.int64(kept) - start
        clear_words(found[:last], matching)
        before = 0
        for i in range(size):
            doc = np.int64(docs[np.uint64(start + i)])
            proof = np.int64(proofs[np.uint64(start + i)])
            if o > 0:
                while found[np.uint64(before)] < doc:
                    before += 1
                proof = max(DISPROVED, proof + proved[np.uint64(before)])
            found[np.uint64(i)] = doc
            proved[np.uint64(i)] = proof
        if size == 0:
            break
        if o + 1 < sparse:
            set_bits(found[:size], matching)
    return size


@compiled(
    i64(PHRASE_TERMS, boolean, DENSE_TABLES, NEXTWORD_TABLES, read(u64), read(u64), write(u64), write(i32))
)  # fmt: skip
def dense_candidates(phrase, alone, tables, nextword, live, always, matching, found):
    """List the documents that have all terms, which are dense, and whose texts have to be read to find the phrase.

    Does what `phrase_candidates` and then `nextword.filter_by_neighbours` do: postings of a term in a block stand side
    by side, so that one comparison tells of all of them, and pdep moves their bits to their documents. `alone` is that
    of `filter_by_neighbours`. Fills `found`, int32, and `matching`, the bitmap of the documents that have the phrase
    for certain. Returns how many are in `found`.
    """
    terms, checks = phrase.terms, phrase.checks
    bits, superblock_rank, block_rank = tables.bits, tables.superblock_rank, tables.block_rank
    neighbours, main_form_only = nextword.neighbours, nextword.main_form_only
    n = np.uint64(0)
    for block in range(bits.shape[1]):
        b = np.uint64(block)
        matching[b] = NONE
        both = ALL if len(live) == 0 else live[b]
        for t in range(terms.shape[1]):
            both &= bits[np.uint64(terms[ROWS, t]), b]
        if both == 0:
            continue
        left = both
        once = NONE
        proved = NONE
        for c in range(len(checks)):
            check = checks[c]
            row = np.uint64(check[ROW])
            at = np.int64(rank(row, b, NONE, bits, superblock_rank, block_rank))
            passed, certain, same = check_block(check, neighbours[check[SIDE]], main_form_only, at)
            left &= pdep(passed, bits[row, b])
            if left == 0:
                break
            same = pdep(same, bits[row, b])
            proved |= pdep(certain, bits[row, b]) | (once & same)
            once |= same
        if alone:
            matching[b] |= left & proved
            left &= ~proved
        if len(always) > 0:
            left |= both & always[b] & ~matching[b]
        while left:
            found[n] = (block << 6) + ctz(left)
            n += ONE
            left &= left - ONE
    return np.int64(n)
