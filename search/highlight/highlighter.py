"""Which spans of a text a query matched. Spans are data: this module knows no HTML.

It reads the text with the same analysis as the index, so it marks what matched: a phrase as a whole and only where it
stands, a word in each inflection, nothing that stands under NOT.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import NamedTuple, TypeAlias

from search.analysis.tokenizer import Token, find_raw_tokens, tokens_of
from search.budget import MARKING, QueryBudget, Spent
from search.highlight.term_finder import (
    MOST_BITS,
    SCANNED,
    TermFinder,
    TermTable,
    Wanted,
    bits_of,
    is_tabled,
)
from search.model import Span, TermForms
from search.query import Fuzzy, Leaf, Near, Node, Phrase, Slot, Term, Wildcard, Word, positive_leaves
from search.query.term_patterns import matcher

UNMARKED = "Some of the text is shown without marks: marking it all was too much work."
ASCII, OTHER = 30, 300
"""Units of a code point of a text that is taken apart, beside those of its runs."""
SPAN = 3_000
"""Units of a word that is marked, with what it takes to show that."""
LEAF, PLACE, BESIDE = 1_500, 600, 3_000
"""Units of each part of a query, unless all are words; of a place where a phrase's slot can stand; of one of NEAR."""

FormsOf: TypeAlias = Callable[[Sequence[Term], QueryBudget], dict[Term, TermForms] | None]
"""What an archive has of some terms (`Snapshot.forms`)."""


Passage: TypeAlias = tuple[str, str, bool]
"""A text to mark, its language, and whether it is a title: leaves of `title:` mark nothing elsewhere."""


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
    return Highlighter(query).mark([(text, lang, title)])[0]


