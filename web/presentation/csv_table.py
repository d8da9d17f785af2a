"""Tables as CSV files."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from io import StringIO

CSV = "text/csv; charset=utf-8; header=present"
"""The media type of a CSV file whose first row has the names of the columns (RFC 4180, RFC 7111)."""
_FORMULA = re.compile(r"[=+\-@\t\r\n＝＋－＠]")
"""A first character that makes spreadsheets run a text as a formula (OWASP, CSV injection)."""


def csv_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table as CSV (RFC 4180), the names of its columns first.

    A text that a spreadsheet would run as a formula gets an apostrophe before it, so that it is read as text.
    """
    file = StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(columns)
    writer.writerows([harmless(value) if isinstance(value, str) else value for value in row] for row in rows)
    return file.getvalue()


def harmless(text: str) -> str:
    """Return a text for a cell of a CSV, with an apostrophe before it if a spreadsheet would run it as a formula."""
    return f"'{text}" if _FORMULA.match(text) else text
