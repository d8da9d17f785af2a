"""Misspellings of one edit in a vocabulary: words in ascending order, as UTF-8 in one blob.

What is one edit away can be written down: a letter left out, two swapped, or beside each prefix of the word any other
letter that goes on from there in the vocabulary, in the place of the next one or before it. A filter (Bloom: Space/time
trade-offs in hash coding with allowable errors, 1970) rules out nearly all of them; the others are looked up.
"""

from __future__ import annotations

import numpy as np

from search.kernels.compiling import compiled, i32, i64, inlined, read, types, u8, u32, u64, write

_BASE, _SCATTER = np.uint64(0xD6E8FEB86659FD93), np.uint64(0x9E3779B97F4A7C15)
_ONE = np.uint64(1)


@inlined
def point_at(blob, at):
    """A code point, and how many bytes it takes."""
    c = np.uint32(blob[at])
    more = 0 if c < 0x80 else 1 if c < 0xE0 else 2 if c < 0xF0 else 3
    if more > 0:
        c = np.uint32(c & np.uint32(0x3F >> more))
    for i in range(more):
        c = np.uint32((c << np.uint32(6)) | np.uint32(blob[at + 1 + i] & 0x3F))
    return c, 1 + more


@inlined
def put_point(text, at, c):
    """Write a code point as UTF-8; returns where it ends."""
    if c < 0x80:
        text[at] = c
        return at + 1
    more = 1 if c < 0x800 else 2 if c < 0x10000 else 3
    text[at] = (0xFF00 >> (more + 1) & 0xFF) | (c >> np.uint32(6 * more))
    for i in range(more):
        text[at + 1 + i] = 0x80 | ((c >> np.uint32(6 * (more - 1 - i))) & 0x3F)
    return at + 1 + more


@inlined
def size_of(word, n):
    """How many bytes the first n code points take."""
    size = n
    for i in range(n):
        size += np.int64(word[i] >= 0x80) + (word[i] >= 0x800) + (word[i] >= 0x10000)
    return size


@inlined
def places_of(key, known):
    """The two bits of a hash in the filter."""
    last = np.uint64(len(known) * 64 - 1)
    key *= _SCATTER
    return (key >> np.uint64(32)) & last, (((key ^ (key >> np.uint64(29))) * _BASE) >> np.uint64(32)) & last


@compiled(types.void(read(u8), read(u32), write(u64)))
def note_words(blob, offsets, known):
    """Set the bits of each word. The filter has a power of two of them, all clear before."""
    for w in range(len(offsets) - 1):
        key = np.uint64(0)
        at = np.int64(offsets[w])
        while at < offsets[w + 1]:
            c, size = point_at(blob, at)
            key = key * _BASE + np.uint64(c)
            at += size
        for bit in places_of(key, known):
            known[bit >> np.uint64(6)] |= _ONE << (bit & np.uint64(63))


@inlined
def may_be(known, keys, head, a, b, tail, m):
    """Whether the first `head` letters of the word, a, b and its letters from `tail` on may be one; 0 is no letter.

    Row 0 of `keys` has the hash of each prefix, row 1 of each suffix, row 2 the powers to join them by.
    """
    key = keys[0, head]
    if a > 0:
        key = key * _BASE + np.uint64(a)
    if b > 0:
        key = key * _BASE + np.uint64(b)
    one, other = places_of(key * keys[2, m - tail] + keys[1, tail], known)
    if known[one >> np.uint64(6)] >> (one & np.uint64(63)) & _ONE == 0:
        return False
    return known[other >> np.uint64(6)] >> (other & np.uint64(63)) & _ONE > 0


@inlined
def add_equal(blob, offsets, low, high, text, size, found, n):
    """Add the words from low up to high that are text[:size]; returns how many there are."""
    stop = high
    while low < high:
        middle = (low + high) >> 1
        at = np.int64(offsets[middle])
        length = np.int64(offsets[middle + 1]) - at
        i = 0
        while i < length and i < size and blob[at + i] == text[i]:
            i += 1
        if i < size and (i == length or blob[at + i] < text[i]):
            low = middle + 1
        else:
            high = middle
    while low < stop:
        at = np.int64(offsets[low])
        i = 0
        while i < size and at + i < offsets[low + 1] and blob[at + i] == text[i]:
            i += 1
        if i < size or at + i < offsets[low + 1]:
            break
        if n < len(found):
            found[n] = low
        n += 1
        low += 1
    return n


