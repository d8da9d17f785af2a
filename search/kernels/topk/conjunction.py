"""AND of plain words in one loop: match, count, score, keep the best."""

from __future__ import annotations

import numpy as np

from search.kernels.core.bitmap import ONE, bit_of, clear_words, count_with_groups, has_bit, set_bits
from search.kernels.core.dense_terms import BOUND_MARGIN, DENSE_TABLES, rank
from search.kernels.core.postings_codec import FREQUENCY_MASK, MATCHES_ITSELF, decode_postings
from search.kernels.jit.argument_types import boolean, i64, read, types, u8, u64, write
from search.kernels.jit.decorators import compiled
from search.kernels.jit.intrinsics import as_readonly, ctz, prefetch
from search.kernels.topk.block_max import block_max_topk, bound_of, bound_weights_of, dense_score
from search.kernels.topk.intersection import NO_LIMIT, clear_title_only, drop_hopeless, intersect, rarest_first
from search.kernels.topk.structs import ARTICLE_COLUMNS, QUERY_TERMS, SCORING, SCRATCH, TOP_K, PatternSets
from search.kernels.topk.topk_heap import topk_insert, write_topk

CHUNK = 64
"""Matches that are scored together, so that the processor fetches what they need at once."""
MANY = 500
"""Minimum number of matches whose articles are counted by bitmaps."""
FEW = 1_000
"""Maximum number of matches that are scored one by one, not block by block."""


@compiled(
    types.UniTuple(i64, 3)(
        QUERY_TERMS, read(u8), DENSE_TABLES, SCORING, read(u64), ARTICLE_COLUMNS, SCRATCH, write(u64), boolean, TOP_K
    )
)  # fmt: skip
def all_of_sparse(terms, blob, tables, scoring, live, articles, scratch, matching, cleared, topk):
    """Find the best documents that have all terms, at least one of them sparse.

    Takes and returns what `disjunction.any_of` does. A document matches if it matches itself by one of the terms. The
    rarest sparse term gives the candidates, intersected with the bitmaps of all dense terms, then with the postings of
    the other sparse terms, the rarest first; the candidates so far are the bits of `matching`.

    `matching` is zero before, and is zero again after if it is to be `cleared`: to clear all of it would take longer
    than most queries.
    """
    places, weights, sparse = terms.places, terms.weights, terms.sparse
    bits, superblock_rank, block_rank = tables.bits, tables.superblock_rank, tables.block_rank
    payloads, cell_max = tables.payloads, tables.cell_max
    impacts, lengths = scoring.impacts, scoring.lengths
    docs, flags = scratch.docs, scratch.flags
    scores = topk.scores
    of_doc, first = articles.of_doc, articles.first
    count = len(places)
    order = rarest_first(places, sparse)
    lead = order[0]
    starts = np.zeros(sparse, np.int64)
    end = decode_postings(blob, places[lead, 1], places[lead, 2], docs, flags, np.int64(0))
    for t in range(sparse, count):
        end = intersect(docs, flags, np.int64(0), end, NO_LIMIT, bits[places[t, 0]])
    if len(live) > 0:
        end = intersect(docs, flags, np.int64(0), end, NO_LIMIT, live)
    start = 0
    for o in range(1, sparse + 1):
        set_bits(docs[start:end], matching)
        if o == sparse or start == end:
            break
        t = order[o]
        starts[t] = end
        last = np.int64(docs[end - 1])
        sifted = decode_postings(blob, places[t, 1], places[t, 2], docs, flags, end)
        sifted = intersect(docs, flags, end, sifted, last, as_readonly(matching))
        clear_words(docs[start:end], matching)
        start = end
        end = sifted
    bound_weights, most = bound_weights_of(terms, tables, scoring)
    found = np.empty(len(scores), np.int32)
    n = np.int64(0)
    total = end - start
    n_articles = 0
    beyond = np.int64(0)
    k = len(scores)
    chosen = np.empty(CHUNK, np.int64)
    chosen_flags = np.empty(CHUNK, np.uint8)
    sums = np.empty(CHUNK, np.float64)
    seen = np.empty((sparse, CHUNK), np.uint8)
    for begin in range(start, end, CHUNK):
        size = np.int64(0)
        least = scores[k - 1] if n == k else -1.0
        for j in range(begin, min(begin + CHUNK, end)):
            doc = np.int64(docs[j])
            prefetch(lengths, np.int64(docs[min(j + CHUNK, end - 1)]))  # for the chunk after this
            all_flags = np.uint8(0)
            bound = most
            for t in range(sparse):
                i = starts[t]
                while docs[i] < doc:
                    i += 1
                starts[t] = i
                all_flags |= flags[i]
                seen[t, size] = flags[i]
                bound += weights[t] * impacts[np.int64(flags[i] & np.uint8(FREQUENCY_MASK)) << 8]
            chosen[size] = doc
            chosen_flags[size] = all_flags
            size += np.int64(bound * BOUND_MARGIN >= least) | (1 - np.int64(all_flags >> np.uint8(7)))
        for i in range(size):
            length = np.int64(lengths[chosen[i]])
            score = 0.0
            for t in range(sparse):
                score += weights[t] * impacts[np.int64(seen[t, i] & np.uint8(FREQUENCY_MASK)) << 8 | length]
            sums[i] = score
        if n == k and sparse < count:
            size = drop_hopeless(
                chosen, chosen_flags, sums, size, scores[k - 1], places, sparse, bound_weights, bits, cell_max
            )
        for t in range(sparse, count):
            row = np.uint64(places[t, 0])
            for i in range(size):
                doc = chosen[i]
                below = bit_of(doc) - ONE
                payload = payloads[rank(row, np.uint64(doc >> 6), below, bits, superblock_rank, block_rank)]
                chosen_flags[i] |= payload
                sums[i] += (
                    weights[t] * impacts[np.int64(payload & np.uint8(FREQUENCY_MASK)) << 8 | np.int64(lengths[doc])]
                )
        for i in range(size):
            doc = chosen[i]
            if chosen_flags[i] & np.uint8(MATCHES_ITSELF):
                n = topk_insert(scores, found, n, sums[i], doc)
            else:
                matching[doc >> 6] &= ~bit_of(doc)
                total -= 1
    if end - start >= MANY:
        n_articles = count_with_groups(as_readonly(matching), articles.last_bits)[1]
    for j in range(start, end if end - start < MANY else start):
        doc = np.int64(docs[j])
        if doc >= beyond and has_bit(matching[doc >> 6], doc):
            n_articles += 1
            beyond = np.int64(first[of_doc[doc] + 1])
    write_topk(topk, found, n, as_readonly(matching), articles)
    if cleared:
        clear_words(docs[start:end], matching)
    return n, total, n_articles


