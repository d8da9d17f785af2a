"""Exports as files: CSV for spreadsheets, NDJSON for programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import orjson

from search.model import Hit, SearchRequest
from web import urls
from web.presentation import serializers
from web.presentation.csv_table import csv_rows

COLUMNS = ("id", "url", "article", "title", "date", "source", "lang", "number", "score", "text")
"""Names of the columns of an exported CSV file, which are its first row."""


def csv_lines(batches: Iterable[tuple[Hit, ...]], request: SearchRequest) -> Iterator[bytes]:
    """Yield the parts of a CSV file, in UTF-8: the names of its columns, then a row for each hit (see `csv_rows`)."""
    state = serializers.state_of_hits(request)
    part = csv_rows([COLUMNS])
    for hits in batches:
        yield part.encode()  # the first once there are hits: an error before that is answered as one
        part = csv_rows(_row(hit, state) for hit in hits)
    yield part.encode()


def ndjson_lines(batches: Iterable[tuple[Hit, ...]], request: SearchRequest) -> Iterator[bytes]:
    """Yield the parts of an NDJSON file: for each hit a line of JSON, the object that `/api/v1/search` has for it."""
    state = serializers.state_of_hits(request)
    for hits in batches:
        yield b"".join(
            [orjson.dumps(serializers.hit_json(hit, state), option=orjson.OPT_APPEND_NEWLINE) for hit in hits]
        )


def _row(hit: Hit, state: str) -> tuple[object, ...]:
    heading = hit.article
    url = urls.paragraph(urls.article(heading.id), state, hit.number)
    date = heading.date.iso if heading.date else ""
    named = hit.id, url, heading.id, heading.title, date, heading.source, heading.lang
    return *named, hit.number, round(hit.score, 6), hit.text.text
