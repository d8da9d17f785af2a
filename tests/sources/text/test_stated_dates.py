"""The dates that documents state: which are certain, which are guesses, which are none."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.dates import parse_date
from search.sources.text.stated_dates import StatedDate, first_date, read_date
from tests.strategies import texts

CERTAIN = {
    "2025": "2025",
    " 2025-07 ": "2025-07",
    "2025-07-23T08:15:11+02:00": "2025-07-23T08:15:11+02:00",
    "20250723": "2025-07-23",
    "20250723T081511Z": "2025-07-23 08:15:11Z",
    "2025/7/23": "2025-07-23",
    "2025.07.23 08:15": "2025-07-23 08:15",
    "Wed, 23 Jul 2025 08:15:11 GMT": "2025-07-23 08:15:11Z",
    "23 Jul 2025 08:15:11 +0200": "2025-07-23 08:15:11+02:00",
    "23 July 2025": "2025-07-23",
    "Wednesday, 23rd July 2025": "2025-07-23",
    "July 23, 2025": "2025-07-23",
    "Wed, Jul 23 2025": "2025-07-23",
    "sept. 2025": "2025-09",
    "July 2025": "2025-07",
    "23/07/2025": "2025-07-23",
    "07/23/2025": "2025-07-23",
    "3.3.2025": "2025-03-03",
    "1998/05": "1998-05",
    "20240331100000": "2024-03-31 10:00:00",
    "Wed Jul 23 08:15:11 +0200 2025": "2025-07-23 08:15:11+02:00",  # of Twitter and Ruby
    "Wed Jul  3 08:15:11 2025": "2025-07-03 08:15:11",  # of C
    "2025-07-23 08:15:11+02": "2025-07-23 08:15:11+02:00",  # of PostgreSQL
    "2025-07-23 08:15:11 UTC": "2025-07-23 08:15:11Z",
    "2025-07-23T08:15:11,5Z": "2025-07-23T08:15:11.5Z",
    "+2025-07-23T08:15:11Z": "2025-07-23T08:15:11Z",  # of Wikidata
    "2025年7月23日": "2025-07-23",
    "2025년 7월 3일": "2025-07-03",
    "2025 年 7 月": "2025-07",
    "July 23, 2025 8:15 PM": "2025-07-23 20:15",
    "Wednesday, 23 July 2025 at 12:15:11 a.m.": "2025-07-23 00:15:11",
    "23/07/2025, 08:15:11": "2025-07-23 08:15:11",  # of JavaScript
    "23. 7. 2025": "2025-07-23",
}
GUESSED = {
    "03/04/2025": "2025-03-04",  # as Americans write it, for English comes first
    "3.4.2025": "2025-04-03",  # nobody writes the month first with dots
    "23 juillet 2025": "2025-07-23",
    "mercredi 23 juillet 2025 à 8h15": "2025-07-23 08:15:00",
    "23 Temmuz 2025": "2025-07-23",
    "23.7.25": "2025-07-23",
    "12.03.2019 14:05 Uhr": "2019-03-12 14:05",
    "1753258511": "2025-07-23 08:15:11",
    "1753258511000": "2025-07-23 08:15:11",
    "-86400": "1969-12-31 00:00:00",
    "202507230815": "2025-07-23 08:15:00",
    "3.4.25": "2025-04-03",
    "3. 4. 2025": "2025-04-03",
    "3.4.2025, 08:15:11": "2025-04-03 08:15:11",
    "3/4/2025, 8:15:11 AM": "2025-03-04 08:15:11",
    "3/4/25": "2025-03-04",
}


@pytest.mark.parametrize("stated", CERTAIN)
def test_certain(stated: str) -> None:
    """What can be read in one way only is no guess."""
    date, guessed = read_date(stated, ("en", "fr", "tr"))
    assert (date.start, date.end) == (parse_date(CERTAIN[stated]).start, parse_date(CERTAIN[stated]).end)
    assert not guessed


@pytest.mark.parametrize("stated", GUESSED)
def test_guessed(stated: str) -> None:
    """Whoever relies on dates has to know which of them may be wrong."""
    assert read_date(stated, ("en", "fr", "tr")) == (parse_date(GUESSED[stated]), True)


def test_the_first_language_decides_the_order() -> None:
    """3/4 is in March for Americans, in April for everybody else."""
    for stated in ("03/04/2025", "3/4/25", "3.4.25", "03/04/2025 - 8h15", "3 4 2025"):
        date, guessed = read_date(stated, ("fr", "en"))
        assert (date.text[:10], guessed) == ("2025-04-03", True)


@pytest.mark.parametrize(
    ("number", "date"),
    [
        (1753258511, "2025-07-23 08:15:11"),
        (1753258511.5, "2025-07-23 08:15:11"),
        (1753258511000, "2025-07-23 08:15:11"),
    ],
)
def test_seconds_and_milliseconds(number: float, date: str) -> None:
    """Programs write them; which of both it is can be seen from the size."""
    assert read_date(number, ("en",)) == (parse_date(date), True)


def test_a_number_can_be_a_year() -> None:
    """`"date": 1969` is the year, not a second of 1970."""
    assert read_date(1969, ("en",)) == (parse_date("1969"), False)


@pytest.mark.parametrize(
    "stated",
    [
        *("", "soon", "yesterday", "2 days ago", "now", "5", "May", "2025-13-01", "31 February 2025", "32/13/2025"),
        *("20251301", "0 Jan 2025 99:99", "9" * 10_000, 5, -1, 10**400, float("inf"), float("nan")),
    ],
)
def test_what_is_no_date(stated: str | float) -> None:
    """It is refused with a reason; an article must not lose its date in silence, nor get one of today's."""
    with pytest.raises(ValueError, match=r"date|calendar"):
        read_date(stated, ("en", "fr"))


