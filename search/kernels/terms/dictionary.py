"""Searching a vocabulary: words in ascending order, as UTF-8 in one blob; word w is blob[offsets[w]:offsets[w + 1]]."""

from __future__ import annotations

import numpy as np

from search.kernels.jit.argument_types import i32, i64, read, types, u8, u32, write
from search.kernels.jit.decorators import compiled, inlined

_STAR, _ANY = ord("*"), ord("?")
_MAX_POINTS = 1_024
"""Code points of a word that are looked at: a word has MAX_WORD before folding, which can lengthen it."""


@inlined
def decode_word(blob, start, end, points):
    """Decode the UTF-8 of blob[start:end] to `points`, uint32; return the number of code points."""
    n = 0
    i = start
    while i < end and n < _MAX_POINTS:
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
        points[n] = c
        n += 1
    return n


@compiled(i64(read(u8), read(u32), i64, i64, read(u32), read(u8), write(i32)))
def wildcard_matches(blob, offsets, low, high, pattern, tail, found):
    """List the words from `low` up to `high` that fit a pattern of `*` and `?`, as `term_patterns.fits_wildcard` says.

    `pattern`, uint32, has the code points of the pattern; `tail`, uint8, is the UTF-8 of what follows its last `*` or
    `?`. Most words do not end with `tail`, and are not compared with the rest of the pattern. Fills `found`, int32;
    returns how many words there are.
    """
    points = np.empty(_MAX_POINTS, np.uint32)
    n = 0
    for w in range(low, high):
        k = 1
        while k <= len(tail) and np.int64(offsets[w + 1]) - k >= offsets[w] and blob[offsets[w + 1] - k] == tail[-k]:
            k += 1
        if k <= len(tail):
            continue
        length = decode_word(blob, offsets[w], offsets[w + 1], points)
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
                if at == len(pattern):
                    break
            elif at < len(pattern) and (pattern[at] == _ANY or pattern[at] == points[i]):
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


@compiled(types.void(read(u8), read(i64), write(u8)))
def shared_prefixes(blob, at, shared):
    """Fill `shared` with the number of code points that each word has in common with the word before, at most 255.

    `at`, `(n_words + 1,) int64`, is where each word begins in `blob`; `shared` is `(n_words,) uint8`.
    """
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


@inlined
def lower_bound_from(blob, offsets, low, high, skip, text, start, end):
    """Return the first word from `low` up to `high` whose end, after `skip` bytes, is not less than text[start:end].

    Returns `high` if there is none.
    """
    while low < high:
        middle = (low + high) >> 1
        at = np.int64(offsets[middle]) + skip - start
        stop = min(np.int64(offsets[middle + 1]) - at, end)
        i = start
        while i < stop and blob[at + i] == text[i]:
            i += 1
        if i < end and (i == stop or blob[at + i] < text[i]):
            low = middle + 1
        else:
            high = middle
    return low


@compiled(i64(read(u8), read(u32), read(u8)))
def lower_bound(blob, at, wanted):
    """Return the number of the first string that is not less than `wanted`; the number of strings if all are less.

    All are UTF-8: string s is blob[at[s]:at[s + 1]]; the strings ascend.
    """
    return lower_bound_from(blob, at, np.int64(0), len(at) - 1, np.int64(0), wanted, np.int64(0), len(wanted))
