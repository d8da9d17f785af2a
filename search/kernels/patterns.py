"""The paragraphs of many words at once, straight from postings and lists of lesser words (`forms`) to bitmaps.

Three bitmaps: `own` has the paragraphs whose own text holds a word, `title` those whose title does, and `lent` those
where only the title was seen to. Text or title is `own` or `lent`. An empty `title` is not wanted.

A *job* is what is to be added (`choosing.divide`): a stem, an entry, a row. The row is that of the stem's tables
(`scoring`) if it is dense, else -1; the entry is a lesser word whose `via` is the stem, or WHOLE for all words of the
stem, or CHIEF for its chief.
"""

from __future__ import annotations

import numpy as np

from search.kernels.compiling import compiled, i32, i64, inlined, lowest, read, types, u8, u16, u32, u64, write
from search.kernels.forms import CHIEF as SHIFT
from search.kernels.forms import CHIEF_IN_TITLE, CHIEF_OWN, FLAGS, decode_forms
from search.kernels.postings import IN_TITLE, OWN, unpack

WHOLE, CHIEF = -1, -2
LENT = 1
"""The word stands in the title and not in the text."""
_ONE = np.uint64(1)


@inlined
def set_bits(docs, flags, n, own, lent, title):
    """Set the bits of n paragraphs.

    All of a list at once: a call for each paragraph would count references to the arrays, ten times the work.
    """
    titled = len(title) > 0
    for k in range(n):
        doc = np.uint64(docs[k])
        bit = _ONE << (doc & np.uint64(63))
        block = doc >> np.uint64(6)
        flag = flags[k]
        if flag & OWN:
            own[block] |= bit
        elif flag & IN_TITLE:
            lent[block] |= bit
        if titled and flag & IN_TITLE:
            title[block] |= bit


@inlined
def place(row, block, bases, begins):
    """Where the payloads of a block begin, in a dense term's tables."""
    return bases[row, block >> 10] + np.int64(begins[row, block])


@inlined
def of_ranks(row, ranks, n, bits, bases, begins, docs):
    """The paragraphs of ascending ranks among those of a dense stem, whose blocks are galloped to."""
    blocks = begins.shape[1]
    block = 0
    for k in range(n):
        at = bases[row, 0] + ranks[k]
        step = 1
        while block + step < blocks and place(row, block + step, bases, begins) <= at:
            block += step
            step <<= 1
        high = min(block + step, blocks)
        while high - block > 1:
            middle = (block + high) >> 1
            if place(row, middle, bases, begins) <= at:
                block = middle
            else:
                high = middle
        word = bits[row, block]
        for _ in range(at - place(row, block, bases, begins)):
            word &= word - _ONE
        docs[k] = (block << 6) + lowest(word)


@inlined
def add_dense(
    row, lesser, low, high, bits, bases, begins, payloads, lents, lent_blocks, lent_words,
    forms, forms_at, ranks, flags, own, lent, title,
):  # fmt: skip
    """Add the bitmaps of a dense stem, but for what only its lesser words lesser[low:high] make.

    What lesser words alone would set is remembered first and put back after.
    """
    whole = 0
    for k in range(low, high):
        whole += forms_at[lesser[k] + 1] - forms_at[lesser[k]]
    docs = np.empty(whole, np.int32)
    before = np.empty(whole, np.uint8)
    titled = len(title) > 0
    kept = 0
    for k in range(low, high):
        n = decode_forms(forms, forms_at[lesser[k]], forms_at[lesser[k] + 1], ranks, flags)
        of_ranks(row, ranks, n, bits, bases, begins, ranks)
        for i in range(n):
            payload = flags[i]
            if payload & CHIEF_OWN and (payload & CHIEF_IN_TITLE or not titled):
                continue
            doc = ranks[i]
            bit = _ONE << np.uint64(doc & 63)
            was = np.int64(payload << SHIFT) & FLAGS
            if own[doc >> 6] & bit:
                was |= OWN
            if titled and title[doc >> 6] & bit:
                was |= IN_TITLE
            if lent[doc >> 6] & bit or payload & CHIEF_IN_TITLE:
                was |= LENT
            docs[kept] = doc
            before[kept] = was
            kept += 1
    saved = np.empty(lents[row], np.uint64)
    for i in range(lents[row]):
        block = lent_blocks[row, i]
        lent[block] |= lent_words[row, i]
        saved[i] = own[block] | ~lent_words[row, i]
    for b in range(len(own)):
        own[np.uint64(b)] |= bits[row, np.uint64(b)]
    for i in range(lents[row]):
        own[lent_blocks[row, i]] &= saved[i]
    at = bases[row, 0]
    for block in range(len(title)):
        word = bits[row, block]
        while word:
            if payloads[at] & IN_TITLE:
                title[block] |= word & (~word + _ONE)
            word &= word - _ONE
            at += 1
    for k in range(kept):
        block = docs[k] >> 6
        bit = _ONE << np.uint64(docs[k] & 63)
        if not before[k] & OWN:
            own[block] &= ~bit
        if titled and not before[k] & IN_TITLE:
            title[block] &= ~bit
        if before[k] & LENT:
            lent[block] |= bit
        else:
            lent[block] &= ~bit


