"""What holds of the marks in every text, for every query."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.analysis.tokenizer import fold, stems, tokenize
from search.brute_force import Text
from search.errors import QueryError
from search.highlight import ELLIPSIS, cut, mark
from search.model import Marked, Span
from search.query.parser import parse
from search.query.term_patterns import matcher
from search.query.tree import Fuzzy, Near, Node, Phrase, Wildcard, Word, positive_leaves
from tests.query.query_strategies import queries, readable
from tests.strategies import texts
from tests.timeouts import in_proportion

WORDS = ("a", "b", "c", "ab", "A", "a-b", "C++", "C", "U.S.", "中国", "b's", "😀", "é", ",", "a.b", "Suwayda", "Sharaa")
short_texts = st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join)
leaves = st.sampled_from(
    ["a", "C++", "中国", "a-b", "a*", "?b", "ab~1", '"a b"', '"a b"~3', '"a a"~4', '"a b a"~2', '"a-b c"', '"C++ a"']
) | st.sampled_from(
    ["a NEAR/1 b", "a NEAR/3 a", '"a b"~5 NEAR/1 c', 'c NEAR/1 "a b"~5', '"b a"~3 NEAR/2 "a b"~4', "a-b NEAR/3 c"]
)
Place = tuple[int, int, int, int]
"""Positions from and to, code points from and to."""


def tree_of(query: str) -> Node | None:
    try:
        return parse(query, languages=("en", "fr")).tree
    except QueryError:
        return None


@given(short_texts | texts, queries | readable | leaves, st.booleans())
def test_spans_are_in_order_apart_and_within(text: str, query: str, title: bool) -> None:
    """Whoever shows a text cuts it at the spans one after the other."""
    tree = tree_of(query)
    if tree is not None:
        end = 0
        for low, high in mark(text, tree, "en", title=title):
            assert end <= low < high <= len(text)
            end = high


@given(short_texts, queries | readable | leaves)
def test_what_matches_is_marked_and_nothing_else(text: str, query: str) -> None:
    """A leaf that the text meets must show, one that it does not meet must not; NOT shows nothing."""
    tree = tree_of(query)
    if tree is not None:
        positive = [leaf for leaf in positive_leaves(tree) if not leaf.title]
        for leaf in positive:
            assert bool(mark(text, leaf, "en")) == Text(text, "en").meets(leaf)
        together = {at for leaf in positive for low, high in mark(text, leaf, "en") for at in range(low, high)}
        assert together == {at for low, high in mark(text, tree, "en") for at in range(low, high)}


def occurrences(phrase: Phrase, text: str) -> set[Place]:
    """Every occurrence of a phrase, by trying every token in every slot."""
    found: set[Place | None] = {None}
    for slot in phrase.slots:
        places = {
            (token.position, token.position + token.width, token.start, token.end)
            for token in tokenize(text)
            if token.width == slot.width
            and set(stems(token, "en") if slot.stemmed else (fold(token.written),)) & set(slot.terms)
        }
        found = {
            place if before is None else (before[0], place[1], before[2], place[3])
            for before, place in product(found, places)
            if before is None or 0 <= place[0] - before[1] < phrase.slop
        }
    return {place for place in found if place is not None}


def shortest(places: set[Place], at: int) -> set[Place]:
    """The shortest occurrence for each end (at = 1) or beginning (at = 0)."""
    best: dict[int, Place] = {}
    for place in sorted(places, key=lambda place: place[1] - place[0]):
        best.setdefault(place[at], place)
    return set(best.values())


def expected(leaf: Node, text: str) -> Iterator[Span]:
    """The spans to be marked, by the definition."""
    if isinstance(leaf, Phrase):
        yield from (place[2:] for place in shortest(occurrences(leaf, text), 1))
    elif isinstance(leaf, Near):
        left, right = occurrences(leaf.left, text), occurrences(leaf.right, text)
        for ours, others in ((left, right), (right, left)):
            for one in shortest(ours, 0) | shortest(ours, 1):
                gaps = [b[0] - a[1] for other in others for a, b in ((one, other), (other, one))]
                if any(0 <= gap < leaf.distance for gap in gaps):
                    yield one[2:]
    elif isinstance(leaf, Word):
        yield from ((t.start, t.end) for t in tokenize(text) if set(stems(t, "en")) & set(leaf.stems))
    elif isinstance(leaf, Wildcard | Fuzzy):
        fits = matcher(leaf)
        yield from ((t.start, t.end) for t in tokenize(text) if fits(fold(t.written)))


def covered(spans: Iterable[Span]) -> set[int]:
    return {at for low, high in spans for at in range(low, high)}


@given(short_texts, leaves)
def test_marks_are_those_of_the_definition(text: str, query: str) -> None:
    """The marker takes short cuts to be fast: it has to come out where trying everything comes out."""
    tree = parse(query).tree
    assert covered(mark(text, tree, "en")) == covered(expected(tree, text))


@given(short_texts | texts, leaves, st.sampled_from([40, 60, 100, 320]))
def test_cut_keeps_what_is_marked(text: str, query: str, length: int) -> None:
    """A shortened text marks the same strings, at least one of them, and is no longer than asked for."""
    text = " ".join([text, "x y z, " * 9, text, "w" * 30, text])
    whole = Marked(text, mark(text, parse(query).tree, "en"))
    short = cut(whole, length)
    body = short.text.removeprefix(f"{ELLIPSIS} ").removesuffix(f" {ELLIPSIS}")
    assert body in text
    assert len(body) <= length
    assert bool(short.spans) == bool(whole.spans)
    strings = [text[low:high] for low, high in whole.spans]
    assert all(short.text[low:high] in strings for low, high in short.spans[1:-1])
    end = 0
    for low, high in short.spans:
        assert end <= low < high <= len(short.text)
        end = high


MANY = "a " * 5000
HEAVY = {
    "words": "a OR b",
    "a loose quote": '"a a a a"~100',
    "a long loose quote": '"' + "a " * 50 + '"~100',
    "near itself": "a NEAR/100 a",
    "near loosely": '"a a"~100 NEAR/100 "a a a"~100',
    "many quotes": " OR ".join(f'"a w{number}"' for number in range(500)),
    "many patterns": " OR ".join(f"*a*b{number}" for number in range(500)),
}


@pytest.mark.parametrize("name", HEAVY)
def test_no_paragraph_takes_long_to_mark(name: str) -> None:
    """Marks are made while a reader waits; five thousand matches must not take their square."""
    tree = parse(HEAVY[name]).tree
    with in_proportion():
        spans = mark(MANY, tree, "en")
        cut(Marked(MANY, spans), 320)
