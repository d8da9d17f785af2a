"""Which entries of a segment fit a wildcard or are a misspelling of a word."""

from __future__ import annotations

import re
from math import isqrt

import numpy as np

from search.budget import GATHERING, MARKING, QueryBudget
from search.engines.whoosh.arrays import Array
from search.engines.whoosh.segment import Segment
from search.engines.whoosh.slots import NOBODY
from search.engines.whoosh.strings import Strings
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
"""Words of a pattern up to which they are listed for marking; of more, each word of a text is looked at."""
LISTED = 1_000
"""Units of a word that is listed for marking."""


def expand(segment: Segment, leaf: Wildcard | Fuzzy, budget: QueryBudget) -> Array:
    """The entries that fit, in no order; when they are too many, the most frequent ones, and none past the budget."""
    price = _price(segment, leaf)
    if price == PREFIX:
        budget.charge(price)
    elif not budget.affords(price, GATHERING):
        return NOBODY
    entries: Array = segment.column("word_entry")[_fitting(segment, leaf)]
    allowed = budget.allow(len(entries))
    return entries if allowed == len(entries) else np.sort(entries)[:allowed]


def forms_of(segment: Segment, term: Slot | Wildcard | Fuzzy, budget: QueryBudget) -> TermForms | None:
    """The folded words as which a segment has a term of a query; None where to list them is too much work.

    That is where a pattern fits more than MANY words, and where the budget does not allow for it.
    """
    if isinstance(term, Slot):
        if not term.stemmed:
            return TermForms({*term.terms})
        found = segment.inflected.get(term, lambda: _inflected(segment, term))
        budget.charge(LISTED * (len(found.plain) + len(found.others)))
        return found
    price = _price(segment, term)
    if price > budget.left(MARKING):
        return None
    budget.charge(price)
    places = _fitting(segment, term)
    if isinstance(places, slice):
        places = np.arange(places.start, places.stop)
    if len(places) > MANY or LISTED * len(places) > budget.left(MARKING):
        return None
    budget.charge(LISTED * len(places))
    return TermForms(set(map(segment.strings("word").text, places.tolist())))


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


def _price(segment: Segment, leaf: Wildcard | Fuzzy) -> int:
    """The units of finding out which words fit; PREFIX where it is looked up where they begin and end."""
    words = segment.strings("word")
    if isinstance(leaf, Fuzzy):
        return LOOKED_UP[leaf.edits] * isqrt(len(words))
    prefix, *others = WILD.split(leaf.pattern)
    if leaf.pattern == f"{prefix}*":
        return PREFIX
    low, high = _beginning(words, prefix)
    return PREFIX + 1 + (int(words.at[high]) - int(words.at[low])) * (ENDING if others[-1] else BYTE)


def _fitting(segment: Segment, leaf: Wildcard | Fuzzy) -> Array | slice:
    """Where among the words those are that fit."""
    words = segment.strings("word")
    if isinstance(leaf, Fuzzy):
        return segment.expanded.get(leaf, lambda: _misspellings(segment, leaf, ROOM))
    prefix, *others = WILD.split(leaf.pattern)
    low, high = _beginning(words, prefix)
    if leaf.pattern == f"{prefix}*":
        return slice(low, high)

    def compared() -> Array:
        found = np.empty(high - low, np.int32)
        n = fitting(words.blob, words.at, low, high, _points(leaf.pattern), _bytes(others[-1]), found)
        return found[:n].copy()

    return segment.expanded.get(leaf, compared)


def _beginning(words: Strings, prefix: str) -> tuple[int, int]:
    """The words that begin so: from the first up to the second number."""
    return words.span(prefix.encode("utf-8", "surrogatepass")) if prefix else (0, len(words))


def _misspellings(segment: Segment, leaf: Fuzzy, room: int) -> Array:
    """The words at most so many edits away."""
    words, forms = segment.strings("word"), segment.forms
    vocabulary = words.blob, words.at, segment.column("word_shared"), forms.least_shared, forms.letters
    found = np.empty(room, np.int32)
    n = misspelt(*vocabulary, forms.known_words, _points(leaf.word), _bytes(leaf.word), leaf.edits, found)
    if n > room:
        return _misspellings(segment, leaf, n)
    return found[:n].copy() if leaf.edits == 1 else np.unique(found[:n])


def _points(text: str) -> Array:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def _bytes(text: str) -> Array:
    return np.frombuffer(text.encode("utf-8", "surrogatepass"), np.uint8)
