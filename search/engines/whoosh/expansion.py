"""Which entries of a segment fit a wildcard or are a misspelling of a word."""

from __future__ import annotations

import re
from math import isqrt

import numpy as np

from search.budget import GATHERING, QueryBudget
from search.engines.whoosh.arrays import Array
from search.engines.whoosh.segment import Segment
from search.engines.whoosh.slots import NOBODY
from search.kernels.misspellings import misspelt
from search.kernels.words import fitting
from search.query import Fuzzy, Wildcard

ROOM = 4096
"""Misspellings that there is room for at first: a large array takes longer to get than to fill."""
WILD = re.compile(r"[*?]")
LOOKED_UP = {1: 30, 2: 1_100}
"""Units of a misspelling with so many edits, times the root of the number of words: the tree of words grows so."""
BYTE, ENDING = 5, 2
"""Units of a byte of the dictionary that is compared with a wildcard; where it has an ending, which rules most out."""
PREFIX = 5_000
"""Units of looking up where words begin so."""


def expand(segment: Segment, leaf: Wildcard | Fuzzy, budget: QueryBudget) -> Array:
    """The entries that fit, in no order; when they are too many, the most frequent ones, and none past the budget."""
    words = segment.strings("word")
    places: Array | slice
    if isinstance(leaf, Fuzzy):
        if not budget.affords(LOOKED_UP[leaf.edits] * isqrt(len(words)), GATHERING):
            return NOBODY
        places = _misspellings(segment, leaf, ROOM)
    else:
        prefix = WILD.split(leaf.pattern, maxsplit=1)[0]
        low, high = words.span(prefix.encode("utf-8", "surrogatepass")) if prefix else (0, len(words))
        if leaf.pattern == f"{prefix}*":
            budget.charge(PREFIX)
            places = slice(low, high)
        else:
            tail = _bytes(WILD.split(leaf.pattern)[-1])
            size = int(words.at[high]) - int(words.at[low])
            if not budget.affords(PREFIX + size * (ENDING if len(tail) else BYTE), GATHERING):
                return NOBODY
            found = np.empty(high - low, np.int32)
            n = fitting(words.blob, words.at, low, high, _points(leaf.pattern), tail, found)
            places = found[:n]
    entries: Array = segment.column("word_entry")[places]
    allowed = budget.allow(len(entries))
    return entries if allowed == len(entries) else np.sort(entries)[:allowed]


def _misspellings(segment: Segment, leaf: Fuzzy, room: int) -> Array:
    """The words at most so many edits away."""
    words, forms = segment.strings("word"), segment.forms
    vocabulary = words.blob, words.at, segment.column("word_shared"), forms.least_shared, forms.letters
    found = np.empty(room, np.int32)
    n = misspelt(*vocabulary, forms.known_words, _points(leaf.word), _bytes(leaf.word), leaf.edits, found)
    if n > room:
        return _misspellings(segment, leaf, n)
    return found[:n] if leaf.edits == 1 else np.unique(found[:n])


def _points(text: str) -> Array:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def _bytes(text: str) -> Array:
    return np.frombuffer(text.encode("utf-8", "surrogatepass"), np.uint8)
