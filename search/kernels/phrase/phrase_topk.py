"""The best documents of a phrase, or of two words near each other: matched, counted, scored and ranked in one go.

Each step is a loop of its own elsewhere; here one calls the next, as between two the interpreter takes as long as they.
"""

from __future__ import annotations

import numpy as np

from search.kernels.core.dense_terms import DENSE_TABLES, add_scores
from search.kernels.jit.argument_types import boolean, f64, i64, read, types, u8, u64, write
from search.kernels.jit.decorators import compiled
from search.kernels.jit.intrinsics import as_read
from search.kernels.phrase.candidates import (
    END,
    PHRASE_SCRATCH,
    PHRASE_TERMS,
    ROWS,
    START,
    candidates,
    dense_candidates,
)
from search.kernels.phrase.nextword import NEXTWORD_TABLES, sift
from search.kernels.phrase.scan_vectorized import SLOT_ARRAYS, TOKEN_STREAMS, close_by, side_by_side
from search.kernels.topk.rank_bitmap import collect_matches, collect_matches_among
from search.kernels.topk.topk import (
    ARTICLE_COLUMNS,
    SCORING,
    TOP_K,
    PatternSets,
    QueryTerms,
    best_dense,
    bound_weights_of,
    topk_insert,
    write_topk,
)


@compiled(
    types.void(
        PHRASE_TERMS, SLOT_ARRAYS, boolean, i64, TOKEN_STREAMS, TOKEN_STREAMS, read(u8), DENSE_TABLES, NEXTWORD_TABLES,
        read(u64), PHRASE_SCRATCH, write(u64),
    )
)  # fmt: skip
def match_phrase(phrase, slots, titled, plain, texts, titles, blob, tables, nextword, live, scratch, matching):
    """Set the bits in `matching` of the documents where the slots of a phrase, or of NEAR, stand.

    `titled` says whether they may stand in a title, which counts for the first document of its article. Only documents
    with a bit in `live`, if it has any. `matching`, a `(n_blocks,) uint64` bitmap, is zero before if a term is sparse.
    """
    nowhere = texts.some
    some = titles.some if titled else nowhere
    alone = slots.exact and len(slots.widths) == 2
    found = scratch.found
    if len(phrase.order) == 0:
        n = dense_candidates(phrase, alone, tables, nextword, live, some, matching, found)
    else:
        n = candidates(phrase, blob, tables, nextword, live, some, scratch)
        if len(phrase.checks) > 0:
            n = sift(found[:n], scratch.proved, phrase.checks, alone, tables, nextword, some, matching)
    for title in range(2 if titled else 1):
        streams = titles if title else texts
        if slots.distance > 0:
            close_by(found[:n], streams, plain, slots, matching)
        else:
            side_by_side(found[:n], streams, plain, slots, matching)


@compiled(
    types.UniTuple(i64, 3)(
        PHRASE_TERMS, read(f64), SLOT_ARRAYS, boolean, i64, TOKEN_STREAMS, TOKEN_STREAMS, read(u8), DENSE_TABLES,
        NEXTWORD_TABLES, SCORING, read(u64), ARTICLE_COLUMNS, i64, types.Array(types.float32, 1, "C"), PHRASE_SCRATCH,
        write(u64), boolean, TOP_K,
    )
)  # fmt: skip
def rank_phrase(
    phrase, weights, slots, titled, plain, texts, titles, blob, tables, nextword, scoring, live, articles, many, bounds,
    scratch, matching, cleared, topk,
):  # fmt: skip
    """Find the best documents of a phrase: match as `match_phrase` does, rank as `rank_bitmap` does.

    `weights` are the terms' idfs, `bounds` is scratch, a number a block. `matching` is filled. If a term is sparse, it
    is zero again after if it is to be `cleared`: its few documents are known, and to look at all blocks takes as long
    as the rest. Returns how many documents were kept, how many match, and of how many articles these are.
    """
    match_phrase(phrase, slots, titled, plain, texts, titles, blob, tables, nextword, live, scratch, matching)
    terms = phrase.terms
    order = phrase.order
    docs = scratch.docs
    scores = topk.scores
    found = np.empty(len(scores), np.int32)
    n = np.int64(0)
    known = docs[:0]
    if len(order) > 0:
        known = docs[terms[START, order[-1]] : terms[END, order[-1]]]
        listed = np.empty(len(known) + 1, np.int32)
        total, n_articles = collect_matches_among(known, as_read(matching), articles.of_doc, listed)
    else:
        listed = np.empty(min(many, (len(matching) << 6) + 1), np.int32)
        total, n_articles = collect_matches(as_read(matching), articles.last_bits, listed)
    rows = as_read(terms)
    if total < len(listed):
        sums = np.empty(total, np.float64)
        add_scores(
            as_read(listed[:total]), rows[ROWS], rows[START], rows[END], weights, as_read(docs), as_read(scratch.flags),
            tables, scoring.impacts, scoring.lengths, sums,
        )  # fmt: skip
        for i in range(total):
            n = topk_insert(scores, found, n, sums[i], np.int64(listed[i]))
    else:
        query = QueryTerms(rows.T.copy(), weights, np.int64(0))
        none = PatternSets(tables.bits[:0], weights[:0])
        bound_weights, _ = bound_weights_of(query, tables, scoring)
        n = best_dense(as_read(matching), query, none, tables, scoring, bound_weights, bounds, scores, found, n)
    write_topk(topk, found, n, as_read(matching), articles)
    for i in range(len(known) if cleared else 0):
        matching[known[i] >> 6] = 0
    return n, total, n_articles
