"""The paragraphs of many words at once, straight from postings and lists of lesser words (`forms`) to bitmaps.

Three bitmaps: `matches_itself` has the paragraphs whose own text holds a word, `title` those whose title does, and
`title_only` those where only the title was seen to. Text or title is `matches_itself` or `title_only`. An empty `title`
is not wanted.

A *job* is what is to be added (`multi_term_plan.plan_unions`): a stem, an entry, a row. The row is that of the stem's
tables (`dense_terms`) if it is dense, else -1; the entry is a lesser word whose `carrier_stem` is the stem, or WHOLE
for all words of the stem, or CHIEF for its chief.
"""

from __future__ import annotations

import numpy as np

from search.kernels.core.dense_terms import DENSE_TABLES, rank
from search.kernels.core.postings_codec import IN_TITLE, MATCHES_ITSELF, unpack
from search.kernels.core.surface_forms_codec import FLAGS, decode_forms
from search.kernels.core.surface_forms_codec import MAIN_FORM as SHIFT
from search.kernels.jit.argument_types import i32, i64, read, types, u8, u32, u64, write
from search.kernels.jit.decorators import compiled, inlined
from search.kernels.jit.intrinsics import ctz, pdep, popcount

WHOLE, MAIN_FORM = -1, -2
_ONE = np.uint64(1)


@inlined
def set_bits(docs, flags, n, matches_itself, title_only, title):
    """Set the bits of n paragraphs.

    All of a list at once: a call for each paragraph would count references to the arrays, ten times the work.
    """
    titled = len(title) > 0
    for k in range(n):
        doc = np.uint64(docs[k])
        bit = _ONE << (doc & np.uint64(63))
        block = doc >> np.uint64(6)
        flag = flags[k]
        if flag & MATCHES_ITSELF:
            matches_itself[block] |= bit
        elif flag & IN_TITLE:
            title_only[block] |= bit
        if titled and flag & IN_TITLE:
            title[block] |= bit


@inlined
def place(row, block, bits, superblock_rank, block_rank):
    """Where the payloads of a block begin, in a dense term's tables."""
    return np.int64(rank(np.uint64(row), np.uint64(block), np.uint64(0), bits, superblock_rank, block_rank))


@inlined
def mark(ranks, payloads, n, shift, flip, titled, marks):
    """What a list says, as bitmaps over ranks: a row of `marks` each.

    Row 0 has where OWN is set (with `flip` OWN: is not), row 1 where IN_TITLE alone is. If titles are wanted row 2 has
    where IN_TITLE is, row 3 all of the list. `shift` leads to the flags of the word or of its stem's chief.
    """
    for k in range(n):
        at = np.uint64(ranks[k]) >> np.uint64(6)
        bit = np.uint64(ranks[k]) & np.uint64(63)
        flags = (np.int64(payloads[k]) << shift) & FLAGS
        marks[0, at] |= np.uint64((flags ^ flip) >> 7) << bit
        if flags == IN_TITLE:
            marks[1, at] |= _ONE << bit
        if titled:
            marks[2, at] |= np.uint64(flags >> 6 & 1) << bit
            marks[3, at] |= _ONE << bit


@inlined
def between(ranked, at):
    """64 bits of a bitmap over ranks, from any on."""
    shift = np.uint64(at & 63)
    word = ranked[at >> 6] >> shift
    return word | ranked[(at >> 6) + 1] << np.uint64(1) << (np.uint64(63) - shift)


