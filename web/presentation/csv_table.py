"""Tables as CSV files."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from io import StringIO

_FORMULA = re.compile(r"[=+\-@\t\r\n＝＋－＠]")
"""First character of what spreadsheets run as a formula (OWASP, CSV injection)."""


def csv_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table as CSV (RFC 4180), the names of its columns first.

    A text that a spreadsheet would run as a formula has an apostrophe before it, which spreadsheets do not show.
    """
    file = StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(columns)
    writer.writerows([_harmless(value) for value in row] for row in rows)
    return file.getvalue()


def _harmless(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and _FORMULA.match(value) else value
