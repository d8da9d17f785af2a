"""Errors → problem+json (RFC 9457) for programs, a page for people. Says what to do about it; never a traceback."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, NamedTuple

from flask import Flask, Response, current_app, jsonify, render_template, request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge, RequestURITooLarge

from search.engine import Statistics
from search.errors import (
    IndexDamaged,
    IndexMissing,
    IndexOutdated,
    NoSuchArticle,
    OperatorError,
    QueryError,
    RequestError,
    RetryLater,
    StemmaError,
    StorageError,
    UserError,
)
from web import current, request_params, urls

MAX_QUERY_STRING = 32 * 1024
"""Bytes of a query string; more is no search."""
MAX_BODY = 64 * 1024
"""Bytes of a body; no address wants one yet."""
RETRY_AFTER = 5
"""Seconds until a client should try again."""
AROUND = 60
"""Code points of an unreadable query that are shown on each side of the place where it went wrong."""
FOR_PROGRAMS = ("/api/", "/healthz", "/readyz", "/metrics", "/openapi.json")
LATER = frozenset(
    (
        *(f"/api/v1/{name}" for name in ("suggest", "explain", "export", "multi-search")),
        *("/metrics", "/openapi.json", "/opensearch.xml", "/feed.atom"),
    )
)
"""Addresses of the interface that are not built yet."""


class ProblemKind(NamedTuple):
    """What an error is to a client. `public` takes the message's place where that may name paths of the server."""

    status: HTTPStatus
    code: str
    title: str
    public: str | None = None


UNAVAILABLE = HTTPStatus.SERVICE_UNAVAILABLE
CLOSED = "The archive cannot be searched at the moment"
KINDS: dict[type[StemmaError], ProblemKind] = {
    request_params.NotInThisVersion: ProblemKind(HTTPStatus.BAD_REQUEST, "not-in-this-version", "Not in this version"),
    QueryError: ProblemKind(HTTPStatus.BAD_REQUEST, "bad-query", "This query cannot be read"),
    RequestError: ProblemKind(HTTPStatus.BAD_REQUEST, "bad-parameter", "This search cannot be read"),
    NoSuchArticle: ProblemKind(HTTPStatus.NOT_FOUND, "no-such-article", "There is no such article"),
    UserError: ProblemKind(HTTPStatus.BAD_REQUEST, "bad-request", "This request cannot be read"),
    IndexMissing: ProblemKind(UNAVAILABLE, "index-missing", CLOSED, "There is no index yet."),
    IndexOutdated: ProblemKind(
        UNAVAILABLE, "index-outdated", CLOSED, "The index was written by another version of Stemma."
    ),
    IndexDamaged: ProblemKind(UNAVAILABLE, "index-damaged", CLOSED, "The index is damaged."),
    StorageError: ProblemKind(UNAVAILABLE, "storage", CLOSED, "The disk does not answer."),
    OperatorError: ProblemKind(UNAVAILABLE, "unavailable", CLOSED, "The service is not set up."),
    RetryLater: ProblemKind(UNAVAILABLE, "retry-later", CLOSED),
    StemmaError: ProblemKind(HTTPStatus.INTERNAL_SERVER_ERROR, "internal-error", "Something went wrong"),
}
"""From the particular to the general: the first that fits."""

HTTP: dict[int, tuple[str, str, str]] = {
    404: ("not-found", "There is nothing here", "The address may have been mistyped."),
    405: ("method-not-allowed", "This address does not take that method", "Use GET."),
    413: ("body-too-large", "This request is too large", "Send it without a body."),
    414: ("query-too-long", "This query is too long", f"At most {MAX_QUERY_STRING:,} bytes can be read."),
    500: ("internal-error", "Something went wrong", "It stands in the server's log. Try again, or search for less."),
}
"""What Werkzeug's errors are called: code, title, detail."""


class Fault(NamedTuple):
    """An unreadable query around the place where it went wrong; `at` is empty where something is missing at the end."""

    before: str
    at: str
    after: str


def init_app(app: Flask) -> None:
    """Answer every error in the form that the asker reads."""
    app.register_error_handler(StemmaError, _stemma_error)
    app.register_error_handler(HTTPException, _http_error)
    app.before_request(_check_size)


