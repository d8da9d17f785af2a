"""Reader of CSV and TSV: a header names the columns, each row after it is a record."""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Iterator
from itertools import chain
from typing import TypeAlias

from search.errors import UnreadableArticle
from search.sources.opening import format_size_limit
from search.sources.records import Encodings, Options, Records, RefusedRecord, with_missing
from search.sources.text.fields import names_of_fields, record_of
from search.sources.text.lines import LineReader

DELIMITERS = (",", ";", "\t", "|")
AGAIN = 16
"""How often the lines of a table are read again, on average, to go on after quotation marks that are not closed."""
HEADER_LINES = 9
"""Maximum number of lines that a header has after its first line."""
SMALL = 1 << 20
"""Characters of a header at most, and of a row whose cells always fit into memory."""
CELL = 64
"""Bytes of memory that a small cell takes."""
_SEPARATOR = re.compile(r"\"?sep=([^\"\r\n])\"?\s*", re.IGNORECASE)
_AGAIN = "\0"
"""Mark before the name of a column that an earlier one has, too; no header holds this character."""
_QUOTES = 'A cell with a separator, a quotation mark or an end of line stands in "…", quotation marks in it twice.'


def read_table(chunks: Iterator[bytes], _name: str, options: Options, encodings: Encodings) -> Records:
    """Yield the records of a table; a row without an id has its number as key, the header not counted."""
    lines = LineReader(chunks, options, encodings)
    stream = iter(lines)
    header = _first_line(stream)
    stated = _SEPARATOR.fullmatch(header)
    if stated:  # a line for spreadsheets before the table
        header = _first_line(stream)
    header, stream = _with_line_breaks(header, stream)
    delimiter, cells, columns = _columns(header, (stated[1],) if stated else DELIMITERS, options)
    mark = "\ufeff"  # which stands before a header that another table was put before
    headers = (cells, [mark + cells[0], *cells[1:]], [f'{mark}"{cells[0]}"', *cells[1:]])
    repeated, alone = any(name.startswith(_AGAIN) for name in columns), len(columns) == 1
    csv.field_size_limit(max(options.record, csv.field_size_limit()))  # of the whole process; _RowLines bounds more
    row_lines = _RowLines(lines, stream, options, delimiter)
    spaced = header.count(f"{delimiter} ") == header.count(delimiter) > 0  # as a person types: `title, text`
    rows = csv.reader(row_lines, delimiter=delimiter, skipinitialspace=spaced, strict=True)
    number = 0
    while True:
        number += 1
        key = str(number)
        try:
            row = row_lines.next_row(rows, len(columns))
        except csv.Error as error:
            reason = str(error).partition(" - ")[0]  # after which stands what programmers may do
            where = f"Row {number}, up to line {row_lines.number}: {reason}"
            yield RefusedRecord(key, f"{where}{row_lines.take_back()}.", _QUOTES)
            continue
        if refused := row_lines.refused:
            yield RefusedRecord(key, refused.reason, refused.advice)
        elif row is None:
            break
        elif row in headers:
            yield RefusedRecord(key, "the header again", "", ignored=True)  # tables were put together
        elif row:
            if alone:
                row = [delimiter.join(row).rstrip(delimiter)]  # nothing but texts, with commas of their own
            record = record_of(dict(zip(columns, row, strict=False)), number, options)
            if row_lines.damage or repeated or len(row) > len(columns):
                record = with_missing(record, row_lines.damage + _not_read(row, number, columns))
            yield record
        else:
            number -= 1  # an empty line


def _not_read(row: list[str], number: int, columns: list[str]) -> tuple[str, ...]:
    """Return sentences about cells of a row beyond the header, and in columns whose name an earlier one has."""
    told = []
    if any(map(str.strip, row[len(columns) :])):
        told.append(f"Row {number} has {len(row)} cells, the header {len(columns)}: the others were not read.")
    cells = dict(zip(columns, map(str.strip, row), strict=False))
    lost = sorted(
        name.removeprefix(_AGAIN)
        for name, cell in cells.items()
        if name.startswith(_AGAIN) and cell not in {"", cells[name.removeprefix(_AGAIN)]}
    )
    return (*told, *(f"The field {name!r} is there more than once; only one was read." for name in lost))


def _first_line(lines: Iterator[str | RefusedRecord]) -> str:
    """Return the next line that is not blank; "" when there is none, or it cannot be read or is too long."""
    line = next((line for line in lines if isinstance(line, RefusedRecord) or line.strip()), "")
    return line if isinstance(line, str) and len(line) <= SMALL else ""


def _with_line_breaks(header: str, lines: Iterator[str | RefusedRecord]) -> tuple[str, Iterator[str | RefusedRecord]]:
    """Return a header with the lines that belong to its last name, if that goes on after its line; and the other lines.

    A quotation mark that none of the next lines closes is a part of the name.
    """
    whole, held = header, list[str | RefusedRecord]()
    while _ends_in_quotes(whole) and len(held) < HEADER_LINES and len(whole) <= SMALL:
        line = next(lines, None)
        if line is None:
            break
        held.append(line)
        whole += f"\n{line}" if isinstance(line, str) else ""
    return (header, chain(held, lines)) if _ends_in_quotes(whole) else (whole, lines)


