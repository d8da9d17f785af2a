"""Dates, numbers and languages as people read them."""

from __future__ import annotations

import re
import unicodedata
from calendar import month_name
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from markupsafe import Markup

from search.analysis.tokenizer import LANGUAGES
from search.dates import SHAPE
from search.highlight import cut
from search.model import Marked

TITLE = 240
"""Code points of a title that a list shows: whoever wrote a title of a megabyte gets no page of it."""


@lru_cache(4096)
def day(text: str) -> str:
    """A date to the day, as precise as it is known: `1969-07-20 20:17:40` is 20 July 1969, `1969-07` is July 1969."""
    found = SHAPE.fullmatch(text)
    if found is None or not 1 <= int(found["month"] or 1) <= 12:
        return text
    parts = [str(int(found["day"]))] if found["day"] else []
    if found["month"]:
        parts.append(month_name[int(found["month"])])
    return " ".join([*parts, found["year"]])


def moment(text: str) -> str:
    """A date with its time of day, where there is one: 20 July 1969, 20:17."""
    found = SHAPE.fullmatch(text)
    if found is None or not found["hour"]:
        return day(text)
    zone = {None: "", "Z": " UTC"}.get(found["zone"], f" UTC{found['zone']}")
    return f"{day(text)}, {int(found['hour']):02}:{found['minute']}{zone}"


@lru_cache(4096)
def machine(text: str) -> str:
    """A date as the `datetime` of HTML's `time` element wants it: two digits each, a T before the time."""
    found = SHAPE.fullmatch(text)
    if found is None:
        return text
    date = "-".join([found["year"], *(f"{int(found[part]):02}" for part in ("month", "day") if found[part])])
    if not found["hour"]:
        return date
    second = f":{found['second']}" if found["second"] else ""
    return f"{date}T{int(found['hour']):02}:{found['minute']}{second}{found['zone'] or ''}"


def number(value: int) -> str:
    """A number with its thousands apart."""
    return f"{value:,}"


def count(value: int, noun: str) -> str:
    """A number and what it counts: 1 paragraph, 2 paragraphs."""
    return f"{value:,} {noun}" if value == 1 else f"{value:,} {noun}s"


def language(code: str) -> str:
    """A language's name in English, or its code where the name is not known."""
    return LANGUAGES[code].capitalize() if code in LANGUAGES else code


def short_title(marked: Marked) -> Marked:
    """A title short enough for a list."""
    return cut(marked, TITLE)


def shorten(text: str) -> str:
    """A text short enough for a list."""
    return cut(Marked(text), TITLE).text


def direction(text: str) -> str:
    """Which way a text runs, by its first letter: `rtl` for Arabic or Hebrew, else `ltr`."""
    strong = next((kind for kind in map(unicodedata.bidirectional, text) if kind in {"L", "R", "AL"}), "L")
    return "ltr" if strong == "L" else "rtl"


@lru_cache(256)
def lang_attribute(code: str) -> Markup:
    """The attribute that says of an element which language it is in; none where browsers would not know the code."""
    # Markup's own `format` escapes what it puts in; letters alone get that far: see test_facets.
    return Markup(' lang="{}"').format(code) if re.fullmatch("[A-Za-z]{1,3}", code) else Markup()


def options(counted: Mapping[str, int], current: str | None, *, named: bool = False) -> list[tuple[str, str]]:
    """The values of a select and what they are called; the current one is among them even if it is not known."""
    values = dict.fromkeys([*counted, *filter(None, [current])])
    return [(value, language(value) if named else value) for value in values]


FILTERS: dict[str, Callable[..., Any]] = {
    "count": count,
    "day": day,
    "direction": direction,
    "lang_attribute": lang_attribute,
    "language": language,
    "machine": machine,
    "moment": moment,
    "number": number,
    "options": options,
    "shorten": shorten,
}
"""What templates may apply."""
