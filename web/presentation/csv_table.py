"""Rows of a table as CSV."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from io import StringIO

CSV = "text/csv; charset=utf-8; header=present"
"""The media type of a CSV file whose first row has the names of the columns (RFC 4180, RFC 7111)."""
_FORMULA = re.compile(r"[=+\-@\t\r\n＝＋－＠]")
"""A first character that makes spreadsheets run a text as a formula (OWASP, CSV injection)."""


def csv_rows(rows: Iterable[Iterable[object]]) -> str:
    """Return rows as CSV (RFC 4180).

    A text that a spreadsheet would run as a formula gets an apostrophe before it, so that it is read as text.
    """
    file = StringIO(newline="")
    csv.writer(file).writerows([_harmless(value) if isinstance(value, str) else value for value in row] for row in rows)
    return file.getvalue()


def _harmless(text: str) -> str:
    return f"'{text}" if _FORMULA.match(text) else text
