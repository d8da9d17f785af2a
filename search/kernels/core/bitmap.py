"""Bitmaps: a bit a document, 64 to a word of uint64. A set of documents is a bitmap, so that totals are popcounts.

A bitmap is `(n_blocks,) uint64`; documents are int32, payloads uint8. A *group* is the documents of an article, which
are neighbours. `ends` is the bitmap of the last document of each group.
"""

from __future__ import annotations

import numpy as np

from search.kernels.jit.argument_types import f64, i32, i64, read, types, u8, u32, u64, write
from search.kernels.jit.decorators import compiled, inlined
from search.kernels.jit.intrinsics import ctz, popcount

ONE, NONE, ALL = np.uint64(1), np.uint64(0), ~np.uint64(0)
"""Words, uint64, in which only the lowest bit is set, no bit, and every bit."""


@inlined
def bit_of(doc):
    """Return the word that has only the bit of a document set; its index is doc >> 6."""
    return ONE << (np.uint64(doc) & np.uint64(63))


@inlined
def has_bit(word, doc):
    """Return 1, uint64, if the bit of a document is set in its word, else 0."""
    return (word >> (np.uint64(doc) & np.uint64(63))) & ONE


@compiled(types.void(read(i32), write(u64)))
def set_bits(docs, bits):
    """Set the bits of `docs`, `(n,) int32`, in the bitmap `bits`, `(n_blocks,) uint64`."""
    for k in range(len(docs)):
        doc = np.uint64(docs[np.uint64(k)])
        bits[doc >> np.uint64(6)] |= bit_of(doc)


@compiled(types.void(read(i32), write(u64)))
def clear_words(docs, bits):
    """Set the words of `bits`, `(n_blocks,) uint64`, that have the bits of `docs`, `(n,) int32`, to 0.

    If no other bits are set, this clears the whole bitmap.
    """
    for k in range(len(docs)):
        bits[np.uint64(docs[np.uint64(k)] >> 6)] = NONE


@compiled(i64(read(u64)))
def count(bits):
    """Return how many bits are set. Indices are unsigned, so that LLVM vectorizes the loop."""
    total = np.uint64(0)
    for i in range(len(bits)):
        total += np.uint64(popcount(bits[np.uint64(i)]))
    return np.int64(total)


@inlined
def count_either(bits, others):
    """Return how many bits are set in at least one of two bitmaps, `(n_blocks,) uint64` each."""
    total = np.uint64(0)
    for i in range(len(bits)):
        total += np.uint64(popcount(bits[np.uint64(i)] | others[np.uint64(i)]))
    return np.int64(total)


@inlined
def count_between(bits, low, high):
    """Return how many of the bits from `low` up to, but without, `high` are set in the bitmap `bits`; low < high."""
    first = low >> 6
    last = (high - 1) >> 6
    above = ALL << np.uint64(low & 63)
    below = ALL >> np.uint64(63 - ((high - 1) & 63))
    if first == last:
        return popcount(bits[first] & above & below)
    total = popcount(bits[first] & above) + popcount(bits[last] & below)
    for i in range(first + 1, last):
        total += popcount(bits[np.uint64(i)])
    return total


@inlined
def groups_in_word(word, ends, carry):
    """Find which of the groups that end in a word have a bit set; return a mask of their ends, and the next carry.

    `word` and `ends` are the same 64 bits of the two bitmaps. A carry is 1 if a group that goes on in the next word has
    a bit set so far, else 0; `carry` is that of the word before.

    Each group has ones at all bits below its end. To add them to the group's own bits carries into the end if and only
    if a bit below the end is set. Let `inner` be the bits of the word that are not ends: as unsigned numbers,
    `inner > ends` if and only if a bit is set above the last end.
    """
    low = ~ends
    inner = word & low
    hits = (((inner | carry) + low) | word | carry) & ends
    return hits, np.uint64(inner > ends) | (carry & np.uint64(ends == 0))


