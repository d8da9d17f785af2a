"""Finding the terms and phrases of a query in texts, for highlighting.

Words of a query, and places of a phrase, are *terms*. Each place of a phrase has a bit of its own, one after the other;
all words that stand alone share one bit. A table tells which terms a word as written, folded as by
`search.analysis.tokenizer.fold`, is one of. Texts are read token by token, and all phrases are found at once by
Shift-And (Baeza-Yates and Gonnet: A new approach to text searching, CACM 1992).

What the table cannot tell is in doubt, and is left to `search.analysis`: a word that folding changes by more than its
case may have another stem, and some code points fold to more than the table holds. So each word has two masks, of the
terms that it is one of for sure and as far as can be told; Shift-And runs for both.
"""

from __future__ import annotations

import numpy as np

from search.kernels.jit.argument_types import boolean, i32, i64, read, types, u8, u32, u64, write
from search.kernels.jit.decorators import compiled, inlined
from search.kernels.jit.intrinsics import ctz
from search.kernels.terms.token_numbering import JOINER, LETTER, SEPARATOR, token_end

FOLDED = (1 << 21) - 1
"""The bits of an entry of `folds` that hold the code point which it is folded to, 0 for none."""
PAIR = 0x110000
"""Past the last code point: these bits hold PAIR + i for one that is folded to the two code points in row i of `pairs`.
"""
CLASS = 24
"""How far the class of a code point (see `token_numbering`) is shifted in an entry of `folds`."""
CHANGED, UNSURE = 1 << 29, 1 << 30
"""Flags of an entry of `folds`: it is folded to something else than its small letter; the table cannot tell to what.
"""
TEXT, START, END, KIND = range(4)
"""Columns of a span."""
TOKEN_IN_DOUBT, CERTAIN, IN_DOUBT = range(3)
"""Kinds of spans: a token that may have terms, terms side by side, and what may be such."""
BITS = 64
"""How many terms have a bit of their own at most."""

_SEED, _PRIME = np.uint64(1469598103934665603), np.uint64(1099511628211)
_HASH_OF_S = np.uint64((1469598103934665603 ^ ord("s")) * 1099511628211 % (1 << 64))
_QUOTE, _RIGHT_QUOTE, _WIDE_QUOTE = ord("'"), ord("’"), ord("＇")
_FOLDED_S = ord("s") | LETTER << CLASS


@inlined
def _fnv1a(h, c):
    """Return the hash of a word with one more code point (FNV-1a)."""
    return (h ^ np.uint64(c)) * _PRIME


@inlined
def _class(folded):
    """Return the class of a code point, given its entry of `folds`."""
    return folded >> np.uint32(CLASS) & np.uint32(3)


@inlined
def _find_slot(hashes, h):
    """Return the place of a hash in a table whose size is a power of two, or the free place (0) where it belongs."""
    mask = len(hashes) - 1
    slot = np.int64(h >> np.uint64(32)) & mask
    while hashes[slot] != 0 and hashes[slot] != h:
        slot = (slot + 1) & mask
    return slot


@compiled(types.void(read(u32), read(i64), read(u64, 2), write(u64), write(u64, 2)))
def build_term_table(points, bounds, masks, hashes, table):
    """Put words into an empty hash table, whose size is a power of two, and more than the number of words.

    Word w has the code points points[bounds[w]:bounds[w + 1]]. Bit t is set in masks[w, 0], uint64, if the word is a
    form of term t for sure, and in masks[w, 1] if it may be one. Fills `hashes`, `(size,) uint64`, and `table`, `(size,
    2) uint64`: the hash and the masks of the word in each slot of the hash table. A word that comes again gets the bits
    of all its masks.
    """
    for w in range(len(bounds) - 1):
        h = _SEED
        for i in range(bounds[w], bounds[w + 1]):
            h = _fnv1a(h, points[i])
        slot = _find_slot(hashes, h)
        hashes[slot] = h
        table[slot, 0] |= masks[w, 0]
        table[slot, 1] |= masks[w, 1]


@inlined
def _longest(ending, lengths):
    """Return the length of the longest phrase whose last term has a bit in `ending`, 0 if there is none."""
    length = 0
    while ending:
        length = max(length, lengths[ctz(ending)])
        ending &= ending - np.uint64(1)
    return length


