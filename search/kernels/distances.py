"""Misspellings of any number of edits in a vocabulary: words in ascending order, as UTF-8 in one blob."""

from __future__ import annotations

import numpy as np

from search.kernels.compiling import compiled, i32, i64, read, u8, u32, write

STEP = 32
_NEVER = 1 << 20
"""More code points than a word has."""


@compiled(i64(read(u8), read(u32), read(u8), read(u8), read(u32), i64, write(i32)))
def misspelt(blob, offsets, shared, steps, word, edits, found):
    """The words at most `edits` edits from a word (as `search.patterns.within`).

    Returns how many there are, though it may be more than `found` has room for.

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
    dead = _NEVER
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
        dead = _NEVER
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
            if n < len(found):
                found[n] = w
            n += 1
        w += 1
    return n