def _ends_in_quotes(header: str) -> bool:
    """Return whether the last name of a header begins with a quotation mark and has not ended."""
    return header.count('"') % 2 == 1 and header[: header.rindex('"')].rstrip(" ")[-1:] in {"", *DELIMITERS}


_Line: TypeAlias = tuple[str, int, tuple[str, ...], RefusedRecord | None]
"""A line of a table: its text, its number, what is wrong with its bytes, and why it cannot be read, if so."""


class _RowLines:
    """Iterator over the lines of a table for `csv.reader`, with a limit on the characters of one row.

    A refused line reads as empty. The lines after the first one of a row that is none, since a quotation mark is
    missing, can be taken back, and are then read as rows of their own.
    """

    def __init__(
        self, reader: LineReader, lines: Iterator[str | RefusedRecord], options: Options, delimiter: str
    ) -> None:
        self.reader = reader
        self.lines = lines
        self.limit = options.record
        self.small = min(SMALL, self.limit)
        self.memory = options.memory
        self.delimiter = delimiter
        self.taken_back: deque[_Line] = deque()
        self.credit = 0
        """Characters that may yet be taken back, so that no file is read more than AGAIN times."""
        self.begin_row()

    def begin_row(self) -> None:
        """Begin a new row: forget the lines of the last one, and what was refused and damaged in them."""
        self.row: list[_Line] = []
        self.size = self.cell_count = 0
        self.damage: tuple[str, ...] = ()
        self.refused: RefusedRecord | None = None

    @property
    def number(self) -> int:
        """The number of the last line of the row."""
        return self.row[-1][1] if self.row else self.reader.number

    def next_row(self, rows: Iterator[list[str]], width: int) -> list[str] | None:
        """Return the next of the rows that `csv.reader` makes of these lines, None after the last. Raise csv.Error.

        Many programs that write tabs do not quote: a line that has `width` cells is a row, whatever its marks.
        """
        self.begin_row()
        try:
            return next(rows, None)
        except csv.Error:
            if self.delimiter == "\t" and len(self.row) == 1 and self.row[0][0].count("\t") == width - 1:
                return self.row[0][0].rstrip("\r").split("\t")
            raise

    def take_back(self) -> str:
        """Take back all lines of the row but the first, and return what the reason for refusing it says of them."""
        others = self.row[1:]
        size = sum(len(text) + 1 for text, *_ in others)
        if size > self.credit:
            return f"; {len(self.row):,} lines were not read"
        self.credit -= size
        self.taken_back.extendleft(reversed(others))
        return f"; reading went on with line {others[0][1]}" if others else ""

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self.taken_back.popleft() if self.taken_back else self._next_line()
        text, _, damage, refused = line
        self.row.append(line)
        if damage:
            self.damage += damage
        if refused:
            self.refused = refused
        self.size += len(text) + 1
        if self.size > self.small:
            self._check_size(text)
        return text + "\n"

    def _check_size(self, text: str) -> None:
        """Raise csv.Error when a row whose last line is `text` is too long, or holds too many cells."""
        if self.size > self.limit:
            limit = format_size_limit(self.limit)
            raise csv.Error(f"it is longer than {limit}; a quotation mark may be missing")
        self.cell_count += text.count(self.delimiter) + 1
        if self.cell_count * CELL > self.memory:
            raise csv.Error(f"it holds so many cells that they take more than {format_size_limit(self.memory)}")

    def _next_line(self) -> _Line:
        """Return the next line of the file, which earns credit."""
        line = next(self.lines)
        refused = line if isinstance(line, RefusedRecord) else None
        text = "" if isinstance(line, RefusedRecord) else line
        self.credit += AGAIN * (len(text) + 1)
        return text, self.reader.number, self.reader.damage, refused


def _columns(header: str, delimiters: tuple[str, ...], options: Options) -> tuple[str, list[str], list[str]]:
    """Return which of the delimiters gives a header the most known columns, its cells, and the names of all columns.

    A known name that stands there again has a mark. Raise UnreadableArticle when there is no column for the text.
    """
    names = names_of_fields(options)
    best: list[str] = []
    separator, found = delimiters[0], best
    for delimiter in delimiters:
        try:
            cells = next(csv.reader([header], delimiter=delimiter, skipinitialspace=True), [])
        except csv.Error:
            continue
        columns = [names.get(cell.strip().lower(), cell) for cell in cells]
        if len(set(columns) & set(names.values())) > len(set(best) & set(names.values())):
            best, separator, found = columns, delimiter, cells
    if not {options.text_field, options.paragraphs_field} & set(best):
        message = f"The first line names no column {options.text_field!r} or {options.paragraphs_field!r}."
        advice = "Begin the table with the names of its columns, or say which has the text: STEMMA_FIELDS=text=body."
        raise UnreadableArticle(message, advice)
    known = set(names.values())
    columns = [_AGAIN + name if name in known and name in best[:place] else name for place, name in enumerate(best)]
    return separator, found, columns
