"""Misspellings in a vocabulary: words in ascending order, as UTF-8 in one blob.

The vocabulary is gone down as if it were a trie, along the word. Beside its way each other letter that goes on there in
the vocabulary is tried once, in the place of the word's next letter and before it. With the last edit spent, the whole
word is known: a filter (Bloom: Space/time trade-offs in hash coding with allowable errors, 1970) rules out nearly all
of those, the others are looked up. No edit changes what another has made (optimal string alignment).
"""

from __future__ import annotations

import numpy as np

from search.kernels.jit.argument_types import i32, i64, read, types, u8, u32, u64, write
from search.kernels.jit.decorators import compiled, inlined
from search.kernels.terms.dictionary import first_from

STEP = 32
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
def size_of(c):
    """How many bytes a code point takes."""
    return 1 + np.int64(c >= 0x80) + np.int64(c >= 0x800) + np.int64(c >= 0x10000)


@inlined
def places_of(key, size):
    """The two bits of a hash in the filter of so many numbers."""
    last = np.uint64(size * 64 - 1)
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
        for bit in places_of(key, len(known)):
            known[bit >> np.uint64(6)] |= _ONE << (bit & np.uint64(63))


@inlined
def may_be(key, known):
    """Whether a word with this hash may exist."""
    one, other = places_of(key, len(known))
    if known[one >> np.uint64(6)] >> (one & np.uint64(63)) & _ONE == 0:
        return False
    return known[other >> np.uint64(6)] >> (other & np.uint64(63)) & _ONE > 0


@inlined
def goes_on(blob, offsets, w, skip, text, start, end):
    """Whether a word has text[start:end] after `skip` bytes, which are there."""
    at = np.int64(offsets[w]) + skip - start
    stop = min(np.int64(offsets[w + 1]) - at, end)
    i = start
    while i < stop and blob[at + i] == text[i]:
        i += 1
    return i == end


@inlined
def add_rest(blob, offsets, low, high, skip, text, start, end, found, n):
    """Add the words from low up to high that after `skip` bytes are text[start:end]; returns how many there are."""
    low = first_from(blob, offsets, low, high, skip, text, start, end)
    size = skip + end - start
    while (
        low < high
        and np.int64(offsets[low + 1]) - np.int64(offsets[low]) == size
        and goes_on(blob, offsets, low, skip, text, start, end)
    ):
        if n < len(found):
            found[n] = low
        n += 1
        low += 1
    return n


@compiled(
    i64(
        read(u8), read(u32), read(u8), read(u8), read(i32, 2), read(u64),
        read(u32), read(u8), read(i64), read(u64), read(u64),
        i64, i64, i64, i64, i64, i64, u64, write(i32), i64,
    )
)  # fmt: skip
def around(
    blob, offsets, shared, steps, letters, known,
    word, text, at, after, powers,
    low, high, skip, depth, d, edits, key, found, n,
):  # fmt: skip
    """Add the words from low up to high whose rest is at most `edits` edits from the word's rest; returns how many.

    The rests begin after what all of these words begin with, `depth` code points in `skip` bytes whose hash is `key`,
    and at letter d of the word. `after` has the hash of each of its rests, `powers` what joins hashes.
    """
    m = len(word) - 2
    end = at[m]
    while low < high and d <= m:
        while low < high and np.int64(offsets[low + 1]) - np.int64(offsets[low]) == skip:
            if m - d <= edits:
                if n < len(found):
                    found[n] = low
                n += 1
            low += 1
        one = edits == 1
        if d < m and not one:
            n = around(
                blob, offsets, shared, steps, letters, known, word, text, at, after, powers,
                low, high, skip, depth, d + 1, edits - 1, key, found, n,
            )  # fmt: skip
        elif d + 1 < m and word[d] != word[d + 1] and may_be(key * powers[m - d - 1] + after[d + 1], known):
            n = add_rest(blob, offsets, low, high, skip, text, at[d + 1], end, found, n)
        onward = low
        beyond = low
        letter = 0
        while low < high:
            if depth == 0:
                c = np.uint32(letters[letter, 1])
                letter += 1
                stop = np.int64(letters[letter, 0])
            else:
                c, _ = point_at(blob, np.int64(offsets[low]) + skip)
                stop = low + 1
                while stop < high:
                    if stop % STEP == 0 and steps[stop // STEP] > depth:
                        stop += STEP
                    elif shared[stop] > depth:
                        stop += 1
                    else:
                        break
                stop = min(stop, high)
            size = size_of(c)
            longer = key * _BASE + np.uint64(c)
            if c == word[d]:
                onward = low
                beyond = stop
            else:
                for t in range(d, min(d + 1, m) + 1):
                    if not one:
                        n = around(
                            blob, offsets, shared, steps, letters, known, word, text, at, after, powers,
                            low, stop, skip + size, depth + 1, t, edits - 1, longer, found, n,
                        )  # fmt: skip
                    elif may_be(longer * powers[m - t] + after[t], known):
                        n = add_rest(blob, offsets, low, stop, skip + size, text, at[t], end, found, n)
                if c == word[d + 1] and d + 1 < m:
                    longer = longer * _BASE + np.uint64(word[d])
                    if not one or may_be(longer * powers[m - d - 2] + after[d + 2], known):
                        first = first_from(blob, offsets, low, stop, skip + size, text, at[d], at[d + 1])
                        last = first
                        while last < stop and goes_on(blob, offsets, last, skip + size, text, at[d], at[d + 1]):
                            last += 1
                        both = skip + size + at[d + 1] - at[d]
                        if one:
                            n = add_rest(blob, offsets, first, last, both, text, at[d + 2], end, found, n)
                        else:
                            n = around(
                                blob, offsets, shared, steps, letters, known, word, text, at, after, powers,
                                first, last, both, depth + 2, d + 2, edits - 1, longer, found, n,
                            )  # fmt: skip
            low = stop
        low = onward
        high = beyond
        key = key * _BASE + np.uint64(word[d])
        skip += at[d + 1] - at[d]
        depth += 1
        d += 1
    return n


@compiled(
    i64(
        read(u8), read(u32), read(u8), read(u8), read(i32, 2), read(u64), read(u32), read(u8), i64, write(i32)
    )
)  # fmt: skip
def misspelt(blob, offsets, shared, steps, letters, known, word, text, edits, found):
    """The words one or two edits from a word at most, as `term_patterns.within`; two edits find some twice.

    The word comes as code points and as UTF-8. `shared` tells how many code points each word of the vocabulary has in
    common with the one before, at most 255, which no word has; `steps` the lowest of each STEP of those. `letters` are
    the words that share none, each with its first code point, and last how many words there are. `known` is the filter
    (`note_words`). Returns how many are found, which may be more than `found` has room for.
    """
    m = len(word)
    padded = np.zeros(m + 2, np.uint32)
    at = np.zeros(m + 3, np.int64)
    after = np.zeros(m + 3, np.uint64)
    powers = np.zeros(m + 3, np.uint64)
    powers[0] = 1
    for i in range(m):
        c = word[i]
        padded[i] = c
        at[i + 1] = at[i] + size_of(c)
    for i in range(m, m + 2):
        at[i + 1] = at[i]
    for k in range(m):
        powers[k + 1] = powers[k] * _BASE
        after[m - 1 - k] = np.uint64(word[m - 1 - k]) * powers[k] + after[m - k]
    return around(
        blob, offsets, shared, steps, letters, known, padded, text, at, after, powers,
        0, len(offsets) - 1, 0, 0, 0, edits, np.uint64(0), found, 0,
    )  # fmt: skip
