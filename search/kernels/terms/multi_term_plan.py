"""Before and after the paragraphs of a pattern are gathered (`patterns`): which lists to read, which rows are best."""

from __future__ import annotations

import numpy as np

from search.kernels.core.bitmap import count, count_either, describe_best, groups_of_word
from search.kernels.core.dense_terms import gallop
from search.kernels.jit.argument_types import boolean, i32, i64, read, types, u8, u32, u64, write
from search.kernels.jit.decorators import compiled, inlined
from search.kernels.jit.intrinsics import as_read, ctz
from search.kernels.terms.multi_term_union import MAIN_FORM, WHOLE

UNREAD, UNFILLED, MIXED = 1, 2, 4
"""What jobs need before they are done: check postings, fill tables of dense stems, sort the jobs by stem."""
STEMMED, LISTED = 1, 2
"""What an entry is to its stems, in a role."""
_SCATTER = np.uint64(0x9E3779B97F4A7C15)


@inlined
def slot_of(keys, key):
    """The place of a key in a table whose size is a power of two, or the free one where it belongs."""
    mask = np.uint64(len(keys) - 1)
    slot = ((np.uint64(key) * _SCATTER) >> np.uint64(32)) & mask
    while keys[slot] != key and keys[slot] >= 0:
        slot = (slot + np.uint64(1)) & mask
    return slot


@compiled(
    types.UniTuple(i64, 2)(
        read(i32), read(i32), read(i32),
        read(boolean), read(i32), read(u8), read(u32), read(u8), i64, i64, write(i32, 2),
    )
)  # fmt: skip
def plan_unions(
    entries, roles, words, dense, dense_stems, built, postings_at, unread, origin, page, jobs
):  # fmt: skip
    """Entries that are wanted to jobs (`patterns`); returns how many, and what is to be done before.

    A stem all of whose words are wanted is one job: `words` tells how many entries each stem has. `roles` has what each
    entry is to its stems: four times its `carrier_stem`, plus STEMMED if it has a stem of its own, plus LISTED if it
    has a list. A compound whose `carrier_stem` is whole adds nothing: wherever it stands its first part does. `dense`
    says which stems are, `dense_stems` has them in the order of rows, `built` whether a row is. `unread` says which
    pages of the file, of `page` bytes, are not checked yet; postings begin at byte `origin`.
    """
    size = 16
    while size < 2 * len(entries):
        size <<= 1
    keys = np.full(size, -1, np.int32)
    tally = np.zeros(size, np.int32)
    for e in entries:
        s = roles[e] >> 2
        slot = slot_of(keys, s)
        keys[slot] = s
        tally[slot] += roles[e] & STEMMED
    n = 0
    other_forms = 0
    needs = 0
    for e in entries:
        s = roles[e] >> 2
        slot = slot_of(keys, s)
        job = e if roles[e] & LISTED else MAIN_FORM
        if tally[slot] == words[s]:
            tally[slot] = -1
            job = WHOLE
        elif tally[slot] < 0:
            continue
        row = -1
        if dense[s]:
            row = gallop(dense_stems, np.int64(0), len(dense_stems), np.int64(s))
            if not built[row]:
                needs |= UNFILLED
        else:
            other_forms += job >= 0
            last = (origin + max(np.int64(postings_at[s + 1]), 1) - 1) // page
            for at in range((origin + np.int64(postings_at[s])) // page, last + 1):
                if unread[at]:
                    needs |= UNREAD
        jobs[n, 0] = s
        jobs[n, 1] = job
        jobs[n, 2] = row
        n += 1
    return n, needs | (MIXED if other_forms > 1 else 0)


@inlined
def keep_short(docs, n, doc, lengths):
    """Keep the shortest, the first of equals first, in a sorted array; documents come ascending. Returns how many."""
    wanted = len(docs)
    length = lengths[np.uint64(doc)]
    if n == wanted and length >= lengths[docs[n - 1]]:
        return n
    at = min(n, wanted - 1)
    while at > 0 and lengths[docs[at - 1]] > length:
        docs[at] = docs[at - 1]
        at -= 1
    docs[at] = doc
    return min(n + 1, wanted)


@inlined
def row_for(row, docs, n, lengths, limits):
    """Return the last row of `shortest_bits`, from this one on, with all paragraphs shorter than the longest kept."""
    while n == len(docs) and row + 1 < len(limits) and limits[row + 1] >= lengths[docs[n - 1]]:
        row += 1
    return row


@compiled(i64(read(u64), read(u8), read(u64, 2), read(u8), write(i32)))
def shortest(bits, lengths, shortest_bits, limits, docs):
    """The shortest paragraphs of a bitmap, the first of equals first; returns how many.

    Row r of `shortest_bits` is the bitmap of the paragraphs shorter than limits[r]; limits fall. Once as many as wanted
    are known and all are that short, the others need no look: of many that match few are looked at.
    """
    n = np.int64(0)
    row = np.int64(-1)
    for b in range(len(bits)):
        block = np.uint64(b)
        word = bits[block]
        if row >= 0:
            word &= shortest_bits[np.uint64(row), block]
        if word:
            while word:
                n = keep_short(docs, n, (b << 6) + ctz(word), lengths)
                word &= word - np.uint64(1)
            row = row_for(row, docs, n, lengths, limits)
    return n


@compiled(
    types.UniTuple(i64, 4)(
        write(u64), write(u64), read(u64), read(u64), read(u8), read(u64, 2), read(u8), read(i32), read(u32),
        write(i32, 2),
    )
)  # fmt: skip
def shortest_topk(matches_itself, title_only, live, ends, lengths, shortest_bits, limits, article_of, first, out):
    """The best paragraphs of a pattern that is all of a query: the `shortest`. Both bitmaps are cleared.

    `live` is empty or a bitmap, `ends` as in `bitmap.count_groups`. Fills a column of `out` a paragraph: its number,
    its article, its number there, how many others of that match, its length. Returns how many were filled, how many
    match, in how many articles, and in how many paragraphs, deleted ones too, text or title have a word that fits.
    """
    fitting = count_either(matches_itself, title_only)
    for b in range(len(live)):
        matches_itself[np.uint64(b)] &= live[np.uint64(b)]
    total = count(matches_itself)
    docs = np.empty(out.shape[1], np.int32)
    n = np.int64(0)
    row = np.int64(-1)
    articles = 0
    carry = np.uint64(0)
    for b in range(len(matches_itself)):
        block = np.uint64(b)
        word = matches_itself[block]
        if word | carry:
            groups, carry = groups_of_word(word, ends[block], carry)
            articles += groups
            if row >= 0:
                word &= shortest_bits[np.uint64(row), block]
            if word:
                while word:
                    n = keep_short(docs, n, (b << 6) + ctz(word), lengths)
                    word &= word - np.uint64(1)
                row = row_for(row, docs, n, lengths, limits)
    describe_best(as_read(docs), n, as_read(matches_itself), article_of, first, out)
    for i in range(n):
        out[4, i] = lengths[docs[i]]
    for b in range(len(matches_itself)):
        matches_itself[np.uint64(b)] = 0
        title_only[np.uint64(b)] = 0
    return n, total, articles, fitting