@compiled(
    types.UniTuple(i64, 3)(
        QUERY_TERMS, DENSE_TABLES, SCORING, read(u64), ARTICLE_COLUMNS, SCRATCH, write(u64), TOP_K
    )
)  # fmt: skip
def all_of_dense(terms, tables, scoring, live, articles, scratch, matching, topk):
    """Find the best documents that have all terms, which are all dense. Takes and returns what `all_of_sparse` does."""
    places, weights = terms.places, terms.weights
    bits, superblock_rank, block_rank = tables.bits, tables.superblock_rank, tables.block_rank
    payloads, cell_max = tables.payloads, tables.cell_max
    impacts, lengths = scoring.impacts, scoring.lengths
    scores = topk.scores
    blocks = len(matching)
    count = len(places)
    row = np.uint64(places[0, 0])
    for block in range(blocks):
        matching[np.uint64(block)] = bits[row, np.uint64(block)]
    for t in range(1, count):
        row = np.uint64(places[t, 0])
        for block in range(blocks):
            matching[np.uint64(block)] &= bits[row, np.uint64(block)]
    clear_title_only(matching, places, tables.title_only_counts, tables.title_only_blocks, tables.title_only_words)
    if len(live) > 0:
        for block in range(blocks):
            matching[np.uint64(block)] &= live[np.uint64(block)]
    total, n_articles = count_with_groups(as_readonly(matching), articles.last_bits)
    bound_weights, _ = bound_weights_of(terms, tables, scoring)
    found = np.empty(len(scores), np.int32)
    n = np.int64(0)
    if total > FEW:
        none = PatternSets(bits[:0], weights[:0])
        n = block_max_topk(matching, terms, none, tables, scoring, bound_weights, scratch.bounds, scores, found, n)
    for block in range(blocks if total <= FEW else 0):
        rest = matching[np.uint64(block)]
        while rest:
            doc = (block << 6) + ctz(rest)
            rest &= rest - ONE
            if n == len(scores) and bound_of(doc, places, terms.sparse, bound_weights, bits, cell_max) < scores[n - 1]:
                continue
            length = np.int64(lengths[np.uint64(doc)])
            score = dense_score(
                0.0, doc, places, terms.sparse, weights, bits, superblock_rank, block_rank, payloads, impacts, length
            )  # fmt: skip
            n = topk_insert(scores, found, n, score, doc)
    write_topk(topk, found, n, as_readonly(matching), articles)
    return n, total, n_articles
