"""Dates of any precision, and the seconds that they cover."""

from __future__ import annotations

from calendar import isleap, monthrange
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.dates import parse_date, year_and_month
from tests.strategies import texts

MINUTE, HOUR, DAY = 60, 3600, 86_400


def at(*parts: int) -> int:
    """Seconds from 1970 to a moment of the calendar."""
    return int(datetime(*parts, tzinfo=UTC).timestamp())  # type: ignore[arg-type,misc]


@pytest.mark.parametrize(
    ("text", "start", "length"),
    [
        ("2025", at(2025, 1, 1), 365 * DAY),
        ("2024", at(2024, 1, 1), 366 * DAY),
        ("1900", at(1900, 1, 1), 365 * DAY),
        ("2000", at(2000, 1, 1), 366 * DAY),
        ("2025-07", at(2025, 7, 1), 31 * DAY),
        ("2025-7", at(2025, 7, 1), 31 * DAY),
        ("2024-02", at(2024, 2, 1), 29 * DAY),
        ("2025-02", at(2025, 2, 1), 28 * DAY),
        ("2025-12", at(2025, 12, 1), 31 * DAY),
        ("2025-07-23", at(2025, 7, 23), DAY),
        ("2024-02-29", at(2024, 2, 29), DAY),
        ("2025-07-23 08:15", at(2025, 7, 23, 8, 15), MINUTE),
        ("2025-07-23T08:15", at(2025, 7, 23, 8, 15), MINUTE),
        ("2025-07-23 08:15:11", at(2025, 7, 23, 8, 15, 11), 1),
        ("2025-07-23 00:00:00", at(2025, 7, 23), 1),
        ("2025-07-23T08:15:11.25", at(2025, 7, 23, 8, 15, 11), 1),
        ("2025-07-23T08:15:11Z", at(2025, 7, 23, 8, 15, 11), 1),
        ("2025-07-23T08:15:11+03:00", at(2025, 7, 23, 8, 15, 11), 1),
        ("2025-07-23 01:15 +0300", at(2025, 7, 23, 1, 15), MINUTE),
        ("2025-12-31T23:30:00-01:00", at(2025, 12, 31, 23, 30), 1),
        ("  2025-07-23\n", at(2025, 7, 23), DAY),
        ("0001", at(1, 1, 1), 365 * DAY),
        ("9999", at(9999, 1, 1), 365 * DAY),
        ("9999-12-31 23:59:59", at(9999, 12, 31, 23, 59, 59), 1),
        ("1969-12-31 23:59:59", -1, 1),
    ],
)
def test_seconds(text: str, start: int, length: int) -> None:
    """A year is not its first second: filters and `before:` go by the whole interval."""
    found = parse_date(text)
    assert (found.start, found.end - found.start) == (start, length)


JUNK = (
    *(
        "",
        " ",
        "tomorrow",
        "2025-",
        "25",
        "20250",
        "2025-13",
        "2025-00",
        "2025-02-29",
        "2025-07-32",
        "2025-07-00",
        "0000",
    ),
    *("2025-07-23 25:00", "2025-07-23 08", "2025-07-23 08:60", "2025-07-23 08:15:60", "2025/07/23", "23.07.2025"),
    *("2025-07-23 08:15 +25:00", "2025-07-23T", "-2025", "2025 07"),
    *("２０２５", "٢٠٢٥", "2025-07-23 08:15:11 CET", "2025-W30", "2025-204", "1e3", "2025\x00", "x" * 1000),
)


@pytest.mark.parametrize("text", JUNK, ids=lambda text: repr(text)[:25])
def test_junk(text: str) -> None:
    """A date that is guessed at sorts an article to where nobody looks: better to refuse, and say what is wanted."""
    with pytest.raises(ValueError, match=r"not a date of the form YYYY|not on the calendar"):
        parse_date(text)


@given(texts | st.from_regex(r"\A[0-9]{4}-[0-9]{1,2}(-[0-9]{1,2}([ T][0-9:.+Z -]{1,12})?)?\Z"))
def test_any_text_is_a_date_or_a_value_error(text: str) -> None:
    """Dates come from files and from URLs, that is from anyone."""
    with suppress(ValueError):
        found = parse_date(text)
        assert found.start < found.end
        assert year_and_month(found)[0].isdecimal()


@given(st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30)), st.integers(-14 * 60, 14 * 60))  # noqa: DTZ001 - naive
def test_precisions_contain_each_other(moment: datetime, offset: int) -> None:
    """A second lies in its minute, its day, its month, its year: `date:2025` finds what `date:2025-07` finds."""
    written = f"{moment:%Y-%m-%d %H:%M:%S}".rjust(19, "0")
    dates = [parse_date(written[:length]) for length in (4, 7, 10, 16, 19)]
    for outer, inner in pairwise(dates):
        assert outer.start <= inner.start < inner.end <= outer.end
    assert [one.end - one.start for one in dates[2:]] == [DAY, MINUTE, 1]
    assert dates[0].end - dates[0].start == (366 if isleap(moment.year) else 365) * DAY
    assert dates[1].end - dates[1].start == monthrange(moment.year, moment.month)[1] * DAY

    zone = timezone(timedelta(minutes=offset))
    zoned = parse_date(written + f"{datetime(2000, 1, 1, tzinfo=zone):%z}")
    assert zoned[1:] == dates[-1][1:]  # an article is of the day that it states


@given(st.dates())
def test_months_and_years_follow_each_other(day: date) -> None:
    """What `after:` leaves out `date:` or `before:` finds: there is no second between a month and the next."""
    this = parse_date(f"{day.year:04}-{day.month:02}")
    if (day.year, day.month) != (9999, 12):
        year, month = divmod(day.year * 12 + day.month, 12)
        assert parse_date(f"{year:04}-{month + 1:02}").start == this.end
    assert year_and_month(this) == (f"{day.year:04}", f"{day.year:04}-{day.month:02}")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2025", ("2025", None)),
        ("2025-02", ("2025", "2025-02")),
        ("2025-07-23 08:15", ("2025", "2025-07")),
        ("2025-12-31T23:30:00-01:00", ("2025", "2025-12")),
        ("0800-01", ("0800", "0800-01")),
    ],
)
def test_year_and_month(text: str, expected: tuple[str, str | None]) -> None:
    """An article of which only the year is known must not count for January."""
    assert year_and_month(parse_date(text)) == expected


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2025", "2025"),
        ("2025-07-23 08:15:11", "2025-07-23T08:15:11"),
        ("2025-07-23T08:15:11", "2025-07-23T08:15:11"),
        (" 2025-07-23 08:15 +03:00", "2025-07-23T08:15+03:00"),
        ("2025-07-23T08:15 Z", "2025-07-23T08:15Z"),
    ],
)
def test_iso(text: str, iso: str) -> None:
    """Feeds and programs read dates by the standard, which has no space in them."""
    assert parse_date(text).iso == iso
    if len(iso) > 10:
        assert datetime.fromisoformat(iso).year == 2025
