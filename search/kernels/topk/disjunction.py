"""OR of plain words in one loop: match, count, score, keep the best."""

from __future__ import annotations

import numpy as np

from search.kernels.core.bitmap import NONE, ONE, bit_of, count_with_groups, has_bit
from search.kernels.core.dense_terms import BOUND_MARGIN, DENSE_TABLES
from search.kernels.core.postings_codec import FREQUENCY_MASK, decode_postings
from search.kernels.jit.argument_types import i64, read, types, u8, u64, write
from search.kernels.jit.decorators import compiled, inlined
from search.kernels.jit.intrinsics import as_readonly, popcount
from search.kernels.topk.block_max import block_max_topk, bound_of, bound_weights_of, dense_score, pattern_score
from search.kernels.topk.structs import ARTICLE_COLUMNS, QUERY_TERMS, SCORING, SCRATCH, TOP_K, PatternSets
from search.kernels.topk.topk_heap import topk_insert, write_topk

SPAN = 128
"""Blocks whose title-only documents are looked at together."""


@inlined
def add_postings(docs, flags, start, end, once, twice, matching):
    """Set the bits of docs[start:end] in `once`, and in `twice` if `once` had them already.

    Documents that match themselves, by `flags`, get their bit in `matching`. All three are `(n_blocks,) uint64`.
    """
    for i in range(start, end):
        doc = np.uint64(docs[np.uint64(i)])
        block = doc >> np.uint64(6)
        bit = bit_of(doc)
        before = once[block]
        twice[block] |= before & bit
        once[block] = before | bit
        matching[block] |= bit & (NONE - (np.uint64(flags[np.uint64(i)]) >> np.uint64(7)))


@inlined
def least_frequency(weight, impacts, threshold):
    """Return how often a term has to occur to reach the score `threshold` alone, in a document of length 0."""
    frequency = 1
    while frequency <= FREQUENCY_MASK and weight * impacts[frequency << 8] * BOUND_MARGIN < threshold:
        frequency += 1
    return frequency


@inlined
def add_dense(matching, begin, size, row, tables, at, saved):
    """Add the documents that match themselves by a dense term to `size` words of a bitmap; return the next `at`.

    `matching` begins at block `begin`. `at` is the index of the first title-only block from there in the row of
    `DenseTables.title_only_blocks`. `saved` is scratch.
    """
    bits, title_only_blocks, title_only_words = tables.bits, tables.title_only_blocks, tables.title_only_words
    title_only_count = tables.title_only_counts[row]
    end = at
    while end < title_only_count and title_only_blocks[row, np.uint64(end)] < begin + size:
        saved[end - at] = matching[title_only_blocks[row, np.uint64(end)] - begin]
        end += 1
    for b in range(size):
        matching[np.uint64(b)] |= bits[row, np.uint64(begin + b)]
    for i in range(at, end):
        b = np.int64(title_only_blocks[row, np.uint64(i)])
        matching[b - begin] = saved[i - at] | (bits[row, np.uint64(b)] & ~title_only_words[row, np.uint64(i)])
    return end


@inlined
def add_dense_and_patterns(once, terms, patterns, tables):
    """Add the documents of all dense terms and patterns to a bitmap."""
    bits, pattern_bits = tables.bits, patterns.bits
    for t in range(terms.sparse, len(terms.places)):
        row = np.uint64(terms.places[t, 0])
        for block in range(len(once)):
            once[np.uint64(block)] |= bits[row, np.uint64(block)]
    for p in range(len(pattern_bits)):
        for block in range(len(once)):
            once[np.uint64(block)] |= pattern_bits[p, np.uint64(block)]


@inlined
def best_of_several(terms, patterns, tables, scoring, bound_weights, most, starts, matching, scratch, scores, found):
    """Keep the best of the documents that have a sparse term and another term or pattern; return how many are kept.

    Scores by sparse terms are summed up by the rank of the documents' bits in `scratch.twice`; `scratch.ranks` gets the
    rank at which each block begins.
    """
    places, weights, sparse = terms.places, terms.weights, terms.sparse
    pattern_bits, pattern_weights = patterns.bits, patterns.weights
    bits, superblock_rank, block_rank = tables.bits, tables.superblock_rank, tables.block_rank
    payloads, cell_max = tables.payloads, tables.cell_max
    impacts, lengths = scoring.impacts, scoring.lengths
    docs, flags, twice, ranks = scratch.docs, scratch.flags, scratch.twice, scratch.ranks
    count = len(places)
    k = len(scores)
    n = np.int64(0)
    size = 0
    for block in range(len(twice)):
        ranks[np.uint64(block)] = size
        size += popcount(twice[np.uint64(block)])
    sums = np.zeros(size, np.float64)
    docs_of = np.empty(size, np.int32)
    for t in range(sparse):
        weight = weights[t]
        for i in range(starts[t], starts[t + 1]):
            doc = np.int64(docs[np.uint64(i)])
            block = np.uint64(doc >> 6)
            word = twice[block]
            bit = bit_of(doc)
            if word & bit:
                rank = np.uint64(np.int64(ranks[block]) + popcount(word & (bit - ONE)))
                frequency = np.int64(flags[np.uint64(i)] & np.uint8(FREQUENCY_MASK))
                sums[rank] += weight * impacts[np.uint64(frequency << 8 | np.int64(lengths[np.uint64(doc)]))]
                docs_of[rank] = doc
    for rank in range(size):
        score = sums[np.uint64(rank)]
        if n == k and score + most < scores[k - 1]:
            continue
        doc = np.int64(docs_of[np.uint64(rank)])
        block = np.uint64(doc >> 6)
        if not has_bit(matching[block], doc):
            continue
        length = np.int64(lengths[np.uint64(doc)])
        if sparse < count:
            if n == k:
                bound = score + bound_of(doc, places, sparse, bound_weights, bits, cell_max)
                if (
                    pattern_score(bound, doc, pattern_bits, pattern_weights, impacts, length) * BOUND_MARGIN
                    < scores[k - 1]
                ):
                    continue
            score = dense_score(
                score, doc, places, sparse, weights, bits, superblock_rank, block_rank, payloads, impacts, length
            )
        score = pattern_score(score, doc, pattern_bits, pattern_weights, impacts, length)
        n = topk_insert(scores, found, n, score, doc)
    return n


