"""The export of all matches of a search as a file, which is sent while it is written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from threading import BoundedSemaphore

from flask import Blueprint, Response, request

from search.bulk.export import export as export_all
from search.errors import RetryLater
from web import current, request_params
from web.headers import abort_if_not_modified, attachment
from web.presentation.csv_table import CSV
from web.presentation.export_files import csv_lines, ndjson_lines

MAX_EXPORTS = 3
"""Maximum number of exports that a process sends at a time. Each occupies a thread of the server until it ends."""
FILES = {"csv": (csv_lines, CSV), "ndjson": (ndjson_lines, "application/x-ndjson")}
"""The function that writes each format, and its media type."""

blueprint = Blueprint("export", __name__, url_prefix="/api/v1")
running = BoundedSemaphore(MAX_EXPORTS)
"""Held once by each export that this process is sending."""


@blueprint.get("/export")
def export() -> Response:
    """Return every paragraph that a search finds, as a file. `q` and `format` are required."""
    values = request_params.read(request.query_string, request_params.EXPORT)
    request_params.required(values, "q", request_params.WORDS)
    name = request_params.required_choice(values, "format", request_params.FORMATS)
    values.pop("format")
    asked, snapshot = request_params.search_request(values), current.snapshot()
    abort_if_not_modified(snapshot)
    if not running.acquire(blocking=False):
        raise RetryLater("As many exports as there may be at a time are being sent.", "Try again in a while.")
    with ExitStack() as stack:
        stack.callback(running.release)
        marked = name == "ndjson"
        found = export_all(snapshot, asked, half_life=current.half_life(), names=current.names(), marked=marked)
        turn = stack.pop_all()
    write, content_type = FILES[name]
    response = attachment(_sent(write(found.batches, asked), turn), content_type, f"matches.{name}")
    response.headers["X-Total-Count"] = str(found.total)
    response.call_on_close(turn.close)  # for a client that goes away, or asks by HEAD
    return response


def _sent(parts: Iterator[bytes], turn: ExitStack) -> Iterator[bytes]:
    """Yield the parts of an export, and release `running` after the last of them."""
    with turn:
        yield from parts
