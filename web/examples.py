"""Queries to begin with, made from titles of this archive, so that each finds something."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from search.analysis import Kind, Token, tokenize
from search.model import Heading

LETTERS = 4
"""Letters that make a word of a title worth an example."""
STEM = 5
"""Letters before the * of an example."""
TITLE = 300
"""Code points of a title that are looked at."""


class Example(NamedTuple):
    """A query, and what it finds."""

    q: str
    meaning: str


def examples(headings: Sequence[Heading]) -> list[Example]:
    """At most one of each kind, each from a title of its own where there are enough."""
    found: list[Example] = []
    makers = [_words, _quote, _prefix, _either]
    for heading in headings:
        words = [token for token in tokenize(heading.title[:TITLE]) if _is_telling(token)]
        for maker in makers:
            example = next(maker(heading.title, words), None)
            if example is not None:
                found.append(example)
                makers.remove(maker)
                break
    return found


def _is_telling(token: Token) -> bool:
    # Letters only: what is not may mean something in the query language.
    return token.kind is Kind.WORD and len(token.written) >= LETTERS and token.written.isalpha()


def _longest(words: Sequence[Token], count: int) -> list[str]:
    """The longest words, in the order of the text: the longest tend to say what it is about."""
    longest = sorted(words, key=lambda token: -(token.end - token.start))[:count]
    return [token.written for token in sorted(longest)]


def _words(_title: str, words: Sequence[Token]) -> Iterator[Example]:
    if len(words) > 1:
        yield Example(" ".join(_longest(words, 2)).lower(), "both words, in any form")


def _quote(title: str, words: Sequence[Token]) -> Iterator[Example]:
    neighbours = [(a, b) for a, b in pairwise(words) if a.position + 1 == b.position and title[a.end : b.start] == " "]
    if neighbours:
        first, last = max(neighbours, key=lambda pair: min(len(token.written) for token in pair))
        yield Example(f'"{title[first.start : last.end]}"', "exactly these words")


def _prefix(_title: str, words: Sequence[Token]) -> Iterator[Example]:
    for word in _longest(words, 1):
        if len(word) > STEM:
            yield Example(f"{word[:STEM]}*", "words that begin so")


def _either(_title: str, words: Sequence[Token]) -> Iterator[Example]:
    if len(words) > 1:
        one, other = _longest(words, 2)
        yield Example(f"{one.lower()} OR {other.lower()}", "either word")