@inlined
def maxscore_topk(terms, patterns, tables, scoring, starts, matching, scratch, scores, found):
    """Keep the best documents of `matching`, those that have several terms first; return how many are kept.

    `scratch.once` has the documents that have a dense term or a pattern, and those of sparse terms; `scratch.twice`
    those of them that have two terms, one of them sparse. Documents without any term are left out. The postings of
    sparse term t are scratch.docs[starts[t]:starts[t + 1]].

    Most documents have one term, once, which is not enough when some have two. So those of `twice` are scored first. Of
    the documents with one sparse term, those follow in which it occurs often enough to reach the threshold, as in
    MaxScore (Turtle and Flood: Query evaluation: strategies and optimizations, 1995). Documents that only dense terms
    and patterns score come last.
    """
    places, weights, sparse = terms.places, terms.weights, terms.sparse
    pattern_weights = patterns.weights
    impacts, lengths = scoring.impacts, scoring.lengths
    docs, flags, once, twice = scratch.docs, scratch.flags, scratch.once, scratch.twice
    bound_weights, most = bound_weights_of(terms, tables, scoring)
    blocks = len(matching)
    count = len(places)
    k = len(scores)
    n = np.int64(0)
    others = count + len(pattern_weights)
    for p in range(len(pattern_weights)):
        most += pattern_weights[p] * impacts[256] * BOUND_MARGIN
    if sparse > 0 and others > 1:
        n = best_of_several(
            terms, patterns, tables, scoring, bound_weights, most, starts, matching, scratch, scores, found
        )  # fmt: skip
    for t in range(sparse):
        weight = weights[t]
        least = least_frequency(weight, impacts, scores[k - 1]) if n == k else 1
        if least > FREQUENCY_MASK:
            continue
        for i in range(starts[t], starts[t + 1]):
            frequency = np.int64(flags[np.uint64(i)] & np.uint8(FREQUENCY_MASK))
            if frequency < least:
                continue
            doc = np.int64(docs[np.uint64(i)])
            block = np.uint64(doc >> 6)
            if not has_bit(matching[block] & ~twice[block], doc):
                continue
            score = 0.0 + weight * impacts[np.uint64(frequency << 8 | np.int64(lengths[np.uint64(doc)]))]
            if n == k and score < scores[k - 1]:
                continue
            n = topk_insert(scores, found, n, score, doc)
            if n == k:
                least = least_frequency(weight, impacts, scores[k - 1])
    if sparse < others and (n < k or most >= scores[k - 1]):
        once.fill(0)
        add_dense_and_patterns(once, terms, patterns, tables)
        for block in range(blocks):
            once[np.uint64(block)] &= matching[np.uint64(block)] & ~twice[np.uint64(block)]
        n = block_max_topk(
            once, terms, patterns, tables, scoring, bound_weights, scratch.bounds, scores, found, n
        )  # fmt: skip
    return n


@compiled(
    types.UniTuple(i64, 3)(
        QUERY_TERMS, read(u8), DENSE_TABLES, SCORING, read(u64), ARTICLE_COLUMNS, SCRATCH, write(u64), TOP_K
    )
)  # fmt: skip
def any_of(terms, blob, tables, scoring, live, articles, scratch, matching, topk):
    """Find the best documents that have one of the terms, by (score descending, document ascending).

    A document matches if it matches itself by a term; all of its terms score it. `blob` has the bytes of all postings.
    `live` is a bitmap of the documents that may match, or empty if all may. Fills `matching`, the `(n_blocks,) uint64`
    bitmap of the documents that match, and `topk`. Returns how many documents are kept, how many match, and in how many
    articles.
    """
    places, sparse = terms.places, terms.sparse
    bits = tables.bits
    docs, flags, once, twice = scratch.docs, scratch.flags, scratch.once, scratch.twice
    blocks = len(matching)
    count = len(places)
    matching.fill(0)
    once.fill(0)
    twice.fill(0)
    saved = np.zeros(SPAN, np.uint64)
    for t in range(sparse, count):
        row = np.uint64(places[t, 0])
        at = np.int64(0)
        for begin in range(0, blocks, SPAN):
            size = min(SPAN, blocks - begin)
            at = add_dense(matching[begin:], begin, size, row, tables, at, saved)
    none = PatternSets(bits[:0], terms.weights[:0])
    add_dense_and_patterns(once, terms, none, tables)
    starts = np.zeros(sparse + 1, np.int64)
    for t in range(sparse):
        starts[t + 1] = decode_postings(blob, places[t, 1], places[t, 2], docs, flags, starts[t])
        add_postings(docs, flags, starts[t], starts[t + 1], once, twice, matching)
    if len(live) > 0:
        for block in range(blocks):
            matching[np.uint64(block)] &= live[np.uint64(block)]
    total, n_articles = count_with_groups(as_readonly(matching), articles.last_bits)
    found = np.empty(len(topk.scores), np.int32)
    n = maxscore_topk(terms, none, tables, scoring, starts, as_readonly(matching), scratch, topk.scores, found)
    write_topk(topk, found, n, as_readonly(matching), articles)
    return n, total, n_articles
