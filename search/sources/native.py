"""The native format: UTF-8; line 1 the title, line 2 `- YYYY-MM-DD HH:MM:SS` (optional), then a paragraph a line."""

from __future__ import annotations

import re

from search.dates import FORMS, parse_date
from search.errors import UnreadableArticle
from search.sources.records import Record

_LINE = re.compile(r"\r\n|\r|\n")
_DATE = re.compile(r"-\s*(\d.*)")
_FORMAT = "Line 1 is the title, line 2 may be a date such as `- 2025-07-23 08:15:11`, then each line is a paragraph."


def read_native(data: bytes) -> Record:
    """Read a file in the native format. Raises UnreadableArticle when it is not."""
    lines = [line.strip() for line in _LINE.split(_decoded(data))]
    filled = [line for line in lines if line]
    if not filled:
        message = "The file is empty."
        raise UnreadableArticle(message, _FORMAT)
    title, *paragraphs = filled
    date = None
    if paragraphs and (found := _DATE.fullmatch(paragraphs[0])):
        try:
            date = parse_date(found[1])
        except ValueError as error:
            message = f"Line 2: {error}."
            raise UnreadableArticle(message, f"Write the date as {FORMS}, or leave the line out.") from None
        paragraphs = paragraphs[1:]
    if not paragraphs:
        message = "The file has a title and no paragraphs."
        raise UnreadableArticle(message, _FORMAT)
    return Record(title, date, tuple(paragraphs))


def _decoded(data: bytes) -> str:
    if b"\x00" in data:
        message = "The file is not text: it holds NUL bytes."
        raise UnreadableArticle(message, "Save it as UTF-8 text, or take it out of the folder.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = f"The file is not UTF-8: byte {error.start} is 0x{data[error.start]:02x}."
        raise UnreadableArticle(message, "Save it in the encoding UTF-8.") from None
