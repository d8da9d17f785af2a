"""Calendar dates of any precision, as half-open intervals of seconds."""

from __future__ import annotations

import re
from calendar import isleap, monthrange
from datetime import datetime, timedelta
from functools import lru_cache

from search.model import Date

EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - naive on purpose: a date is where its article was
SHAPE = re.compile(
    r"(?P<year>\d{4})(?:-(?P<month>\d{1,2})(?:-(?P<day>\d{1,2})"
    r"(?:[ T](?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.\d+)?)?"
    r"\s?(?P<zone>Z|[+-]\d{2}:?\d{2})?)?)?)?",
    re.ASCII,
)
"""Regular expression of a date of any precision, with a group for each part."""
FORMS = "YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DD HH:MM:SS"
"""The accepted forms of dates, for error messages."""


@lru_cache(maxsize=1 << 12)  # many articles are of one day
def parse_date(text: str) -> Date:
    """Parse a date of any precision: `2025` covers the year, `2025-07-23 08:15` the minute.

    The interval is taken from the date and the time as they are written. A zone is accepted and has no effect: an
    article that says July 23 is found and shown under July 23, wherever that was.

    Raises ValueError, with a message for people, for any other text.
    """
    found = SHAPE.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text!r} is not a date of the form {FORMS}")
    year, month, day = int(found["year"]), int(found["month"] or 1), int(found["day"] or 1)
    hour, minute, second = (int(found[part] or 0) for part in ("hour", "minute", "second"))
    try:
        start = datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - see EPOCH
        if found["zone"] not in (None, "Z"):
            datetime.strptime(found["zone"].replace(":", ""), "%z")  # raises ValueError for a zone that does not exist
    except ValueError:
        raise ValueError(f"{text!r} is not on the calendar") from None
    begin = (start - EPOCH) // timedelta(seconds=1)
    suffix = found["zone"] or ""
    written = found[0].removesuffix(suffix).rstrip() + suffix  # ISO 8601 has no space before the zone
    return Date(written, begin, begin + _length(found, start))


def _length(found: re.Match[str], start: datetime) -> int:
    """Return how many seconds a date covers, from the parts it was written with and its start."""
    if found["second"]:
        return 1
    if found["hour"]:
        return 60
    if found["day"]:
        return 86_400
    if found["month"]:
        return monthrange(start.year, start.month)[1] * 86_400
    return (366 if isleap(start.year) else 365) * 86_400


def year_and_month(date: Date) -> tuple[str, str | None]:
    """Return a date's values of the facets `year` and `month`, such as `2025` and `2025-07`.

    The month is None for a date that covers more than a month.
    """
    moment = EPOCH + timedelta(seconds=date.start)
    year = f"{moment.year:04}"
    return year, f"{year}-{moment.month:02}" if date.end - date.start <= 31 * 86_400 else None


@lru_cache(4096)
def period_number(period: str) -> int:
    """Return the place of a year (`2025`) among all years, or of a month (`2025-07`) among all months."""
    year, _, month = period.partition("-")
    return int(year) * 12 + int(month) - 1 if month else int(year)


def month_at(number: int) -> str:
    """Return the month that has a number, as `period_number` counts them."""
    return f"{number // 12:04}-{number % 12 + 1:02}"
