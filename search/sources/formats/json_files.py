"""JSON Lines, a record a line, and JSON, one object or a list of them."""

from __future__ import annotations

import json
from collections.abc import Iterator

from search.errors import UnreadableArticle
from search.sources.opening import joined, megabytes
from search.sources.records import Options, Record, Refused
from search.sources.text.decoding import decoded
from search.sources.text.fields import record_of
from search.sources.text.lines import Lines

_OBJECT = 'Write each record as an object: {"title": …, "text": …}.'
_SMALL = 1 << 20
_VALUE = 64
"""Bytes of memory that the smallest value of JSON takes, and one character that begins or separates them in a file."""


def read_json_lines(
    chunks: Iterator[bytes], _name: str, options: Options, encodings: dict[str, None]
) -> Iterator[Record | Refused]:
    """The records of a file with a JSON object on each line; a record without an id is named by its line."""
    lines = Lines(chunks, options, encodings)
    empty = True
    for line in lines:
        if isinstance(line, Refused):
            empty = False
            yield line
        elif line and not line.isspace():
            empty = False
            try:
                value = _value(line, options)
            except ValueError as error:
                yield Refused(str(lines.number), f"Line {lines.number} is not JSON: {error}.", _OBJECT)
                continue
            yield _record(value, lines.number, options)
    if empty:
        raise UnreadableArticle("The file is empty.", _OBJECT)


def read_json(
    chunks: Iterator[bytes], _name: str, options: Options, encodings: dict[str, None]
) -> Iterator[Record | Refused]:
    """The article of a file that is one object, or the records of a list, which are named by their places."""
    try:
        data = joined(chunks, options.record)
    except UnreadableArticle as error:
        raise UnreadableArticle(error.message, "Write it as JSON Lines, which may be of any length.") from None
    text, encoding = decoded(data, options.languages)
    encodings[encoding] = None
    if not text.strip():
        raise UnreadableArticle("The file is empty.", _OBJECT)
    try:
        value = _value(text, options)
    except ValueError as error:
        raise UnreadableArticle(f"The file is not JSON: {error}.", "Mend it, or take it out of the folder.") from None
    if isinstance(value, list):
        for number, item in enumerate(value, 1):
            yield _record(item, number, options)
        return
    record = _record(value, 1, options)
    if isinstance(record, Refused):
        raise UnreadableArticle(record.reason, record.advice)
    yield Record(record.title, record.date, record.paragraphs, record.lang, "", record.date_guessed)


def _record(value: object, number: int, options: Options) -> Record | Refused:
    if not isinstance(value, dict):
        return Refused(str(number), f"Record {number} is not an object.", _OBJECT)
    return record_of(value, number, options)


def _value(text: str, options: Options) -> object:
    """The value that JSON stands for. Raises ValueError, with a message for people."""
    if len(text) > _SMALL and _VALUE * sum(map(text.count, "[{,")) > options.memory:
        raise ValueError(f"it holds so many values that they take more than {megabytes(options.memory)}")
    try:
        return _decode(text.strip())
    except RecursionError:
        raise ValueError("it is nested too deep") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"{error.msg} at character {error.pos + 1}") from None
    except ValueError as error:
        if "digits" not in str(error):
            raise
        raise ValueError("it holds a number of too many digits") from None


def _no_number(name: str) -> object:
    raise ValueError(f"{name} is no number of JSON")


_decode = json.JSONDecoder(parse_constant=_no_number).decode
