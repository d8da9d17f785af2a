"""Which spans of a text a query matched. Spans are data: this module knows no HTML.

It reads the text with the same analysis as the index, so it marks what matched: a phrase as a whole and only where it
stands, a word in each inflection, nothing that stands under NOT.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from search.analysis import Token, fold, stems, tokenize
from search.model import Marked, Span
from search.patterns import matcher
from search.query import Fuzzy, Leaf, Near, Node, Phrase, Slot, Wildcard, Word, positive_leaves

ELLIPSIS = "…"


def mark(text: str, query: Node, lang: str, *, title: bool = False) -> tuple[Span, ...]:
    """The spans of a text that the query's words, phrases and patterns matched, merged and in order.

    `title` says that the text is a title; leaves of `title:` mark nothing elsewhere.
    """
    leaves = [leaf for leaf in dict.fromkeys(positive_leaves(query)) if title or not leaf.title]
    if not leaves:
        return ()
    tokens = tokenize(text)
    places = _Places(tokens, lang)
    return _merged(span for leaf in leaves for span in _spans(leaf, places))


class _Places:
    """A text's tokens by stem, by word, and by where they begin and end."""

    def __init__(self, tokens: list[Token], lang: str) -> None:
        self.tokens = tokens
        self.by_stem: dict[str, list[Token]] = {}
        self.by_word: dict[str, list[Token]] = {}
        for token in tokens:
            for stem in stems(token, lang):
                self.by_stem.setdefault(stem, []).append(token)
            self.by_word.setdefault(fold(token.written), []).append(token)

    def at(self, slot: Slot) -> list[Token]:
        """The tokens that a slot of a phrase accepts."""
        table = self.by_stem if slot.stemmed else self.by_word
        return [token for term in slot.terms for token in table.get(term, ()) if token.width == slot.width]


def _spans(leaf: Leaf, places: _Places) -> Iterator[Span]:
    match leaf:
        case Word():
            for stem in leaf.stems:
                yield from ((token.start, token.end) for token in places.by_stem.get(stem, ()))
        case Phrase():
            yield from ((first.start, last.end) for first, last in _phrase(leaf, places))
        case Near():
            yield from _near(leaf, places)
        case Wildcard() | Fuzzy():
            fits = matcher(leaf)
            for word, tokens in places.by_word.items():
                if fits(word):
                    yield from ((token.start, token.end) for token in tokens)


def _phrase(phrase: Phrase, places: _Places) -> list[tuple[Token, Token]]:
    """First and last token of each occurrence, the shortest that ends at each last token."""
    chains = {id(token): (token, token) for token in places.at(phrase.slots[0])}
    for slot in phrase.slots[1:]:
        ends: dict[int, tuple[Token, Token]] = {}
        for first, last in chains.values():
            end = last.position + last.width
            if end not in ends or ends[end][0].position < first.position:
                ends[end] = (first, last)
        following: dict[int, tuple[Token, Token]] = {}
        for token in places.at(slot):
            reach = (ends[e][0] for e in range(token.position - phrase.slop + 1, token.position + 1) if e in ends)
            first = max(reach, key=lambda start: start.position, default=None)
            if first is not None:
                following[id(token)] = (first, token)
        chains = following
    return list(chains.values())


def _near(near: Near, places: _Places) -> Iterator[Span]:
    left, right = _phrase(near.left, places), _phrase(near.right, places)
    for a, b in ((a, b) for a in left for b in right):
        before, after = (a, b) if a[0].position <= b[0].position else (b, a)
        if 1 <= after[0].position - before[1].position - before[1].width + 1 <= near.distance:
            yield from ((first.start, last.end) for first, last in (a, b))


def _merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The spans in order, those that overlap made one."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)


def cut(marked: Marked, length: int) -> Marked:
    """A text shortened to about `length` code points around as many of its matches as fit.

    It begins and ends at words, with an ellipsis where text was left out.
    """
    text, spans = marked.text, marked.spans
    if len(text) <= length:
        return marked
    start = _best_start(spans, length)
    start = max(0, min(start - length // 5, len(text) - length))
    end = min(len(text), start + length)
    start, end = _word_start(text, start, spans), _word_end(text, end, start)
    head = f"{ELLIPSIS} " if start else ""
    tail = f" {ELLIPSIS}" if end < len(text) else ""
    shift = len(head) - start
    kept = tuple((max(low, start) + shift, min(high, end) + shift) for low, high in spans if low < end and high > start)
    return Marked(head + text[start:end] + tail, kept)


def _best_start(spans: tuple[Span, ...], length: int) -> int:
    """Where the window begins that holds the most matches; the first of equals."""
    best, best_count, last = 0, 0, 0
    for first, (start, _) in enumerate(spans):
        last = max(last, first)
        while last < len(spans) and spans[last][1] <= start + length * 4 // 5:
            last += 1
        if last - first > best_count:
            best, best_count = start, last - first
    return best if best_count else (spans[0][0] if spans else 0)


def _word_start(text: str, at: int, spans: tuple[Span, ...]) -> int:
    """The first beginning of a word from `at`, not past a match."""
    if at == 0:
        return 0
    space = re.compile(r"\s+").search(text, at, at + 40)
    limit = next((low for low, high in spans if high > at), len(text))
    return min(space.end(), limit) if space else at


def _word_end(text: str, at: int, start: int) -> int:
    """The last end of a word up to `at`."""
    if at >= len(text):
        return len(text)
    space = max(text.rfind(" ", start, at + 1), start)
    return space if space > at - 40 and space > start else at
