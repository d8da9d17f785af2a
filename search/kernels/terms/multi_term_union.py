"""The documents of many words at once, from postings and lists of forms (see `surface_forms_codec`) to bitmaps.

There are three bitmaps: `matches_itself` has the documents whose own text has one of the words; `title` those whose
title has one; `title_only` those known to have one in the title, unless they are in `matches_itself`. `title` may be
empty.

A *union* is a row of three numbers: TERM, a term; FORM, a form of it that has a list, or WHOLE for all forms, or
MAIN_FORM; and ROW, the term's row in the tables of dense terms, or -1.
"""

from __future__ import annotations

import numpy as np

from search.kernels.core.bitmap import ONE, bit_of, has_bit
from search.kernels.core.dense_terms import DENSE_TABLES, rank
from search.kernels.core.postings_codec import IN_TITLE, MATCHES_ITSELF, decode_postings
from search.kernels.core.surface_forms_codec import FLAGS, MAIN_FORM_SHIFT, decode_forms
from search.kernels.jit.argument_types import i32, i64, read, types, u8, u32, u64, write
from search.kernels.jit.decorators import compiled, inlined
from search.kernels.jit.intrinsics import ctz, pdep, popcount

TERM, FORM, ROW = range(3)
"""Columns of a union."""
WHOLE, MAIN_FORM = -1, -2
"""In the column FORM: all forms of the term, or its main form."""


@inlined
def set_by_flags(docs, flags, n, matches_itself, title_only, title):
    """Set the bits of the first n documents by their flags.

    Takes a whole list: a call a document would count references to the arrays, ten times the work.
    """
    with_title = len(title) > 0
    for k in range(n):
        doc = np.uint64(docs[k])
        bit = bit_of(doc)
        block = doc >> np.uint64(6)
        flag = flags[k]
        if flag & MATCHES_ITSELF:
            matches_itself[block] |= bit
        elif flag & IN_TITLE:
            title_only[block] |= bit
        if with_title and flag & IN_TITLE:
            title[block] |= bit


@inlined
def payload_start(row, block, bits, superblock_rank, block_rank):
    """Return the index at which the payloads of a block of a dense term begin."""
    return np.int64(rank(np.uint64(row), np.uint64(block), np.uint64(0), bits, superblock_rank, block_rank))


@inlined
def mark_ranks(ranks, payloads, n, shift, flip, with_title, marks):
    """Fill `marks`, bitmaps over the ranks of a term's postings, by the list of a form.

    `marks` is `(n_rows, n_words) uint64`, of 4 rows if titles are wanted (`with_title`), else of 2; `ranks`, int32, and
    `payloads`, uint8, are the first `n` items of the list. Row 0 gets the ranks where MATCHES_ITSELF is set if `flip`
    is 0, and those where it is not set if `flip` is MATCHES_ITSELF; row 1 those where IN_TITLE is the only flag; row 2
    those where IN_TITLE is set; row 3 all ranks of the list. `shift` is 0 for the flags of the form, MAIN_FORM_SHIFT
    for those of the main form.
    """
    for k in range(n):
        at = np.uint64(ranks[k]) >> np.uint64(6)
        bit = np.uint64(ranks[k]) & np.uint64(63)
        flags = (np.int64(payloads[k]) << shift) & FLAGS
        marks[0, at] |= np.uint64((flags ^ flip) >> 7) << bit
        if flags == IN_TITLE:
            marks[1, at] |= ONE << bit
        if with_title:
            marks[2, at] |= np.uint64(flags >> 6 & 1) << bit
            marks[3, at] |= ONE << bit


@inlined
def word_at_rank(ranked, at):
    """Return 64 bits of a bitmap over ranks, from rank `at` on."""
    shift = np.uint64(at & 63)
    word = ranked[at >> 6] >> shift
    return word | ranked[(at >> 6) + 1] << ONE << (np.uint64(63) - shift)


@inlined
def apply_ranks(row, ranked, bits, superblock_rank, block_rank, target, clear):
    """Set the bits of a dense term's documents that a bitmap over ranks names, or clear them.

    `ranked` is the bitmap over ranks. A galloping search finds the next block, so a short list takes a short time.
    """
    blocks = bits.shape[1]
    block = 0
    for k in range(len(ranked)):
        word = ranked[k]
        if word == 0:
            continue
        base = superblock_rank[row, 0] + (k << 6)
        at = base + ctz(word)
        step = 1
        while block + step < blocks and payload_start(row, block + step, bits, superblock_rank, block_rank) <= at:
            block += step
            step <<= 1
        high = min(block + step, blocks)
        while high - block > 1:
            middle = (block + high) >> 1
            if payload_start(row, middle, bits, superblock_rank, block_rank) <= at:
                block = middle
            else:
                high = middle
        begin = payload_start(row, block, bits, superblock_rank, block_rank) - base
        while True:
            of = bits[row, np.uint64(block)]
            found = pdep(word >> np.uint64(begin) if begin >= 0 else word << np.uint64(-begin), of)
            if clear:
                target[np.uint64(block)] &= ~found
            else:
                target[np.uint64(block)] |= found
            begin += popcount(of)
            if begin >= 64 or word >> np.uint64(begin) == 0:
                break
            block += 1