@compiled(types.UniTuple(i64, 2)(read(u64), read(u64)))
def count_with_groups(bits, ends):
    """Return how many bits are set, and how many groups have a bit set.

    The carries of `groups_in_word` are computed for 64 words at once, as a processor's adder does it: bit b of `made`
    tells whether word b makes a carry, bit b of `passed` whether it passes on the carry of the word before. The sum of
    these two numbers of 64 bits has all carries.
    """
    total = 0
    groups = 0
    carry = np.uint64(0)
    words = len(bits)
    whole = words & ~63
    for begin in range(0, whole, 64):
        made = np.uint64(0)
        passed = np.uint64(0)
        for b in range(64):
            end = ends[np.uint64(begin + b)]
            made |= np.uint64((bits[np.uint64(begin + b)] & ~end) > end) << np.uint64(b)
            passed |= np.uint64(end == 0) << np.uint64(b)
        passed |= made
        half = passed + made
        added = half + carry
        carries = added ^ passed ^ made
        carry = np.uint64(half < passed) | np.uint64(added < half)
        for b in range(64):
            word = bits[np.uint64(begin + b)]
            end = ends[np.uint64(begin + b)]
            before = (carries >> np.uint64(b)) & ONE
            total += popcount(word)
            groups += popcount(((((word & ~end) | before) + ~end) | word | before) & end)
    for i in range(whole, words):
        hits, carry = groups_in_word(bits[np.uint64(i)], ends[np.uint64(i)], carry)
        total += popcount(bits[np.uint64(i)])
        groups += popcount(hits)
    return total, groups


@compiled(types.void(read(i32), read(u8), u8, write(u64)))
def set_where(docs, payloads, flag, bits):
    """Set the bits of the documents whose payload has a flag.

    `docs` are `(n,) int32`, `payloads` `(n,) uint8`; the bits are set in the bitmap `bits`, `(n_blocks,) uint64`.
    """
    for i in range(len(docs)):
        if payloads[i] & flag:
            bits[docs[i] >> 6] |= bit_of(docs[i])


@compiled(types.void(read(u32), read(i32), write(u64)))
def set_groups(first, groups, bits):
    """Set all bits of some groups, `(n,) int32`: group g has the bits first[g] up to first[g + 1]."""
    n = len(groups)
    k = 0
    while k < n:
        low = np.int64(first[groups[k]])
        while k + 1 < n and groups[k + 1] == groups[k] + 1:
            k += 1
        high = np.int64(first[groups[k] + 1])
        k += 1
        if low == high:
            continue
        begin = low >> 6
        end = (high - 1) >> 6
        head = ALL << np.uint64(low & 63)
        tail = ALL >> np.uint64(63 - ((high - 1) & 63))
        if begin == end:
            bits[begin] |= head & tail
            continue
        bits[begin] |= head
        for i in range(begin + 1, end):
            bits[i] = ALL
        bits[end] |= tail


@compiled(types.void(read(u64), read(u64), write(u64)))
def groups_with_bits(bits, ends, groups):
    """Set in `groups`, a bitmap of the groups, the bit of each group that has a bit set in `bits`.

    The ends of such groups are found word by word, as in `groups_in_word`; how many ends stand below one is the number
    of its group. Most words of a sparse bitmap have no bit, nor has a group that goes on in them.
    """
    carry = NONE
    before = 0
    for i in range(len(bits)):
        word = bits[np.uint64(i)]
        end = ends[np.uint64(i)]
        if word | carry:
            hits, carry = groups_in_word(word, end, carry)
            while hits:
                below = (hits & (~hits + ONE)) - ONE
                group = before + popcount(end & below)
                groups[group >> 6] |= bit_of(group)
                hits &= hits - ONE
        before += popcount(end)