def _check_size() -> None:
    if len(request.query_string) > MAX_QUERY_STRING:
        raise RequestURITooLarge
    if (request.content_length or 0) > MAX_BODY:
        raise RequestEntityTooLarge


def _stemma_error(error: StemmaError) -> Response:
    kind = next(kind for of, kind in KINDS.items() if isinstance(error, of))
    if kind.public is not None:
        current_app.logger.error("%s", error)
    response = _answer(kind.status, kind.code, kind.title, kind.public or error.message, error)
    if isinstance(error, RetryLater):
        response.headers["Retry-After"] = str(RETRY_AFTER)
        if not request.path.startswith(FOR_PROGRAMS):
            response.headers["Refresh"] = str(RETRY_AFTER)  # a page that waits comes back by itself
    return response


def _http_error(error: HTTPException) -> HTTPException | Response:
    status = error.code or 200
    if status < HTTPStatus.BAD_REQUEST:
        return error
    if status == HTTPStatus.NOT_FOUND and request.path in LATER:
        detail = f"{request.path} is not in this version of Stemma."
        return _answer(HTTPStatus.BAD_REQUEST, "not-in-this-version", "Not in this version", detail)
    fallback = ("error", HTTPStatus(status).phrase, error.description or "")
    response = _answer(status, *HTTP.get(status, fallback))
    for name, value in error.get_headers():
        if name != "Content-Type":
            response.headers[name] = value
    return response


def _answer(status: int, code: str, title: str, detail: str, error: StemmaError | None = None) -> Response:
    if request.path.startswith(FOR_PROGRAMS):
        return _problem(status, code, detail, error)
    return _page(status, title, detail, error)


def problem(status: int, code: str, detail: str) -> dict[str, Any]:
    """With no page that describes a type of problem, RFC 9457 wants `about:blank`, and the status's own title."""
    return {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
    }


def _problem(status: int, code: str, detail: str, error: StemmaError | None) -> Response:
    body = problem(status, code, " ".join(filter(None, (detail, error.hint if error else ""))))
    if isinstance(error, QueryError):
        body["errors"] = [{"parameter": error.parameter, "position": error.position, "hint": error.hint}]
    elif isinstance(error, RequestError):
        body["errors"] = [{"parameter": error.parameter, "hint": error.hint}]
    response = jsonify(body)
    response.status_code = status
    response.mimetype = "application/problem+json"
    return response


def _page(status: int, title: str, detail: str, error: StemmaError | None) -> Response:
    """The error, and the search as it was typed so that it can be mended."""
    searching = request.endpoint == "pages.search" and isinstance(error, UserError)
    q = request.args.get("q", "") if status != HTTPStatus.REQUEST_URI_TOO_LONG else ""
    given = {name: value for name in request_params.PAGE if (value := request.args.get(name, "")) and name != "page"}
    lost = searching and getattr(error, "parameter", "") == "page"
    html = render_template(
        "error.html",
        title="There is no such page of results" if lost else title,
        first=urls.of_parameters({"q": q} | given) if lost else "",
        detail=detail,
        hint=error.hint if error else "",
        fault=fault(q, error.position) if isinstance(error, QueryError) else None,
        form={**{name: request.args.get(name, "") for name in request_params.PAGE if searching}, "q": q},
        faulty=getattr(error, "parameter", ""),
        statistics=_statistics() if searching else None,
    )
    return Response(html, status, mimetype="text/html")


def fault(q: str, position: int) -> Fault:
    """A query cut at the place where it went wrong: the rest of the word there, and what stands around it."""
    end = position + 1
    while end < len(q) and not q[end].isspace() and q[end] not in "()":
        end += 1
    end = min(end, position + AROUND)
    before = ("… " if position > AROUND else "") + q[max(0, position - AROUND) : position]
    return Fault(before, q[position:end], q[end : end + AROUND] + (" …" if end + AROUND < len(q) else ""))


def _statistics() -> Statistics | None:
    """What the filters can offer; None while the index cannot be opened."""
    try:
        return current.snapshot().statistics()
    except StemmaError:
        return None
