"""Readers of JSON Lines, a record a line, and of JSON, one object or a list of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace

from search.errors import UnreadableArticle
from search.sources.opening import format_size_limit, read_all
from search.sources.records import Encodings, Options, Record, Records, RefusedRecord, with_missing
from search.sources.text.decoding import decode_text
from search.sources.text.fields import UnreadableValue, names_of_fields, record_of
from search.sources.text.lines import LineReader

_OBJECT = 'Write each record as an object: {"title": …, "text": …}.'
_SEVERAL_LINES = (
    "Write each record on a line of its own; JSON over several lines, and lists, are in files that end in .json."
)
DIGITS = 4_000
"""Digits of the longest whole number that is read; Python's own limit is a little higher."""
_SMALL = 1 << 20
"""Characters of JSON that always fit into memory, whatever they hold."""
_VALUE = 64
"""Bytes of memory that the smallest value takes, of which each has a `[`, `{` or `,` before it in the file."""


def read_json_lines(chunks: Iterator[bytes], _name: str, options: Options, encodings: Encodings) -> Records:
    """Yield the records of a file with a JSON object on each line; a record without an id has its line as key."""
    lines = LineReader(chunks, options, encodings)
    names = names_of_fields(options)
    empty = True
    for line in lines:
        if isinstance(line, RefusedRecord):
            empty = False
            yield line
        elif line and not line.isspace():
            empty = False
            if len(line) <= 2 and line.strip() in {"[", "]"}:
                continue  # a list that was written a record a line
            try:
                value = _value_of_line(line, options)
            except ValueError as error:
                advice = _SEVERAL_LINES if line.strip() == "{" else _OBJECT
                yield RefusedRecord(str(lines.number), f"Line {lines.number} is not JSON: {error}.", advice)
                continue
            record = _record(value, lines.number, options, names)
            if isinstance(value, list) and isinstance(record, RefusedRecord):
                record = replace(record, advice=_SEVERAL_LINES)
            yield with_missing(record, lines.damage)
    if empty:
        raise UnreadableArticle("The file is empty.", _OBJECT)


def read_json(chunks: Iterator[bytes], _name: str, options: Options, encodings: Encodings) -> Records:
    """Yield the one article of a file that is an object, or the records of a list, keyed by id or place."""
    data = read_all(chunks, options.record)
    text, encoding, damage = decode_text(data, options.languages)
    encodings[encoding] = None
    if not text.strip():
        raise UnreadableArticle("The file is empty.", _OBJECT)
    try:
        value = _value(text, options)
    except ValueError as error:
        advice = "Mend it, or take it out of the folder."
        if "Extra data" in str(error):
            advice = "If it has an object on each line, end its name with .jsonl."
        raise UnreadableArticle(f"The file is not JSON: {error}.", advice) from None
    names = names_of_fields(options)
    if isinstance(value, list):
        for number, item in enumerate(value, 1):
            yield _with_damage(_record(item, number, options, names), damage)
        return
    record = _record(value, 1, options, names)
    if isinstance(record, RefusedRecord):
        raise UnreadableArticle(record.reason, record.advice)
    yield replace(record, key="", missing=damage + record.missing)


def _record(value: object, number: int, options: Options, names: Mapping[str, str]) -> Record | RefusedRecord:
    """Return the article that one value of JSON describes; it has to be an object."""
    if not isinstance(value, dict):
        return RefusedRecord(str(number), f"Record {number} is not an object.", _OBJECT)
    fields = names.values()
    if type(value) is dict and not [key for key in value if key not in fields and key.lower() in names]:
        return record_of(value, number, options)  # no name is in capitals or repeated, as in most files
    repeated = {names.get(key.lower(), key) for key in value.repeated} if isinstance(value, _Object) else set()
    values: dict[str, object] = {}
    for key, item in value.items():
        name = names.get(key.lower(), str(key))
        if name in values and values[name] != item:
            repeated.add(name)
        if name == key or name not in values:  # of `Text` and `text`, the one that is written as it should be
            values[name] = item
    record = record_of(values, number, options)
    if isinstance(record, RefusedRecord):
        return record
    lost = sorted(name for name in names.values() if name in repeated)
    told = (f"The field {name!r} is there more than once; only one was read." for name in lost)
    return replace(record, missing=(*record.missing, *told)) if lost else record


def _with_damage(record: Record | RefusedRecord, damage: tuple[str, ...]) -> Record | RefusedRecord:
    """Return a record of a damaged file; it says so if a character that cannot be read is in its own text."""
    if damage and isinstance(record, Record) and any("\ufffd" in text for text in record.paragraphs):
        return with_missing(record, damage)
    return record


def _value_of_line(line: str, options: Options) -> object:
    """Return the value that a line holds; a comma after it is that of a list. Raise ValueError as `_value` does."""
    try:
        return _value(line, options)
    except ValueError:
        if not line.rstrip().endswith(","):
            raise
        return _value(line.rstrip()[:-1], options)


def _value(text: str, options: Options) -> object:
    """Return the value that a JSON text stands for. Raise ValueError, with a message for people."""
    if len(text) > _SMALL and _VALUE * sum(map(text.count, "[{,")) > options.memory:
        raise ValueError(f"it holds so many values that they take more than {format_size_limit(options.memory)}")
    text = text.strip().removeprefix("\ufeff")  # a byte order mark, where files were put together
    try:
        try:
            return _decode(text)
        except json.JSONDecodeError:
            raise
        except ValueError:  # a number is too long for int(), which is quicker
            return _decode_long_numbers(text)
    except RecursionError:
        raise ValueError("it is nested too deep") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"{error.msg} at character {error.pos + 1}") from None


class _Object(dict[str, object]):
    """An object in which names are repeated with other values; it has the last value of each."""

    repeated: frozenset[str] = frozenset()


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Return an object of JSON."""
    values = dict(pairs)
    if len(values) < len(pairs):
        repeated = frozenset(name for name, value in pairs if values[name] != value)
        values = _Object(values)
        values.repeated = repeated
    return values


def _constant(name: str) -> UnreadableValue:
    """Return what stands for NaN and Infinity, which are no numbers, and not of JSON either."""
    return UnreadableValue(f"{name} is no number of JSON")


def _integer(digits: str) -> int | UnreadableValue:
    """Return a whole number; what stands for one that would take long to read."""
    return int(digits) if len(digits) <= DIGITS else UnreadableValue("it is a number of too many digits")


_decode = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_constant, strict=False).decode
"""Decodes JSON; tabs and the like may stand in texts as they are, which programs write and the standard forbids."""
_decode_long_numbers = json.JSONDecoder(
    object_pairs_hook=_object, parse_constant=_constant, parse_int=_integer, strict=False
).decode
