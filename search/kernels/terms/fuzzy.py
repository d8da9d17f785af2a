"""Words of a vocabulary within one or two edits of a word (see `dictionary` for how a vocabulary is kept).

The vocabulary is searched as a trie, along the letters of the word. At each node, each child by another letter than the
word's next one is tried once: as a letter that replaces the next one, and as one inserted before it. After the last
edit the rest must be the rest of the word: a Bloom filter (Bloom: Space/time trade-offs in hash coding with allowable
errors, CACM 1970) rules out nearly all candidates, the others are looked up. No edit changes what another has made
(optimal string alignment).
"""

from __future__ import annotations

import numpy as np

from search.kernels.core.bitmap import bit_of, has_bit
from search.kernels.jit.argument_types import i32, i64, read, types, u8, u32, u64, write
from search.kernels.jit.decorators import compiled, inlined
from search.kernels.terms.dictionary import lower_bound_from

STEP = 32
"""Number of consecutive words that share one element of `steps`: see `fuzzy_matches`."""
_BASE, _SCATTER = np.uint64(0xD6E8FEB86659FD93), np.uint64(0x9E3779B97F4A7C15)
"""The hash of a word is the polynomial of its code points at _BASE; _SCATTER spreads hashes over the filter."""


@inlined
def decode_utf8(blob, at):
    """Return the code point at blob[at], and how many bytes it takes."""
    c = np.uint32(blob[at])
    more = 0 if c < 0x80 else 1 if c < 0xE0 else 2 if c < 0xF0 else 3
    if more > 0:
        c = np.uint32(c & np.uint32(0x3F >> more))
    for i in range(more):
        c = np.uint32((c << np.uint32(6)) | np.uint32(blob[at + 1 + i] & 0x3F))
    return c, 1 + more


@inlined
def utf8_size(c):
    """Return how many bytes a code point takes."""
    return 1 + np.int64(c >= 0x80) + np.int64(c >= 0x800) + np.int64(c >= 0x10000)


@inlined
def bloom_bits(key, size):
    """Return the numbers of the two bits of a hash, uint64, in a Bloom filter of `size` words of 64 bits."""
    last = np.uint64(size * 64 - 1)
    key *= _SCATTER
    return (key >> np.uint64(32)) & last, (((key ^ (key >> np.uint64(29))) * _BASE) >> np.uint64(32)) & last


@compiled(types.void(read(u8), read(u32), write(u64)))
def fill_bloom_filter(blob, offsets, bloom):
    """Set the bits of each word in a Bloom filter, `bloom`, whose number of words is a power of two."""
    for w in range(len(offsets) - 1):
        key = np.uint64(0)
        at = np.int64(offsets[w])
        while at < offsets[w + 1]:
            c, size = decode_utf8(blob, at)
            key = key * _BASE + np.uint64(c)
            at += size
        for bit in bloom_bits(key, len(bloom)):
            bloom[bit >> np.uint64(6)] |= bit_of(bit)


@inlined
def may_contain(key, bloom):
    """Tell whether a word with this hash may be in the vocabulary."""
    one, other = bloom_bits(key, len(bloom))
    if has_bit(bloom[one >> np.uint64(6)], one) == 0:
        return False
    return has_bit(bloom[other >> np.uint64(6)], other) > 0


@inlined
def continues_with(blob, offsets, w, skip, text, start, end):
    """Tell whether a word has text[start:end] after its first `skip` bytes."""
    at = np.int64(offsets[w]) + skip - start
    stop = min(np.int64(offsets[w + 1]) - at, end)
    i = start
    while i < stop and blob[at + i] == text[i]:
        i += 1
    return i == end


