"""Which entries of a segment fit a wildcard or are a misspelling of a word."""

from __future__ import annotations

import re

import numpy as np

from search.engines.whoosh.arrays import Array
from search.engines.whoosh.deadline import Deadline
from search.engines.whoosh.segment import Segment
from search.kernels.misspellings import misspelt, misspelt_once
from search.kernels.words import fitting
from search.query import Fuzzy, Wildcard

WILD = re.compile(r"[*?]")


def expand(segment: Segment, leaf: Wildcard | Fuzzy, deadline: Deadline) -> Array:
    """The entries that fit, in no order; when they are too many, the most frequent ones."""
    words = segment.strings("word")
    places: Array | slice
    at, blob = words.at, words.blob
    if isinstance(leaf, Fuzzy):
        found = np.empty(len(words), np.int32)
        word = _points(leaf.word)
        if leaf.edits == 1:
            n = misspelt_once(blob, at, *segment.forms.groups, word, _bytes(leaf.word), found)
        else:
            shared, steps = segment.column("word_shared"), segment.forms.least_shared
            n = misspelt(blob, at, shared, steps, word, leaf.edits, found)
        places = found[:n]
    else:
        prefix = WILD.split(leaf.pattern, maxsplit=1)[0]
        low, high = words.span(prefix.encode("utf-8", "surrogatepass")) if prefix else (0, len(words))
        if leaf.pattern == f"{prefix}*":
            places = slice(low, high)
        else:
            found = np.empty(high - low, np.int32)
            n = fitting(blob, at, low, high, _points(leaf.pattern), found)
            places = found[:n]
    entries: Array = segment.column("word_entry")[places]
    allowed = deadline.allow(len(entries))
    return entries if allowed == len(entries) else np.sort(entries)[:allowed]


def _points(text: str) -> Array:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def _bytes(text: str) -> Array:
    return np.frombuffer(text.encode("utf-8", "surrogatepass"), np.uint8)
