"""The paragraphs of many words at once, straight from postings and lists of lesser words (`forms`) to bitmaps.

Three bitmaps: `own` has the paragraphs whose own text holds a word, `title` those whose title does, and `lent` those
where only the title was seen to. Text or title is `own` or `lent`.
"""

from __future__ import annotations

import numpy as np

from search.kernels.compiling import (
    compiled,
    i32,
    i64,
    inlined,
    lowest,
    popcount,
    read,
    types,
    u8,
    u32,
    u64,
    write,
)
from search.kernels.forms import CHIEF, CHIEF_IN_TITLE, CHIEF_OWN, FLAGS, decode_forms
from search.kernels.postings import IN_TITLE, OWN, decode

LENT = 1
"""The word stands in the title and not in the text."""


@inlined
def set_bits(docs, flags, n, own, lent, title):
    """Set the bits of n paragraphs; an empty `title` is not wanted.

    All of a list at once: a call for each paragraph would count references to the arrays, ten times the work.
    """
    titled = len(title) > 0
    for k in range(n):
        doc = docs[k]
        bit = np.uint64(1) << np.uint64(doc & 63)
        if flags[k] & OWN:
            own[doc >> 6] |= bit
        elif flags[k] & IN_TITLE:
            lent[doc >> 6] |= bit
        if titled and flags[k] & IN_TITLE:
            title[doc >> 6] |= bit


@inlined
def of_ranks(ranked, ranks, n, docs):
    """The paragraphs of ascending ranks among the bits of a bitmap."""
    block = -1
    word = np.uint64(0)
    below = 0
    after = 0
    for k in range(n):
        rank = ranks[k]
        while rank >= after:
            block += 1
            word = ranked[block]
            below = after
            after += popcount(word)
        while below < rank:
            word &= word - np.uint64(1)
            below += 1
        docs[k] = (block << 6) + lowest(word)


@inlined
def longest(entries, forms_at):
    """The bytes of the longest list, at most as many as its items."""
    most = 0
    for e in entries:
        most = max(most, forms_at[e + 1] - forms_at[e])
    return most


@compiled(types.void(read(i32), i64, read(u8), read(u32), write(u64), write(u64), write(u64)))
def add_stems(stems, most, postings, postings_at, own, lent, title):
    """Set the bits of the paragraphs of stems, of `most` postings each at most."""
    docs = np.empty(most, np.int32)
    flags = np.empty(most, np.uint8)
    for s in stems:
        n = decode(postings, np.int64(postings_at[s]), np.int64(postings_at[s + 1]), docs, flags)
        set_bits(docs, flags, n, own, lent, title)


@compiled(
    types.void(
        read(i32), read(i32), i64, read(u8), read(u32), read(u8), read(i64), write(u64), write(u64), write(u64)
    )
)  # fmt: skip
def add_forms(entries, via, most, postings, postings_at, forms, forms_at, own, lent, title):
    """Set the bits of the paragraphs of lesser words of sparse stems, neighbours of one stem side by side."""
    docs = np.empty(most, np.int32)
    payloads = np.empty(most, np.uint8)
    room = longest(entries, forms_at)
    ranks = np.empty(room, np.int32)
    flags = np.empty(room, np.uint8)
    decoded = -1
    for k in range(len(entries)):
        s = via[k]
        if s != decoded:
            decode(postings, np.int64(postings_at[s]), np.int64(postings_at[s + 1]), docs, payloads)
            decoded = s
        n = decode_forms(forms, forms_at[entries[k]], forms_at[entries[k] + 1], ranks, flags)
        for i in range(n):
            ranks[i] = docs[ranks[i]]
        set_bits(ranks, flags, n, own, lent, title)


