"""Reader of the native format: a line with the title, an optional line with the date, then a paragraph a line."""

from __future__ import annotations

import re
from collections.abc import Iterator

from search.dates import FORMS, parse_date
from search.errors import UnreadableArticle
from search.sources.opening import read_all
from search.sources.records import Encodings, Options, Record
from search.sources.text.decoding import decode_text

_LINE = re.compile(r"\r\n|\r|\n")
_DATE = re.compile(r"-\s*(\d.*)")
_FORMAT = "Line 1 is the title, line 2 may be a date such as `- 2025-07-23 08:15:11`, then each line is a paragraph."


def read_native(chunks: Iterator[bytes], _name: str, options: Options, encodings: Encodings) -> Iterator[Record]:
    """Yield the one article of a file in the native format. Raise UnreadableArticle."""
    text, encoding = decode_text(read_all(chunks, options.record), options.languages)
    encodings[encoding] = None
    lines = [line.strip() for line in _LINE.split(text)]
    filled = [line for line in lines if line]
    if not filled:
        raise UnreadableArticle("The file is empty.", _FORMAT)
    title, *paragraphs = filled
    date = None
    if paragraphs and (found := _DATE.fullmatch(paragraphs[0])):
        try:
            date = parse_date(found[1])
        except ValueError as error:
            raise UnreadableArticle(f"Line 2: {error}.", f"Write the date as {FORMS}, or leave the line out.") from None
        paragraphs = paragraphs[1:]
    if not paragraphs:
        raise UnreadableArticle("The file has a title and no paragraphs.", _FORMAT)
    yield Record(title, date, tuple(paragraphs))
