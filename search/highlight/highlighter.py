"""Find the spans of texts that a query matches.

Texts are analysed in the same way as for the index, so what is marked is what the search found: a phrase as a whole and
only where all of it occurs, a word in each inflection, and nothing that is under NOT in the query.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import NamedTuple, TypeAlias

from search.analysis.sentences import sentence_starts
from search.analysis.tokenizer import Token, find_raw_tokens
from search.budget import MARKING, QueryBudget, Spent
from search.highlight.term_finder import (
    MAX_BITS,
    SCAN_COST,
    MatchedToken,
    TermFinder,
    TermTable,
    bits_needed,
    is_scannable,
    windows_around,
)
from search.model import Span, TermForms
from search.query.term_patterns import matcher
from search.query.tree import (
    AtLeast,
    Fuzzy,
    Lead,
    Leaf,
    Near,
    Node,
    Phrase,
    SameSentence,
    Slot,
    Term,
    Wildcard,
    Word,
    positive_leaves,
    slots_of,
)

UNMARKED = "Some of the text is shown without marks: marking it all was too much work."
"""The warning for readers that marks may be missing."""
ASCII_COST, OTHER_COST = 30, 300
"""Units of work for each code point of a text that is tokenized, if the text is ASCII, and if it is not."""
SPAN_COST = 3_000
"""Units of work for each token that is marked, which includes showing it."""
LEAF_COST, OCCURRENCE_COST, NEAR_COST = 1_500, 600, 3_000
"""Units of work for each leaf of the query, each token that fits a slot of a phrase, and each operand of NEAR found."""

FormsOf: TypeAlias = Callable[[Sequence[Term], QueryBudget], dict[Term, TermForms] | None]
"""A function that looks up the forms of terms in an index, as `Snapshot.forms` does; None if they are too many."""


class Passage(NamedTuple):
    """A text to mark, and the code of its language.

    Leaves of `title:` are marked in titles only, leaves of `lead:` in titles and first paragraphs.
    """

    text: str
    lang: str
    is_title: bool = False
    is_first: bool = False
    """Whether it is the first paragraph of an article."""


class Occurrence(NamedTuple):
    """A token or a phrase in a text: a half-open range of token positions, and one of offsets in code points."""

    begin: int
    end: int
    start_offset: int
    end_offset: int


def mark(text: str, query: Node, lang: str, *, title: bool = False) -> tuple[Span, ...]:
    """Return the spans of a text that a query matches, in order and without overlaps.

    `lang` is the code of the text's language, `title` tells whether the text is the title of an article.
    """
    return Highlighter(query).mark([Passage(text, lang, title)])[0]


class Highlighter:
    """Marks any number of texts for one query.

    `forms` is a function that looks up the forms of terms in an index. Texts are then scanned for these forms, which is
    fast; without `forms` each text is tokenized and stemmed. `languages` is the number of languages that the
    articles of the index are in. When the budget, by default a new one, is spent, nothing more is marked, and
    `warnings` says so. Not thread-safe.
    """

    def __init__(
        self, query: Node, budget: QueryBudget | None = None, forms: FormsOf | None = None, languages: int = 2
    ) -> None:
        self._spent = False
        budget = budget or QueryBudget()
        cuts = budget.cuts
        leaves = list(dict.fromkeys(positive_leaves(query)))
        inner = [leaf.leaf if isinstance(leaf, Lead) else leaf for leaf in leaves]
        kinds: tuple[list[Leaf], ...] = (
            [leaf for leaf in inner if not isinstance(leaf, AtLeast)],
            [leaf for leaf in inner if not leaf.title],
            [leaf for leaf in leaves if not leaf.title and not isinstance(leaf, Lead)],
        )
        made: list[_LeafHighlighter] = []
        for number, kind in enumerate(kinds):
            known = kinds.index(kind)  # most queries have the same leaves in all three kinds
            made.append(made[known] if known < number else _LeafHighlighter(kind, budget, forms, languages))
        self._in_titles, self._in_first, self._in_texts = made
        self._partial = budget.cuts > cuts
        """Whether the lookup of forms was cut short."""

    @property
    def warnings(self) -> tuple[str, ...]:
        """A tuple of UNMARKED if marks may be missing in the texts so far, else an empty one."""
        return (UNMARKED,) if self._spent or self._partial else ()

    def mark(self, passages: Sequence[Passage]) -> list[tuple[Span, ...]]:
        """Return the matched spans of each text, in order and without overlaps; none once the budget is spent."""
        if self._in_titles is self._in_first is self._in_texts:
            return self._mark(self._in_texts, passages)
        by_kind: dict[_LeafHighlighter, list[int]] = {}
        for i, (_, _, is_title, is_first) in enumerate(passages):
            kind = self._in_titles if is_title else self._in_first if is_first else self._in_texts
            by_kind.setdefault(kind, []).append(i)
        spans: list[tuple[Span, ...]] = [()] * len(passages)
        for kind, numbers in by_kind.items():
            for i, found in zip(numbers, self._mark(kind, [passages[i] for i in numbers]), strict=True):
                spans[i] = found
        return spans

    def _mark(self, highlighter: _LeafHighlighter, passages: Sequence[Passage]) -> list[tuple[Span, ...]]:
        spans: list[tuple[Span, ...]] = [()] * len(passages)
        try:
            if not self._spent:
                highlighter.mark(passages, spans)
        except Spent:
            self._spent = True
        return spans


class _LeafHighlighter:
    """Marks texts for some leaves of a query."""

    def __init__(self, leaves: list[Leaf], budget: QueryBudget, forms: FormsOf | None, languages: int) -> None:
        self.budget = budget
        self.leaves = leaves
        self.has_phrases = not all(map(_is_one_word, leaves))
        """Whether some leaf matches a token only if it has certain other tokens around it, or often enough."""
        slots = [slot for leaf in leaves for slot in slots_of(leaf)]
        stems = {term for slot in slots if slot.stemmed for term in slot.terms}
        words = {term for slot in slots if not slot.stemmed for term in slot.terms}
        patterns = [matcher(leaf) for leaf in leaves if isinstance(leaf, (Wildcard, Fuzzy))]
        self.sequences = [_terms_of(leaf) for leaf in leaves]
        terms: Iterable[Term] = chain.from_iterable(_terms_of(leaf) or slots_of(leaf) for leaf in leaves)
        known = forms(list(dict.fromkeys(terms)), budget) if forms else None
        self.forms = known if all(self.sequences) and bits_needed(self.sequences) <= MAX_BITS else None
        """The forms of each term, if the compiled loop can find all leaves by them."""
        candidates = None if known is None else {*chain.from_iterable(chain.from_iterable(known.values()))}
        self.finder = TermFinder(stems, words, patterns, budget, candidates)
        self.several_languages = languages > 1
        self.tables: dict[str | None, TermTable] = {}

    def mark(self, passages: Sequence[Passage], spans: list[tuple[Span, ...]]) -> None:
        """Write the spans of each text into `spans`, which has a place for each. Raises Spent on too much work."""
        if not self.leaves or not passages:
            return
        others: Iterable[int] = range(len(passages))
        if self.forms is not None:
            scanned = [i for i in others if is_scannable(passages[i][0])]
            others = sorted({*others}.difference(scanned))
            self.budget.charge_or_raise(SCAN_COST * sum([len(passages[i][0]) for i in scanned]), MARKING)
            for lang in sorted({passages[i][1] for i in scanned}) if self.several_languages else (None,):
                chosen = [i for i in scanned if lang is None or passages[i][1] == lang]
                others += self._scan(passages, chosen, lang, self.forms, spans)
        for i in others:
            text, lang, *_ = passages[i]
            spans[i] = _merged(self._analyze(text, lang, [(0, len(text))]))

    def _scan(
        self,
        passages: Sequence[Passage],
        chosen: list[int],
        lang: str | None,
        forms: dict[Term, TermForms],
        spans: list[tuple[Span, ...]],
    ) -> Iterator[int]:
        """Mark the chosen texts, all of one language, by the compiled loop; yield those that have to be analysed."""
        if lang not in self.tables:
            self.tables[lang] = TermTable(self.sequences, forms, lang)
        found = self.tables[lang].find([passages[i][0] for i in chosen])
        for number, (i, certain) in enumerate(zip(chosen, found.spans, strict=True)):
            if certain:
                self.budget.charge_or_raise(SPAN_COST * len(certain), MARKING)
            tokens = found.tokens_in_doubt.get(number, [])
            if tokens and self.has_phrases:
                yield i
            elif in_doubt := found.in_doubt.get(number, []) + tokens:
                text, lang, *_ = passages[i]
                spans[i] = _merged((*certain, *self._analyze(text, lang, windows_around(text, in_doubt))))
            else:
                spans[i] = _merged(certain) if self.has_phrases else tuple(certain)

    def _analyze(self, text: str, lang: str, windows: Sequence[Span]) -> Iterator[Span]:
        """Yield the spans of a text by tokenizing and stemming what is in windows, which begin and end with tokens."""
        cost = ASCII_COST if text.isascii() else OTHER_COST
        self.budget.charge_or_raise(cost * sum(high - low for low, high in windows), MARKING)
        tokens, position = _MatchedTokens(text, self.budget), 0
        for low, high in windows:
            for start, end in find_raw_tokens(text[low:high]):
                matches, n_positions = self.finder.matches(text[low + start : low + end], lang)
                if matches:
                    tokens.add(matches, low + start, position)
                position += n_positions
            position += 1  # the words of two windows do not stand side by side
        self.budget.charge_or_raise(LEAF_COST * len(self.leaves), MARKING)
        yield from tokens.pattern_spans
        for leaf in self.leaves:
            yield from _leaf_spans(leaf, tokens)


def _is_one_word(leaf: Leaf) -> bool:
    """Tell whether a leaf matches a token whatever stands around it: a word, a pattern or a quoted word."""
    return isinstance(leaf, (Word, Wildcard, Fuzzy)) or (isinstance(leaf, Phrase) and len(leaf.slots) == 1)


def _terms_of(leaf: Leaf) -> tuple[Term, ...]:
    """Return the terms of a leaf that matches consecutive tokens, one for each term; () for any other leaf."""
    match leaf:
        case Wildcard() | Fuzzy():
            return (leaf,)
        case Phrase(slop=1) | Word():
            slots = slots_of(leaf)
            return slots if all(slot.width == 1 for slot in slots) else ()
    return ()


class _MatchedTokens:
    """The tokens of one text that match terms of a query, by stem and by word."""

    def __init__(self, text: str, budget: QueryBudget) -> None:
        self.text = text
        self.budget = budget
        self.pattern_spans: list[Span] = []
        """Spans of the tokens that match a wildcard or a misspelling."""
        self.by_stem: dict[str, list[Token]] = {}
        self.by_word: dict[str, list[Token]] = {}
        self.known: dict[Slot, list[Occurrence]] = {}

    def add(self, matches: list[MatchedToken], start: int, position: int) -> None:
        """Add the matches within a raw token that begins at this code point and at this token position."""
        self.budget.charge_or_raise(SPAN_COST * len(matches), MARKING)
        for (low, high, at, width, written, kind), stems, word, fits_pattern in matches:
            if fits_pattern:
                self.pattern_spans.append((start + low, start + high))
            token = Token(start + low, start + high, position + at, width, written, kind)
            for stem in stems:
                self.by_stem.setdefault(stem, []).append(token)
            self.by_word.setdefault(word, []).append(token)

    def occurrences(self, slot: Slot) -> list[Occurrence]:
        """Return the tokens that fit a slot of a phrase, in order."""
        if slot not in self.known:
            table = self.by_stem if slot.stemmed else self.by_word
            found = (token for term in slot.terms for token in table.get(term, ()) if token.width == slot.width)
            self.known[slot] = sorted({Occurrence(t.position, t.position + t.width, t.start, t.end) for t in found})
        return self.known[slot]


def _leaf_spans(leaf: Leaf, tokens: _MatchedTokens) -> Iterator[Span]:
    match leaf:
        case Word():
            for stem in leaf.stems:
                yield from ((token.start, token.end) for token in tokens.by_stem.get(stem, ()))
        case Phrase():
            for found in _phrases(_slot_occurrences(leaf, tokens), leaf.slop):
                yield found.start_offset, found.end_offset
        case Near():
            yield from _near_spans(leaf, tokens)
        case SameSentence():
            yield from _sentence_spans(leaf, tokens)
        case AtLeast():
            yield from _frequent_spans(leaf, tokens)


def _frequent_spans(leaf: AtLeast, tokens: _MatchedTokens) -> Iterator[Span]:
    """Yield the spans of a word or a phrase, if it begins at enough places of the text."""
    if isinstance(leaf.words, Word):
        found = (token for stem in leaf.words.stems for token in tokens.by_stem.get(stem, ()))
        places = {(token.position, token.start, token.end) for token in found}
    else:
        phrases = _phrases(_slot_occurrences(leaf.words, tokens), leaf.words.slop)
        places = {(one.begin, one.start_offset, one.end_offset) for one in phrases}
    if len({position for position, _, _ in places}) >= leaf.count:
        yield from ((low, high) for _, low, high in sorted(places))


def _sentence_spans(leaf: SameSentence, tokens: _MatchedTokens) -> Iterator[Span]:
    left, right = _shortest_phrases(leaf.left, tokens), _shortest_phrases(leaf.right, tokens)
    if not left or not right:
        return
    tokens.budget.charge_or_raise(NEAR_COST * (len(left) + len(right)), MARKING)
    starts = sentence_starts(tokens.text)
    for ours, others in ((left, right), (right, left)):
        edges: dict[int, tuple[int, int]] = {}
        """The first end and the last begin of the other side in each sentence."""
        for other in others:
            if (sentence := _sentence_of(other, starts)) is not None:
                end, begin = edges.get(sentence, (other.end, other.begin))
                edges[sentence] = min(end, other.end), max(begin, other.begin)
        for one in ours:
            sentence = _sentence_of(one, starts)
            if sentence in edges and (edges[sentence][0] <= one.begin or edges[sentence][1] >= one.end):
                yield one.start_offset, one.end_offset


def _sentence_of(occurrence: Occurrence, starts: list[int]) -> int | None:
    """Return the number of the sentence that an occurrence stands in, given where sentences start; None for several."""
    first = bisect_right(starts, occurrence.start_offset)
    return first if first == bisect_right(starts, occurrence.end_offset - 1) else None


def _slot_occurrences(phrase: Phrase, tokens: _MatchedTokens) -> list[list[Occurrence]]:
    """Return the occurrences of each slot of a phrase; a single empty list if a slot has none."""
    slots = [tokens.occurrences(slot) for slot in phrase.slots]
    tokens.budget.charge_or_raise(OCCURRENCE_COST * sum(1 + len(slot) for slot in slots), MARKING)
    return slots if all(slots) else [[]]


def _phrases(slots: list[list[Occurrence]], slop: int) -> list[Occurrence]:
    """Return the occurrences of a phrase in order: for each token that an occurrence ends with, the shortest one."""
    chains = [(first, first) for first in slots[0]]
    for slot in slots[1:]:
        longer: list[tuple[Occurrence, Occurrence]] = []
        chain = None
        following = iter(chains)
        coming = next(following, None)
        for last in slot:
            while coming and coming[1].end <= last.begin:
                chain, coming = coming, next(following, None)
            # Of the chains that end before `last`, the one that ends last also began last: one sweep finds it.
            if chain and last.begin - chain[1].end < slop:
                longer.append((chain[0], last))
        chains = longer
    return [Occurrence(first.begin, last.end, first.start_offset, last.end_offset) for first, last in chains]


def _mirrored(occurrences: list[Occurrence]) -> list[Occurrence]:
    return [Occurrence(-end, -begin, -high, -low) for begin, end, low, high in reversed(occurrences)]


def _shortest_phrases(phrase: Phrase, tokens: _MatchedTokens) -> list[Occurrence]:
    """Return the shortest occurrence of a phrase for each last token, and the shortest for each first token.

    A last token is one that some occurrence ends with, a first token one that some occurrence begins with.
    """
    slots = _slot_occurrences(phrase, tokens)
    forwards = _phrases(slots, phrase.slop)
    if phrase.slop == 1:
        return forwards
    backwards = _phrases([_mirrored(slot) for slot in reversed(slots)], phrase.slop)
    return forwards + _mirrored(backwards)


def _near_spans(near: Near, tokens: _MatchedTokens) -> Iterator[Span]:
    left, right = _shortest_phrases(near.left, tokens), _shortest_phrases(near.right, tokens)
    tokens.budget.charge_or_raise(NEAR_COST * (len(left) + len(right)), MARKING)
    for ours, others in ((left, right), (right, left)):
        begins, ends = sorted(other.begin for other in others), sorted(other.end for other in others)
        for one in ours:
            after, before = one.end, one.begin - near.distance + 1
            if _any_within(begins, after, near.distance) or _any_within(ends, before, near.distance):
                yield one.start_offset, one.end_offset


def _any_within(positions: list[int], low: int, length: int) -> bool:
    """Tell whether any of `positions`, sorted, is in the half-open range of `length` that begins at `low`."""
    at = bisect_left(positions, low)
    return at < len(positions) and positions[at] < low + length


def _merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Return spans in order, with those that overlap merged into one."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)