@compiled(types.void(read(i32), read(u64), read(u8), read(i64), write(u64), write(u64), write(u64)))
def add_dense_forms(entries, ranked, forms, forms_at, own, lent, title):
    """The same for lesser words of one dense stem, whose bitmap is `ranked`."""
    room = longest(entries, forms_at)
    ranks = np.empty(room, np.int32)
    flags = np.empty(room, np.uint8)
    for e in entries:
        n = decode_forms(forms, forms_at[e], forms_at[e + 1], ranks, flags)
        of_ranks(ranked, ranks, n, ranks)
        set_bits(ranks, flags, n, own, lent, title)


@compiled(
    types.void(
        read(i32), i64, read(u8), read(u32), read(u8), read(i64), read(i32), read(i32),
        write(u64), write(u64), write(u64),
    )
)  # fmt: skip
def add_chiefs(stems, most, postings, postings_at, forms, forms_at, lesser_first, lesser, own, lent, title):
    """Set the bits of the paragraphs of the chiefs of sparse stems; s has lesser[lesser_first[s]:lesser_first[s + 1]].

    Where lesser words stand the flags of the stem are replaced by those of its chief.
    """
    docs = np.empty(most, np.int32)
    flags = np.empty(most, np.uint8)
    ranks = np.empty(most, np.int32)
    payloads = np.empty(most, np.uint8)
    for s in stems:
        n = decode(postings, np.int64(postings_at[s]), np.int64(postings_at[s + 1]), docs, flags)
        for k in range(lesser_first[s], lesser_first[s + 1]):
            items = decode_forms(forms, forms_at[lesser[k]], forms_at[lesser[k] + 1], ranks, payloads)
            for i in range(items):
                flags[ranks[i]] = (payloads[i] << CHIEF) & FLAGS
        set_bits(docs, flags, n, own, lent, title)


@compiled(
    types.void(
        read(i32), read(u64), read(u64), read(u64), read(u8), read(i64), write(u64), write(u64), write(u64)
    )
)  # fmt: skip
def add_dense_chief(lesser, ranked, of_own, of_title, forms, forms_at, own, lent, title):
    """The same for the chief of one dense stem: its whole bitmaps, but for what only lesser words make.

    `ranked` is the stem's bitmap, `of_own` and `of_title` those of its flags. What lesser words alone would set is
    remembered first and put back after.
    """
    room = longest(lesser, forms_at)
    whole = 0
    for e in lesser:
        whole += forms_at[e + 1] - forms_at[e]
    ranks = np.empty(room, np.int32)
    payloads = np.empty(room, np.uint8)
    docs = np.empty(whole, np.int32)
    flags = np.empty(whole, np.uint8)
    titled = len(title) > 0
    kept = 0
    for e in lesser:
        n = decode_forms(forms, forms_at[e], forms_at[e + 1], ranks, payloads)
        of_ranks(ranked, ranks, n, ranks)
        for i in range(n):
            payload = payloads[i]
            if payload & CHIEF_OWN and (payload & CHIEF_IN_TITLE or not titled):
                continue
            doc = ranks[i]
            bit = np.uint64(1) << np.uint64(doc & 63)
            before = np.int64(payload << CHIEF) & FLAGS
            if own[doc >> 6] & bit:
                before |= OWN
            if titled and title[doc >> 6] & bit:
                before |= IN_TITLE
            if lent[doc >> 6] & bit or payload & CHIEF_IN_TITLE:
                before |= LENT
            docs[kept] = doc
            flags[kept] = before
            kept += 1
    for block in range(len(ranked)):
        own[block] |= of_own[block]
        lent[block] |= ranked[block] & ~of_own[block]
    for block in range(len(title)):
        title[block] |= of_title[block]
    for k in range(kept):
        block = docs[k] >> 6
        bit = np.uint64(1) << np.uint64(docs[k] & 63)
        if not flags[k] & OWN:
            own[block] &= ~bit
        if titled and not flags[k] & IN_TITLE:
            title[block] &= ~bit
        if flags[k] & LENT:
            lent[block] |= bit
        else:
            lent[block] &= ~bit
