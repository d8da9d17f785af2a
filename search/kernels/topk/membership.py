"""Loops that tell which of a few documents have a term, or a bit in a bitmap."""

from __future__ import annotations

import numpy as np

from search.kernels.core.bitmap import bit_of, has_bit
from search.kernels.core.dense_terms import DENSE_TABLES
from search.kernels.core.postings_codec import MATCHES_ITSELF, decode_postings
from search.kernels.jit.argument_types import boolean, i32, i64, read, types, u8, u64, write
from search.kernels.jit.decorators import compiled


@compiled(i64(read(u8), i64, i64, write(i32), write(u8), read(i32), write(boolean), write(boolean)))
def among_postings(blob, start, end, docs, payloads, wanted, found, matches_itself):
    """Tell of each document of `wanted`, ascending, whether it has a sparse term, and matches itself by the term.

    The postings are blob[start:end]; `docs` and `payloads` are scratch with room for them. `found` and
    `matches_itself`, `(n_wanted,) bool`, are false before. Returns how many of the documents have the term in their
    title only.
    """
    n = decode_postings(blob, start, end, docs, payloads, np.int64(0))
    i = 0
    title_only = 0
    for k in range(len(wanted)):
        doc = wanted[np.uint64(k)]
        while i < n and docs[np.uint64(i)] < doc:
            i += 1
        if i == n:
            break
        if docs[np.uint64(i)] == doc:
            found[np.uint64(k)] = True
            itself = payloads[np.uint64(i)] >= MATCHES_ITSELF
            matches_itself[np.uint64(k)] = itself
            title_only += 1 - np.int64(itself)
    return title_only


@compiled(i64(DENSE_TABLES, i64, read(i32), write(boolean), write(boolean)))
def among_dense(tables, row, wanted, found, matches_itself):
    """Tell of each of the documents wanted, ascending, whether it has a dense term, and matches itself by it.

    `found` and `matches_itself` are `(n_wanted,) bool`. Returns how many have it in their title only.
    """
    bits, title_only_blocks, title_only_words = tables.bits, tables.title_only_blocks, tables.title_only_words
    title_only_count = tables.title_only_counts[row]
    at = 0
    title_only = 0
    for k in range(len(wanted)):
        doc = np.int64(wanted[np.uint64(k)])
        block = doc >> 6
        bit = bit_of(doc)
        here = (bits[row, block] & bit) != 0
        found[np.uint64(k)] = here
        while at < title_only_count and title_only_blocks[row, at] < block:
            at += 1
        if here and at < title_only_count and title_only_blocks[row, at] == block and title_only_words[row, at] & bit:
            here = False
            title_only += 1
        matches_itself[np.uint64(k)] = here
    return title_only


@compiled(types.void(read(u64), read(i32), write(boolean)))
def among_bits(bits, wanted, found):
    """Tell in `found`, `(n_wanted,) bool`, of each document of `wanted` whether its bit is set."""
    for k in range(len(wanted)):
        doc = np.int64(wanted[np.uint64(k)])
        found[np.uint64(k)] = has_bit(bits[doc >> 6], doc) != 0


@compiled(types.void(DENSE_TABLES, i64, write(u64)))
def dense_matches_itself(tables, row, matches_itself):
    """Fill the bitmap of the documents that match themselves by a dense term."""
    for block in range(len(matches_itself)):
        matches_itself[np.uint64(block)] = tables.bits[row, np.uint64(block)]
    for i in range(tables.title_only_counts[row]):
        matches_itself[tables.title_only_blocks[row, i]] &= ~tables.title_only_words[row, i]
