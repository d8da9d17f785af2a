"""Text to numbered runs.

A run is what `search.analysis` says it is; a test compares the two over all of Unicode. Runs are numbered in the order
in which they first occur, by an open-addressing hash table. A run of at most 8 characters of ASCII is a number itself,
its bytes; any other has a hash whose highest bit is set, and its code points are compared too, so that two runs of one
hash stay two.
"""

from __future__ import annotations

import numpy as np

from search.kernels.jit.argument_types import i32, i64, read, types, u8, u32, u64, write
from search.kernels.jit.decorators import compiled, inlined

SEPARATOR, LETTER, INNER, JOINER = 0, 1, 2, 3
"""Classes of code points: outside of words; what a word begins with; what it only goes on with; what joins words."""

_PLUS, _HASH, _DOT = ord("+"), ord("#"), ord(".")

SHORT = 8
"""Bytes that fit into the number that a run has in the table."""


@inlined
def _small(c):
    """A code point, with ASCII in small letters."""
    return c + np.uint32(32) if 65 <= c <= 90 else c


@inlined
def goes_on(text, i, end, classes):
    """Whether a run that comes up to text[i] goes on with it: a joiner only does before a letter."""
    kind = classes[text[i]]
    return kind == LETTER or kind == INNER or (kind == JOINER and i + 1 < end and classes[text[i + 1]] == LETTER)


@inlined
def past_suffix(text, i, begin, end, classes):
    """Where a run ends that comes up to text[i]: with the symbol that may follow (`C++`, `C#`, the dot of `U.S.`)."""
    if i < end:
        c = text[i]
        if c == _PLUS:
            return i + 2 if i + 1 < end and text[i + 1] == _PLUS else i + 1
        if c == _HASH:
            return i + 1
        if c == _DOT:
            j = i - 1  # is what came last a dot and a single letter with its marks?
            while classes[text[j]] == INNER:
                j -= 1
            if j > begin and classes[text[j]] == LETTER and text[j - 1] == _DOT:
                return i + 1
    return i


@inlined
def _place(h, mask):
    """Where a run is looked for first: what its number has in all of its bits, mixed (Fibonacci hashing)."""
    h *= np.uint64(0x9E3779B97F4A7C15)
    return np.int64(h ^ (h >> np.uint64(32))) & mask


@inlined
def _long(text, start, end, letters, at):
    """The number of a run that is not short (FNV-1a, stirred), with the highest bit set; its letters are written."""
    h = np.uint64(1469598103934665603)
    for j in range(start, end):
        c = _small(text[j])
        letters[at + j - start] = c
        h = (h ^ np.uint64(c)) * np.uint64(1099511628211)
        h ^= h >> np.uint64(29)
    return h | (np.uint64(1) << np.uint64(63))


@inlined
def _same(letters, at, end, other, length):
    """Whether the run letters[at:end] is the one of this length that begins at `other`."""
    if end - at != length:
        return False
    for j in range(length):
        if letters[at + j] != letters[other + j]:
            return False
    return True


@compiled(
    types.UniTuple(i64, 3)(
        read(u32), read(i64), read(u8), write(u64), write(i32), write(u32), write(i64), i64, write(i32), write(i32)
    )
)
def number_tokens(text, bounds, classes, hashes, slots, letters, run_at, runs, ids, counts):
    """Number the runs of paragraphs.

    `text` holds code points and paragraph p is text[bounds[p]:bounds[p + 1]]; `classes` is indexed by code point.
    The table `hashes`, `slots` (-1 is empty) has a power of two of places, at least twice as many as runs. Run r has
    the code points letters[run_at[r]:run_at[r + 1]], with ASCII in small letters. `runs` are known already.
    Writes each token's run to `ids` and how many tokens each paragraph has to `counts`.
    Returns how many runs are known now, how many tokens were written, how many letters. Linear in the text.
    """
    mask = np.int64(len(hashes) - 1)
    n = 0
    used = run_at[runs]
    for p in range(len(bounds) - 1):
        i = bounds[p]
        end = bounds[p + 1]
        before = n
        while True:
            while i < end and classes[text[i]] != LETTER:
                i += 1
            if i >= end:
                break
            start = i
            c = text[i]
            every = c
            h = np.uint64(_small(c))
            i += 1
            while i < end and goes_on(text, i, end, classes):
                c = text[i]
                every |= c
                h = (h << np.uint64(8)) | np.uint64(_small(c))
                i += 1
            last = i
            i = past_suffix(text, i, bounds[p], end, classes)
            for j in range(last, i):
                h = (h << np.uint64(8)) | np.uint64(text[j])
            length = i - start
            short = length <= SHORT and every < 128
            if not short:
                h = _long(text, start, i, letters, used)
            slot = _place(h, mask)
            found = -1
            while slots[slot] >= 0:
                if hashes[slot] == h:
                    r = slots[slot]
                    if short or _same(letters, run_at[r], run_at[r + 1], used, length):
                        found = r
                        break
                slot = (slot + 1) & mask
            if found < 0:
                if short:
                    for j in range(length):
                        letters[used + j] = _small(text[start + j])
                found = runs
                slots[slot] = runs
                hashes[slot] = h
                used += length
                runs += 1
                run_at[runs] = used
            ids[n] = found
            n += 1
        counts[p] = n - before
    return runs, n, used


@compiled(types.void(read(u64), read(i32), write(u64), write(i32)))
def rehash(hashes, slots, new_hashes, new_slots):
    """Move a table to a larger one, whose slots are all -1."""
    mask = np.int64(len(new_hashes) - 1)
    for old in range(len(slots)):
        if slots[old] >= 0:
            slot = _place(hashes[old], mask)
            while new_slots[slot] >= 0:
                slot = (slot + 1) & mask
            new_slots[slot] = slots[old]
            new_hashes[slot] = hashes[old]


@compiled(types.void(read(i32), read(i64), read(i64), write(i64)))
def count(codes, first, rows, counts):
    """Count the codes of rows, row r being codes[first[r]:first[r + 1]], up in `counts`."""
    for r in rows:
        for i in range(first[r], first[r + 1]):
            counts[codes[i]] += 1


@compiled(types.void(read(i32), read(i64), read(i64), read(i32), read(i32), write(i32), write(i64)))
def expand(codes, first, rows, code_first, entries, stream, at):
    """Replace each code of rows by its entries, entries[code_first[c]:code_first[c + 1]].

    Rows come in the order of `rows`, some may be left out; row r is codes[first[r]:first[r + 1]]. `stream` has room for
    all, and `at` gets where each row's begin, and where the last one's end.
    """
    n = 0
    for k in range(len(rows)):
        at[k] = n
        r = rows[k]
        for i in range(first[r], first[r + 1]):
            c = codes[i]
            for e in range(code_first[c], code_first[c + 1]):
                stream[n] = entries[e]
                n += 1
    at[len(rows)] = n
