"""Which spans of a text a query matched. Spans are data: this module knows no HTML.

It reads the text with the same analysis as the index, so it marks what matched: a phrase as a whole and only where it
stands, a word in each inflection, nothing that stands under NOT.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from itertools import accumulate
from typing import NamedTuple

from search.analysis import Token
from search.asked import Asked, Wanted, where
from search.budget import MARKING, QueryBudget, Spent
from search.characters import latin_gaps
from search.lumps import lumps_of, spaced
from search.model import Span
from search.patterns import matcher
from search.query import Fuzzy, Leaf, Near, Node, Phrase, Slot, Wildcard, Word, positive_leaves

UNMARKED = "Some of the text is shown without marks: marking it all was too much work."
LATIN, OTHER = 20, 300
"""Units of a code point of a text: where all are Latin, and where not."""
SPAN = 3_000
"""Units of a word that is marked, with what it takes to show that."""
LEAF, PLACE, BESIDE = 1_500, 600, 3_000
"""Units of each part of a query, unless all are words; of a place where a phrase's slot can stand; of one of NEAR."""


class Stretch(NamedTuple):
    """Part of a text: the positions from `begin` to before `end`, the code points from `low` to before `high`."""

    begin: int
    end: int
    low: int
    high: int


def mark(text: str, query: Node, lang: str, *, title: bool = False) -> tuple[Span, ...]:
    """The spans of a text that the query's words, phrases and patterns matched, merged and in order.

    `title` says that the text is a title; leaves of `title:` mark nothing elsewhere.
    """
    return Highlighter(query).mark(text, lang, title=title)


class Highlighter:
    """Marks text after text for one query, by what it has found out about the words of those before.

    Once its budget is spent it marks nothing more, and `warnings` says so. Not for several threads at once.
    """

    def __init__(self, query: Node, budget: QueryBudget | None = None) -> None:
        self.warnings: tuple[str, ...] = ()
        budget = budget or QueryBudget()
        leaves = list(dict.fromkeys(positive_leaves(query)))
        self._in_titles = self._in_texts = _Marker(leaves, budget)
        if any(leaf.title for leaf in leaves):
            self._in_texts = _Marker([leaf for leaf in leaves if not leaf.title], budget)

    def mark(self, text: str, lang: str, *, title: bool = False) -> tuple[Span, ...]:
        """Return the spans of a text, as the function `mark`; none for one that is too much work, and those after."""
        if self.warnings:
            return ()
        try:
            return (self._in_titles if title else self._in_texts).mark(text, lang)
        except Spent:
            self.warnings = (UNMARKED,)
            return ()


class _Marker:
    """Marks what any of some leaves asks for."""

    def __init__(self, leaves: list[Leaf], budget: QueryBudget) -> None:
        self.budget = budget
        self.leaves = [leaf for leaf in leaves if not isinstance(leaf, Wildcard | Fuzzy)]
        self.fits = [matcher(leaf) for leaf in leaves if isinstance(leaf, Wildcard | Fuzzy)]
        slots = [slot for leaf in leaves for slot in _slots_of(leaf)]
        self.stems = {term for slot in slots if slot.stemmed for term in slot.terms}
        self.stems.update(stem for leaf in leaves if isinstance(leaf, Word) for stem in leaf.stems)
        self.words = {term for slot in slots if not slot.stemmed for term in slot.terms}
        self.plain = all(isinstance(leaf, Word) for leaf in leaves)
        self.asked: dict[str, Asked] = {}
        self.spans: dict[tuple[str, str], tuple[Span, ...]] = {}

    def mark(self, text: str, lang: str) -> tuple[Span, ...]:
        """The spans of a text. Raises Spent when that is too much work."""
        if not (self.leaves or self.fits):
            return ()
        self.budget.draw(LATIN * len(text), MARKING)
        if lang not in self.asked:
            self.asked[lang] = Asked(lumps_of(lang), self.stems, self.words, self.fits, self.budget)
        asked, line = self.asked[lang], latin_gaps(text)
        if line is None:
            self.budget.draw(OTHER * len(text), MARKING)
            line = spaced(text)
        lumps = line.split()
        wanted = asked.among(set(lumps))
        if not wanted:
            return ()
        found = where(wanted, lumps, line)
        if self.plain:
            marked = tuple((at + low, at + high) for _, at, lump in found for low, high in self._spans(lump, asked))
            self.budget.draw(SPAN * len(marked), MARKING)
            return marked
        positions = list(accumulate(map(asked.width, lumps), initial=0))
        places = _Places(self.budget)
        for index, at, lump in found:
            places.add(asked.tokens(lump), at, positions[index])
        self.budget.draw(LEAF * len(self.leaves), MARKING)
        return _merged((*places.fitting, *(span for leaf in self.leaves for span in _spans(leaf, places))))

    def _spans(self, lump: str, asked: Asked) -> tuple[Span, ...]:
        """The spans of a lump, when leaves are plain words: those are marked wherever they stand."""
        key = lump, asked.lumps.lang
        if key not in self.spans:
            self.spans[key] = _merged((of.token.start, of.token.end) for of in asked.tokens(lump))
        return self.spans[key]


