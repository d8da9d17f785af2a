"""A phrase, or two words near each other, in one loop: match, count, score, keep the best.

It calls the loops of each step: between two of them the interpreter would take as long as they do.
"""

from __future__ import annotations

import numpy as np

from search.kernels.core.bitmap import clear_words
from search.kernels.core.dense_terms import DENSE_TABLES, add_scores
from search.kernels.jit.argument_types import boolean, f64, i64, read, types, u8, u64, write
from search.kernels.jit.decorators import compiled
from search.kernels.jit.intrinsics import as_readonly
from search.kernels.phrase.candidates import (
    END,
    PHRASE_SCRATCH,
    PHRASE_TERMS,
    ROWS,
    START,
    dense_candidates,
    phrase_candidates,
)
from search.kernels.phrase.nextword import NEXTWORD_TABLES, filter_by_neighbours
from search.kernels.phrase.scan_vectorized import SLOT_ARRAYS, TOKEN_STREAMS, find_near, find_phrases
from search.kernels.topk.bitmap_topk import list_matches, list_matches_among
from search.kernels.topk.block_max import block_max_topk, bound_weights_of
from search.kernels.topk.structs import ARTICLE_COLUMNS, SCORING, TOP_K, PatternSets, QueryTerms
from search.kernels.topk.topk_heap import topk_insert, write_topk


@compiled(
    types.void(
        PHRASE_TERMS, SLOT_ARRAYS, boolean, i64, TOKEN_STREAMS, TOKEN_STREAMS, read(u8), DENSE_TABLES, NEXTWORD_TABLES,
        read(u64), PHRASE_SCRATCH, write(u64),
    )
)  # fmt: skip
def match_phrase(phrase, slots, titled, first_marker, texts, titles, blob, tables, nextword, live, scratch, matching):
    """Set the bits in `matching` of the documents that have a phrase, or two slots of NEAR.

    `titled` tells whether a title may have it, which counts for the first document of its article. `live` is a bitmap
    of the documents that may match, or empty. `matching`, `(n_blocks,) uint64`, is zero before if a term is sparse.
    """
    always = titles.with_text if titled else texts.with_text
    alone = slots.exact and len(slots.widths) == 2
    found = scratch.found
    if len(phrase.order) == 0:
        n = dense_candidates(phrase, alone, tables, nextword, live, always, matching, found)
    else:
        n = phrase_candidates(phrase, blob, tables, nextword, live, always, scratch)
        if len(phrase.checks) > 0:
            n = filter_by_neighbours(
                found[:n], scratch.proved, phrase.checks, alone, tables, nextword, always, matching
            )
    for title in range(2 if titled else 1):
        streams = titles if title else texts
        if slots.distance > 0:
            find_near(found[:n], streams, first_marker, slots, matching)
        else:
            find_phrases(found[:n], streams, first_marker, slots, matching)


@compiled(
    types.UniTuple(i64, 3)(
        PHRASE_TERMS, read(f64), SLOT_ARRAYS, boolean, i64, TOKEN_STREAMS, TOKEN_STREAMS, read(u8), DENSE_TABLES,
        NEXTWORD_TABLES, SCORING, read(u64), ARTICLE_COLUMNS, i64, types.Array(types.float32, 1, "C"), PHRASE_SCRATCH,
        write(u64), boolean, TOP_K,
    )
)  # fmt: skip
def phrase_topk(
    phrase, weights, slots, titled, first_marker, texts, titles, blob, tables, nextword, scoring, live, articles, many,
    bounds, scratch, matching, cleared, topk,
):  # fmt: skip
    """Find the best documents of a phrase: match as `match_phrase` does, and rank as `bitmap_topk` does.

    `weights` are those of `QueryTerms`; `many` is that of `bitmap_topk`, `bounds` is scratch, `(n_blocks,) float32`.
    Fills `matching` and `topk`. If a term is sparse and `cleared` is true, `matching` is zero again after: its few
    documents are known, and to clear all of it takes as long as the rest. Returns how many documents are kept, how many
    match, and in how many articles.
    """
    match_phrase(phrase, slots, titled, first_marker, texts, titles, blob, tables, nextword, live, scratch, matching)
    terms, order = phrase.terms, phrase.order
    docs = scratch.docs
    scores = topk.scores
    found = np.empty(len(scores), np.int32)
    n = np.int64(0)
    known = docs[:0]
    if len(order) > 0:
        known = docs[terms[START, order[-1]] : terms[END, order[-1]]]
        listed = np.empty(len(known) + 1, np.int32)
        total, n_articles = list_matches_among(known, as_readonly(matching), articles.of_doc, listed)
    else:
        listed = np.empty(min(many, (len(matching) << 6) + 1), np.int32)
        total, n_articles = list_matches(as_readonly(matching), articles, listed)
    rows = as_readonly(terms)
    if total < len(listed):
        sums = np.empty(total, np.float64)
        add_scores(
            as_readonly(listed[:total]), rows[ROWS], rows[START], rows[END], weights, as_readonly(docs),
            as_readonly(scratch.flags), tables, scoring.impacts, scoring.lengths, sums,
        )  # fmt: skip
        for i in range(total):
            n = topk_insert(scores, found, n, sums[i], np.int64(listed[i]))
    else:
        query = QueryTerms(rows.T.copy(), weights, np.int64(0))
        none = PatternSets(tables.bits[:0], weights[:0])
        bound_weights, _ = bound_weights_of(query, tables, scoring)
        n = block_max_topk(as_readonly(matching), query, none, tables, scoring, bound_weights, bounds, scores, found, n)
    write_topk(topk, found, n, as_readonly(matching), articles)
    if cleared:
        clear_words(known, matching)
    return n, total, n_articles
