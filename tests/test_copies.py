"""The rule by which articles are copies of one another."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from search.copies import SHORT, SLOTS, Signature, are_alike, copy_groups, order, signature
from search.dates import parse_date
from search.model import Heading

TEXT = [f"word{n}" for n in range(200)]


def test_a_signature_estimates_the_similarity() -> None:
    """The rule stands on it: a biased estimate would link what has little in common, or nothing at all."""
    for apart, likely in ((1000, (63, 64)), (50, (50, 62)), (10, (26, 42)), (1, (0, 1))):
        other = [f"x{n}" if n % apart == 0 else word for n, word in enumerate(TEXT)]
        agreeing = sum(a == b for a, b in zip(signature(TEXT).slots, signature(other).slots, strict=True))
        assert likely[0] <= agreeing <= likely[1], (apart, agreeing)


def test_a_signature_stays_as_it_is() -> None:
    """Signatures are on disk: a change of the hashes needs a new format, or old and new articles have no copies."""
    found = signature(["the", "moon", "und:北", "7"])
    assert (found.shingles, len(found.slots)) == (2, SLOTS)
    assert found.slots[:4] == (95, 125, 83, 235)


@given(st.integers(0, SHORT + 5))
def test_short_articles_have_to_agree_in_all(words: int) -> None:
    """News by a form, such as prices of the day, differ in a number and are not the same news."""
    text, middle = TEXT[:words], words // 2
    other = [*text[:middle], "x", *text[middle + 1 :]][:words]
    alike = are_alike(signature(text), signature(other))
    assert alike == (words - 2 >= SHORT)
    assert are_alike(signature(text), signature(text)) == (words > 2)


def test_a_copy_is_like_the_main_article_itself() -> None:
    """By small steps one text becomes another one: a chain of them is no group."""
    versions = [[*(f"new{n}" for n in range(changed)), *TEXT[changed:]] for changed in range(0, 200, 20)]
    groups = copy_groups([signature(version) for version in versions])
    assert groups[0][0] == 0
    assert len(groups) > 1
    assert all(are_alike(signature(versions[group[0]]), signature(versions[one])) for group in groups for one in group)


def test_only_some_main_articles_are_compared() -> None:
    """A million articles by one form would otherwise be compared with each other."""
    first, second = signature(TEXT), signature([*TEXT[:100], *(f"x{n}" for n in range(100))])
    mixed = [first, second, Signature(SHORT, (*second.slots[:60], 0, 0, 0, 0))]
    assert copy_groups(mixed) == [[1, 2]]
    before = [
        Signature(SHORT, tuple([slot if n // 3 == band else band for n, slot in enumerate(second.slots)]))
        for band in range(21)
    ]
    assert copy_groups([*before, *mixed], max_mains=1) == []


def test_the_order_of_articles() -> None:
    """The original is the earliest; an article whose date nobody knows is taken for a copy."""
    dates = {"b": "2020-01-02", "a": None, "c": "2020-01-02", "d": "2019"}
    headings = [Heading(name, "", parse_date(date) if date else None, "s", "en") for name, date in dates.items()]
    assert [heading.id for heading in sorted(headings, key=order)] == ["d", "b", "c", "a"]
