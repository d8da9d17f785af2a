"""Exports as files: CSV for spreadsheets, NDJSON for programs."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from io import StringIO

import orjson

from search.model import Hit, SearchRequest
from web import urls
from web.presentation import serializers
from web.presentation.csv_table import harmless

COLUMNS = ("id", "url", "article", "title", "date", "source", "lang", "number", "score", "text")
"""Names of the columns of an exported CSV file, which are its first row."""


def csv_lines(batches: Iterable[tuple[Hit, ...]], request: SearchRequest) -> Iterator[bytes]:
    """Yield the parts of a CSV file (RFC 4180, UTF-8): the names of its columns, then a row for each hit.

    A text that a spreadsheet would run as a formula gets an apostrophe before it, so that it is read as text.
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
    """Yield the parts of an NDJSON file: for each hit a line of JSON, the object that `/api/v1/search` has for it."""
    state = serializers.state_of_hits(request)
    for hits in batches:
        yield b"".join(
            [orjson.dumps(serializers.hit_json(hit, state), option=orjson.OPT_APPEND_NEWLINE) for hit in hits]
        )


def _taken(file: StringIO) -> bytes:
    """Return what was written to a file since the last call, as UTF-8, and empty the file."""
    text = file.getvalue()
    file.seek(0)
    file.truncate()
    return text.encode()


def _row(hit: Hit, state: str) -> tuple[object, ...]:
    heading = hit.article
    url = urls.paragraph(urls.article(heading.id), state, hit.number)
    date = heading.date.iso if heading.date else ""
    texts = [harmless(text) for text in (hit.id, url, heading.id, heading.title, date, heading.source, heading.lang)]
    return *texts, hit.number, round(hit.score, 6), harmless(hit.text.text)