@compiled(i64(read(u64), write(i32)))
def list_bits(bits, docs):
    """List the numbers of the bits that are set, ascending, in `docs`, which has room for one more; return how many.

    The first bit of a word is written whether it is set or not: a branch that cannot be predicted takes longer.
    """
    n = np.uint64(0)
    for i in range(len(bits)):
        word = bits[np.uint64(i)]
        docs[n] = (i << 6) + ctz(word | (ONE << np.uint64(63)))
        n += np.uint64(word != 0)
        word &= word - ONE
        while word:
            docs[n] = (i << 6) + ctz(word)
            n += ONE
            word &= word - ONE
    return np.int64(n)


@compiled(types.void(read(u64), read(u64), read(i32, 2), write(i64)))
def histograms(bits, ends, values, counts):
    """Count the set bits by the values of their group, for several columns at once, and add these to `counts`.

    `values` is `(n_groups, n_columns) int32`: indices of `counts`.
    """
    columns = values.shape[1]
    one = ONE
    ended = np.int64(0)
    current = np.int64(0)
    matches_itself = np.int64(0)
    for i in range(len(bits)):
        word = bits[np.uint64(i)]
        last = ends[np.uint64(i)]
        while word:
            low = word & (~word + one)
            group = ended + popcount(last & (low - one))
            if group != current:
                for column in range(columns):
                    counts[values[current, column]] += matches_itself
                current = group
                matches_itself = 0
            end = last & ~(low - one)
            end &= ~end + one
            part = word & (end | (end - one))
            word ^= part
            matches_itself += popcount(part)
        ended += popcount(last)
    if matches_itself:
        for column in range(columns):
            counts[values[current, column]] += matches_itself


@compiled(i64(read(u64), read(u32), read(i32), i64, types.boolean, write(i32)))
def first_in_order(bits, first, order, wanted, grouped, docs):
    """List the first `wanted` set bits of a bitmap, by groups in the given order, then ascending; return how many.

    `order`, `(n_groups,) int32`, has the numbers of the groups; group g has the bits first[g] up to first[g + 1], and
    `first` is `(n_groups + 1,) uint32`. With `grouped` only the first set bit of each group is listed. Fills `docs`,
    int32. Results are sorted by date in this way: the loop stops as soon as it has enough.
    """
    n = 0
    for g in order:
        for doc in range(first[g], first[g + 1]):
            if n == wanted:
                return n
            if has_bit(bits[doc >> 6], doc):
                docs[n] = doc
                n += 1
                if grouped:
                    break
    return n


@compiled(i64(read(i32), read(f64), read(i32), write(i32), write(f64)))
def best_of_groups(docs, scores, group_of, best, high):
    """Find the best-scored document of each group, the first of equals; return how many groups have one.

    `docs`, `(n,) int32`, ascend; `scores` are `(n,) float64`; `group_of`, `(n_docs,) int32`, has the group of every
    document of the segment. Fills `best`, int32, with the documents, and `high`, float64, with their scores.
    """
    n = 0
    group = -1
    for i in range(len(docs)):
        if group_of[docs[i]] != group:
            group = group_of[docs[i]]
            best[n] = docs[i]
            high[n] = scores[i]
            n += 1
        elif scores[i] > high[n - 1]:
            best[n - 1] = docs[i]
            high[n - 1] = scores[i]
    return n


@compiled(types.void(read(i32), read(u64), read(i32), read(u32), write(i32, 2)))
def fill_hits(docs, bits, article_of, first, out):
    """Fill a column of `out`, `(>= 4, >= n) int32`, for each of n documents, as `structs.TopK.rows` has it.

    The column gets the document, its article, its number in the article from 1, and how many other documents of the
    article have their bit set in `bits`. `article_of`, `(n_docs,) int32`, has the article of each document, `first`,
    `(n_articles + 1,) uint32`, the first document of each article.
    """
    for i in range(len(docs)):
        doc = docs[i]
        article = article_of[doc]
        out[0, i] = doc
        out[1, i] = article
        out[2, i] = doc - first[article] + 1
        out[3, i] = count_between(bits, np.int64(first[article]), np.int64(first[article + 1])) - 1
