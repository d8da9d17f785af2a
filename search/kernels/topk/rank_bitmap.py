"""The best documents of a bitmap, and how many there are."""

from __future__ import annotations

import numpy as np

from search.kernels.core.bitmap import count as count_bits
from search.kernels.core.bitmap import count_with_groups, groups_of_word
from search.kernels.core.dense_terms import DENSE_TABLES, add_scores
from search.kernels.core.postings_codec import unpack
from search.kernels.jit.argument_types import f64, i32, i64, read, types, u8, u64, write
from search.kernels.jit.decorators import compiled, inlined
from search.kernels.jit.intrinsics import as_read, ctz, popcount
from search.kernels.topk.disjunction import best_marked, mark
from search.kernels.topk.intersection import sift
from search.kernels.topk.topk import (
    ARTICLE_COLUMNS,
    PATTERN_SETS,
    QUERY_TERMS,
    SCORING,
    SCRATCH,
    TOP_K,
    best_dense,
    bound_weights_of,
    fit_score,
    topk_insert,
    write_topk,
)

ANY = np.int64(0x7FFFFFFF)
"""As the last document: none is left out."""
STEP = 8
"""Blocks that are looked at together, for most have nothing."""


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
    """List the documents of a mask, each of which is one of `docs`, ascending; returns how many, of how many articles.

    There is room for all of them.
    """
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
def unpack_all(terms, blob, mask, docs, flags):
    """Unpack the postings of all sparse terms, those of a mask's documents if it has any; returns where each begins."""
    starts = np.zeros(terms.sparse + 1, np.int64)
    for t in range(terms.sparse):
        end = unpack(blob, terms.places[t, 1], terms.places[t, 2], docs, flags, starts[t])
        starts[t + 1] = sift(docs, flags, starts[t], end, ANY, mask) if len(mask) > 0 else end
    return starts


@inlined
def score_all(wanted, terms, patterns, starts, tables, scoring, docs, flags, scores):
    """Score each of the documents `wanted`, ascending, by terms whose sparse ones are unpacked."""
    impacts = scoring.impacts
    lengths = scoring.lengths
    rows = terms.places[:, 0].copy()
    add_scores(wanted, rows, starts, starts[1:], terms.weights, docs, flags, tables, impacts, lengths, scores)
    if len(patterns.weights) > 0:
        for i in range(len(wanted)):
            doc = np.int64(wanted[i])
            length = np.int64(lengths[doc])
            scores[i] = fit_score(scores[i], doc, patterns.bits, patterns.weights, impacts, length)


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
        QUERY_TERMS, PATTERN_SETS, read(u8), DENSE_TABLES, SCORING, read(u64), ARTICLE_COLUMNS, i64, SCRATCH, TOP_K
    )
)  # fmt: skip
def rank_bitmap(terms, patterns, blob, tables, scoring, mask, articles, many, scratch, topk):
    """Find the best documents of a mask by (score descending, document ascending), whatever they match by.

    `mask` is a `(n_blocks,) uint64` bitmap; all else is as `disjunction.any_of` takes it. From `many` documents on it
    pays not to score all of them. Fills `topk`. Returns how many documents were kept, how many the mask has, and of how
    many articles these are.
    """
    places = terms.places
    sparse = terms.sparse
    scores = topk.scores
    docs = scratch.docs
    flags = scratch.flags
    once = scratch.once
    twice = scratch.twice
    fits = patterns.bits
    bits = tables.bits
    listed = np.empty(min(many, (len(mask) << 6) + 1), np.int32)
    total, n_articles = collect_matches(mask, articles.last_bits, listed)
    starts = unpack_all(terms, blob, mask, docs, flags)
    found = np.empty(len(scores), np.int32)
    n = np.int64(0)
    if total < len(listed):
        sums = np.empty(total, np.float64)
        score_all(
            as_read(listed[:total]), terms, patterns, as_read(starts), tables, scoring, as_read(docs), as_read(flags),
            sums
        )  # fmt: skip
        for i in range(total):
            n = topk_insert(scores, found, n, sums[i], np.int64(listed[i]))
    elif sparse == 0 and len(places) + len(fits) > 0:
        bound_weights, _ = bound_weights_of(terms, tables, scoring)
        n = best_dense(mask, terms, patterns, tables, scoring, bound_weights, scratch.bounds, scores, found, n)
    else:
        blocks = len(mask)
        for block in range(blocks):
            once[np.uint64(block)] = 0
        for block in range(blocks):
            twice[np.uint64(block)] = 0
        for t in range(sparse, len(places)):
            row = np.uint64(places[t, 0])
            for block in range(blocks):
                once[np.uint64(block)] |= bits[row, np.uint64(block)]
        for p in range(len(fits)):
            for block in range(blocks):
                once[np.uint64(block)] |= fits[p, np.uint64(block)]
        for t in range(sparse):
            mark(docs, flags, starts[t], starts[t + 1], once, twice, scratch.spare)
        n = best_marked(terms, patterns, tables, scoring, starts, mask, scratch, scores, found)
        n = fill_up(mask, total, scores, found, n)
    write_topk(topk, found, n, mask, articles)
    return n, total, n_articles


@compiled(
    types.void(
        read(i32), QUERY_TERMS, PATTERN_SETS, read(u8), DENSE_TABLES, SCORING, read(u64), SCRATCH, write(f64)
    )
)  # fmt: skip
def score_docs(wanted, terms, patterns, blob, tables, scoring, mask, scratch, scores):
    """Score each of the documents `wanted`, `(n,) int32` and ascending, into `scores`, `(n,) float64`.

    All else is as `rank_bitmap` takes it. Where `mask` is not empty, the documents are some of its own.
    """
    docs = scratch.docs
    flags = scratch.flags
    starts = unpack_all(terms, blob, mask, docs, flags)
    score_all(wanted, terms, patterns, as_read(starts), tables, scoring, as_read(docs), as_read(flags), scores)
