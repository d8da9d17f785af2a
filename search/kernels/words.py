"""Searching a vocabulary: words in ascending order, as UTF-8 in one blob."""

from __future__ import annotations

import numpy as np

from search.kernels.compiling import compiled, i32, i64, inlined, read, types, u8, u32, write

_STAR, _ANY = ord("*"), ord("?")
STEP = 32
_LONGEST = 1_024
"""Code points of a word that are looked at; `search.analysis.MAX_WORD` before folding, which can lengthen a word."""


@inlined
def letters_of(blob, start, end, letters):
    """UTF-8 to code points; returns how many."""
    n = 0
    i = start
    while i < end and n < _LONGEST:
        c = np.uint32(blob[i])
        more = 0
        if c >= 0xF0:
            c &= np.uint32(0x07)
            more = 3
        elif c >= 0xE0:
            c &= np.uint32(0x0F)
            more = 2
        elif c >= 0xC0:
            c &= np.uint32(0x1F)
            more = 1
        for j in range(more):
            c = (c << np.uint32(6)) | np.uint32(blob[i + 1 + j] & 0x3F)
        i += 1 + more
        letters[n] = c
        n += 1
    return n


@compiled(i64(read(u8), read(u32), i64, i64, read(u32), write(i32)))
def fitting(blob, offsets, low, high, pattern, found):
    """The words from low up to high that fit a pattern of `*` and `?` (as `search.patterns.fits`); returns how many."""
    letters = np.empty(_LONGEST, np.uint32)
    n = 0
    for w in range(low, high):
        length = letters_of(blob, offsets[w], offsets[w + 1], letters)
        at = 0
        i = 0
        star = -1
        resume = 0
        fits = True
        while i < length:
            if at < len(pattern) and pattern[at] == _STAR:
                star = at
                resume = i
                at += 1
            elif at < len(pattern) and (pattern[at] == _ANY or pattern[at] == letters[i]):
                at += 1
                i += 1
            elif star >= 0:
                resume += 1
                at = star + 1
                i = resume
            else:
                fits = False
                break
        while fits and at < len(pattern):
            fits = pattern[at] == _STAR
            at += 1
        if fits:
            found[n] = w
            n += 1
    return n


@compiled(i64(read(u8), read(u32), read(u8), read(u8), read(i32), read(u32, 2), read(u32), i64, write(i32)))
def misspelt(blob, offsets, shared, steps, groups, heads, word, edits, found):
    """The words at most `edits` edits from a word (as `search.patterns.within`); returns how many.

    `shared` tells how many code points each word has in common with the one before, at most 255. Rows of the table of
    distances are kept for the prefix that neighbours share, and a prefix that is too far already rules out all words
    that begin with it: a walk over a trie that is never built. `steps` has the lowest of each STEP of `shared`, for the
    walk to leap over what is ruled out. `groups` are the words that share less than two code points with the one
    before, `heads` their first two, 0 for none: most groups are ruled out by those, without a look at their words.
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
    one = edits == 1 and m > 2
    group = 0
    w = 0
    while w < len(offsets) - 1:
        if one and group < len(groups) and groups[group] == w:
            a = heads[group, 0]
            b = heads[group, 1]
            group += 1
            # With one edit a is right, or b is in a's stead, or right, or both come too early by one.
            if a != word[0] and b != word[0] and b != word[1] and (a != word[1] or b != word[2]):
                w = np.int64(groups[group]) if group < len(groups) else len(offsets) - 1
                valid = 0
                dead = _LONGEST + 1
                continue
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


@compiled(types.void(read(u8), read(i64), write(u8)))
def shared_prefixes(blob, at, shared):
    """How many code points each word has in common with the one before, at most 255."""
    for w in range(1, len(at) - 1):
        before = at[w - 1]
        i = 0
        while before + i < at[w] and at[w] + i < at[w + 1] and blob[before + i] == blob[at[w] + i]:
            i += 1
        # A code point that is cut in two is not shared.
        while i > 0 and at[w] + i < at[w + 1] and blob[at[w] + i] & 0xC0 == 0x80:
            i -= 1
        points = 0
        for j in range(i):
            points += blob[at[w] + j] & 0xC0 != 0x80
        shared[w] = min(points, 255)


@compiled(i64(read(u8), read(u32), read(u8)))
def lower_bound(blob, at, wanted):
    """The first of ascending strings that is not before one, by binary search."""
    low = 0
    high = len(at) - 1
    while low < high:
        middle = (low + high) >> 1
        start = at[middle]
        length = np.int64(at[middle + 1]) - start
        i = 0
        while i < length and i < len(wanted) and blob[start + i] == wanted[i]:
            i += 1
        before = i < len(wanted) and (i == length or blob[start + i] < wanted[i])
        if before:
            low = middle + 1
        else:
            high = middle
    return low
