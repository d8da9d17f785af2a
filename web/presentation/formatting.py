"""Format dates, numbers, languages and titles for people."""

from __future__ import annotations

import re
import unicodedata
from calendar import month_name
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from markupsafe import Markup

from search.analysis.tokenizer import LANGUAGES
from search.dates import SHAPE
from search.highlight import cut
from search.model import Marked, count

TITLE = 240
"""Maximum number of code points of a title in a list; the title of an article can be a megabyte long."""


@lru_cache(4096)
def day(text: str) -> str:
    """Return a date without its time: `1969-07-20 20:17:40` becomes `20 July 1969`, `1969-07` becomes `July 1969`.

    A text that is no date is returned as it is.
    """
    found = SHAPE.fullmatch(text)
    if found is None or not 1 <= int(found["month"] or 1) <= 12:
        return text
    parts = [str(int(found["day"]))] if found["day"] else []
    if found["month"]:
        parts.append(month_name[int(found["month"])])
    return " ".join([*parts, found["year"]])


def moment(text: str) -> str:
    """Return a date with its time to the minute, if it has one, as `20 July 1969, 20:17`."""
    found = SHAPE.fullmatch(text)
    if found is None or not found["hour"]:
        return day(text)
    zone = {None: "", "Z": " UTC"}.get(found["zone"], f" UTC{found['zone']}")
    return f"{day(text)}, {int(found['hour']):02}:{found['minute']}{zone}"


@lru_cache(4096)
def machine(text: str) -> str:
    """Return a date for the attribute `datetime` of the HTML element `time`; a text that is no date as it is."""
    found = SHAPE.fullmatch(text)
    if found is None:
        return text
    date = "-".join([found["year"], *(f"{int(found[part]):02}" for part in ("month", "day") if found[part])])
    if not found["hour"]:
        return date
    second = f":{found['second']}" if found["second"] else ""
    return f"{date}T{int(found['hour']):02}:{found['minute']}{second}{found['zone'] or ''}"


def number(value: int) -> str:
    """Return a number with a comma between thousands."""
    return f"{value:,}"


def language(code: str) -> str:
    """Return the English name of a language, or its code if the name is not known."""
    return LANGUAGES[code].capitalize() if code in LANGUAGES else code


def short_title(marked: Marked) -> Marked:
    """Return a marked title shortened for a list."""
    return cut(marked, TITLE)


def shorten(text: str) -> str:
    """Return a title shortened for a list."""
    return cut(Marked(text), TITLE).text


def direction(text: str) -> str:
    """Return the direction of a text by its first letter: `rtl` for one as in Arabic or Hebrew, else `ltr`."""
    strong = next((kind for kind in map(unicodedata.bidirectional, text) if kind in {"L", "R", "AL"}), "L")
    return "ltr" if strong == "L" else "rtl"


@lru_cache(256)
def lang_attribute(code: str) -> Markup:
    """Return the HTML attribute, such as ` lang="de"`; nothing if the code is not one to three ASCII letters."""
    # `Markup.format` escapes what it inserts, though only letters can be inserted here: see test_facets.
    return Markup(' lang="{}"').format(code) if re.fullmatch("[A-Za-z]{1,3}", code) else Markup()


def sentence(text: str) -> str:
    """Return a text that begins with a capital and ends with a full stop."""
    return f"{text[:1].upper()}{text[1:]}."


def labelled(message: str) -> str:
    """Return a message about dates with the labels of the form's fields in the place of the parameters' names.

    >>> labelled("date_from: 'yesterday' is no date."), labelled("date_from, 1990, lies after date_to, 1980.")
    ("From: 'yesterday' is no date.", 'From, 1990, lies after To, 1980.')
    """
    message = re.sub("^date_from(?=[:,])", "From", re.sub("^date_to(?=[:,])", "To", message))
    return message.replace(" lies after date_to, ", " lies after To, ")


FILTERS: dict[str, Callable[..., Any]] = {
    "count": count,
    "day": day,
    "direction": direction,
    "labelled": labelled,
    "lang_attribute": lang_attribute,
    "language": language,
    "machine": machine,
    "moment": moment,
    "number": number,
    "sentence": sentence,
    "short_title": short_title,
    "shorten": shorten,
}
"""Filters for templates, by name."""
