"""The best documents of a bitmap, and how many there are."""

from __future__ import annotations

import numpy as np

from search.kernels.core.bitmap import count as count_bits
from search.kernels.core.bitmap import count_with_groups, describe_best, groups_of_word
from search.kernels.core.dense_terms import add_scores
from search.kernels.core.postings_codec import unpack
from search.kernels.jit.decorators import (
    as_read,
    compiled,
    ctz,
    f32,
    f64,
    i32,
    i64,
    inline_always,
    inlined,
    popcount,
    read,
    types,
    u8,
    u16,
    u32,
    u64,
    write,
)
from search.kernels.topk.block_max import best_of_many
from search.kernels.topk.disjunction import best_marked, mark
from search.kernels.topk.intersection import sift
from search.kernels.topk.topk import best_dense, bound_weights_of, fit_score, put_in_order, topk_insert

ANY = np.int64(0x7FFFFFFF)
"""As the last document: none is left out."""
STEP = 8
"""Blocks that are looked at together, for most have nothing."""


@inline_always
def best_of_few(
    listed, total, rows, starts, ends, weights, docs, payloads, bits, superblock_rank, block_rank, dense_payloads,
    impacts, lengths, scores, found,
):  # fmt: skip
    """Score each of listed[:total]; returns how many are kept."""
    sums = np.empty(total, np.float64)
    add_scores(
        listed[:total], rows, starts, ends, weights, docs, payloads, bits, superblock_rank, block_rank, dense_payloads,
        impacts, lengths, sums,
    )  # fmt: skip
    n = np.int64(0)
    for k in range(total):
        n = topk_insert(scores, found, n, sums[k], np.int64(listed[k]))
    return n


@inlined
def collect_matches(mask, last, listed):
    """List the documents of a mask if there is room for them; how many there are, and of how many articles.

    `last` has the last bit of each article.
    """
    blocks = len(mask)
    if count_bits(mask) > len(listed):
        return count_with_groups(mask, last)
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
                    listed[before] = (block << 6) + ctz(word)
                    before += 1
                    word &= word - np.uint64(1)
    return total, articles


@inlined
def collect_matches_among(docs, mask, article_of, listed):
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
    docs, payloads, bits, superblock_rank, block_rank, dense_payloads,
    block_max, cell_max, scales, bound_scale,
    impacts, lengths, article_of, first, scores, out,
):  # fmt: skip
    """What `ranked` does when it knows how many documents there are, and which if they are fewer than are listed."""
    sparse = 0
    while sparse < len(rows) and rows[sparse] < 0:
        sparse += 1
    found = np.empty(len(scores), np.int32)
    if total < len(listed):
        n = best_of_few(
            as_read(listed), total, rows, starts, ends, weights, docs, payloads, bits, superblock_rank, block_rank,
            dense_payloads,
            impacts, lengths, scores, found,
        )  # fmt: skip
    else:
        n = best_of_many(
            mask, promising, sparse, rows, starts, ends, weights, docs, payloads, bits, superblock_rank, block_rank,
            dense_payloads,
            block_max, cell_max, scales, bound_scale, impacts, lengths, scores, found,
        )  # fmt: skip
    put_in_order(scores, found, n)
    describe_best(as_read(found), n, mask, article_of, first, out)
    return n


@inlined
def unpack_all(terms, sparse, blob, mask, docs, flags):
    """Unpack the postings of all sparse terms, those of a mask's documents if it has any; returns where each begins."""
    starts = np.zeros(sparse + 1, np.int64)
    for t in range(sparse):
        end = unpack(blob, terms[t, 1], terms[t, 2], docs, flags, starts[t])
        starts[t + 1] = sift(docs, flags, starts[t], end, ANY, mask) if len(mask) > 0 else end
    return starts


@inlined
def score_all(
    listed, terms, weights, starts, docs, flags, bits, superblock_rank, block_rank, payloads, impacts, lengths,
    fits, fit_weights, sums,
):  # fmt: skip
    """Score each of some documents, ascending; terms as in `topk`, whose sparse ones are unpacked."""
    add_scores(
        listed, terms[:, 0].copy(), starts, starts[1:], weights, docs, flags, bits, superblock_rank, block_rank,
        payloads,
        impacts, lengths, sums,
    )  # fmt: skip
    if len(fit_weights) > 0:
        for i in range(len(listed)):
            doc = np.int64(listed[i])
            sums[i] = fit_score(sums[i], doc, fits, fit_weights, impacts, np.int64(lengths[doc]))


@inlined
def fill_up(mask, total, scores, found, n):
    """Add documents of a mask to all that have a score, until there are as many as wanted; returns how many."""
    scored = n
    block = 0
    while n < min(len(scores), total):
        word = mask[np.uint64(block)]
        while word:
            doc = (block << 6) + ctz(word)
            word &= word - np.uint64(1)
            new = True
            for i in range(scored):
                new &= found[i] != doc
            if new:
                n = topk_insert(scores, found, n, 0.0, doc)
        block += 1
    return n


