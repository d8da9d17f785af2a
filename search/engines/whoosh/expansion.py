"""Which entries of a segment fit a wildcard or are a misspelling of a word."""

from __future__ import annotations

import re

import numpy as np

from search.engines.whoosh.arrays import Array
from search.engines.whoosh.deadline import Deadline
from search.engines.whoosh.segment import Segment
from search.kernels.misspellings import misspelt
from search.kernels.words import fitting
from search.query import Fuzzy, Wildcard

ROOM = 4096
"""Misspellings that there is room for at first: a large array takes longer to get than to fill."""
WILD = re.compile(r"[*?]")


def expand(segment: Segment, leaf: Wildcard | Fuzzy, deadline: Deadline) -> Array:
    """The entries that fit, in no order; when they are too many, the most frequent ones."""
    words = segment.strings("word")
    places: Array | slice
    if isinstance(leaf, Fuzzy):
        places = _misspellings(segment, leaf, ROOM)
    else:
        prefix = WILD.split(leaf.pattern, maxsplit=1)[0]
        low, high = words.span(prefix.encode("utf-8", "surrogatepass")) if prefix else (0, len(words))
        if leaf.pattern == f"{prefix}*":
            places = slice(low, high)
        else:
            found = np.empty(high - low, np.int32)
            tail = _bytes(WILD.split(leaf.pattern)[-1])
            n = fitting(words.blob, words.at, low, high, _points(leaf.pattern), tail, found)
            places = found[:n]
    entries: Array = segment.column("word_entry")[places]
    allowed = deadline.allow(len(entries))
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
