"""Misspellings in a vocabulary: words in ascending order, as UTF-8 in one blob.

Optimal string alignment, as `search.patterns.within`. One edit is found by going down the vocabulary as if it were a
trie: beside the way of the word itself each other letter is tried once, and what follows it is then known to the last
letter, so that a binary search finds it among the few words that begin so. Two edits are found by a walk over the words.
"""

from __future__ import annotations

import numpy as np

from search.kernels.compiling import compiled, i32, i64, inlined, read, u8, u32, write

STEP = 32
_LONGEST = 1_024
"""Code points of a word that are looked at; `search.analysis.MAX_WORD` before folding, which can lengthen a word."""


@inlined
def size_of(lead):
    """How many bytes a code point takes, by its first."""
    return 1 + (lead >= 0xC0) + (lead >= 0xE0) + (lead >= 0xF0)


@inlined
def size_in_bytes(point):
    """How many bytes a code point takes; 0 for none."""
    return np.int64(point > 0) + (point >= 0x80) + (point >= 0x800) + (point >= 0x10000)


@inlined
def add_equal(blob, offsets, low, high, skip, text, start, end, found, n):
    """Add the words from low up to high that go on with text[start:end] after `skip` bytes; returns how many there are."""
    size = end - start
    stop = high
    while low < high:
        middle = (low + high) >> 1
        at = np.int64(offsets[middle]) + skip
        length = np.int64(offsets[middle + 1]) - at
        i = 0
        while i < length and i < size and blob[at + i] == text[start + i]:
            i += 1
        if i < size and (i == length or blob[at + i] < text[start + i]):
            low = middle + 1
        else:
            high = middle
    while low < stop:
        at = np.int64(offsets[low]) + skip
        if np.int64(offsets[low + 1]) - at != size:
            break
        i = 0
        while i < size and blob[at + i] == text[start + i]:
            i += 1
        if i < size:
            break
        found[n] = low
        n += 1
        low += 1
    return n


@inlined
def end_of(blob, offsets, low, high, skip, size):
    """Behind the words from low up to high that have the same code point, of `size` bytes, after `skip` as the first.

    By galloping. All of them go on after `skip`.
    """
    first = np.int64(offsets[low]) + skip
    step = 1
    galloping = True
    while galloping or high - low > 1:
        if galloping and low + step >= high:
            galloping = False
            continue
        middle = low + step if galloping else (low + high) >> 1
        at = np.int64(offsets[middle]) + skip
        i = 0
        while i < size and blob[at + i] == blob[first + i]:
            i += 1
        if i == size:
            low = middle
            step <<= 1
        else:
            high = middle
            galloping = False
    return high


@inlined
def is_at(blob, start, text, begin, end):
    """Whether blob[start:] begins with text[begin:end], which is one code point or none."""
    i = begin
    while i < end and blob[start + i - begin] == text[i]:
        i += 1
    return i == end > begin


@inlined
def add_beside(blob, offsets, low, high, skip, text, at, d, swapped, found, n):
    """Add the misspellings among the words from low up to high; returns how many there are.

    All have the word's first d code points, and then one that is not the word's next; `skip` bytes are that. What has
    to follow is known: the rest of the word behind the letter that this one stands for, or from the letter that it
    comes before, or behind the one that was left out or came too late.
    """
    m = len(at) - 3
    end = at[m]
    if d < m:
        n = add_equal(blob, offsets, low, high, skip, text, at[d + 1], end, found, n)
    n = add_equal(blob, offsets, low, high, skip, text, at[d], end, found, n)
    if is_at(blob, np.int64(offsets[low]) + at[d], text, at[d + 1], at[d + 2]):
        n = add_equal(blob, offsets, low, high, skip, text, at[d + 2], end, found, n)
        size = at[d + 1] - at[d]
        for i in range(size):
            swapped[i] = text[at[d] + i]
        for i in range(end - at[d + 2]):
            swapped[size + i] = text[at[d + 2] + i]
        n = add_equal(blob, offsets, low, high, skip, swapped, 0, size + end - at[d + 2], found, n)
    return n