@inlined
def add_completions(blob, offsets, low, high, skip, text, start, end, found, n):
    """Add the words from `low` up to `high` that are text[start:end] after `skip` bytes; return how many there are."""
    low = lower_bound_from(blob, offsets, low, high, skip, text, start, end)
    size = skip + end - start
    while (
        low < high
        and np.int64(offsets[low + 1]) - np.int64(offsets[low]) == size
        and continues_with(blob, offsets, low, skip, text, start, end)
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
def search_trie(
    blob, offsets, shared, steps, first_letters, bloom,
    word, text, at, after, powers,
    low, high, skip, depth, d, edits, key, found, n,
):  # fmt: skip
    """Add the words from `low` up to `high` that end within `edits` edits of the word's end; return how many there are.

    All of these words begin with the same `depth` code points, in `skip` bytes with the hash `key`; what follows is
    compared with the word from its letter `d` on. Letter i of the word begins at byte at[i] of `text`, and after[i] is
    the hash of the letters from i on. powers[k], _BASE to the power of k, joins hashes: that of a beginning times
    powers[k], plus that of k letters, is the hash of both. `word` has two zeros after its last letter.
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
            n = search_trie(
                blob, offsets, shared, steps, first_letters, bloom, word, text, at, after, powers,
                low, high, skip, depth, d + 1, edits - 1, key, found, n,
            )  # fmt: skip
        elif d + 1 < m and word[d] != word[d + 1] and may_contain(key * powers[m - d - 1] + after[d + 1], bloom):
            n = add_completions(blob, offsets, low, high, skip, text, at[d + 1], end, found, n)
        onward = low
        beyond = low
        letter = 0
        while low < high:
            if depth == 0:
                c = np.uint32(first_letters[letter, 1])
                letter += 1
                stop = np.int64(first_letters[letter, 0])
            else:
                c, _ = decode_utf8(blob, np.int64(offsets[low]) + skip)
                stop = low + 1
                while stop < high:
                    if stop % STEP == 0 and steps[stop // STEP] > depth:
                        stop += STEP
                    elif shared[stop] > depth:
                        stop += 1
                    else:
                        break
                stop = min(stop, high)
            size = utf8_size(c)
            longer = key * _BASE + np.uint64(c)
            if c == word[d]:
                onward = low
                beyond = stop
            else:
                for t in range(d, min(d + 1, m) + 1):
                    if not one:
                        n = search_trie(
                            blob, offsets, shared, steps, first_letters, bloom, word, text, at, after, powers,
                            low, stop, skip + size, depth + 1, t, edits - 1, longer, found, n,
                        )  # fmt: skip
                    elif may_contain(longer * powers[m - t] + after[t], bloom):
                        n = add_completions(blob, offsets, low, stop, skip + size, text, at[t], end, found, n)
                if c == word[d + 1] and d + 1 < m:
                    longer = longer * _BASE + np.uint64(word[d])
                    if not one or may_contain(longer * powers[m - d - 2] + after[d + 2], bloom):
                        first = lower_bound_from(blob, offsets, low, stop, skip + size, text, at[d], at[d + 1])
                        last = first
                        while last < stop and continues_with(blob, offsets, last, skip + size, text, at[d], at[d + 1]):
                            last += 1
                        both = skip + size + at[d + 1] - at[d]
                        if one:
                            n = add_completions(blob, offsets, first, last, both, text, at[d + 2], end, found, n)
                        else:
                            n = search_trie(
                                blob, offsets, shared, steps, first_letters, bloom, word, text, at, after, powers,
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
def fuzzy_matches(blob, offsets, shared, steps, first_letters, bloom, word, text, edits, found):
    """List the words within one or two edits of a word, as `term_patterns.within_distance` does.

    `word`, uint32, has the code points of the word, `text`, uint8, its UTF-8. `shared`, `(n_words,) uint8`, comes from
    `dictionary.shared_prefixes`; `steps`, uint8, has the least of each STEP elements of `shared`. `first_letters`,
    `(n + 1, 2) int32`, has each word that begins with another letter than the word before it, with the code point of
    this letter, and last the number of words. `bloom`, uint64, comes from `fill_bloom_filter`. Fills `found`, int32;
    two edits find some words twice. Returns how many there are, which may be more than `found` has room for.
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
        at[i + 1] = at[i] + utf8_size(c)
    for i in range(m, m + 2):
        at[i + 1] = at[i]
    for k in range(m):
        powers[k + 1] = powers[k] * _BASE
        after[m - 1 - k] = np.uint64(word[m - 1 - k]) * powers[k] + after[m - k]
    return search_trie(
        blob, offsets, shared, steps, first_letters, bloom, padded, text, at, after, powers,
        0, len(offsets) - 1, 0, 0, 0, edits, np.uint64(0), found, 0,
    )  # fmt: skip
