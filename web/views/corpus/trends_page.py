"""Trends, which are queries over time: as a page with charts and a table, as JSON, and as CSV."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, NamedTuple
from urllib.parse import unquote_to_bytes

from flask import Blueprint, Response, jsonify, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from search.budget import QueryBudget
from search.corpus.trends import MAX_QUERIES, Trends, trends
from search.engine import Snapshot
from search.errors import QueryError, RequestError
from search.model import SearchRequest
from search.query.filters import with_filters
from search.query.tree import ALL
from web import current, request_params, urls
from web.headers import abort_if_not_modified, attachment, no_store_if_out_of_time
from web.presentation.active_filters import active_filters
from web.presentation.csv_table import CSV, csv_rows
from web.presentation.line_chart import LineChart, line_chart
from web.presentation.serializers import index_json, total_json

PAGE = request_params.QUERY
"""Parameters of the page: `q`, up to MAX_QUERIES times, and those that all queries share."""
DATES = ("date_from", "date_to")
API = (*PAGE, "format")
COLUMNS = ("q", "from", "paragraphs", "of", "share")
"""Names of the columns of the CSV file."""

blueprint = Blueprint("trends", __name__)


class Charted(NamedTuple):
    """Queries over time, with the charts of their counts and of their shares."""

    found: Trends
    counts: LineChart
    shares: LineChart


@blueprint.get("/trends")
def page() -> str | AnyResponse | tuple[str, int]:
    """Show up to four queries over time; without one, the form. Every parameter is as in JSON, but for `format`."""
    queries, values = _read(request_params.TRACKING, PAGE)
    asked = [q for q in queries if q.strip()]
    given = {name: value for name, value in values.items() if value}
    if given != values or (asked != queries and (asked or len(queries) > 1)):
        return redirect(urls.trends(asked, given))  # a form sends its empty fields too
    snapshot = current.snapshot()
    abort_if_not_modified(snapshot)
    shared = request_params.search_request(values)
    fault: QueryError | RequestError | None = None
    charted = None
    try:
        with_filters(ALL, shared)  # raises for a date that cannot be read, even if there is no query yet
        charted = _charted(_found(snapshot, asked, shared)) if asked else None
    except QueryError as error:
        fault = error
    except RequestError as error:
        if error.parameter not in DATES:  # the form has no text field for other parameters
            raise
        fault = error
    html = render_template(
        "trends.html",
        charted=charted,
        fault=fault,
        queries=[*asked, *[""] * (MAX_QUERIES - len(asked))][:MAX_QUERIES],
        asked=shared,
        values=values,
        filters=active_filters(replace(shared, date_from=None, date_to=None)),
        url=urls.trends(asked, values),
        json_url=urls.trends_json(asked, values),
        csv_url=urls.trends_json(asked, values | {"format": "csv"}),
        index=snapshot,
    )
    return (html, 400) if fault else html


@blueprint.get("/api/v1/trends")
def api() -> Response:
    """Return up to four queries over time, as JSON, or as CSV if `format` is `csv`."""
    queries, values = _read(None, API)
    form = request_params.table_format(values.pop("format", "json"))
    snapshot = current.snapshot()
    abort_if_not_modified(snapshot)
    found = _found(snapshot, queries, request_params.search_request(values))
    if form == "csv":
        rows = [
            (one.q, point.start, point.paragraphs, point.of, round(point.share, 8))
            for one in found.series
            for point in one.points
        ]
        return attachment(csv_rows([COLUMNS, *rows]), CSV, "trends.csv")
    return jsonify(_json(found, snapshot))


def _read(passed_over: re.Pattern[str] | None, allowed: tuple[str, ...]) -> tuple[list[str], dict[str, str]]:
    """Return the queries of the current request, in order, and its other parameters by name, as `read` does."""
    queries: list[str] = []
    others: list[bytes] = []
    for piece in request.query_string.split(b"&"):
        if unquote_to_bytes(piece.partition(b"=")[0]) == b"q":
            queries.append(request_params.read(piece, ("q",))["q"])
        else:
            others.append(piece)
    return queries, request_params.read(b"&".join(others), allowed, passed_over)


def _found(snapshot: Snapshot, queries: list[str], shared: SearchRequest) -> Trends:
    budget = QueryBudget()
    found = trends(snapshot, queries, shared, budget, current.names())
    no_store_if_out_of_time(budget)
    return found


def _charted(found: Trends) -> Charted:
    periods = [point.start for point in found.series[0].points]
    counts = [[float(point.paragraphs) for point in one.points] for one in found.series]
    shares = [[point.share for point in one.points] for one in found.series]
    return Charted(found, line_chart(periods, counts), line_chart(periods, shares, percent=True))


def _json(found: Trends, snapshot: Snapshot) -> dict[str, Any]:
    return {
        "interval": found.interval,
        "series": [
            {
                "q": one.q,
                "interpreted": one.interpreted,
                "total": total_json(one.total),
                "undated": one.undated,
                "points": [
                    {"from": point.start, "paragraphs": point.paragraphs, "of": point.of} for point in one.points
                ],
            }
            for one in found.series
        ],
        "warnings": list(found.warnings),
        "index": index_json(snapshot),
    }
