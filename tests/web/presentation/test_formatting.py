"""Dates, numbers and languages as people read them."""

from __future__ import annotations

import pytest

from search.dates import parse_date
from web.presentation import formatting


@pytest.mark.parametrize(
    ("text", "day", "moment", "machine"),
    [
        ("1969", "1969", "1969", "1969"),
        ("1969-7", "July 1969", "July 1969", "1969-07"),
        ("1969-07-20", "20 July 1969", "20 July 1969", "1969-07-20"),
        ("1969-7-2 9:05", "2 July 1969", "2 July 1969, 09:05", "1969-07-02T09:05"),
        ("1969-07-20 20:17:40", "20 July 1969", "20 July 1969, 20:17", "1969-07-20T20:17:40"),
        ("2026-11-22T10:00:00Z", "22 November 2026", "22 November 2026, 10:00 UTC", "2026-11-22T10:00:00Z"),
        (*("2025-07-23 08:15:11 +03:00", "23 July 2025", "23 July 2025, 08:15 UTC+03:00"), "2025-07-23T08:15:11+03:00"),
    ],
)
def test_dates_are_as_precise_as_they_are_known(text: str, day: str, moment: str, machine: str) -> None:
    """`1969` is not 1 January, and HTML's time element takes two digits each, with a T."""
    parse_date(text)
    assert (formatting.day(text), formatting.moment(text), formatting.machine(text)) == (day, moment, machine)


@pytest.mark.parametrize("text", ["", "yesterday", "2025-13", "\x00"])
def test_what_is_no_date_is_shown_as_it_is(text: str) -> None:
    """A date that another version of the index wrote must not take the page down."""
    assert formatting.day(text) == formatting.moment(text) == text


def test_names() -> None:
    """A language that has no name here keeps its code."""
    assert (formatting.language("fr"), formatting.language("xx")) == ("French", "xx")


@pytest.mark.parametrize(
    ("text", "direction"),
    [("Moon", "ltr"), ("", "ltr"), ("1969 «", "ltr"), ("«المدينة» in 5", "rtl"), ("5 שלום", "rtl"), ("A מ", "ltr")],
)
def test_texts_run_as_their_first_letter_does(text: str, direction: str) -> None:
    """Date and back link of an Arabic article stand where its lines begin."""
    assert formatting.direction(text) == direction
