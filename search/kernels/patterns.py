"""The paragraphs of many words at once, straight from postings and lists of lesser words (`forms`) to bitmaps.

Three bitmaps: `own` has the paragraphs whose own text holds a word, `title` those whose title does, `lent` (some of) the
latter where the word's postings say that only the title does. Text or title is `own` or `lent`.
"""

from __future__ import annotations

import numpy as np

from search.kernels.compiling import boolean, compiled, i32, i64, inlined, lowest, popcount, read, types, u8, u32, u64, write
from search.kernels.forms import CHIEF, CHIEF_IN_TITLE, CHIEF_OWN, FLAGS, next_item
from search.kernels.postings import IN_TITLE, OWN, decode

LENT = 1
"""The word stands in the title and not in the text."""


@inlined
def put(doc, flags, own, lent, title):
    """Set a paragraph's bits; an empty `title` is not wanted."""
    bit = np.uint64(1) << np.uint64(doc & 63)
    if flags & OWN:
        own[doc >> 6] |= bit
    else:
        lent[doc >> 6] |= bit
    if flags & IN_TITLE and len(title):
        title[doc >> 6] |= bit


@inlined
def nth_bit(word, n):
    """The number of the n-th set bit of a word, from 0, by halving."""
    at = 0
    width = 32
    while width:
        below = popcount(word & ((np.uint64(1) << np.uint64(width)) - np.uint64(1)))
        if n >= below:
            n -= below
            word >>= np.uint64(width)
            at += width
        width >>= 1
    return at


@compiled(types.void(read(i32), read(u8), read(u32), write(u64), write(u64), write(u64)))
def add_stems(stems, postings, postings_at, own, lent, title):
    """Set the bits of the paragraphs of stems: of their own text, lent by a title alone, of the title."""
    for s in stems:
        i = np.int64(postings_at[s])
        end = np.int64(postings_at[s + 1])
        doc = -1
        while i < end:
            byte = np.int64(postings[i])
            i += 1
            value = byte & 127
            shift = 7
            while byte & 128:
                byte = np.int64(postings[i])
                i += 1
                value |= (byte & 127) << shift
                shift += 7
            doc += value >> 1
            flags = np.int64(OWN)
            if value & 1:
                flags = np.int64(postings[i])
                i += 1
            put(doc, flags, own, lent, title)


@compiled(
    types.void(
        read(i32), read(i32), read(u64), i64, read(u8), read(u32), read(u8), read(i64),
        write(u64), write(u64), write(u64),
    )
)  # fmt: skip
def add_forms(entries, via, ranked, most, postings, postings_at, forms, forms_at, own, lent, title):
    """Set the bits of the paragraphs of lesser words, neighbours of one stem side by side.

    `ranked` is the bitmap of the one stem that all of them have, or empty: then postings are decoded, `most` at most.
    """
    docs = np.empty(most, np.int32)
    payloads = np.empty(most, np.uint8)
    decoded = -1
    for k in range(len(entries)):
        s = via[k]
        if len(ranked) == 0 and s != decoded:
            decode(postings, np.int64(postings_at[s]), np.int64(postings_at[s + 1]), docs, payloads)
            decoded = s
        i = forms_at[entries[k]]
        end = forms_at[entries[k] + 1]
        rank = -1
        block = -1
        below = 0
        after = 0
        while i < end:
            i, rank, payload = next_item(forms, i, rank)
            if len(ranked) == 0:
                put(docs[rank], payload, own, lent, title)
                continue
            while rank >= after:
                block += 1
                below = after
                after += popcount(ranked[block])
            put((block << 6) + nth_bit(ranked[block], rank - below), payload, own, lent, title)


@compiled(
    types.void(
        read(i32), i64, read(u8), read(u32), read(u8), read(i64), read(i32), read(i32),
        write(u64), write(u64), write(u64),
    )
)  # fmt: skip
def add_chiefs(stems, most, postings, postings_at, forms, forms_at, lesser_first, lesser, own, lent, title):
    """Set the bits of the paragraphs of the chiefs of stems; the lesser words of s are lesser[lesser_first[s]:...]."""
    docs = np.empty(most, np.int32)
    flags = np.empty(most, np.uint8)
    for s in stems:
        n = decode(postings, np.int64(postings_at[s]), np.int64(postings_at[s + 1]), docs, flags)
        for k in range(lesser_first[s], lesser_first[s + 1]):
            i = forms_at[lesser[k]]
            rank = -1
            while i < forms_at[lesser[k] + 1]:
                i, rank, payload = next_item(forms, i, rank)
                flags[rank] = (payload << CHIEF) & FLAGS
        for k in range(n):
            if flags[k] & FLAGS:
                put(docs[k], flags[k], own, lent, title)


