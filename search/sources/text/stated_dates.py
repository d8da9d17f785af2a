"""Dates in the forms that people and programs write them in documents. The only importer of dateparser."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from search.dates import EPOCH, FORMS, SHAPE, parse_date
from search.errors import UnreadableArticle
from search.model import Date

if TYPE_CHECKING:
    from dateparser import DateDataParser

ADVICE = f"Write the date as {FORMS}."
LONGEST = 64
"""Characters of the longest text that may be a date."""

_MONTHS = "january february march april may june july august september october november december".split()
_MONTH = "|".join(f"{name}|{name[:3]}" for name in _MONTHS) + "|sept"
_NAMED = re.compile(
    rf"(?:[a-z]+,?\s+)?(?:(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+)?(?P<month>{_MONTH})\.?,?\s+(?P<year>\d{{4}})"
    rf"|(?:[a-z]+,?\s+)?(?P<month2>{_MONTH})\.?\s+(?P<day2>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year2>\d{{4}})",
    re.IGNORECASE | re.ASCII,
)
_MAIL = re.compile(r"(?:[a-z]{3},\s+)?\d{1,2}[ -][a-z]{3}[ -]\d{2,4}\s+\d\d:\d\d.*", re.IGNORECASE | re.ASCII)
_YEAR_FIRST = re.compile(r"(\d{4})([./])(\d{1,2})\2(\d{1,2})(?P<time>\s+\d{1,2}:\d\d(?::\d\d)?)?", re.ASCII)
_YEAR_LAST = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4})(?P<time>\s+\d{1,2}:\d\d(?::\d\d)?)?", re.ASCII)
_COMPACT = re.compile(r"\d{8}(?:T\d{4}(?:\d\d)?(?:Z|[+-]\d{2}:?\d{2})?)?", re.ASCII)
_SECONDS = (1e8, 1e11)
"""A number between these counts seconds since 1970; a thousand times more, milliseconds."""
_YEARS = range(1000, 3000)


def read_date(stated: str | float, languages: tuple[str, ...]) -> tuple[Date, bool]:
    """Return a date that is written in any known form, and whether it is a guess because it can be read in another way.

    A number counts seconds or milliseconds since 1970, or is a year. Raise ValueError, with a message for people, when
    it is no date.
    """
    if isinstance(stated, float) or (isinstance(stated, int) and stated not in _YEARS):
        return _since_epoch(stated), True
    text = str(stated).strip()
    if len(text) > LONGEST:
        raise ValueError(f"'{text[:LONGEST]}…' is too long for a date")
    try:
        return parse_date(text), False
    except ValueError:
        if SHAPE.fullmatch(text):
            raise  # in our own form, but not on the calendar
    return _written(text, languages)


def first_date(
    stated: Iterable[str], languages: tuple[str, ...], what: str, instead: str = "leave it out"
) -> tuple[Date | None, bool]:
    """Return the first of some stated dates and whether it is a guess; None, False when there is none.

    Raise UnreadableArticle when it is no date: `what` says in the message which date it is, `instead` advises what
    else to do than to correct it.
    """
    for text in stated:
        try:
            return read_date(text, languages)
        except ValueError as error:
            raise UnreadableArticle(f"{what}: {error}.", f"{ADVICE[:-1]}, or {instead}.") from None
    return None, False


def _written(text: str, languages: tuple[str, ...]) -> tuple[Date, bool]:
    """Return a date in another form than ISO 8601 and whether it is a guess. Raise ValueError."""
    if found := _NAMED.fullmatch(text):
        day, month, year = (found[part] or found[f"{part}2"] for part in ("day", "month", "year"))
        number = next(n for n, name in enumerate(_MONTHS, 1) if month[:3].lower() == name[:3])
        return parse_date(f"{year}-{number:02}" + (f"-{int(day):02}" if day else "")), False
    if _MAIL.fullmatch(text):
        try:
            return _date(parsedate_to_datetime(text)), False
        except (ValueError, TypeError):
            pass  # its last resort may know
    if _COMPACT.fullmatch(text):
        try:
            return _date(datetime.fromisoformat(text), precise="T" in text), False
        except ValueError:
            raise ValueError(f"{text!r} is not on the calendar") from None
    if found := _YEAR_FIRST.fullmatch(text):
        return parse_date(f"{found[1]}-{found[3]}-{found[4]}" + (found["time"] or "")), False
    if found := _YEAR_LAST.fullmatch(text):
        return _year_last(found, american=found[2] == "/" and languages[:1] == ("en",))
    return _guessed(text, languages), True


def _year_last(found: re.Match[str], *, american: bool) -> tuple[Date, bool]:
    """Return a date of two numbers and a year: a guess unless one number cannot be a month, or both are the same."""
    first, second = int(found[1]), int(found[3])
    sure = first == second or max(first, second) > 12
    month_first = second > 12 or (american and first <= 12)
    month, day = (first, second) if month_first else (second, first)
    return parse_date(f"{found[4]}-{month:02}-{day:02}" + (found["time"] or "")), not sure


@lru_cache(maxsize=4096)
def _guessed(text: str, languages: tuple[str, ...]) -> Date:
    """Return the date that dateparser reads in these languages, never one relative to today. Raise ValueError."""
    try:
        moment = _parser(languages).get_date_data(text).date_obj
    except (ValueError, OverflowError, TypeError, IndexError):  # it trips over some texts that are no dates
        moment = None
    if moment is None:
        raise ValueError(f"{text!r} is not a date that can be read")
    return _date(moment, precise=re.search(r"\d\s*[:h]", text) is not None)


@lru_cache(maxsize=4)
def _parser(languages: tuple[str, ...]) -> DateDataParser:
    """Return a parser of absolute dates in these languages."""
    from dateparser import DateDataParser  # noqa: PLC0415 - slow to import, and rarely needed

    known = [{"no": "nb"}.get(language, language) for language in languages]
    return DateDataParser(languages=known, settings={"STRICT_PARSING": True, "PARSERS": ["absolute-time"]})


def _since_epoch(number: float) -> Date:
    """Return the date of a number of seconds or milliseconds since 1970. Raise ValueError for any other number."""
    least, most = _SECONDS
    if not least <= number < most * 1000:
        raise ValueError(f"{number!r} is not a date")
    return _date(EPOCH + timedelta(seconds=number // (1 if number < most else 1000)))


def _date(moment: datetime, *, precise: bool = True) -> Date:
    """Return a moment as a date with its zone, if it has one; the whole day unless `precise`."""
    if not precise:
        return parse_date(f"{moment:%Y-%m-%d}".zfill(10))
    if moment.tzinfo is not None and moment.utcoffset() == timedelta(0):
        moment = moment.astimezone(UTC)
    return parse_date(moment.replace(microsecond=0).isoformat(" ").replace("+00:00", "Z"))
