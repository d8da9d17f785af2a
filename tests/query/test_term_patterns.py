"""Wildcards and misspellings: which words fit."""

from __future__ import annotations

import re
from functools import cache

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from search.query.term_patterns import fits_wildcard, matcher, within_distance
from search.query.tree import Fuzzy, Wildcard
from tests.timeouts import in_proportion

short_words = st.text("abc", max_size=6)


@pytest.mark.parametrize(
    ("pattern", "word", "expected"),
    [
        ("suwayd*", "suwayda", True),
        ("suwayd*", "suwayd", True),
        ("suwayd*", "asuwayda", False),
        ("su?ayda", "suwayda", True),
        ("su?ayda", "suayda", False),
        ("*ayd*", "suwayda", True),
        ("*ayda", "suwaydab", False),
        ("s*a*a", "sa", False),
        ("s*a*a", "saa", True),
        ("*", "", True),
        ("?", "", False),
        ("a", "ab", False),
        ("a.b*", "axb", False),
        ("[a]*", "a", False),
        ("?", "😀", True),
        ("c++*", "c++", True),
    ],
)
def test_fits(pattern: str, word: str, expected: bool) -> None:
    """`*` is any run of characters, `?` is one, anything else is itself."""
    assert fits_wildcard(pattern, word) is expected
    assert matcher(Wildcard(pattern))(word) is expected


@given(st.text("ab*?", max_size=8), short_words)
@example("*a*b?*", "aabba")
def test_fits_as_a_regular_expression_does(pattern: str, word: str) -> None:
    """The quick way has to come out where trying every division comes out."""
    slow = "".join({"*": ".*", "?": "."}.get(character, re.escape(character)) for character in pattern)
    assert fits_wildcard(pattern, word) is bool(re.fullmatch(slow, word, re.DOTALL))
    assert matcher(Wildcard(pattern))(word) is fits_wildcard(pattern, word)


@pytest.mark.parametrize("word", ["a" * 20_000, "a" * 20_000 + "c", "ab" * 10_000 + "a"])
def test_many_stars_stay_cheap(word: str) -> None:
    """A regular expression would try every division of the word among the stars, for longer than anyone waits."""
    with in_proportion():
        assert not fits_wildcard("*a*a*a*a*a*b", word + "a")


@cache
def distance(a: str, b: str) -> int:
    """Optimal string alignment distance, by the definition."""
    if not a or not b:
        return len(a) + len(b)
    least = min(distance(a[:-1], b) + 1, distance(a, b[:-1]) + 1, distance(a[:-1], b[:-1]) + (a[-1] != b[-1]))
    if len(a) > 1 and len(b) > 1 and a[-2:] == b[-1] + b[-2]:
        least = min(least, distance(a[:-2], b[:-2]) + 1)
    return least


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ("sharaa", "sharaa", 0),
        ("sharaa", "sharra", 1),
        ("sharaa", "shara", 1),
        ("sharaa", "sharaah", 1),
        ("sharaa", "hsaraa", 1),
        ("sharaa", "hsarra", 2),
        ("sharaa", "shaar", 2),
        ("ca", "abc", 3),
        ("a", "", 1),
        ("", "ab", 2),
        ("ab", "cd", 2),
        ("ab", "ba", 1),
    ],
)
def test_within(a: str, b: str, expected: int) -> None:
    """A letter more, less, other, or two swapped is one misspelling; no part is edited twice."""
    assert [within_distance(a, b, edits) for edits in range(4)] == [edits >= expected for edits in range(4)]


@given(short_words, short_words, st.integers(1, 2))
def test_within_as_the_definition_says(a: str, b: str, edits: int) -> None:
    """Every engine and the marks rest on this: it may give up early, never wrongly."""
    assert within_distance(a, b, edits) is (distance(a, b) <= edits)
    assert within_distance(b, a, edits) is within_distance(a, b, edits)
    if a:
        assert matcher(Fuzzy(a, edits))(b) is within_distance(a, b, edits)


def test_misspellings_of_long_words_stay_cheap() -> None:
    """Words of the index are short, but a query's need not be."""
    matches = matcher(Fuzzy("a" * 128, 2))
    with in_proportion():
        assert not any(matches("b" * length) for length in range(10_000))
        assert matches("a" * 127)