@compiled(
    types.UniTuple(i64, 3)(
        read(i64, 2), read(f64), i64,
        read(u8), read(u64, 2), read(i64, 2), read(u16, 2), read(u8),
        read(u8, 2), read(u8, 2), read(f32), f64,
        read(f64), read(u8), read(u64), read(u64), read(i32), read(u32), read(u64, 2), read(f64), i64,
        write(i32), write(u8), write(u64), write(u64), write(u64), write(i32), write(f32), write(f64), write(i32, 2),
    )
)  # fmt: skip
def ranked(
    terms, weights, sparse,
    blob, bits, superblock_rank, block_rank, payloads,
    block_max, cell_max, scales, bound_scale,
    impacts, lengths, mask, ends, article_of, first, fits, fit_weights, many,
    docs, flags, spare, once, twice, ranks, ceiling, scores, out,
):  # fmt: skip
    """The best documents of a mask by (score descending, document ascending), whatever they match by.

    Terms, `fits` and scratch as in `topk` and `disjunction.any_of`. From `many` documents on it pays not to score
    all of them. Fills `scores`, and a column of `out` a document (`describe_best`). Returns how many were kept, how
    many documents the mask has, in how many articles.
    """
    listed = np.empty(min(many, (len(mask) << 6) + 1), np.int32)
    total, articles = collect_matches(mask, ends, listed)
    starts = unpack_all(terms, sparse, blob, mask, docs, flags)
    found = np.empty(len(scores), np.int32)
    n = np.int64(0)
    if total < len(listed):
        sums = np.empty(total, np.float64)
        score_all(
            as_read(listed[:total]), terms, weights, as_read(starts), as_read(docs), as_read(flags),
            bits, superblock_rank, block_rank, payloads, impacts, lengths, fits, fit_weights, sums,
        )  # fmt: skip
        for i in range(total):
            n = topk_insert(scores, found, n, sums[i], np.int64(listed[i]))
    elif sparse == 0 and len(terms) + len(fit_weights) > 0:
        bound_weights, most = bound_weights_of(terms, weights, sparse, scales, bound_scale)
        n = best_dense(
            mask, terms, sparse, weights, bound_weights, bits, superblock_rank, block_rank, payloads, block_max,
            cell_max, impacts, lengths,
            ceiling, fits, fit_weights, scores, found, n,
        )  # fmt: skip
    else:
        blocks = len(mask)
        for block in range(blocks):
            once[np.uint64(block)] = 0
        for block in range(blocks):
            twice[np.uint64(block)] = 0
        for t in range(sparse, len(terms)):
            row = np.uint64(terms[t, 0])
            for block in range(blocks):
                once[np.uint64(block)] |= bits[row, np.uint64(block)]
        for p in range(len(fit_weights)):
            for block in range(blocks):
                once[np.uint64(block)] |= fits[p, np.uint64(block)]
        for t in range(sparse):
            mark(docs, flags, starts[t], starts[t + 1], once, twice, spare)
        bound_weights, most = bound_weights_of(terms, weights, sparse, scales, bound_scale)
        n = best_marked(
            terms, weights, sparse, bits, superblock_rank, block_rank, payloads, block_max, cell_max, bound_weights,
            most, impacts, lengths,
            docs, flags, starts, mask, once, twice, ranks, ceiling, fits, fit_weights, scores, found,
        )  # fmt: skip
        n = fill_up(mask, total, scores, found, n)
    put_in_order(scores, found, n)
    describe_best(as_read(found), n, mask, article_of, first, out)
    return n, total, articles


@compiled(
    types.void(
        read(i32), read(i64, 2), read(f64), i64,
        read(u8), read(u64, 2), read(i64, 2), read(u16, 2), read(u8),
        read(f64), read(u8), read(u64), read(u64, 2), read(f64), write(i32), write(u8), write(f64),
    )
)  # fmt: skip
def scored(
    listed, terms, weights, sparse, blob, bits, superblock_rank, block_rank, payloads, impacts, lengths, mask, fits,
    fit_weights,
    docs, flags, scores,
):  # fmt: skip
    """Score each of some documents, ascending, into `scores`; all else as `ranked` takes it.

    Where `mask` is not empty, they are of its documents.
    """
    starts = unpack_all(terms, sparse, blob, mask, docs, flags)
    score_all(
        listed, terms, weights, as_read(starts), as_read(docs), as_read(flags),
        bits, superblock_rank, block_rank, payloads, impacts, lengths, fits, fit_weights, scores,
    )  # fmt: skip
