"""Text to numbered runs.

A run is what `search.analysis` says it is; a test compares the two over all of Unicode. Runs are numbered in the order
in which they first occur, by an open-addressing hash table that compares the code points themselves, so that two runs
of one hash stay two.
"""

from __future__ import annotations

import numpy as np

from search.kernels.compiling import compiled, i32, i64, read, types, u8, u32, u64, write

SEPARATOR, LETTER, INNER, JOINER = 0, 1, 2, 3
"""Classes of code points: outside of words; what a word begins with; what it only goes on with; what joins words."""

_PLUS, _HASH, _DOT = ord("+"), ord("#"), ord(".")


@compiled(
    types.UniTuple(i64, 3)(
        read(u32), read(i64), read(u8), write(u64), write(i32), write(u32), write(i64), i64, write(i32), write(i32)
    )
)
def number_runs(text, bounds, classes, hashes, slots, letters, run_at, runs, ids, counts):
    """Number the runs of paragraphs.

    `text` holds code points and paragraph p is text[bounds[p]:bounds[p + 1]]; `classes` is indexed by code point.
    The table `hashes`, `slots` (-1 is empty) has a power of two of places, at least twice as many as runs. Run r has
    the code points letters[run_at[r]:run_at[r + 1]], with ASCII in small letters. `runs` are known already.
    Writes each token's run to `ids` and how many tokens each paragraph has to `counts`.
    Returns how many runs are known now, how many tokens were written, how many letters. Linear in the text.
    """
    mask = np.uint64(len(hashes) - 1)
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
            i += 1
            while i < end:
                kind = classes[text[i]]
                if (
                    kind == LETTER
                    or kind == INNER
                    or (kind == JOINER and i + 1 < end and classes[text[i + 1]] == LETTER)
                ):
                    i += 1
                else:
                    break
            if i < end:
                c = text[i]
                if c == _PLUS:
                    i += 1
                    if i < end and text[i] == _PLUS:
                        i += 1
                elif c == _HASH:
                    i += 1
                elif c == _DOT:
                    j = i - 1  # is what came last a dot and a single letter with its marks?
                    while classes[text[j]] == INNER:
                        j -= 1
                    if j > bounds[p] and classes[text[j]] == LETTER and text[j - 1] == _DOT:
                        i += 1
            h = np.uint64(1469598103934665603)
            for j in range(start, i):
                c = text[j]
                if 65 <= c <= 90:
                    c += np.uint32(32)
                letters[used + j - start] = c
                h = (h ^ np.uint64(c)) * np.uint64(1099511628211)
                h ^= h >> np.uint64(29)
            length = i - start
            slot = np.int64(h & mask)
            found = -1
            while slots[slot] >= 0:
                if hashes[slot] == h:
                    r = slots[slot]
                    at = run_at[r]
                    if run_at[r + 1] - at == length:
                        same = True
                        for j in range(length):
                            if letters[at + j] != letters[used + j]:
                                same = False
                                break
                        if same:
                            found = r
                            break
                slot = (slot + 1) & np.int64(mask)
            if found < 0:
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
            slot = np.int64(hashes[old] & np.uint64(mask))
            while new_slots[slot] >= 0:
                slot = (slot + 1) & mask
            new_slots[slot] = slots[old]
            new_hashes[slot] = hashes[old]


@compiled(i64(read(i32), read(i32), read(i32), read(i32), write(i32), write(i32)))
def expand(ids, counts, first, entries, stream, lengths):
    """Replace each run by its entries, entries[first[run]:first[run + 1]]; returns how many were written.

    `lengths` gets how many entries each paragraph has. `stream` has room for all.
    """
    n = 0
    token = 0
    for p in range(len(counts)):
        before = n
        for _ in range(counts[p]):
            run = ids[token]
            token += 1
            for e in range(first[run], first[run + 1]):
                stream[n] = entries[e]
                n += 1
        lengths[p] = n - before
    return n
