"""Dates in the forms that people and programs write them in documents. The only importer of dateparser."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from search.dates import EPOCH, SHAPE, parse_date
from search.model import Date

if TYPE_CHECKING:
    from dateparser import DateDataParser

LONGEST = 64
"""Characters of the longest text that may be a date."""

_MONTHS = "january february march april may june july august september october november december".split()
_MONTH = "|".join(f"{name}|{name[:3]}" for name in _MONTHS) + "|sept"
_CLOCK = r"(?:,?\s+(?:at\s+)?(?P<hour>\d{1,2})(?P<minute>:\d\d(?::\d\d)?)(?:\s?(?P<half>[ap])\.?m\.?)?)?"
"""A time after a date, with `a.m.` or `p.m.` or by 24 hours."""
_DAY_FIRST = rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+(?P<month>{_MONTH})\.?,?\s+(?P<year>\d{{4}})"
_MONTH_FIRST = rf"(?P<month2>{_MONTH})\.?\s+(?P<day2>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year2>\d{{4}})"
_NAMED = re.compile(
    rf"(?:[a-z]+,?\s+)?(?:{_DAY_FIRST}|{_MONTH_FIRST}|(?P<month3>{_MONTH})\.?,?\s+(?P<year3>\d{{4}})){_CLOCK}",
    re.IGNORECASE | re.ASCII,
)
_WITHIN = re.compile(rf"\b(?:{_DAY_FIRST}|{_MONTH_FIRST})(?!\d)", re.IGNORECASE | re.ASCII)
"""A day within a text, such as `Updated 1200 GMT (2000 HKT) February 13, 2019`."""
_MAIL = re.compile(r"(?:[a-z]{3},\s+)?\d{1,2}[ -][a-z]{3}[ -]\d{2,4}\s+\d\d:\d\d.*", re.IGNORECASE | re.ASCII)
_YEAR_FIRST = re.compile(r"(\d{4})([./])(\d{1,2})\2(\d{1,2})(?P<time>\s+\d{1,2}:\d\d(?::\d\d)?)?", re.ASCII)
_YEAR_LAST = re.compile(rf"(\d{{1,2}})([./-])\s?(\d{{1,2}})\2\s?(\d{{4}}){_CLOCK}", re.IGNORECASE | re.ASCII)
_COMPACT = re.compile(r"\d{8}(?:T\d{4}(?:\d\d)?(?:Z|[+-]\d{2}:?\d{2})?)?", re.ASCII)
_YEAR_MONTH = re.compile(r"(\d{4})[./](\d{1,2})", re.ASCII)
_EAST_ASIAN = re.compile(r"(\d{4})\s?[年년]\s?(\d{1,2})\s?[月월](?:\s?(\d{1,2})\s?[日일])?", re.ASCII)
"""A date of Chinese and Japanese, or of Korean."""
_ISO = re.compile(
    r"\+?(\d{4}-\d{1,2}-\d{1,2}[T ]\d{1,2}:\d\d)(:\d\d)?(?:[.,](\d+))?\s?(?:(UTC|GMT|Z)|([+-]\d\d)(?::?(\d\d))?)?",
    re.ASCII,
)
"""ISO 8601 as programs write it: with a comma before the fraction, hours alone as zone (PostgreSQL), a sign before the
year (Wikidata), or a name of the zone."""
_C = re.compile(
    rf"[a-z]{{3}}\s+(?P<month>{_MONTH})\s+(?P<day>\d{{1,2}})\s+(?P<time>\d\d:\d\d:\d\d)"
    r"(?:\s+(?P<zone>[+-]\d{4}|UTC|GMT))?\s+(?P<year>\d{4})",
    re.IGNORECASE | re.ASCII,
)
"""A date as C writes it, and after it Twitter, Ruby and Unix: `Wed Jul 23 08:15:11 +0200 2025`."""
_ALL_DIGITS = re.compile(r"\d{14}|(?:19|20)\d{10}", re.ASCII)
"""A date and a time without signs between them; twelve digits might also count milliseconds, in 1976."""
_NUMBER = re.compile(r"-?\d{1,20}(?:\.\d{0,20})?", re.ASCII)
_CLOCK_WORD = re.compile(r"(?<=\d)\s+(?:uhr|h)\.?$", re.IGNORECASE)
"""A word after the time that says that it is one, as in `14:05 Uhr`."""
_BEGIN = re.compile(r"\d{4}-\d{1,2}(?:-\d{1,2})?(?!\d)", re.ASCII)
_YEAR = re.compile(
    r"(?<!\d)(1\d{3}|20\d{2})(?!\d|\s?(?:GMT|UTC|[ECMP][SD]?T|CEST|BST|HKT|IST|JST|hours|hrs|h|Uhr)\b)", re.ASCII
)
"""A year within a text, such as `circa 1890`, `[1890]`, `1890s`, `Spring 1998`; `1200 GMT` is none."""
_BEFORE_CHRIST = re.compile(r"^-\d{4}-|\b(?:b\.?\s?c\b|v\.?\s?chr|av\.?\s?j)", re.IGNORECASE)
_SECONDS = (1e8, 1e11)
"""A number between these counts seconds since 1970; a thousand times more, milliseconds."""
_BEFORE_1970 = (-86_400, -3e10)
"""A number between these counts seconds before 1970; smaller ones stand for something else, such as -1 for unknown."""


class StatedDate(NamedTuple):
    """The date that a document states, as far as it can be read."""

    date: Date | None = None
    guessed: bool = False
    """Whether the date can be read in another way, or is less than what is stated."""
    missing: tuple[str, ...] = ()
    """A sentence that says what could not be read, if anything."""


def read_date(stated: object, languages: tuple[str, ...]) -> tuple[Date, bool]:
    """Return a date that is written in any known form, and whether it is a guess because it can be read in another way.

    A number means what its digits mean. Raise ValueError, with a message for people, when it is no date.
    """
    text = stated if isinstance(stated, str) and len(stated) <= LONGEST else _as_text(stated)
    try:
        return parse_date(text), False
    except ValueError:
        text = _as_text(text)
        if SHAPE.fullmatch(text):
            raise  # in our own form, but not on the calendar
    if _BEFORE_CHRIST.search(text):
        raise ValueError(f"{text!r} is not a date that can be read")
    return written_date(text, languages) or (_guessed(text, languages), True)


def first_date(stated: Iterable[object], languages: tuple[str, ...]) -> StatedDate:
    """Return the first of some stated dates that can be read; without one, what can be told from them.

    That is the day, month or year in the first that has one, as a guess; and a sentence about what could not be read.
    """
    rest = StatedDate()
    for value in stated:
        try:
            return StatedDate(*read_date(value, languages))
        except ValueError as error:
            if rest.date is None:
                rest = _part_of_date(value) or (rest if rest.missing else StatedDate(missing=(f"Date: {error}.",)))
    return rest


def _part_of_date(stated: object) -> StatedDate | None:
    """Return what can be told from a date that cannot be read as a whole; None if that is nothing."""
    try:
        text = _as_text(stated)
    except ValueError:
        return None
    candidates = [found[0]] if (found := _BEGIN.match(text)) else []
    candidates += [candidates[0].rpartition("-")[0]] if candidates and candidates[0].count("-") == 2 else []
    if not _BEFORE_CHRIST.search(text):
        candidates += [_day_of(found)] if (found := _WITHIN.search(text)) else []
        candidates += _YEAR.findall(text)[:1]
    for candidate in candidates:
        try:
            date = parse_date(candidate)
        except ValueError:
            continue
        return StatedDate(date, guessed=True, missing=(f"Date: of {text!r} only {date.text} was read.",))
    return None


def _as_text(stated: object) -> str:
    """Return a stated date as text. Raise ValueError when it is neither a text nor a number, or too long."""
    if isinstance(stated, bool) or not isinstance(stated, str | int | float):
        raise ValueError("it is no text and no number")  # noqa: TRY004 - one kind of error for all that is no date
    if isinstance(stated, float) and stated.is_integer():
        stated = int(stated)
    if isinstance(stated, int) and abs(stated) >= 10**LONGEST:
        raise ValueError("the number is too long for a date")
    text = _CLOCK_WORD.sub("", " ".join(str(stated).split()))
    if len(text) > LONGEST:
        raise ValueError(f"'{text[:LONGEST]}…' is too long for a date")
    return text


def written_date(text: str, languages: tuple[str, ...]) -> tuple[Date, bool] | None:
    """Return a date in one of the forms that need no library, and whether it is a guess; None for another form.

    Raise ValueError when it has such a form, but is not on the calendar.
    """
    if found := _NAMED.fullmatch(text):
        if found["month3"]:
            return parse_date(f"{found['year3']}-{_month_number(found['month3']):02}{_time_of(found)}"), False
        return parse_date(_day_of(found) + _time_of(found)), False
    if found := _C.fullmatch(text):
        zone = found["zone"] or ""
        zone = zone if zone[:1] in {"+", "-"} else zone and "Z"
        return parse_date(
            f"{found['year']}-{_month_number(found['month'])}-{found['day']} {found['time']}{zone}"
        ), False
    if _MAIL.fullmatch(text):
        with suppress(ValueError, TypeError):  # the library that is the last resort may know
            return _date(parsedate_to_datetime(text)), False
    if found := _YEAR_FIRST.fullmatch(text):
        return parse_date(f"{found[1]}-{found[3]}-{found[4]}" + (found["time"] or "")), False
    if found := _ISO.fullmatch(text):
        minute, second, fraction, name, hours, minutes = found.groups(default="")
        zone = "Z" if name else hours and f"{hours}:{minutes or '00'}"
        return parse_date(f"{minute}{second}{fraction and '.'}{fraction}{zone}"), False
    if found := _EAST_ASIAN.fullmatch(text):
        return parse_date("-".join(filter(None, found.groups()))), False
    if found := _YEAR_MONTH.fullmatch(text):
        return parse_date(f"{found[1]}-{found[2]}"), False
    if found := _YEAR_LAST.fullmatch(text):
        return _year_last(found, american=_is_american(text, languages))
    return _of_digits(text)


def _day_of(found: re.Match[str]) -> str:
    """Return the day that a match of `_NAMED` or `_WITHIN` states, in our own form."""
    day, month, year = (found[part] or found[f"{part}2"] for part in ("day", "month", "year"))
    return f"{year}-{_month_number(month):02}-{int(day):02}"


def _time_of(found: re.Match[str]) -> str:
    """Return the time after a date, of a match with `_CLOCK`, in our own form with a blank before it; else ""."""
    if not found["hour"]:
        return ""
    hour = int(found["hour"])
    if found["half"] and hour <= 12:
        hour = hour % 12 + (12 if found["half"] in "pP" else 0)
    return f" {hour:02}{found['minute']}"


def _month_number(name: str) -> int:
    """Return the number of a month by its English name, of which the first three letters count."""
    return next(number for number, month in enumerate(_MONTHS, 1) if name[:3].lower() == month[:3])


def _of_digits(text: str) -> tuple[Date, bool] | None:
    """Return a date that is written without separators, or counted since 1970, and whether it is a guess; else None."""
    if _COMPACT.fullmatch(text):
        try:
            return _date(datetime.fromisoformat(text), precise="T" in text), False
        except ValueError:
            raise ValueError(f"{text!r} is not on the calendar") from None
    if _ALL_DIGITS.fullmatch(text):
        with suppress(ValueError):  # it may count milliseconds
            return _date(datetime.fromisoformat(f"{text[:8]}T{text[8:]}")), len(text) < 14
    return (_since_epoch(text), True) if _NUMBER.fullmatch(text) else None


def _year_last(found: re.Match[str], *, american: bool) -> tuple[Date, bool]:
    """Return a date of two numbers and a year: a guess unless one number cannot be a month, or both are the same."""
    first, second = int(found[1]), int(found[3])
    sure = first == second or max(first, second) > 12
    month_first = second > 12 or (american and first <= 12)
    month, day = (first, second) if month_first else (second, first)
    return parse_date(f"{found[4]}-{month:02}-{day:02}{_time_of(found)}"), not sure


@lru_cache(maxsize=4096)
def _guessed(text: str, languages: tuple[str, ...]) -> Date:
    """Return the date that dateparser reads in these languages, never one relative to today. Raise ValueError."""
    try:
        moment = _parser(languages, _is_american(text, languages)).get_date_data(text).date_obj
    except (ValueError, OverflowError, TypeError, IndexError):  # it trips over some texts that are no dates
        moment = None
    if moment is None:
        raise ValueError(f"{text!r} is not a date that can be read")
    return _date(moment, precise=re.search(r"\d\s*[:h]", text) is not None)


@lru_cache(maxsize=4)
def _parser(languages: tuple[str, ...], american: object) -> DateDataParser:
    """Return a parser of absolute dates in these languages, with the month before the day if `american`."""
    from dateparser import DateDataParser  # noqa: PLC0415 - slow to import, and rarely needed

    known = [{"no": "nb"}.get(language, language) for language in languages]
    order = "MDY" if american else "DMY"  # by default that of English, wherever it stands among the languages
    settings = {"STRICT_PARSING": True, "PARSERS": ["absolute-time"], "DATE_ORDER": order}
    return DateDataParser(languages=known, settings=settings)


def _is_american(text: str, languages: tuple[str, ...]) -> bool:
    """Return whether the month of a date in numbers stands before the day: with slashes, where English comes first."""
    return "/" in text and languages[:1] == ("en",)


def _since_epoch(text: str) -> Date:
    """Return the date of a number of seconds or milliseconds since 1970. Raise ValueError for any other number."""
    number = float(text)
    least, most = _SECONDS
    latest, earliest = _BEFORE_1970
    if not (least <= number < most * 1000 or earliest <= number <= latest):
        raise ValueError(f"{text!r} is not a date")
    return _date(EPOCH + timedelta(seconds=number // (1 if number < most else 1000)))


def _date(moment: datetime, *, precise: bool = True) -> Date:
    """Return a moment as a date with its zone, if it has one; the whole day unless `precise`."""
    if not precise:
        return parse_date(f"{moment:%Y-%m-%d}".zfill(10))
    if moment.tzinfo is not None and moment.utcoffset() == timedelta(0):
        moment = moment.astimezone(UTC)
    return parse_date(moment.replace(microsecond=0).isoformat(" ").replace("+00:00", "Z"))
