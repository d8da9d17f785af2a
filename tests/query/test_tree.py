"""What can be said of a tree without an engine."""

from __future__ import annotations

import pytest

from search.query.parser import parse
from search.query.tree import (
    And,
    Dated,
    Not,
    Or,
    Wildcard,
    Word,
    is_witness,
    patterns,
    positive_leaves,
    scored_leaves,
    scored_stems,
)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("a", True),
        ('"a b"', True),
        ("a NEAR/2 b", True),
        ("a*", True),
        ("title:a", True),
        ("-a", False),
        ("--a", False),
        ("source:x", False),
        ("lang:en date:2025", False),
        ("-a source:x", False),
        ("-a OR b", True),
        ("source:x (lang:en a)", True),
        ("", False),
    ],
)
def test_witnesses_hold_words_outside_of_not(query: str, expected: bool) -> None:
    """By the rule of titles a paragraph must meet a witness with words of its own."""
    assert is_witness(parse(query).tree) is expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ""),
        ("a (b OR -c) --d source:x", "a b"),
        ("a b a", "a b a"),
        ("requests requesting", "request request"),
        ('"requesting support" request', "request support request"),
        ("a NEAR/3 supports", "a support"),
        ("title:a su*", "a"),
        ("-(a b)", ""),
    ],
)
def test_scored_stems(query: str, expected: str) -> None:
    """Each positive word is scored as often as it stands in the query; what is excluded must not be."""
    assert " ".join(scored_stems(scored_leaves(parse(query).tree))) == expected


def test_patterns_are_told_apart_by_what_they_match() -> None:
    """A pattern typed twice is looked up and scored once, wherever it stands."""
    tree = parse("Su* OR (SU* NOT Sa*) OR title:su*").tree
    assert patterns(scored_leaves(tree)) == (Wildcard("su*"), Wildcard("su*", title=True))


def test_positive_leaves_come_in_order() -> None:
    """Marks and scores are explained in the order in which the words were typed."""
    tree = And((Word(("a",)), Not(Word(("b",))), Or((Word(("c",)), Word(("d",))))))
    assert [leaf.stems[0] for leaf in positive_leaves(tree) if isinstance(leaf, Word)] == ["a", "c", "d"]


@pytest.mark.parametrize(
    ("bounds", "article", "expected"),
    [
        (Dated(ends_after=10, starts_before=20), (0, 10), False),
        (Dated(ends_after=10, starts_before=20), (0, 11), True),
        (Dated(ends_after=10, starts_before=20), (19, 30), True),
        (Dated(ends_after=10, starts_before=20), (20, 30), False),
        (Dated(ends_after=10, starts_before=20), (0, 30), True),
        (Dated(ends_by=10), (0, 10), True),
        (Dated(ends_by=10), (0, 11), False),
        (Dated(starts_from=10), (10, 11), True),
        (Dated(starts_from=10), (9, 20), False),
        (Dated(), (0, 1), True),
    ],
)
def test_dates_hold_where_intervals_meet(bounds: Dated, article: tuple[int, int], expected: bool) -> None:
    """`date:` takes whatever touches it, `before:` and `after:` only what lies wholly there."""
    assert bounds.holds(*article) is expected