@inlined
def mark_ranked(row, ranked, bits, superblock_rank, block_rank, target, gone):
    """Set the bits of a dense stem's paragraphs that a bitmap over ranks names, or with `gone` take them away.

    Blocks are galloped to, so that a short list is a quick one.
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
        while block + step < blocks and place(row, block + step, bits, superblock_rank, block_rank) <= at:
            block += step
            step <<= 1
        high = min(block + step, blocks)
        while high - block > 1:
            middle = (block + high) >> 1
            if place(row, middle, bits, superblock_rank, block_rank) <= at:
                block = middle
            else:
                high = middle
        begin = place(row, block, bits, superblock_rank, block_rank) - base
        while True:
            of = bits[row, np.uint64(block)]
            found = pdep(word >> np.uint64(begin) if begin >= 0 else word << np.uint64(-begin), of)
            if gone:
                target[np.uint64(block)] &= ~found
            else:
                target[np.uint64(block)] |= found
            begin += popcount(of)
            if begin >= 64 or word >> np.uint64(begin) == 0:
                break
            block += 1


@inlined
def add_titles(row, marks, bits, superblock_rank, payloads, title):
    """Add the paragraphs of a dense stem's titles; of its chief's, where there are `marks` (`mark`)."""
    ordinal = 0
    for block in range(len(title)):
        rest = bits[row, block]
        while rest:
            in_title = payloads[superblock_rank[row, 0] + ordinal] & IN_TITLE > 0
            if marks.shape[1] > 0 and marks[3, ordinal >> 6] >> np.uint64(ordinal & 63) & _ONE:
                in_title = marks[2, ordinal >> 6] >> np.uint64(ordinal & 63) & _ONE > 0
            if in_title:
                title[block] |= _ONE << np.uint64(ctz(rest))
            rest &= rest - _ONE
            ordinal += 1


@inlined
def add_dense(row, entry, marks, tables, matches_itself, title_only, title):
    """Add the documents of a dense stem, of its main form or of another one; of these `marks` say where (`mark`)."""
    bits = tables.bits
    superblock_rank = tables.superblock_rank
    block_rank = tables.block_rank
    payloads = tables.payloads
    mine = matches_itself if entry >= 0 else bits[row].copy()
    if entry != WHOLE:
        for k in range(3 if entry >= 0 and len(title) > 0 else 2):
            target = mine if k == 0 else title_only if k == 1 else title
            mark_ranked(row, marks[k], bits, superblock_rank, block_rank, target, entry < 0 and k == 0)
    if entry >= 0:
        return
    for i in range(tables.title_only_counts[row]):
        block = np.int64(tables.title_only_blocks[row, i])
        word = tables.title_only_words[row, i]
        mine[block] &= ~word
        if entry == MAIN_FORM:
            ordinal = place(row, block, bits, superblock_rank, block_rank) - superblock_rank[row, 0]
            word &= ~pdep(between(marks[0], ordinal), bits[row, block])
        title_only[block] |= word
    for b in range(len(matches_itself)):
        matches_itself[np.uint64(b)] |= mine[np.uint64(b)]
    add_titles(row, marks, bits, superblock_rank, payloads, title)


@compiled(
    types.void(
        read(i32, 2), read(u8), read(u32), read(u8), read(i64), read(i32), read(i32),
        DENSE_TABLES,
        write(u64), write(u64), write(u64),
    )
)  # fmt: skip
def gather(
    jobs, postings, postings_at, forms, forms_at, other_forms_first, other_forms,
    tables, matches_itself, title_only, title,
):  # fmt: skip
    """Set the bits of the paragraphs of all jobs. Jobs of one stem best stand side by side: it is read once.

    Stem s has the lesser words lesser[lesser_first[s]:lesser_first[s + 1]]. Where those stand, the flags of the stem
    are replaced by those of its chief.
    """
    bits = tables.bits
    superblock_rank = tables.superblock_rank
    block_rank = tables.block_rank
    most = np.int64(0)
    longest = np.int64(0)
    for k in range(len(jobs)):  # a posting, an item of a list, has a byte at least
        s = jobs[k, 0]
        if jobs[k, 2] < 0:
            most = max(most, np.int64(postings_at[s + 1]) - np.int64(postings_at[s]))
        if jobs[k, 1] >= 0:
            longest = max(longest, forms_at[jobs[k, 1] + 1] - forms_at[jobs[k, 1]])
        elif jobs[k, 1] == MAIN_FORM:
            for i in range(other_forms_first[s], other_forms_first[s + 1]):
                longest = max(longest, forms_at[other_forms[i] + 1] - forms_at[other_forms[i]])
    docs = np.empty(most, np.int32)
    flags = np.empty(most, np.uint8)
    ranks = np.empty(longest, np.int32)
    others = np.empty(longest, np.uint8)
    titled = len(title) > 0
    n = np.int64(0)
    items = np.int64(0)
    decoded = -1
    for k in range(len(jobs)):
        s = jobs[k, 0]
        e = np.int64(jobs[k, 1])
        row = np.int64(jobs[k, 2])
        size = np.int64(0)
        if row < 0 and s != decoded:
            n = unpack(postings, np.int64(postings_at[s]), np.int64(postings_at[s + 1]), docs, flags, np.int64(0))
            decoded = s
        elif row >= 0 and e != WHOLE:
            last = bits.shape[1] - 1
            size = (
                place(row, last, bits, superblock_rank, block_rank)
                + popcount(bits[row, last])
                - superblock_rank[row, 0]
            )
            size = (size >> 6) + 2
        marks = np.zeros((4 if titled else 2, size), np.uint64)
        for i in range(other_forms_first[s], other_forms_first[s] + 1 if e >= 0 else other_forms_first[s + 1]):
            if e == WHOLE:
                break
            entry = e if e >= 0 else other_forms[i]
            items = decode_forms(forms, forms_at[entry], forms_at[entry + 1], ranks, others)
            if row >= 0:
                mark(ranks, others, items, 0 if e >= 0 else SHIFT, 0 if e >= 0 else MATCHES_ITSELF, titled, marks)
                continue
            for j in range(items):
                if e >= 0:
                    ranks[j] = docs[ranks[j]]
                else:
                    flags[ranks[j]] = (others[j] << SHIFT) & FLAGS
        if row >= 0:
            add_dense(row, e, marks, tables, matches_itself, title_only, title)
        elif e >= 0:
            set_bits(ranks, others, items, matches_itself, title_only, title)
        else:
            set_bits(docs, flags, n, matches_itself, title_only, title)