@compiled(
    i64(
        read(u32), read(i64), read(u8), read(u32), read(u32, 2), read(u64), read(u64, 2), u64, u64, read(i64), i64,
        boolean, write(i32, 2),
    )
)  # fmt: skip
def find_terms(text, bounds, classes, folds, pairs, hashes, table, first, last, lengths, longest, joined_too, spans):
    """Find the spans of terms and phrases, and tokens in doubt; return how many. Linear.

    Text p has the code points text[bounds[p]:bounds[p + 1]]; `classes` is that of `token_numbering`, `folds`, uint32,
    has an entry a code point, `pairs`, `(n_pairs, 2) uint32`, what some are folded to. `hashes` and `table` come from
    `build_term_table`. `first` has the bits of single terms and of the first terms of phrases, `last` those of single
    terms and of the last terms of phrases; lengths[b] is the number of terms of the phrase whose last term has bit b,
    and 1 for a single term. A token is in doubt as a whole if nothing is left of a word of it, if it has more than
    `longest` code points, and with `joined_too` if it has joiners.

    Fills a row of `spans`, `(2 * (n_points + n_texts), 4) int32`, for each: the text, where the span starts and ends in
    it, and its kind. Of those that end with the same word, the longest of each kind has a row. Rows come in the order
    of texts and ends.
    """
    n = 0
    starts = np.zeros(BITS, np.int64)
    for p in range(len(bounds) - 1):
        begin, end = bounds[p], bounds[p + 1]
        i = begin
        words = 0
        state = possible = np.uint64(0)
        while True:
            while i < end and _class(folds[text[i]]) != LETTER:
                i += 1
            if i >= end:
                break
            token_start = i
            doubt = joined = False
            quote = False
            while True:
                # one word: a token without joiners, or what is between two joiners
                low = i
                h = _SEED
                flags = np.uint32(0)
                letters = 0
                while i < end:
                    folded = folds[text[i]]
                    kind = _class(folded)
                    if kind == SEPARATOR or kind == JOINER:
                        break
                    flags |= folded
                    point = folded & FOLDED
                    if point >= PAIR:
                        h = _fnv1a(_fnv1a(h, pairs[point - PAIR, 0]), pairs[point - PAIR, 1])
                    elif point:
                        h = _fnv1a(h, point)
                    letters += point != 0
                    i += 1
                more = i + 1 < end and _class(folds[text[i]]) == JOINER and _class(folds[text[i + 1]]) == LETTER
                stop = i if more else token_end(text, i, begin, end, classes)
                ends_quoted = quote and not more and stop == i
                doubt |= ends_quoted and h == _HASH_OF_S and (flags & CHANGED) != 0
                if not (ends_quoted and i - low == 1 and folds[text[low]] == _FOLDED_S):
                    slot = _find_slot(hashes, h)
                    sure = maybe = np.uint64(0)
                    if flags & UNSURE:
                        maybe = ~maybe
                    elif hashes[slot] == h:
                        if flags & CHANGED:
                            maybe = table[slot, 1]
                        else:
                            sure = maybe = table[slot, 0]
                    doubt |= letters == 0
                    starts[words & (BITS - 1)] = low
                    state = ((state << np.uint64(1)) | first) & sure
                    possible = ((possible << np.uint64(1)) | first) & maybe
                    length = _longest(state & last, lengths)
                    if length:
                        spans[n, TEXT] = p
                        spans[n, START] = starts[(words - length + 1) & (BITS - 1)] - begin
                        spans[n, END] = i - begin
                        spans[n, KIND] = CERTAIN
                        n += 1
                    if possible != state:
                        longer = _longest(possible & last, lengths)
                        if longer > length:
                            spans[n, TEXT] = p
                            spans[n, START] = starts[(words - longer + 1) & (BITS - 1)] - begin
                            spans[n, END] = i - begin
                            spans[n, KIND] = IN_DOUBT
                            n += 1
                    words += 1
                if not more:
                    break
                c = text[i]
                quote = c == _QUOTE or c == _RIGHT_QUOTE or c == _WIDE_QUOTE
                joined = True
                i += 1
            joined = joined or stop > i
            i = stop
            if doubt or i - token_start > longest or (joined and joined_too):
                spans[n, TEXT] = p
                spans[n, START] = token_start - begin
                spans[n, END] = i - begin
                spans[n, KIND] = TOKEN_IN_DOUBT
                n += 1
    return n
