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
from search.model import TermForms
from search.query import Fuzzy, Slot, Wildcard

ROOM = 4096
"""Misspellings that there is room for at first: a large array takes longer to get than to fill."""
WILD = re.compile(r"[*?]")
LOOKED_UP = {1: 30, 2: 1_100}
"""Units of a misspelling with so many edits, times the root of the number of words: the tree of words grows so."""
BYTE, ENDING = 5, 2
"""Units of a byte of the dictionary that is compared with a wildcard; where it has an ending, which rules most out."""
PREFIX = 5_000
"""Units of looking up where words begin so."""


MANY = 2_000
"""Words of a query's patterns up to which they are listed for marking; of more, each word of a text is looked at."""


def expand(segment: Segment, leaf: Wildcard | Fuzzy, budget: QueryBudget) -> Array:
    """The entries that fit, in no order; when they are too many, the most frequent ones, and none past the budget."""
    entries: Array = segment.column("word_entry")[_fitting(segment, leaf, budget)]
    allowed = budget.allow(len(entries))
    return entries if allowed == len(entries) else np.sort(entries)[:allowed]


def forms_of(segment: Segment, term: Slot | Wildcard | Fuzzy, budget: QueryBudget) -> TermForms | None:
    """The folded words of a segment that are a term of a query; None where they are more than MANY."""
    if isinstance(term, Slot):
        return (
            segment.inflected.get(term, lambda: _inflected(segment, term)) if term.stemmed else TermForms({*term.terms})
        )
    places = _fitting(segment, term, budget)
    if isinstance(places, slice):
        places = np.arange(places.start, places.stop)
    return TermForms(set(map(segment.strings("word").text, places.tolist()))) if len(places) <= MANY else None


def _inflected(segment: Segment, slot: Slot) -> TermForms:
    """The folded words of a segment that have one of some stems."""
    text, stems = segment.strings("word").text, segment.column("entry_stems")
    plain, others = set[str](), set[str]()
    for stem in slot.terms:
        if (number := segment.strings("stem").find(stem)) >= 0:
            entries = segment.entries_of_stem(number)
            # of two stems the last one is that of the folded word: see `search.analysis.stem`
            lasts = stems[segment.stems_first[entries + 1] - 1]
            for place, last in zip(segment.word_of_entry[entries].tolist(), lasts.tolist(), strict=True):
                (plain if last == number else others).add(text(place))
    return TermForms(plain, others)


def _fitting(segment: Segment, leaf: Wildcard | Fuzzy, budget: QueryBudget) -> Array | slice:
    """Where among the words those are that fit; nowhere past the budget."""
    words = segment.strings("word")
    if isinstance(leaf, Fuzzy):
        if not budget.affords(LOOKED_UP[leaf.edits] * isqrt(len(words)), GATHERING):
            return NOBODY
        return segment.expanded.get(leaf, lambda: _misspellings(segment, leaf, ROOM))
    prefix = WILD.split(leaf.pattern, maxsplit=1)[0]
    low, high = words.span(prefix.encode("utf-8", "surrogatepass")) if prefix else (0, len(words))
    if leaf.pattern == f"{prefix}*":
        budget.charge(PREFIX)
        return slice(low, high)
    tail = _bytes(WILD.split(leaf.pattern)[-1])
    size = int(words.at[high]) - int(words.at[low])
    if not budget.affords(PREFIX + size * (ENDING if len(tail) else BYTE), GATHERING):
        return NOBODY

    def compared() -> Array:
        found = np.empty(high - low, np.int32)
        n = fitting(words.blob, words.at, low, high, _points(leaf.pattern), tail, found)
        return found[:n].copy()

    return segment.expanded.get(leaf, compared)


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