@pytest.mark.parametrize(
    ("stated", "date"),
    [
        *(("circa 1890", "1890"), ("1890s", "1890"), ("[1890]", "1890"), ("c1890", "1890"), ("1890-1895", "1890")),
        *(
            ("1890-00-00", "1890"),
            ("2024-02-30", "2024-02"),
            ("2024-03-31T24:00:00", "2024-03-31"),
            ("Q1 2024", "2024"),
        ),
        *(("Spring 1998", "1998"), ("2024-W13", "2024"), ("2024-091", "2024")),
        ("Updated 1200 GMT (2000 HKT) February 13, 2019", "2019-02-13"),
        ("Published at 1530 hours, 2019", "2019"),
        ("By J. Doe, 31 Feb 2019", "2019"),
    ],
)
def test_part_of_a_date(stated: str, date: str) -> None:
    """The year of an old letter is better than nothing, and that it is only the year has to be said."""
    found = first_date([stated], ("en",))
    assert (found.date, found.guessed) == (parse_date(date), True)
    assert repr(stated) in found.missing[0]


@pytest.mark.parametrize(
    "stated",
    [
        "0000-00-00 00:00:00",
        "n/a",
        "unknown",
        "12 BC",
        "1200 B.C.",
        "-1200-03-15",
        "-0044-03-15T00:00:00Z",
        0,
        True,
        [],
        {},
        "9" * 99,
    ],
)
def test_no_part_of_a_date(stated: object) -> None:
    """What stands for no date must not become one; the article is found without."""
    found = first_date([stated], ("en",))
    assert (found.date, found.guessed) == (None, False)
    assert len(found.missing) == 1


def test_the_next_statement_is_tried() -> None:
    """A page may state its date in several ways, of which one is empty talk."""
    assert first_date(["n/a", "circa 1890", "2025-07-23"], ("en",)) == StatedDate(parse_date("2025-07-23"))
    assert first_date(["n/a", "circa 1890", "unknown"], ("en",)).date == parse_date("1890")
    assert first_date([], ("en",)) == StatedDate()


@given(texts | st.text("0123456789/.-: TZJul", max_size=30) | st.integers() | st.floats())
def test_anything_is_a_date_or_none(stated: str | float) -> None:
    """Whatever stands there, the run goes on."""
    with suppress(ValueError):
        date, _ = read_date(stated, ("en", "tr"))
        assert date.start < date.end
    first_date([stated], ("en", "tr"))