@compiled(
    types.void(
        read(i32), read(u64), read(u64), read(u64), read(u8), read(i64), write(u64), write(u64), write(u64)
    )
)  # fmt: skip
def add_chief(lesser, ranked, of_own, of_title, forms, forms_at, own, lent, title):
    """Set the bits of the paragraphs of a dense stem's chief: all of the stem's but where only lesser words make them.

    `ranked` is the stem's bitmap, `of_own` and `of_title` those of its flags. What the lesser words alone would set is
    remembered first and put back after.
    """
    room = 0
    for entry in lesser:
        room += forms_at[entry + 1] - forms_at[entry]
    docs = np.empty(room, np.int32)
    before = np.empty(room, np.uint8)
    n = 0
    for entry in lesser:
        i = forms_at[entry]
        rank = -1
        block = -1
        below = 0
        after = 0
        while i < forms_at[entry + 1]:
            i, rank, payload = next_item(forms, i, rank)
            if payload & CHIEF_OWN and (payload & CHIEF_IN_TITLE or len(title) == 0):
                continue
            while rank >= after:
                block += 1
                below = after
                after += popcount(ranked[block])
            at = nth_bit(ranked[block], rank - below)
            docs[n] = (block << 6) + at
            bit = np.uint64(1) << np.uint64(at)
            flags = (payload << CHIEF) & FLAGS
            if own[block] & bit:
                flags |= OWN
            if len(title) and title[block] & bit:
                flags |= IN_TITLE
            if lent[block] & bit or payload & CHIEF_IN_TITLE:
                flags |= LENT
            before[n] = flags
            n += 1
    for block in range(len(ranked)):
        own[block] |= of_own[block]
        lent[block] |= ranked[block] & ~of_own[block]
    for block in range(len(title)):
        title[block] |= of_title[block]
    for k in range(n):
        block = docs[k] >> 6
        kept = ~(np.uint64(1) << np.uint64(docs[k] & 63))
        if not before[k] & OWN:
            own[block] &= kept
        if not before[k] & IN_TITLE and len(title):
            title[block] &= kept
        if not before[k] & LENT:
            lent[block] &= kept
        if before[k] & LENT:
            lent[block] |= ~kept


@compiled(
    types.UniTuple(i64, 3)(
        read(i32), read(i32), read(boolean), read(boolean), read(i32), write(i32), write(i32), write(i32), write(i32)
    )
)
def divide(entries, via, stemmed, listed, words, tally, whole, chiefs, lesser):
    """Entries that are wanted to: stems all of whose words are, stems whose chief is, and lesser words.

    Returns how many of each. `stemmed` says which entries have a stem of their own, `listed` which have a list, `words`
    how many entries each stem has. `tally` is zero before. A compound whose `via` is whole adds nothing: wherever it
    stands its first part does.
    """
    for e in entries:
        if stemmed[e]:
            tally[via[e]] += 1
    a = 0
    b = 0
    c = 0
    for e in entries:
        s = via[e]
        if tally[s] == words[s]:
            tally[s] = -1
            whole[a] = s
            a += 1
        if tally[s] < 0:
            continue
        if listed[e]:
            lesser[c] = e
            c += 1
        else:
            chiefs[b] = s
            b += 1
    return a, b, c


@compiled(i64(read(u64), i64, read(u8), read(i32), write(i32)))
def shortest(bits, total, lengths, by_length, docs):
    """The shortest paragraphs of a bitmap with `total` bits, the first of equals first; returns how many.

    `by_length` has all paragraphs in that order. They are tried one by one for as long as listing the bitmap's would
    take; where many match, the first ones do.
    """
    wanted = len(docs)
    n = 0
    for k in range(min(total, len(by_length))):
        doc = by_length[k]
        if bits[doc >> 6] >> np.uint64(doc & 63) & np.uint64(1):
            docs[n] = doc
            n += 1
            if n == wanted:
                return n
    n = 0
    for block in range(len(bits)):
        word = bits[block]
        while word:
            doc = (block << 6) + lowest(word)
            word &= word - np.uint64(1)
            length = lengths[doc]
            if n == wanted and length >= lengths[docs[n - 1]]:
                continue
            at = min(n, wanted - 1)
            while at > 0 and lengths[docs[at - 1]] > length:
                docs[at] = docs[at - 1]
                at -= 1
            docs[at] = doc
            n = min(n + 1, wanted)
    return n
