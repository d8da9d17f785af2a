"""The concordance of a query, which is its matches in context, as a page, as JSON and as CSV."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, cast

from flask import Blueprint, Response, jsonify, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from search.budget import QueryBudget
from search.corpus.concordance import (
    MAX_PARAGRAPHS,
    MAX_WIDTH,
    Concordance,
    ConcordanceRow,
    ContextOptions,
    Order,
    concordance,
)
from search.engine import Snapshot
from search.errors import QueryError, RequestError
from search.model import SearchRequest, paragraph_id
from search.query.filters import with_filters
from search.query.tree import ALL
from search.service import MAX_PER_PAGE
from web import current, request_params, urls
from web.cursors import read_cursor, search_key, write_cursor
from web.headers import abort_if_not_modified, attachment, no_store_if_out_of_time
from web.presentation.active_filters import active_filters
from web.presentation.csv_table import CSV, csv_rows
from web.presentation.serializers import index_json, total_json

OWN = ("sort", "width")
"""Parameters of a concordance that a search does not have, or that have other values there."""
API = (*request_params.QUERY, *OWN, "per_page", "cursor", "format")
PAGE = (*request_params.QUERY, *OWN, "page")
ORDERS: dict[Order, str] = {"date": "Oldest first", "left": "Words before", "right": "Words after"}
"""The values of `sort`, with the names that the page has for them."""
ROWS = 50
"""Number of rows of a page, and of a JSON answer without `per_page`."""
WIDTH = ContextOptions().width
"""Number of words on each side of a match if the request has no `width`."""
COLUMNS = ("id", "url", "article", "title", "date", "source", "lang", "number", "left", "match", "right")
"""Names of the columns of the CSV file."""

blueprint = Blueprint("concordance", __name__)


class Form(NamedTuple):
    """The search that a request asks for, and the order and width in which its matches are shown."""

    search: SearchRequest
    options: ContextOptions


@blueprint.get("/concordance")
def page() -> str | AnyResponse | tuple[str, int]:
    """Show the matches of a query in context, a page of rows at a time; without a query, the form."""
    values = request_params.read_page(request.query_string, PAGE)
    given = {name: value for name, value in values.items() if value}
    if given != values and values.keys() != {"q"}:
        return redirect(urls.concordance(given))  # a form sends its empty fields too
    snapshot = current.snapshot()
    abort_if_not_modified(snapshot)
    number = request_params.whole_number("page", given.pop("page", "1"), request_params.NUMBERS["page"])
    found: Concordance | None = None
    fault: QueryError | RequestError | None = None
    try:
        form = _form(given)
    except RequestError as error:
        if error.parameter != "width":  # the form has no text field for other parameters
            raise
        fault, form = error, _form(given | {"width": str(WIDTH)})
    try:
        found = _found(snapshot, form) if form.search.q.strip() and not fault else None
    except QueryError as error:
        fault = error
    rows = found.rows if found else ()
    last = max(1, -(-len(rows) // ROWS))
    if number > last:
        parameter, message = "page", f"Page {number:,} lies past the last one, which is {last:,}."
        raise RequestError(parameter, message, "Take an earlier one.")
    state = urls.encoded_state({"q": form.search.q} | urls.shared_state(form.search))
    html = render_template(
        "concordance.html",
        found=found,
        fault=fault,
        first=(number - 1) * ROWS + 1,
        rows=[(row, _url(row, state)) for row in rows[(number - 1) * ROWS : number * ROWS]],
        number=number,
        last=last,
        form=form,
        orders=ORDERS,
        most=MAX_PARAGRAPHS,
        max_width=MAX_WIDTH,
        values=given,
        filters=active_filters(form.search),
        json_url=urls.concordance_json(given),
        csv_url=urls.concordance_json(given | {"format": "csv"}),
        index=snapshot,
    )
    return (html, 400) if fault else html


@blueprint.get("/api/v1/concordance")
def api() -> Response:
    """Return the matches of a query in context, some rows at a time; as CSV all of them. `q` is required."""
    values = request_params.read(request.query_string, API)
    request_params.required(values, "q", "Give the words to be shown in context.")
    written = request_params.table_format(values.pop("format", "json"))
    for name in ("per_page", "cursor"):
        if written == "csv" and name in values:
            raise RequestError(name, f"A CSV has all rows at once, so it takes no {name}.", f"Leave {name} out.")
    per_page = request_params.whole_number("per_page", values.pop("per_page", str(ROWS)), MAX_PER_PAGE)
    cursor = values.pop("cursor", None)
    form = _form(values)
    key = (*search_key(form.search), form.options.order, str(form.options.width))
    offset, snapshot = read_cursor(cursor, key) if cursor is not None else (0, current.snapshot())
    abort_if_not_modified(snapshot)
    found = _found(snapshot, form)
    state = urls.encoded_state({"q": form.search.q} | urls.shared_state(form.search))
    if written == "csv":
        table = csv_rows([COLUMNS, *(_csv_row(row, state) for row in found.rows)])
        return attachment(table, CSV, "concordance.csv")
    rows = found.rows[offset : offset + per_page]
    after = offset + len(rows)
    return jsonify(
        {
            "q": form.search.q,
            "interpreted": found.interpreted,
            "sort": form.options.order,
            "width": form.options.width,
            "total": total_json(found.total),
            "paragraphs_read": found.read,
            "matches": len(found.rows),
            "complete": found.complete,
            "warnings": list(found.warnings),
            "rows": [_row(row, state) for row in rows],
            "next_cursor": write_cursor(after, snapshot.generation, snapshot.updated_at, key)
            if after < len(found.rows)
            else None,
            "index": index_json(snapshot),
        }
    )


def _form(values: Mapping[str, str]) -> Form:
    """Return what parameters ask for. Raises RequestError for a value that cannot be used."""
    order = request_params.choice("sort", values.get("sort", "date"), tuple(ORDERS))
    width = request_params.whole_number("width", values.get("width", str(WIDTH)), MAX_WIDTH)
    asked = request_params.search_request({name: value for name, value in values.items() if name not in OWN})
    with_filters(ALL, asked)  # raises for a date that cannot be read, even if there is no query yet
    return Form(asked, ContextOptions(cast("Order", order), width))


def _found(snapshot: Snapshot, form: Form) -> Concordance:
    budget = QueryBudget()
    found = concordance(snapshot, form.search, form.options, budget, current.names())
    no_store_if_out_of_time(budget)
    return found


def _url(row: ConcordanceRow, state: str) -> str:
    return urls.paragraph(urls.article(row.heading.id), state, row.number)


def _row(row: ConcordanceRow, state: str) -> dict[str, Any]:
    heading = row.heading
    return {
        "id": paragraph_id(heading.id, row.number),
        "left": row.left,
        "match": row.match,
        "right": row.right,
        "title": heading.title,
        "date": heading.date.iso if heading.date else None,
        "url": _url(row, state),
    }


def _csv_row(row: ConcordanceRow, state: str) -> tuple[object, ...]:
    heading = row.heading
    date = heading.date.iso if heading.date else ""
    found = paragraph_id(heading.id, row.number), _url(row, state), heading.id, heading.title, date
    return *found, heading.source, heading.lang, row.number, row.left, row.match, row.right
