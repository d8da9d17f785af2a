"""Tokenizing texts, and numbering the distinct tokens in the order in which they first occur.

A token is what `search.analysis` says it is; a test compares the two over all of Unicode. Numbers are found in an
open-addressing hash table. A token of at most 8 ASCII characters has its own bytes as hash; any other has a hash whose
highest bit is set, and its code points are compared too, so that two tokens of one hash stay two.
"""

from __future__ import annotations

import numpy as np

from search.kernels.jit.argument_types import i32, i64, read, types, u8, u32, u64, write
from search.kernels.jit.decorators import compiled, inlined

SEPARATOR, LETTER, INNER, JOINER = 0, 1, 2, 3
"""Classes of code points: outside of tokens; what a token begins with; what it only goes on with; what joins two parts.
"""

_PLUS, _HASH, _DOT = ord("+"), ord("#"), ord(".")
_SPACE = ord(" ")

SHORT = 8
"""Bytes of a token that fit into its hash."""


@inlined
def _lower(c):
    """Return a code point, an ASCII capital as small letter."""
    return c + np.uint32(32) if 65 <= c <= 90 else c


@inlined
def token_end(text, i, begin, end, classes):
    """Return where a token ends whose letters end before text[i]: symbols may follow them, as in `C++` or `U.S.`.

    `begin` and `end` are the bounds of the text.
    """
    if i < end:
        c = text[i]
        if c == _PLUS:
            return i + 2 if i + 1 < end and text[i + 1] == _PLUS else i + 1
        if c == _HASH:
            return i + 1
        if c == _DOT:
            j = i - 1  # a dot belongs to the token after a dot and a single letter with its marks
            while classes[text[j]] == INNER:
                j -= 1
            if j > begin and classes[text[j]] == LETTER and text[j - 1] == _DOT:
                return i + 1
    return i


@inlined
def _first_slot(h, mask):
    """Return the place at which to look first for a token of hash `h`: Fibonacci hashing mixes all of its bits."""
    h *= np.uint64(0x9E3779B97F4A7C15)
    return np.int64(h ^ (h >> np.uint64(32))) & mask


@inlined
def _hash_token(text, start, end, points, at):
    """Write the code points of a token that is not short to points[at:]; return its hash.

    The hash is FNV-1a with a shift after each step, which carries high bits to low ones.
    """
    h = np.uint64(1469598103934665603)
    for j in range(start, end):
        c = _lower(text[j])
        points[at + j - start] = c
        h = (h ^ np.uint64(c)) * np.uint64(1099511628211)
        h ^= h >> np.uint64(29)
    return h | (np.uint64(1) << np.uint64(63))


@inlined
def _equal_tokens(points, at, end, other, length):
    """Tell whether the token points[at:end] is equal to points[other:other + length]."""
    if end - at != length:
        return False
    for j in range(length):
        if points[at + j] != points[other + j]:
            return False
    return True


@compiled(
    types.UniTuple(i64, 3)(
        read(u32), read(i64), read(u8), write(u64), write(i32), write(u32), write(i64), i64, write(i32), write(i32)
    )
)
def intern_tokens(text, bounds, classes, hashes, slots, points, token_at, n_tokens, ids, counts):
    """Tokenize texts, and number their distinct tokens. Linear in the text.

    Text p has the code points text[bounds[p]:bounds[p + 1]]; `text` is uint32, `bounds` `(n_texts + 1,) int64`, and
    `classes`, uint8, is indexed by code point. The hash table is `hashes`, uint64, and `slots`, int32 (-1 is free): it
    has a power of two of places, at least twice as many as distinct tokens. `n_tokens` tokens are known before; token t
    has the code points points[token_at[t]:token_at[t + 1]], in ASCII as small letters; `points` is uint32, `token_at`
    int64, and both have room for the new tokens.

    Fills `ids`, int32, with the number of each token of the texts, and `counts`, `(n_texts,) int32`, with how many
    tokens each text has. Returns how many distinct tokens are known now, how many tokens the texts have, and how many
    code points are in `points`.
    """
    mask = np.int64(len(hashes) - 1)
    n = 0
    used = token_at[n_tokens]
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
            h = np.uint64(_lower(c))
            i += 1
            while i < end:
                c = text[i]
                kind = classes[c]
                if kind != LETTER:  # a joiner goes on with the token only before a letter
                    if kind == SEPARATOR or (kind == JOINER and (i + 1 >= end or classes[text[i + 1]] != LETTER)):
                        break
                every |= c
                h = (h << np.uint64(8)) | np.uint64(_lower(c))
                i += 1
            last = i
            if i < end and text[i] != _SPACE:  # a space adds nothing, and the call would take as long as the token
                i = token_end(text, i, bounds[p], end, classes)
            for j in range(last, i):
                h = (h << np.uint64(8)) | np.uint64(text[j])
            length = i - start
            short = length <= SHORT and every < 128
            if not short:
                h = _hash_token(text, start, i, points, used)
            slot = _first_slot(h, mask)
            found = -1
            while slots[slot] >= 0:
                if hashes[slot] == h:
                    r = slots[slot]
                    if short or _equal_tokens(points, token_at[r], token_at[r + 1], used, length):
                        found = r
                        break
                slot = (slot + 1) & mask
            if found < 0:
                if short:
                    for j in range(length):
                        points[used + j] = _lower(text[start + j])
                found = n_tokens
                slots[slot] = n_tokens
                hashes[slot] = h
                used += length
                n_tokens += 1
                token_at[n_tokens] = used
            ids[n] = found
            n += 1
        counts[p] = n - before
    return n_tokens, n, used


@compiled(types.void(read(u64), read(i32), write(u64), write(i32)))
def rehash(hashes, slots, new_hashes, new_slots):
    """Move a hash table to a larger one, whose slots are all -1."""
    mask = np.int64(len(new_hashes) - 1)
    for old in range(len(slots)):
        if slots[old] >= 0:
            slot = _first_slot(hashes[old], mask)
            while new_slots[slot] >= 0:
                slot = (slot + 1) & mask
            new_slots[slot] = slots[old]
            new_hashes[slot] = hashes[old]


@compiled(types.void(read(i32), read(i64), read(i64), write(i64)))
def count_codes(codes, first, rows, counts):
    """Add to counts[c], int64, how often each code c occurs in `rows`: row r is codes[first[r]:first[r + 1]].

    A code is the number of a distinct token, or of a surface form of a segment that is merged.
    """
    for r in rows:
        for i in range(first[r], first[r + 1]):
            counts[codes[i]] += 1


@compiled(types.void(read(i32), read(i64), read(i64), read(i32), read(i32), write(i32), write(i64)))
def expand_codes(codes, first, rows, code_first, form_ids, stream, at):
    """Write the form ids of each code c of some rows, form_ids[code_first[c]:code_first[c + 1]], to `stream`.

    Codes are those of `count_codes`: row r is codes[first[r]:first[r + 1]]. `rows`, int64, has the numbers of the rows,
    in the order in which they are written. `stream`, int32, has room for all, and `at`, `(n_rows + 1,) int64`, gets
    where each row begins in it, and where the last one ends.
    """
    n = 0
    for k in range(len(rows)):
        at[k] = n
        r = rows[k]
        for i in range(first[r], first[r + 1]):
            c = codes[i]
            for e in range(code_first[c], code_first[c + 1]):
                stream[n] = form_ids[e]
                n += 1
    at[len(rows)] = n
