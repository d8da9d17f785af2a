"""Reader of the native format: a line with the title, an optional line with the date, then a paragraph a line."""

from __future__ import annotations

import re
from collections.abc import Iterator

from search.dates import SHAPE, parse_date
from search.errors import UnreadableArticle
from search.model import Date
from search.sources.opening import read_all
from search.sources.records import Encodings, Options, Record
from search.sources.text.decoding import decode_text
from search.sources.text.stated_dates import written_date
from search.sources.text.wrapping import is_wrapped, unwrap

_LINE = re.compile(r"\r\n|\r|\n")
_DATE = re.compile(r"-\s*(\d.*)")
_ITEM = re.compile(r"\d+(?:\.\d+)?", re.ASCII)
"""A number alone, which is an item of a list rather than seconds since 1970."""
_FORMAT = "Line 1 is the title, line 2 may be a date such as `- 2025-07-23 08:15:11`, then each line is a paragraph."


def read_native(chunks: Iterator[bytes], _name: str, options: Options, encodings: Encodings) -> Iterator[Record]:
    """Yield the one article of a file in the native format. Raise UnreadableArticle."""
    text, encoding, damage = decode_text(read_all(chunks, options.record), options.languages)
    encodings[encoding] = None
    lines = [line.rstrip() for line in _LINE.split(text)]
    start = next((number for number, line in enumerate(lines) if line), None)
    if start is None:
        raise UnreadableArticle("The file is empty.", _FORMAT)
    title, lines = lines[start].strip(), lines[start + 1 :]
    paragraphs = [line.strip() for line in lines if line]
    date: Date | None = None
    missing: tuple[str, ...] = ()
    if paragraphs and (found := _DATE.fullmatch(paragraphs[0])):
        date, missing = _date(found[1], options.languages)
        if date:
            paragraphs = paragraphs[1:]
            lines[next(number for number, line in enumerate(lines) if line)] = ""
    if is_wrapped(lines):
        paragraphs = unwrap([line.strip() for line in lines])
    if not paragraphs:
        raise UnreadableArticle("The file has a title and no paragraphs.", _FORMAT)
    yield Record(title, date, tuple(paragraphs), missing=damage + missing)


def _date(text: str, languages: tuple[str, ...]) -> tuple[Date | None, tuple[str, ...]]:
    """Return the date in line 2 and what is wrong with it; None for an item of a list that only begins with a digit."""
    try:
        return parse_date(text), ()
    except ValueError as error:
        if SHAPE.fullmatch(text):
            return None, (f"Line 2: {error}; it was read as text.",)
    try:
        written = None if _ITEM.fullmatch(text) else written_date(text, languages)
    except ValueError:
        written = None
    return (written[0] if written else None), ()