@inlined
def add_title_docs(row, marks, bits, superblock_rank, payloads, title):
    """Add the documents whose title has a dense term; if there are `marks`, those whose title has its main form."""
    ordinal = 0
    for block in range(len(title)):
        rest = bits[row, block]
        while rest:
            in_title = payloads[superblock_rank[row, 0] + ordinal] & IN_TITLE > 0
            if marks.shape[1] > 0 and has_bit(marks[3, ordinal >> 6], ordinal):
                in_title = has_bit(marks[2, ordinal >> 6], ordinal) > 0
            if in_title:
                title[block] |= bit_of(ctz(rest))
            rest &= rest - ONE
            ordinal += 1


@inlined
def add_dense(row, form_id, marks, tables, matches_itself, title_only, title):
    """Add the documents of a dense term, of its main form, or of another form; `mark_ranks` has filled `marks`."""
    bits, superblock_rank, block_rank = tables.bits, tables.superblock_rank, tables.block_rank
    payloads = tables.payloads
    own_text = matches_itself if form_id >= 0 else bits[row].copy()
    if form_id != WHOLE:
        for k in range(3 if form_id >= 0 and len(title) > 0 else 2):
            target = own_text if k == 0 else title_only if k == 1 else title
            apply_ranks(row, marks[k], bits, superblock_rank, block_rank, target, form_id < 0 and k == 0)
    if form_id >= 0:
        return
    for i in range(tables.title_only_counts[row]):
        block = np.int64(tables.title_only_blocks[row, i])
        word = tables.title_only_words[row, i]
        own_text[block] &= ~word
        if form_id == MAIN_FORM:
            ordinal = payload_start(row, block, bits, superblock_rank, block_rank) - superblock_rank[row, 0]
            word &= ~pdep(word_at_rank(marks[0], ordinal), bits[row, block])
        title_only[block] |= word
    for b in range(len(matches_itself)):
        matches_itself[np.uint64(b)] |= own_text[np.uint64(b)]
    add_title_docs(row, marks, bits, superblock_rank, payloads, title)


@compiled(
    types.void(
        read(i32, 2), read(u8), read(u32), read(u8), read(i64), read(i32), read(i32),
        DENSE_TABLES,
        write(u64), write(u64), write(u64),
    )
)  # fmt: skip
def gather(
    unions, postings, postings_at, forms, forms_at, other_forms_first, other_forms,
    tables, matches_itself, title_only, title,
):  # fmt: skip
    """Set the bits of the documents of all unions; those of one term best come one after the other: it is decoded once.

    Term s has the lists of other_forms[other_forms_first[s]:other_forms_first[s + 1]]. In the documents of these, the
    main form's flags replace the term's. Lists of postings are postings[postings_at[s]:], lists of forms
    forms[forms_at[e]:].
    """
    bits, superblock_rank, block_rank = tables.bits, tables.superblock_rank, tables.block_rank
    most = np.int64(0)
    longest = np.int64(0)
    for k in range(len(unions)):  # room for as many postings, or items, as a list has bytes: each takes at least one
        s = unions[k, TERM]
        if unions[k, ROW] < 0:
            most = max(most, np.int64(postings_at[s + 1]) - np.int64(postings_at[s]))
        if unions[k, FORM] >= 0:
            longest = max(longest, forms_at[unions[k, FORM] + 1] - forms_at[unions[k, FORM]])
        elif unions[k, FORM] == MAIN_FORM:
            for i in range(other_forms_first[s], other_forms_first[s + 1]):
                longest = max(longest, forms_at[other_forms[i] + 1] - forms_at[other_forms[i]])
    docs = np.empty(most, np.int32)
    flags = np.empty(most, np.uint8)
    ranks = np.empty(longest, np.int32)
    others = np.empty(longest, np.uint8)
    with_title = len(title) > 0
    n = np.int64(0)
    items = np.int64(0)
    decoded = -1
    for k in range(len(unions)):
        s = unions[k, TERM]
        e = np.int64(unions[k, FORM])
        row = np.int64(unions[k, ROW])
        size = np.int64(0)
        if row < 0 and s != decoded:
            n = decode_postings(
                postings, np.int64(postings_at[s]), np.int64(postings_at[s + 1]), docs, flags, np.int64(0)
            )
            decoded = s
        elif row >= 0 and e != WHOLE:
            last = bits.shape[1] - 1
            size = (
                payload_start(row, last, bits, superblock_rank, block_rank)
                + popcount(bits[row, last])
                - superblock_rank[row, 0]
            )
            size = (size >> 6) + 2
        marks = np.zeros((4 if with_title else 2, size), np.uint64)
        for i in range(other_forms_first[s], other_forms_first[s] + 1 if e >= 0 else other_forms_first[s + 1]):
            if e == WHOLE:
                break
            form_id = e if e >= 0 else other_forms[i]
            items = decode_forms(forms, forms_at[form_id], forms_at[form_id + 1], ranks, others)
            if row >= 0:
                mark_ranks(
                    ranks,
                    others,
                    items,
                    0 if e >= 0 else MAIN_FORM_SHIFT,
                    0 if e >= 0 else MATCHES_ITSELF,
                    with_title,
                    marks,
                )
                continue
            for j in range(items):
                if e >= 0:
                    ranks[j] = docs[ranks[j]]
                else:
                    flags[ranks[j]] = (others[j] << MAIN_FORM_SHIFT) & FLAGS
        if row >= 0:
            add_dense(row, e, marks, tables, matches_itself, title_only, title)
        elif e >= 0:
            set_by_flags(ranks, others, items, matches_itself, title_only, title)
        else:
            set_by_flags(docs, flags, n, matches_itself, title_only, title)
