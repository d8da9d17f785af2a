"""The best documents of a bitmap, and how many there are."""

from __future__ import annotations

import numpy as np

from search.kernels.bits import describe_best, groups_of_word
from search.kernels.compiling import (
    as_read,
    compiled,
    f32,
    f64,
    i32,
    i64,
    inlined,
    lowest,
    popcount,
    read,
    spread,
    types,
    u8,
    u16,
    u32,
    u64,
    write,
)
from search.kernels.pruning import best_of_many
from search.kernels.scoring import add_scores
from search.kernels.sweeping import keep

STEP = 8
"""Blocks that are looked at together, for most have nothing."""


@spread
def best_of_few(
    listed, total, rows, starts, ends, weights, docs, payloads, bits, bases, begins, dense_payloads,
    impacts, lengths, scores, found,
):  # fmt: skip
    """Score each of listed[:total]; returns how many are kept."""
    sums = np.empty(total, np.float64)
    add_scores(
        listed[:total], rows, starts, ends, weights, docs, payloads, bits, bases, begins, dense_payloads,
        impacts, lengths, sums,
    )  # fmt: skip
    n = np.int64(0)
    for k in range(total):
        n = keep(scores, found, n, sums[k], np.int64(listed[k]))
    return n


@inlined
def surveyed(mask, last, listed):
    """List the documents of a mask if there is room for them; how many there are, and of how many articles.

    `last` has the last bit of each article.
    """
    blocks = len(mask)
    total = 0
    articles = 0
    carry = np.uint64(0)
    for begin in range(0, blocks, STEP):
        end = min(begin + STEP, blocks)
        some = carry
        for block in range(begin, end):
            some |= mask[np.uint64(block)]
        if some == 0:
            continue
        for block in range(begin, end):
            word = mask[np.uint64(block)]
            groups, carry = groups_of_word(word, last[np.uint64(block)], carry)
            articles += groups
            before = total
            total += popcount(word)
            if total <= len(listed):
                while word:
                    listed[before] = (block << 6) + lowest(word)
                    before += 1
                    word &= word - np.uint64(1)
    return total, articles


@inlined
def surveyed_among(docs, mask, article_of, listed):
    """The same of a mask of which every document is one of these, ascending, for which there is room."""
    total = 0
    articles = 0
    before = np.int64(-1)
    for i in range(len(docs)):
        doc = np.int64(docs[i])
        if (mask[doc >> 6] >> np.uint64(doc & 63)) & np.uint64(1):
            listed[total] = doc
            total += 1
            article = np.int64(article_of[doc])
            articles += article != before
            before = article
    return total, articles


@inlined
def best_listed(
    mask, listed, total, promising,
    rows, starts, ends, weights,
    docs, payloads, bits, bases, begins, dense_payloads,
    peaks, cells, scales, raised,
    impacts, lengths, article_of, first, scores, out,
):  # fmt: skip
    """What `ranked` does when it knows how many documents there are, and which if they are fewer than are listed."""
    sparse = 0
    while sparse < len(rows) and rows[sparse] < 0:
        sparse += 1
    found = np.empty(len(scores), np.int32)
    if total < len(listed):
        n = best_of_few(
            as_read(listed), total, rows, starts, ends, weights, docs, payloads, bits, bases, begins, dense_payloads,
            impacts, lengths, scores, found,
        )  # fmt: skip
    else:
        n = best_of_many(
            mask, promising, sparse, rows, starts, ends, weights, docs, payloads, bits, bases, begins, dense_payloads,
            peaks, cells, scales, raised, impacts, lengths, scores, found,
        )  # fmt: skip
    describe_best(as_read(found), n, mask, article_of, first, out)
    return n


@compiled(
    types.UniTuple(i64, 3)(
        read(u64), i64, i64,
        read(i64), read(i64), read(i64), read(f64),
        read(i32), read(u8), read(u64, 2), read(i64, 2), read(u16, 2), read(u8),
        read(u8, 2), read(u8, 2), read(f32), f64,
        read(f64), read(u8), read(u64), read(i32), read(u32), write(f64), write(i32, 2),
    )
)  # fmt: skip
def ranked(
    mask, many, promising,
    rows, starts, ends, weights,
    docs, payloads, bits, bases, begins, dense_payloads,
    peaks, cells, scales, raised,
    impacts, lengths, last, article_of, first, scores, out,
):  # fmt: skip
    """The best documents of a mask by (score descending, document ascending), and both totals.

    Terms as in `score_each`. From `many` documents on ceilings are worth their sweep; `promising` is how many blocks
    make the first threshold, `raised` what ceilings are to be multiplied by. `last` has the last bit of each article.
    Fills `scores` and `out` (see `describe_best`), and returns how many rows that are, how many documents the mask has,
    and of how many articles.
    """
    listed = np.empty(min(many, (len(mask) << 6) + 1), np.int32)
    total, articles = surveyed(mask, last, listed)
    n = best_listed(
        mask, listed, total, promising, rows, starts, ends, weights, docs, payloads, bits, bases, begins,
        dense_payloads, peaks, cells, scales, raised, impacts, lengths, article_of, first, scores, out,
    )  # fmt: skip
    return n, total, articles