@compiled(i64(read(u8), read(u32), read(i32), read(u32, 2), read(u32), read(u8), write(i32)))
def misspelt_once(blob, offsets, groups, heads, word, text, found):
    """The words at most one edit from a word, which comes as code points and as UTF-8; returns how many.

    `groups` are the words that share less than two code points with the one before, ascending, `heads` their first two,
    0 for none. Of words that begin with another letter only those are looked at that go on as they have to.
    """
    m = len(word)
    w = np.zeros(m + 2, np.uint32)
    at = np.zeros(m + 3, np.int64)  # where each code point begins; none take no bytes
    for i in range(m + 2):
        w[i] = word[i] if i < m else 0
        at[i + 1] = at[i] + size_in_bytes(w[i])
    swapped = np.empty(len(text), np.uint8)
    n = 0
    low = 0
    high = 0
    for g in range(len(groups)):
        first = np.int64(groups[g])
        end = np.int64(groups[g + 1]) if g + 1 < len(groups) else len(offsets) - 1
        a = heads[g, 0]
        b = heads[g, 1]
        if a != w[0]:
            if b == w[0] or b == w[1] or (a == w[1] and b == w[2]):
                n = add_beside(blob, offsets, first, end, size_in_bytes(a), text, at, 0, swapped, found, n)
        elif b == w[1] and m > 1:
            low = first
            high = end
        elif b > 0:
            n = add_beside(blob, offsets, first, end, at[1] + size_in_bytes(b), text, at, 1, swapped, found, n)
        elif m < 3:
            for i in range(first, end):
                found[n] = i
                n += 1
    d = 2
    while low < high and d <= m:
        skip = at[d]
        while low < high and np.int64(offsets[low + 1]) - np.int64(offsets[low]) == skip:
            if d >= m - 1:
                found[n] = low
                n += 1
            low += 1
        onward = 0
        beyond = 0
        while low < high:
            start = np.int64(offsets[low]) + skip
            size = size_of(blob[start])
            end = end_of(blob, offsets, low, high, skip, size)
            if is_at(blob, start, text, skip, at[d + 1]):
                onward = low
                beyond = end
            else:
                n = add_beside(blob, offsets, low, end, skip + size, text, at, d, swapped, found, n)
            low = end
        low = onward
        high = beyond
        d += 1
    return n


@compiled(i64(read(u8), read(u32), read(u8), read(u8), read(u32), i64, write(i32)))
def misspelt(blob, offsets, shared, steps, word, edits, found):
    """The words at most `edits` edits from a word; returns how many.

    `shared` tells how many code points each word has in common with the one before, at most 255. Rows of the table of
    distances are kept for the prefix that neighbours share, and a prefix that is too far already rules out all words
    that begin with it: a walk over a trie that is never built. `steps` has the lowest of each STEP of `shared`, for the
    walk to leap over what is ruled out.
    """
    m = len(word)
    far = edits + 1
    rows = np.empty((m + far + 2, m + 1), np.int32)
    letters = np.zeros(m + far + 2, np.uint32)
    ends = np.zeros(m + far + 2, np.int64)
    for j in range(m + 1):
        rows[0, j] = j
    n = 0
    valid = 0
    dead = _LONGEST + 1
    w = 0
    while w < len(offsets) - 1:
        if w % STEP == 0 and steps[w // STEP] >= dead:
            w += STEP
            continue
        common = np.int64(shared[w])
        if common >= dead:
            w += 1
            continue
        i = min(valid, common)
        dead = _LONGEST + 1
        start = np.int64(offsets[w])
        end = np.int64(offsets[w + 1])
        at = start + ends[i]
        while at < end:
            c = np.uint32(blob[at])
            at += 1
            if c >= 0x80:
                more = 3 if c >= 0xF0 else 2 if c >= 0xE0 else 1
                c &= np.uint32(0x3F >> more)
                for _ in range(more):
                    c = (c << np.uint32(6)) | np.uint32(blob[at] & 0x3F)
                    at += 1
            letters[i] = c
            # Cells further from the diagonal than `edits` are too far, whatever they hold: only their edge is set.
            low = max(0, i - edits)
            high = min(m, i + far)
            least = i + 1 if low == 0 else far
            rows[i + 1, low] = least
            if high < m:
                rows[i + 1, high + 1] = far
            for j in range(low, high):
                cost = min(rows[i, j + 1] + 1, rows[i + 1, j] + 1)
                cost = min(cost, rows[i, j] + (0 if c == word[j] else 1))
                if i > 0 and j > 0 and c == word[j - 1] and letters[i - 1] == word[j]:
                    cost = min(cost, rows[i - 1, j - 1] + 1)
                rows[i + 1, j + 1] = cost
                least = min(least, cost)
            i += 1
            ends[i] = at - start
            # A swap reaches back two rows, but from there it costs one too: one row that is too far is the end.
            if least > edits:
                dead = i
                break
        valid = i
        if dead > i and abs(i - m) <= edits and rows[i, m] <= edits:
            found[n] = w
            n += 1
        w += 1
    return n
