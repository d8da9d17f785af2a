"""Bitmaps: one bit a paragraph, 64 to a word. Every set of paragraphs is one, so totals are popcounts."""

from __future__ import annotations

import numpy as np

from search.kernels.jit.argument_types import f64, i32, i64, read, types, u8, u32, u64, write
from search.kernels.jit.decorators import compiled, inlined
from search.kernels.jit.intrinsics import ctz, popcount


@compiled(i64(read(u64)))
def count(bits):
    """How many bits are set. Unsigned throughout, so that the loop becomes vectors."""
    total = np.uint64(0)
    for i in range(len(bits)):
        total += np.uint64(popcount(bits[np.uint64(i)]))
    return np.int64(total)


@inlined
def count_either(bits, others):
    """How many bits are set in one bitmap or another."""
    total = np.uint64(0)
    for i in range(len(bits)):
        total += np.uint64(popcount(bits[np.uint64(i)] | others[np.uint64(i)]))
    return np.int64(total)


@inlined
def count_between(bits, low, high):
    """How many bits are set from low up to high, which is more."""
    first = low >> 6
    last = (high - 1) >> 6
    above = np.uint64(0xFFFFFFFFFFFFFFFF) << np.uint64(low & 63)
    below = np.uint64(0xFFFFFFFFFFFFFFFF) >> np.uint64(63 - ((high - 1) & 63))
    if first == last:
        return popcount(bits[first] & above & below)
    total = popcount(bits[first] & above) + popcount(bits[last] & below)
    for i in range(first + 1, last):
        total += popcount(bits[np.uint64(i)])
    return total


@inlined
def groups_of_word(word, ends, carry):
    """How many groups end in a word and have a bit set; 1 if the group that goes on in the next has one, else 0.

    `carry` is that of the word before.

    Adding all ones below each group's end carries into the end exactly if a bit of the group is set. The bits that are
    no ends are more than the ends, as numbers, exactly if one of them stands above the last end.
    """
    low = ~ends
    inner = word & low
    return popcount((((inner | carry) + low) | word | carry) & ends), np.uint64(inner > ends) | (
        carry & np.uint64(ends == 0)
    )


@inlined
def count_with_groups(bits, ends):
    """How many bits are set, and how many groups of neighbours have one; `ends` has the last bit of each group.

    Words are looked at 64 at a time, all at once: whether a group that goes on from word to word has had a bit set is
    a carry that is made in one word and passed on by words without an end, so adding two numbers of 64 bits finds all.
    """
    total = 0
    groups = 0
    carry = np.uint64(0)
    one = np.uint64(1)
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
            before = (carries >> np.uint64(b)) & one
            total += popcount(word)
            groups += popcount(((((word & ~end) | before) + ~end) | word | before) & end)
    for i in range(whole, words):
        more, carry = groups_of_word(bits[np.uint64(i)], ends[np.uint64(i)], carry)
        total += popcount(bits[np.uint64(i)])
        groups += more
    return total, groups


@compiled(i64(read(u64), read(u64)))
def count_groups(bits, ends):
    """How many groups of neighbours (articles) have a bit set; `ends` has the last bit of each group."""
    return count_with_groups(bits, ends)[1]


@compiled(types.void(read(i32), read(u8), u8, write(u64)))
def set_where(docs, payloads, flag, bits):
    """Set the bits of the documents whose payload has a flag."""
    for i in range(len(docs)):
        if payloads[i] & flag:
            bits[docs[i] >> 6] |= np.uint64(1) << np.uint64(docs[i] & 63)


@compiled(types.void(read(u32), read(types.boolean), write(u64)))
def set_groups(first, chosen, bits):
    """Set all bits of the chosen groups; group g is first[g] up to first[g + 1]. Neighbours are set as one."""
    groups = len(chosen)
    g = 0
    while g < groups:
        if not chosen[g]:
            g += 1
            continue
        low = np.int64(first[g])
        while g < groups and chosen[g]:
            g += 1
        high = np.int64(first[g])
        if low == high:
            continue
        begin = low >> 6
        end = (high - 1) >> 6
        lead_unit = ~np.uint64(0) << np.uint64(low & 63)
        tail = ~np.uint64(0) >> np.uint64(63 - ((high - 1) & 63))
        if begin == end:
            bits[begin] |= lead_unit & tail
            continue
        bits[begin] |= lead_unit
        for i in range(begin + 1, end):
            bits[i] = ~np.uint64(0)
        bits[end] |= tail


@compiled(i64(read(u64), write(i32)))
def list_bits(bits, docs):
    """List the numbers of the bits that are set; returns how many. `docs` has room for one more.

    The first bit of a word is written whether it is there or not: a branch that nobody can foresee takes longer.
    """
    n = np.uint64(0)
    for i in range(len(bits)):
        word = bits[np.uint64(i)]
        docs[n] = (i << 6) + ctz(word | (np.uint64(1) << np.uint64(63)))
        n += np.uint64(word != 0)
        word &= word - np.uint64(1)
        while word:
            docs[n] = (i << 6) + ctz(word)
            n += np.uint64(1)
            word &= word - np.uint64(1)
    return np.int64(n)


@compiled(types.void(read(u64), read(u64), read(i32, 2), write(i64)))
def histograms(bits, ends, values, counts):
    """Count the bits by the values of their group, of which each has a row: for all columns at once.

    Groups are told by `ends`, the last bit of each: a bit's group is as many as end before it.
    """
    columns = values.shape[1]
    one = np.uint64(1)
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
    """The first `wanted` set bits, groups in a given order, within a group ascending; one a group when `grouped`.

    Returns how many were found. This is sorting by date: it stops as soon as it has enough.
    """
    n = 0
    for g in order:
        for doc in range(first[g], first[g + 1]):
            if n == wanted:
                return n
            if bits[doc >> 6] >> np.uint64(doc & 63) & np.uint64(1):
                docs[n] = doc
                n += 1
                if grouped:
                    break
    return n


@compiled(i64(read(i32), read(f64), read(i32), write(i32), write(f64)))
def best_of_groups(docs, scores, group_of, best, high):
    """The best document of each group, the first of equals; returns how many groups. Documents ascend, so do groups."""
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


@inlined
def describe_best(found, n, bits, article_of, first, out):
    """Each document's number, its article, its number in it from 1, and how many others of it have their bit set."""
    for i in range(n):
        doc = found[i]
        article = article_of[doc]
        out[0, i] = doc
        out[1, i] = article
        out[2, i] = doc - first[article] + 1
        out[3, i] = count_between(bits, np.int64(first[article]), np.int64(first[article + 1])) - 1


@compiled(types.void(read(i32), read(u64), read(i32), read(u32), write(i32, 2)))
def describe(docs, bits, article_of, first, out):
    """`describe_best` of some documents."""
    describe_best(docs, len(docs), bits, article_of, first, out)