@compiled(
    types.void(
        read(i32, 2), read(u8), read(u32), read(u8), read(i64), read(i32), read(i32),
        read(u64, 2), read(i64, 2), read(u16, 2), read(u8), read(i32), read(i32, 2), read(u64, 2),
        write(u64), write(u64), write(u64),
    )
)  # fmt: skip
def gather(
    jobs, postings, postings_at, forms, forms_at, lesser_first, lesser,
    bits, bases, begins, payloads, lents, lent_blocks, lent_words, own, lent, title,
):  # fmt: skip
    """Set the bits of the paragraphs of all jobs. Jobs of one stem best stand side by side: it is read once.

    Stem s has the lesser words lesser[lesser_first[s]:lesser_first[s + 1]]. Where those stand, the flags of the stem
    are replaced by those of its chief.
    """
    most = np.int64(0)
    longest = np.int64(0)
    for k in range(len(jobs)):  # a posting, an item of a list, has a byte at least
        s = jobs[k, 0]
        if jobs[k, 2] < 0:
            most = max(most, np.int64(postings_at[s + 1]) - np.int64(postings_at[s]))
        if jobs[k, 1] >= 0:
            longest = max(longest, forms_at[jobs[k, 1] + 1] - forms_at[jobs[k, 1]])
        elif jobs[k, 1] == CHIEF:
            for i in range(lesser_first[s], lesser_first[s + 1]):
                longest = max(longest, forms_at[lesser[i] + 1] - forms_at[lesser[i]])
    docs = np.empty(most, np.int32)
    flags = np.empty(most, np.uint8)
    ranks = np.empty(longest, np.int32)
    others = np.empty(longest, np.uint8)
    n = 0
    decoded = -1
    for k in range(len(jobs)):
        s = jobs[k, 0]
        e = jobs[k, 1]
        row = jobs[k, 2]
        low = lesser_first[s] if e == CHIEF else 0
        high = lesser_first[s + 1] if e == CHIEF else 0
        if row >= 0 and e < 0:
            add_dense(
                row, lesser, low, high, bits, bases, begins, payloads, lents, lent_blocks, lent_words,
                forms, forms_at, ranks, others, own, lent, title,
            )  # fmt: skip
            continue
        if row < 0 and s != decoded:
            n = unpack(postings, np.int64(postings_at[s]), np.int64(postings_at[s + 1]), docs, flags, 0)
            decoded = s
        if e < 0:
            for i in range(low, high):
                items = decode_forms(forms, forms_at[lesser[i]], forms_at[lesser[i] + 1], ranks, others)
                for j in range(items):
                    flags[ranks[j]] = (others[j] << SHIFT) & FLAGS
            set_bits(docs, flags, n, own, lent, title)
            continue
        items = decode_forms(forms, forms_at[e], forms_at[e + 1], ranks, others)
        if row >= 0:
            of_ranks(row, ranks, items, bits, bases, begins, ranks)
        else:
            for j in range(items):
                ranks[j] = docs[ranks[j]]
        set_bits(ranks, others, items, own, lent, title)
