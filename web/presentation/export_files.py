"""Exports as files: CSV for spreadsheets, NDJSON for programs."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from io import StringIO

import orjson

from search.model import Hit, SearchRequest
from web import urls
from web.presentation import serializers

COLUMNS = ("id", "url", "article", "title", "date", "source", "lang", "number", "score", "text")
"""Head of the CSV."""
_FORMULA = re.compile(r"[=+\-@\t\r\n＝＋－＠]")
"""First character of what a spreadsheet runs as a formula (OWASP, CSV injection)."""


def csv_lines(batches: Iterable[tuple[Hit, ...]], request: SearchRequest) -> Iterator[bytes]:
    """Yield the parts of a CSV file (RFC 4180, UTF-8): its head, then a row for each hit.

    A text that a spreadsheet would run as a formula has an apostrophe before it, which spreadsheets do not show.
    """
    state = serializers.state_of_hits(request)
    file = StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    for hits in batches:
        yield _taken(file)
        writer.writerows(_row(hit, state) for hit in hits)
    yield _taken(file)


def ndjson_lines(batches: Iterable[tuple[Hit, ...]], request: SearchRequest) -> Iterator[bytes]:
    """Yield the parts of an NDJSON file: a line of JSON for each hit, in the form of the hits of a search."""
    state = serializers.state_of_hits(request)
    for hits in batches:
        yield b"".join(
            [orjson.dumps(serializers.hit_json(hit, state), option=orjson.OPT_APPEND_NEWLINE) for hit in hits]
        )


def _taken(file: StringIO) -> bytes:
    """Return what stands in a file, and empty it."""
    text = file.getvalue()
    file.seek(0)
    file.truncate()
    return text.encode()


def _row(hit: Hit, state: str) -> tuple[object, ...]:
    heading = hit.article
    url = urls.paragraph(urls.article(heading.id), state, hit.number)
    date = heading.date.iso if heading.date else ""
    texts = [_harmless(text) for text in (hit.id, url, heading.id, heading.title, date, heading.source, heading.lang)]
    return *texts, hit.number, round(hit.score, 6), _harmless(hit.text.text)


def _harmless(text: str) -> str:
    return f"'{text}" if _FORMULA.match(text) else text
