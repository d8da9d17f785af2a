"""CSV and TSV: a header names the columns, each row after it is a record."""

from __future__ import annotations

import csv
from collections.abc import Iterator

from search.errors import UnreadableArticle
from search.sources.opening import megabytes
from search.sources.records import Options, Record, Refused
from search.sources.text.fields import record_of
from search.sources.text.lines import Lines

DELIMITERS = (",", ";", "\t", "|")
_QUOTES = 'A cell with a separator, a quotation mark or an end of line stands in "…", quotation marks in it twice.'


def read_table(
    chunks: Iterator[bytes], _name: str, options: Options, encodings: dict[str, None]
) -> Iterator[Record | Refused]:
    """The records of a table; a row without an id is named by its number, the header not counted."""
    lines = Lines(chunks, options, encodings)
    refused: list[Refused] = []
    fed = _fed(lines, refused)
    header = next(fed, "")
    delimiter, columns = _columns(header, options)
    csv.field_size_limit(max(options.record, csv.field_size_limit()))  # one for the process; ours is what Lines allows
    bounded = _Bounded(fed, options.record)
    rows = csv.reader(bounded, delimiter=delimiter, strict=True)
    number = 0
    while True:
        bounded.size = 0
        number += 1
        key = str(number)
        try:
            row = next(rows, None)
        except csv.Error as error:
            yield Refused(key, f"Row {number}, up to line {lines.number}: {error}.", _QUOTES)
            continue
        if refused:
            yield Refused(key, refused[-1].reason, refused[-1].advice)
            refused.clear()
        elif row is None:
            break
        elif len(row) > len(columns):
            yield Refused(key, f"Row {number} has {len(row)} cells, the header {len(columns)}.", _QUOTES)
        elif row:
            yield record_of(dict(zip(columns, row, strict=False)), number, options)
        else:
            number -= 1  # an empty line


def _fed(lines: Lines, refused: list[Refused]) -> Iterator[str]:
    """The lines that csv reads. One that is refused ends its row, and is told when the row is."""
    for line in lines:
        if isinstance(line, Refused):
            refused.append(line)
            yield "\n"
        else:
            yield line + "\n"


class _Bounded:
    """Lines, as long as one row does not take too many: a quotation mark that is never closed takes all."""

    def __init__(self, lines: Iterator[str], limit: int) -> None:
        self.size = 0
        self._lines = lines
        self._limit = limit

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self.size += len(line)
        if self.size > self._limit:
            raise csv.Error(f"it is longer than {megabytes(self._limit)}; a quotation mark may be missing")
        return line


def _columns(header: str, options: Options) -> tuple[str, list[str]]:
    """The separator that makes the most columns that we know out of a header, and the columns' names."""
    fields = (options.title_field, options.date_field, options.text_field, options.paragraphs_field)
    names = {name.lower(): name for name in (*fields, options.id_field, options.lang_field)}
    best: list[str] = []
    separator = DELIMITERS[0]
    for delimiter in DELIMITERS:
        try:
            cells = next(csv.reader([header], delimiter=delimiter), [])
        except csv.Error:
            continue
        columns = [names.get(cell.strip().lower(), cell) for cell in cells]
        if len(set(columns) & set(names.values())) > len(set(best) & set(names.values())):
            best, separator = columns, delimiter
    if not {options.text_field, options.paragraphs_field} & set(best):
        message = f"The first line names no column {options.text_field!r} or {options.paragraphs_field!r}."
        raise UnreadableArticle(message, "Begin the table with the names of its columns, or set the names of fields.")
    if repeated := next((name for name in names.values() if best.count(name) > 1), None):
        raise UnreadableArticle(f"The first line names the column {repeated!r} twice.", "Rename one of them.")
    return separator, best