def _slots_of(leaf: Leaf) -> tuple[Slot, ...]:
    if isinstance(leaf, Near):
        return (*leaf.left.slots, *leaf.right.slots)
    return leaf.slots if isinstance(leaf, Phrase) else ()


class _Places:
    """The tokens of a text that are asked for, by stem and by word."""

    def __init__(self, budget: QueryBudget) -> None:
        self.budget = budget
        self.fitting: list[Span] = []
        """Where words stand that fit a pattern."""
        self.by_stem: dict[str, list[Token]] = {}
        self.by_word: dict[str, list[Token]] = {}
        self.known: dict[Slot, list[Stretch]] = {}

    def add(self, found: list[Wanted], start: int, position: int) -> None:
        """Add the tokens of a run, which begins there in the text and in its positions."""
        self.budget.draw(SPAN * len(found), MARKING)
        for (low, high, at, width, written, kind), own, word, fits in found:
            if fits:
                self.fitting.append((start + low, start + high))
            token = Token(start + low, start + high, position + at, width, written, kind)
            for stem in own:
                self.by_stem.setdefault(stem, []).append(token)
            self.by_word.setdefault(word, []).append(token)

    def at(self, slot: Slot) -> list[Stretch]:
        """Where a slot of a phrase can stand, in order."""
        if slot not in self.known:
            table = self.by_stem if slot.stemmed else self.by_word
            found = (token for term in slot.terms for token in table.get(term, ()) if token.width == slot.width)
            self.known[slot] = sorted({Stretch(t.position, t.position + t.width, t.start, t.end) for t in found})
        return self.known[slot]


def _spans(leaf: Leaf, places: _Places) -> Iterator[Span]:
    match leaf:
        case Word():
            for stem in leaf.stems:
                yield from ((token.start, token.end) for token in places.by_stem.get(stem, ()))
        case Phrase():
            yield from ((found.low, found.high) for found in _chained(_slots(leaf, places), leaf.slop))
        case Near():
            yield from _near(leaf, places)


def _slots(phrase: Phrase, places: _Places) -> list[list[Stretch]]:
    """Where each slot of a phrase can stand; nothing at all where one cannot."""
    slots = [places.at(slot) for slot in phrase.slots]
    places.budget.draw(PLACE * sum(1 + len(slot) for slot in slots), MARKING)
    return slots if all(slots) else [[]]


def _chained(slots: list[list[Stretch]], slop: int) -> list[Stretch]:
    """The occurrences of a phrase, in order: for each place where one can end, the shortest."""
    chains = [(place, place) for place in slots[0]]
    for slot in slots[1:]:
        longer: list[tuple[Stretch, Stretch]] = []
        chain = None
        following = iter(chains)
        coming = next(following, None)
        for last in slot:
            begin = last[0]
            while coming and coming[1][1] <= begin:
                chain, coming = coming, next(following, None)
            # of the chains before it the one that ends last began last too, so each slot takes one sweep
            if chain and begin - chain[1][1] < slop:
                longer.append((chain[0], last))
        chains = longer
    return [Stretch(first.begin, last.end, first.low, last.high) for first, last in chains]


def _mirrored(stretches: list[Stretch]) -> list[Stretch]:
    return [Stretch(-end, -begin, -high, -low) for begin, end, low, high in reversed(stretches)]


def _ends(phrase: Phrase, places: _Places) -> list[Stretch]:
    """The shortest occurrences for each place where one can end, and for each where one can begin."""
    slots = _slots(phrase, places)
    forwards = _chained(slots, phrase.slop)
    if phrase.slop == 1:
        return forwards
    backwards = _chained([_mirrored(slot) for slot in reversed(slots)], phrase.slop)
    return forwards + _mirrored(backwards)


def _near(near: Near, places: _Places) -> Iterator[Span]:
    left, right = _ends(near.left, places), _ends(near.right, places)
    places.budget.draw(BESIDE * (len(left) + len(right)), MARKING)
    for ours, others in ((left, right), (right, left)):
        begins, ends = sorted(other.begin for other in others), sorted(other.end for other in others)
        for one in ours:
            after, before = one.end, one.begin - near.distance + 1
            if _holds(begins, after, near.distance) or _holds(ends, before, near.distance):
                yield one.low, one.high


def _holds(positions: list[int], low: int, length: int) -> bool:
    """Whether one of these positions, which are in order, is among so many from `low` on."""
    at = bisect_left(positions, low)
    return at < len(positions) and positions[at] < low + length


def _merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The spans in order, those that overlap made one."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)
