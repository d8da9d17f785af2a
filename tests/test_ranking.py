"""The definition of a score: what makes a paragraph come before another."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.ranking import EXACT, K1, LENGTHS, MAX_FREQUENCY, B, idf, impact, impact_table, length_bytes

frequencies = st.integers(1, 10_000)
lengths = st.integers(0, 1_000_000)
averages = st.floats(1, 10_000)


@pytest.mark.parametrize(
    ("frequency", "length", "average", "expected"),
    [
        (1, 100, 100.0, 1.0),
        (2, 100, 100.0, 2 * (K1 + 1) / (2 + K1)),
        (1, 50, 100.0, (K1 + 1) / (1 + K1 * (1 - B + B / 2))),
        (0, 100, 100.0, 0.0),
    ],
)
def test_impact_by_hand(frequency: int, length: int, average: float, expected: float) -> None:
    """Every engine gives these scores; a change of the formula must be a decision, not an accident."""
    assert impact(frequency, length, average) == pytest.approx(expected, rel=1e-12)


@given(frequencies, frequencies, lengths, averages)
def test_more_occurrences_never_count_less(one: int, other: int, length: int, average: float) -> None:
    """Saying a word again must not push a paragraph down, nor lift it without bounds."""
    low, high = sorted((one, other))
    assert 0 < impact(low, length, average) <= impact(high, length, average) < K1 + 1


@given(frequencies, lengths, lengths, averages)
def test_the_shorter_of_two_counts_no_less(frequency: int, one: int, other: int, average: float) -> None:
    """The same word says more of a short paragraph than of a long one."""
    short, long = sorted((one, other))
    assert impact(frequency, long, average) <= impact(frequency, short, average)


@given(st.integers(1, 10**9), st.data())
def test_rare_words_count_more(paragraphs: int, data: st.DataObject) -> None:
    """A word that is everywhere still counts a little: it must neither be for nothing nor against."""
    rare, common = sorted(data.draw(st.integers(1, paragraphs)) for _ in range(2))
    assert 0 < idf(paragraphs, common) <= idf(paragraphs, rare) <= math.log(1 + (paragraphs - 0.5) / 1.5)


def test_lengths_are_a_byte() -> None:
    """The tables of the index have a byte for a length: exact for most paragraphs, within 9 % for all."""
    assert len(LENGTHS) == 256
    assert LENGTHS[:EXACT].tolist() == list(range(EXACT))
    assert all(low < high <= low * 1.1 for low, high in pairwise(LENGTHS[EXACT - 1 :].tolist()))
    assert LENGTHS[-1] > 5_000_000
    assert length_bytes(range(EXACT)).tolist() == list(range(EXACT))


@given(lengths)
def test_a_length_is_known_from_below(length: int) -> None:
    """A ceiling that is computed from the byte must never be below the score."""
    known = LENGTHS[length_bytes([length])[0]]
    assert known <= length < max(known * 1.1, known + 1)


@given(frequencies, lengths, averages)
def test_the_table_has_the_impacts(frequency: int, length: int, average: float) -> None:
    """Engines look scores up instead of computing them; they have to find the same ones."""
    at = min(frequency, MAX_FREQUENCY) * 256 + int(length_bytes([length])[0])
    assert impact_table(average)[at] == pytest.approx(impact(frequency, length, average), rel=1e-12)
