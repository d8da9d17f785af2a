"""The best documents of any bitmap, and the scores of given documents."""

from __future__ import annotations

import numpy as np

from search.kernels.core.bitmap import ONE, count, count_with_groups, has_bit, list_bits
from search.kernels.core.dense_terms import DENSE_TABLES, add_scores
from search.kernels.core.postings_codec import decode_postings
from search.kernels.jit.argument_types import f64, i32, i64, read, types, u8, u64, write
from search.kernels.jit.decorators import compiled, inlined
from search.kernels.jit.intrinsics import as_readonly, ctz
from search.kernels.topk.block_max import block_max_topk, bound_weights_of, pattern_score
from search.kernels.topk.disjunction import add_dense_and_patterns, add_postings, maxscore_topk
from search.kernels.topk.intersection import NO_LIMIT, intersect
from search.kernels.topk.structs import ARTICLE_COLUMNS, PATTERN_SETS, QUERY_TERMS, SCORING, SCRATCH, TOP_K
from search.kernels.topk.topk_heap import topk_insert, write_topk


@inlined
def count_articles(docs, article_of):
    """Return how many articles some documents, ascending, are of."""
    articles = 0
    before = np.int64(-1)
    for i in range(len(docs)):
        article = np.int64(article_of[docs[i]])
        articles += article != before
        before = article
    return articles


@inlined
def list_matches(mask, articles, listed):
    """List the documents of a bitmap, if they are fewer than `listed` has room for.

    `articles` are `structs.ArticleColumns`. Returns how many documents and articles there are.
    """
    total = count(mask)
    if total >= len(listed):
        return count_with_groups(mask, articles.last_bits)
    list_bits(mask, listed)
    return total, count_articles(listed[:total], articles.of_doc)


@inlined
def list_matches_among(docs, mask, article_of, listed):
    """List the documents of a bitmap that are among `docs`, ascending, in `listed`, which has room for all of these.

    Returns how many documents and articles there are.
    """
    total = 0
    for i in range(len(docs)):
        doc = np.int64(docs[i])
        if has_bit(mask[doc >> 6], doc):
            listed[total] = doc
            total += 1
    return total, count_articles(listed[:total], article_of)


@inlined
def decode_terms(terms, blob, mask, docs, flags):
    """Decode the postings of all sparse terms to `docs` and `flags`, and keep those of the bitmap `mask`, if any.

    Returns where the postings of each term begin, and where the last ones end, `(n_sparse + 1,) int64`.
    """
    starts = np.zeros(terms.sparse + 1, np.int64)
    for t in range(terms.sparse):
        end = decode_postings(blob, terms.places[t, 1], terms.places[t, 2], docs, flags, starts[t])
        starts[t + 1] = intersect(docs, flags, starts[t], end, NO_LIMIT, mask) if len(mask) > 0 else end
    return starts


@inlined
def score_wanted(wanted, terms, patterns, starts, tables, scoring, docs, flags, scores):
    """Score each document of `wanted`, ascending, into `scores`; `decode_terms` has decoded the sparse terms."""
    impacts, lengths = scoring.impacts, scoring.lengths
    rows = terms.places[:, 0].copy()
    add_scores(wanted, rows, starts, starts[1:], terms.weights, docs, flags, tables, impacts, lengths, scores)
    if len(patterns.weights) > 0:
        for i in range(len(wanted)):
            doc = np.int64(wanted[i])
            length = np.int64(lengths[doc])
            scores[i] = pattern_score(scores[i], doc, patterns.bits, patterns.weights, impacts, length)


@inlined
def fill_with_unscored(mask, total, scores, found, n):
    """Add documents of a bitmap to the n best, with score 0; return how many are kept: k, or all there are.

    The n best must be all documents that have a score.
    """
    scored = n
    block = 0
    while n < min(len(scores), total):
        word = mask[np.uint64(block)]
        while word:
            doc = (block << 6) + ctz(word)
            word &= word - ONE
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
def bitmap_topk(terms, patterns, blob, tables, scoring, mask, articles, many, scratch, topk):
    """Find the best documents of a bitmap, whatever they match by, by (score descending, document ascending).

    `mask` is the `(n_blocks,) uint64` bitmap. Fewer than `many` documents are all scored; of more, bounds rule out
    most. Other arguments are those of `disjunction.any_of`. Fills `topk`. Returns how many documents are kept, how many
    the bitmap has, and in how many articles.
    """
    places, sparse = terms.places, terms.sparse
    scores = topk.scores
    docs, flags, once, twice = scratch.docs, scratch.flags, scratch.once, scratch.twice
    listed = np.empty(min(many, (len(mask) << 6) + 1), np.int32)
    total, n_articles = list_matches(mask, articles, listed)
    starts = decode_terms(terms, blob, mask, docs, flags)
    found = np.empty(len(scores), np.int32)
    n = np.int64(0)
    if total < len(listed):
        sums = np.empty(total, np.float64)
        score_wanted(
            as_readonly(listed[:total]), terms, patterns, as_readonly(starts), tables, scoring, as_readonly(docs),
            as_readonly(flags), sums,
        )  # fmt: skip
        for i in range(total):
            n = topk_insert(scores, found, n, sums[i], np.int64(listed[i]))
    elif sparse == 0 and len(places) + len(patterns.weights) > 0:
        bound_weights, _ = bound_weights_of(terms, tables, scoring)
        n = block_max_topk(mask, terms, patterns, tables, scoring, bound_weights, scratch.bounds, scores, found, n)
    else:
        once.fill(0)
        twice.fill(0)
        add_dense_and_patterns(once, terms, patterns, tables)
        for t in range(sparse):
            add_postings(docs, flags, starts[t], starts[t + 1], once, twice, scratch.spare)
        n = maxscore_topk(terms, patterns, tables, scoring, starts, mask, scratch, scores, found)
        n = fill_with_unscored(mask, total, scores, found, n)
    write_topk(topk, found, n, mask, articles)
    return n, total, n_articles


@compiled(
    types.void(
        read(i32), QUERY_TERMS, PATTERN_SETS, read(u8), DENSE_TABLES, SCORING, read(u64), SCRATCH, write(f64)
    )
)  # fmt: skip
def score_docs(wanted, terms, patterns, blob, tables, scoring, mask, scratch, scores):
    """Score each document of `wanted`, `(n,) int32` and ascending, into `scores`, `(n,) float64`.

    Other arguments are those of `bitmap_topk`. If `mask` is not empty, it has all of the documents.
    """
    docs, flags = scratch.docs, scratch.flags
    starts = decode_terms(terms, blob, mask, docs, flags)
    score_wanted(
        wanted, terms, patterns, as_readonly(starts), tables, scoring, as_readonly(docs), as_readonly(flags), scores
    )