@inlined
def look_up(blob, offsets, low, high, word, head, a, b, tail, text, found, n):
    """Add the words from low up to high that are so (`may_be`); returns how many there are. `text` is scratch."""
    size = np.int64(0)
    for i in range(head + 2 + len(word) - tail):
        c = word[i] if i < head else a if i == head else b if i == head + 1 else word[tail + i - head - 2]
        if c > 0:
            size = put_point(text, size, c)
    return add_equal(blob, offsets, low, high, text, size, found, n)


@compiled(i64(read(u8), read(u32), read(u8), read(u64), read(i32), read(u32, 2), read(u32), write(i32)))
def misspelt_once(blob, offsets, shared, known, groups, heads, word, found):
    """The words at most one edit from a word of one letter at least (as `search.patterns.within`).

    Returns how many there are, though it may be more than `found` has room for.

    `shared` tells how many code points each word has in common with the one before, at most 255, which no word has;
    `known` is the filter (`note_words`). `groups` are the words that share less than two, `heads` their first two code
    points, 0 for none: the letters beside the first two come from there.
    """
    m = len(word)
    words = len(offsets) - 1
    text = np.empty(4 * m + 4, np.uint8)
    keys = np.zeros((3, m + 2), np.uint64)
    keys[2, 0] = 1
    for d in range(m + 1):
        keys[2, d + 1] = keys[2, d] * _BASE
    for d in range(m):
        keys[0, d + 1] = keys[0, d] * _BASE + np.uint64(word[d])
    for k in range(m):
        keys[1, m - 1 - k] = np.uint64(word[m - 1 - k]) * keys[2, k] + keys[1, m - k]
    # Numbers have types, here and below: for a literal numba would compile each helper once more.
    none = np.uint32(0)
    nothing = np.int64(0)
    n = nothing
    for k in range(2 * m + 1):  # the word itself; without a letter; with two letters swapped
        d = k >> 1
        same = d + 1 < m and word[d] == word[d + 1]
        swap = k & 1 > 0
        if same or (swap and d + 1 >= m):
            continue
        a = word[d + 1] if swap else none
        b = word[d] if swap else none
        tail = d + 2 if swap else min(d + 1, m)
        if may_be(known, keys, d, a, b, tail, m):
            n = look_up(blob, offsets, nothing, words, word, d, a, b, tail, text, found, n)
    second = word[1] if m > 1 else none
    low = nothing
    high = nothing
    for g in range(len(groups)):
        a = heads[g, 0]
        b = heads[g, 1]
        if a != word[0] and b != word[0] and b != second:
            continue
        begin = np.int64(groups[g])
        end = np.int64(groups[g + 1]) if g + 1 < len(groups) else words
        d = nothing if a != word[0] else nothing + 1
        c = a if d == 0 else b
        if d == 1 and b == second:
            low = begin
            high = end
        elif c > 0:
            for tail in range(d, min(d + 1, m) + 1):
                if may_be(known, keys, d, c, none, tail, m):
                    n = look_up(blob, offsets, begin, end, word, d, c, none, tail, text, found, n)
    d = nothing + 2
    while low < high and d <= m:
        skip = size_of(word, d)
        while low < high and offsets[low + 1] - offsets[low] == skip:
            low += 1
        onward = nothing
        beyond = nothing
        while low < high:
            end = low + 1
            while end < high and shared[end] > d:
                end += 1
            c, _ = point_at(blob, np.int64(offsets[low]) + skip)
            if d < m and c == word[d]:
                onward = low
                beyond = end
            else:
                for tail in range(d, min(d + 1, m) + 1):
                    if may_be(known, keys, d, c, none, tail, m):
                        n = look_up(blob, offsets, low, end, word, d, c, none, tail, text, found, n)
            low = end
        low = onward
        high = beyond
        d += 1
    return n
