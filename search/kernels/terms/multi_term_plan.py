"""Before and after `multi_term_union`: which lists to read for a wildcard or misspelling, and the best documents."""

from __future__ import annotations

import numpy as np

from search.kernels.core.bitmap import ONE, count_either, count_with_groups, fill_hits
from search.kernels.core.dense_terms import gallop
from search.kernels.jit.argument_types import boolean, i32, i64, read, types, u8, u32, u64, write
from search.kernels.jit.decorators import compiled, inlined
from search.kernels.jit.intrinsics import as_readonly, ctz
from search.kernels.terms.multi_term_union import FORM, MAIN_FORM, ROW, TERM, WHOLE

UNREAD, UNFILLED, MIXED = 1, 2, 4
"""Flags of what the caller has to do before `gather`: check the bytes of postings, fill the tables of dense terms, sort
the unions by term."""
STEMMED, LISTED = 1, 2
"""Flags of a form's role: it has a term of its own; it has a list in `surface_forms_codec`."""
_SCATTER = np.uint64(0x9E3779B97F4A7C15)


@inlined
def find_slot(keys, key):
    """Return the place of a key in a hash table whose size is a power of two, or the free place where it belongs."""
    mask = np.uint64(len(keys) - 1)
    slot = ((np.uint64(key) * _SCATTER) >> np.uint64(32)) & mask
    while keys[slot] != key and keys[slot] >= 0:
        slot = (slot + ONE) & mask
    return slot


@compiled(
    types.UniTuple(i64, 2)(
        read(i32), read(i32), read(i32),
        read(boolean), read(i32), read(u8), read(u32), read(u8), i64, i64, write(i32, 2),
    )
)  # fmt: skip
def plan_unions(
    form_ids, roles, n_forms, dense, dense_terms, built, postings_at, unread, origin, page, unions
):  # fmt: skip
    """Make the unions of `multi_term_union` for the wanted forms; return how many, and what has to be done before.

    A term whose forms are all wanted is one union: `n_forms` has the number of forms of each term. `roles` has a number
    a form: four times its `carrier_stem`, plus STEMMED, plus LISTED. A compound adds nothing if all forms of its
    `carrier_stem` are wanted: where it is, its first part is. `dense` tells which terms are dense, `dense_terms` lists
    these by row, `built` tells whether the row's tables are filled. `unread` tells which pages of the file, `page`
    bytes each, are not checked yet; postings begin at byte `origin`. Fills `unions`, `(n_form_ids, 3) int32`. What has
    to be done is UNREAD, UNFILLED and MIXED, added up.
    """
    size = 16
    while size < 2 * len(form_ids):
        size <<= 1
    keys = np.full(size, -1, np.int32)
    tally = np.zeros(size, np.int32)
    for e in form_ids:
        s = roles[e] >> 2
        slot = find_slot(keys, s)
        keys[slot] = s
        tally[slot] += roles[e] & STEMMED
    n = 0
    other_forms = 0
    needs = 0
    for e in form_ids:
        s = roles[e] >> 2
        slot = find_slot(keys, s)
        form = e if roles[e] & LISTED else MAIN_FORM
        if tally[slot] == n_forms[s]:
            tally[slot] = -1
            form = WHOLE
        elif tally[slot] < 0:
            continue
        row = -1
        if dense[s]:
            row = gallop(dense_terms, np.int64(0), len(dense_terms), np.int64(s))
            if not built[row]:
                needs |= UNFILLED
        else:
            other_forms += form >= 0
            last = (origin + max(np.int64(postings_at[s + 1]), 1) - 1) // page
            for at in range((origin + np.int64(postings_at[s])) // page, last + 1):
                if unread[at]:
                    needs |= UNREAD
        unions[n, TERM] = s
        unions[n, FORM] = form
        unions[n, ROW] = row
        n += 1
    return n, needs | (MIXED if other_forms > 1 else 0)


@inlined
def insert_shortest(docs, n, doc, lengths):
    """Insert a document into docs[:n], the shortest so far, sorted by length; return how many there are then.

    Documents come in ascending order, and of equally short ones the first to come stay. `docs` has room for k.
    """
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


@compiled(i64(read(u64), read(u8), read(u64, 2), read(u8), write(i32)))
def shortest(bits, lengths, shortest_bits, limits, docs):
    """Fill `docs` with the shortest documents of a bitmap, sorted by (length, document); return how many there are.

    Row r of `shortest_bits` is the bitmap of the documents shorter than limits[r]; the limits fall. Once `docs` is full
    of documents no longer than limits[r], only shorter ones, those of row r, are looked at.
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
                n = insert_shortest(docs, n, (b << 6) + ctz(word), lengths)
                word &= word - ONE
            while n == len(docs) and row + 1 < len(limits) and limits[row + 1] >= lengths[docs[n - 1]]:
                row += 1
    return n


@compiled(
    types.UniTuple(i64, 4)(
        write(u64), write(u64), read(u64), read(u64), read(u8), read(u64, 2), read(u8), read(i32), read(u32),
        write(i32, 2),
    )
)  # fmt: skip
def shortest_topk(matches_itself, title_only, live, ends, lengths, shortest_bits, limits, article_of, first, out):
    """Find the best documents of a wildcard or misspelling that is the whole query: the shortest.

    `matches_itself` and `title_only` are the bitmaps that `multi_term_union.gather` fills; both are cleared. `live` is
    a bitmap of the documents that may match, or empty; `ends` is that of `bitmap`; `shortest_bits` and `limits` are
    those of `shortest`. Fills a column of `out`, `(5, k) int32`, a document: those of `structs.TopK.rows`, and its
    length. Returns how many are filled, how many match, in how many articles, and how many documents, deleted ones too,
    have a form in text or title.
    """
    n_fitting = count_either(matches_itself, title_only)
    for b in range(len(live)):
        matches_itself[np.uint64(b)] &= live[np.uint64(b)]
    bits = as_readonly(matches_itself)
    total, articles = count_with_groups(bits, ends)
    docs = np.empty(out.shape[1], np.int32)
    n = shortest(bits, lengths, shortest_bits, limits, docs)
    fill_hits(as_readonly(docs[:n]), bits, article_of, first, out)
    for i in range(n):
        out[4, i] = lengths[docs[i]]
    matches_itself.fill(0)
    title_only.fill(0)
    return n, total, articles, n_fitting