class Highlighter:
    """Marks texts for one query, by what it has found out about the words of those before.

    `forms` tells what an archive with so many `languages` has of some terms; without it every word of a text is taken
    apart. Once its budget is spent it marks nothing more, and `warnings` says so. Not for several threads at once.
    """

    def __init__(
        self, query: Node, budget: QueryBudget | None = None, forms: FormsOf | None = None, languages: int = 2
    ) -> None:
        self._spent = False
        budget = budget or QueryBudget()
        cuts = budget.cuts
        leaves = list(dict.fromkeys(positive_leaves(query)))
        self._in_titles = self._in_texts = _Marker(leaves, budget, forms, languages)
        if any(leaf.title for leaf in leaves):
            self._in_texts = _Marker([leaf for leaf in leaves if not leaf.title], budget, forms, languages)
        self._partial = budget.cuts > cuts
        """Whether it was too much work to find out all words that are asked for."""

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the reader has to know of the marks."""
        return (UNMARKED,) if self._spent or self._partial else ()

    def mark(self, passages: Sequence[Passage]) -> list[tuple[Span, ...]]:
        """Return the spans of each text, merged and in order; none for what is too much work, and all after it."""
        if self._in_titles is self._in_texts:
            return self._marked(self._in_texts, passages)
        texts = iter(self._marked(self._in_texts, [passage for passage in passages if not passage[2]]))
        titles = iter(self._marked(self._in_titles, [passage for passage in passages if passage[2]]))
        return [next(titles if is_title else texts) for _, _, is_title in passages]

    def _marked(self, marker: _Marker, passages: Sequence[Passage]) -> list[tuple[Span, ...]]:
        found: list[tuple[Span, ...]] = [()] * len(passages)
        try:
            if not self._spent:
                marker.mark(passages, found)
        except Spent:
            self._spent = True
        return found


class _Marker:
    """Marks what any of some leaves asks for."""

    def __init__(self, leaves: list[Leaf], budget: QueryBudget, forms: FormsOf | None, languages: int) -> None:
        self.budget = budget
        self.leaves = leaves
        self.phrased = any(isinstance(leaf, Phrase | Near) for leaf in leaves)
        """Whether it matters what stands beside a word."""
        slots = [slot for leaf in leaves for slot in _slots_of(leaf)]
        stems = {term for slot in slots if slot.stemmed for term in slot.terms}
        words = {term for slot in slots if not slot.stemmed for term in slot.terms}
        fits = [matcher(leaf) for leaf in leaves if isinstance(leaf, Wildcard | Fuzzy)]
        self.finder = TermFinder(stems, words, fits, budget)
        self.sequences = [_terms_of(leaf) for leaf in leaves]
        self.forms = None
        if forms and all(self.sequences) and bits_of(self.sequences) <= MOST_BITS:
            self.forms = forms(list(dict.fromkeys(chain.from_iterable(self.sequences))), budget)
        self.several = languages > 1
        self.tables: dict[str | None, TermTable] = {}

    def mark(self, passages: Sequence[Passage], found: list[tuple[Span, ...]]) -> None:
        """Put the spans of each text into `found`, one text after the other. Raises Spent when it is too much work."""
        if not self.leaves or not passages:
            return
        others: Iterable[int] = range(len(passages))
        if self.forms is not None:
            tabled = [i for i in others if is_tabled(passages[i][0])]
            others = sorted({*others}.difference(tabled)) if len(tabled) < len(passages) else []
            self.budget.draw(SCANNED * sum([len(passages[i][0]) for i in tabled]), MARKING)
            for lang in sorted({passages[i][1] for i in tabled}) if self.several else (None,):
                chosen = [i for i in tabled if passages[i][1] == lang] if self.several else tabled
                others += self._looked_up(passages, chosen, lang, self.forms, found)
        for i in others:
            found[i] = self._read(passages[i])

    def _looked_up(
        self,
        passages: Sequence[Passage],
        chosen: list[int],
        lang: str | None,
        forms: dict[Term, TermForms],
        found: list[tuple[Span, ...]],
    ) -> Iterator[int]:
        """Mark some texts of a language by the loop; yield which of them have to be taken apart."""
        if lang not in self.tables:
            self.tables[lang] = TermTable(self.sequences, forms, lang)
        spotted = self.tables[lang].find([passages[i][0] for i in chosen])
        for number, (i, spans) in enumerate(zip(chosen, spotted.spans, strict=True)):
            if spans:
                self.budget.draw(SPAN * len(spans), MARKING)
            if number not in spotted.doubts:
                found[i] = _merged(spans) if self.phrased else tuple(spans)
            elif self.phrased:
                yield i
            else:
                found[i] = self._checked(passages[i], spans, spotted.doubts[number])

    def _checked(self, passage: Passage, spans: list[Span], doubts: list[Span]) -> tuple[Span, ...]:
        """The spans of a text: those that are sure, and those of the runs in doubt, which are taken apart."""
        text, lang, _ = passage
        for start, end in doubts:
            found = self.finder.wanted(text[start:end], lang)
            spans += [(start + of.token.start, start + of.token.end) for of in found]
        self.budget.draw(SPAN * len(doubts), MARKING)
        return _merged(spans)

    def _read(self, passage: Passage) -> tuple[Span, ...]:
        """The spans of a text that is taken apart, all of it."""
        text, lang, _ = passage
        self.budget.draw((ASCII if text.isascii() else OTHER) * len(text), MARKING)
        places, position = _Places(self.budget), 0
        for start, end in find_raw_tokens(text):
            run = text[start:end]
            places.add(self.finder.wanted(run, lang), start, position)
            position += tokens_of(run)[-1].position + 1
        self.budget.draw(LEAF * len(self.leaves), MARKING)
        return _merged((*places.fitting, *(span for leaf in self.leaves for span in _spans(leaf, places))))


def _terms_of(leaf: Leaf) -> tuple[Term, ...]:
    """The terms of a leaf that is met by words that stand side by side; none for any other."""
    match leaf:
        case Wildcard() | Fuzzy():
            return (leaf,)
        case Phrase(slop=1) | Word() if all(slot.width == 1 for slot in _slots_of(leaf)):
            return _slots_of(leaf)
    return ()


def _slots_of(leaf: Leaf) -> tuple[Slot, ...]:
    match leaf:
        case Word():
            return (Slot(leaf.stems, leaf.stems, stemmed=True),)
        case Phrase():
            return leaf.slots
        case Near():
            return (*leaf.left.slots, *leaf.right.slots)
    return ()


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
        if found:
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
