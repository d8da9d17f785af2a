"""Texts to the spans that a query's words and phrases match.

Words of a query, and places of a phrase, are *terms*. Each place of a phrase has a bit of its own, one after the other;
all words that stand alone share one. A table says which terms a word as written, folded as `search.analysis.fold` does,
is one of. Texts are read word by word, and phrases are found by the Shift-And algorithm (Baeza-Yates and Gonnet, "A new
approach to text searching", CACM 1992): all of them at once, by a shift and two operations on bits a word.

What the table cannot tell is left to `search.analysis`, and said to be in doubt: a word that folding changes by more
than its case may have another stem, and some code points fold to several.
"""

from __future__ import annotations

import numpy as np

from search.kernels.jit.argument_types import boolean, i32, i64, read, types, u8, u32, u64, write
from search.kernels.jit.decorators import compiled, inlined
from search.kernels.jit.intrinsics import ctz
from search.kernels.terms.token_numbering import JOINER, LETTER, SEPARATOR, past_suffix

POINT = (1 << 21) - 1
"""What a code point is folded to, 0 for nothing, in what the table of code points has for it."""
CLASS = 24
"""How far its class (see `tokens`) is shifted there."""
CHANGED, UNSURE = 1 << 29, 1 << 30
"""The flags there: it is folded to another one than its small letter; it may be folded to several."""
TEXT, START, END, SURE = range(4)
"""Columns of a span that was found."""
BITS = 64
"""Bits that terms can have."""

_SEED, _PRIME = np.uint64(1469598103934665603), np.uint64(1099511628211)
_QUOTE, _RIGHT_QUOTE, _WIDE_QUOTE = ord("'"), ord("’"), ord("＇")
_FOLDED_S = ord("s") | LETTER << CLASS


@inlined
def _hashed(h, c):
    """The hash of a word, and one more code point (FNV-1a)."""
    return (h ^ np.uint64(c)) * _PRIME


@inlined
def _class(folded):
    """The class of a code point."""
    return folded >> np.uint32(CLASS) & np.uint32(3)


@inlined
def _place(hashes, h):
    """Where a table, of a power of two of places, has a hash, or an empty place (0) for it."""
    mask = len(hashes) - 1
    place = np.int64(h >> np.uint64(32)) & mask
    while hashes[place] != 0 and hashes[place] != h:
        place = (place + 1) & mask
    return place


@compiled(types.void(read(u32), read(i64), read(u64), write(u64), write(u64)))
def tabulate(points, bounds, masks, hashes, table):
    """Put words into an empty table, which has a power of two of places, more than there are words.

    Word w has the code points points[bounds[w]:bounds[w + 1]], and is one of the terms whose bits are set in masks[w].
    Where a word is, `hashes` gets its hash and `table` its mask; those of one that comes again are united.
    """
    for w in range(len(bounds) - 1):
        h = _SEED
        for i in range(bounds[w], bounds[w + 1]):
            h = _hashed(h, points[i])
        place = _place(hashes, h)
        hashes[place] = h
        table[place] |= masks[w]


@compiled(
    i64(
        read(u32), read(i64), read(u8), read(u32), read(u64), read(u64), u64, u64, read(i64), i64, boolean,
        write(i32, 2),
    )
)  # fmt: skip
def find_terms(text, bounds, classes, folds, hashes, table, first, last, lengths, longest, joined_too, spans):
    """Find the spans of terms and phrases, and the runs that are in doubt; returns how many.

    Text p has the code points text[bounds[p]:bounds[p + 1]], each of which `classes` (see `tokens`) and `folds` have.
    Words are looked up in `hashes` and `table` (see `tabulate`). The bits of `first` are those of single terms, and
    of the first ones of phrases, those of `last` of the last ones, of which lengths[b] says how many terms it ends.
    A run is in doubt when the table cannot tell, when it has more than `longest` code points, and with `joined_too`
    when it has joiners. A row of `spans`, (code points and texts, 4) int32, gets the text, where the span starts and
    ends in it, and whether it is sure, or a run in doubt. Rows come in the order of texts and ends. Linear.
    """
    n = 0
    starts = np.zeros(BITS, np.int64)
    for p in range(len(bounds) - 1):
        begin, end = bounds[p], bounds[p + 1]
        i = begin
        words = 0
        state = np.uint64(0)
        while True:
            while i < end and _class(folds[text[i]]) != LETTER:
                i += 1
            if i >= end:
                break
            run = i
            doubt = joined = False
            quote = False
            while True:
                # one word: a run of letters alone, or what is between two joiners of a run
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
                    if folded & POINT:
                        h = _hashed(h, folded & POINT)
                        letters += 1
                    i += 1
                more = i + 1 < end and _class(folds[text[i]]) == JOINER and _class(folds[text[i + 1]]) == LETTER
                stop = i if more else past_suffix(text, i, begin, end, classes)
                ends_quoted = quote and not more and stop == i
                doubt |= ends_quoted and (flags & CHANGED) != 0
                if not (ends_quoted and i - low == 1 and folds[text[low]] == _FOLDED_S):
                    place = _place(hashes, h)
                    known = hashes[place] == h
                    doubt |= (flags & UNSURE) != 0 or letters == 0 or (known and (flags & CHANGED) != 0)
                    mask = table[place] if known and flags & (CHANGED | UNSURE) == 0 else np.uint64(0)
                    starts[words & (BITS - 1)] = low
                    state = ((state << np.uint64(1)) | first) & mask
                    ending = state & last
                    length = 0
                    while ending:
                        length = max(length, lengths[ctz(ending)])
                        ending &= ending - np.uint64(1)
                    if length:
                        spans[n, TEXT] = p
                        spans[n, START] = starts[(words - length + 1) & (BITS - 1)] - begin
                        spans[n, END] = i - begin
                        spans[n, SURE] = 1
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
            if doubt or i - run > longest or (joined and joined_too):
                spans[n, TEXT] = p
                spans[n, START] = run - begin
                spans[n, END] = i - begin
                spans[n, SURE] = 0
                n += 1
    return n
