"""Which word was meant by what was typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.model import WordCount
from search.suggest.spelling import EXTRA, FIRST_LETTER, MISSING, OTHER, price, ranked

LETTERS = st.text("abcp", max_size=7)


@pytest.mark.parametrize(
    ("likelier", "other"),
    [
        (("suport", "support"), ("supprt", "support")),
        (("seperate", "separate"), ("sebarate", "separate")),
        (("recieve", "receive"), ("recxive", "receive")),
        (("fone", "phone"), ("zone", "phone")),
        (("miljtary", "military"), ("milwtary", "military")),
        (("nuklear", "nuclear"), ("nuxlear", "nuclear")),
        (("militery", "military"), ("nilitary", "military")),
    ],
)
def test_common_slips_cost_less(likelier: tuple[str, str], other: tuple[str, str]) -> None:
    """Double letters, vowels, swaps, what sounds alike and neighbours on the keyboard are what people get wrong."""
    assert price(*likelier) < price(*other)


@given(LETTERS, LETTERS)
def test_a_price_is_that_of_some_slips(typed: str, meant: str) -> None:
    """The same word costs nothing, any other something, and never more than to type it all anew."""
    cost = price(typed, meant)
    assert (cost == 0) == (typed == meant)
    if abs(len(typed) - len(meant)) <= 1:
        assert cost <= (OTHER + EXTRA + MISSING) * max(len(typed), len(meant)) + FIRST_LETTER


@given(LETTERS, LETTERS, st.floats(0, 5))
def test_what_costs_too_much_is_not_worked_out(typed: str, meant: str, most: float) -> None:
    """The limit saves time and changes no price below it."""
    assert price(typed, meant, most) == price(typed, meant) or price(typed, meant) > most


@given(LETTERS, st.lists(st.tuples(LETTERS.filter(bool), st.integers(1, 10_000)), unique_by=lambda one: one[0]))
def test_the_best_are_the_best_of_all(typed: str, words: list[tuple[str, int]]) -> None:
    """Leaving out what cannot be among the first three loses none of them."""
    counted = sorted((WordCount(*one) for one in words), key=lambda one: (-one.paragraphs, one.word))
    every = ranked(typed, counted, 1_000)
    assert ranked(typed, counted, 3) == [one for one in every if one[0] > float("-inf")][:3]
    assert all(one.word != typed for _, one in every)
