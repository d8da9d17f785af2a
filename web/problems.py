"""Turn errors into problem+json (RFC 9457) for programs and error pages for people, with advice and no traceback."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, NamedTuple

from flask import Flask, Response, current_app, jsonify, render_template, request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge, RequestURITooLarge

from search.errors import (
    ClusterUnavailable,
    GenerationGone,
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
from web import request_ids, request_params, urls

MAX_QUERY_STRING = 32 * 1024
"""Maximum size of a query string, in bytes."""
MAX_BODY = 64 * 1024
"""Maximum size of a request body, in bytes."""
NOT_RECEIVED = "stemma.not_received"
"""Key in the environment (WSGI) of a request whose body the server did not receive: it was receiving too many."""
RETRY_AFTER = 5
"""Seconds after which a client should try again."""
CONTEXT = 60
"""Maximum number of code points of a query that an error page shows before, at and after an error in it, each."""
FOR_PROGRAMS = ("/api/", "/healthz", "/readyz", "/metrics", "/openapi.json", "/opensearch", "/feed.atom")
"""Prefixes of the paths whose errors are problem+json."""


class ProblemKind(NamedTuple):
    """How a kind of error is reported: HTTP status, code for programs, and title.

    If the message of such an error may contain paths of the server, it is logged only, and clients see `public`.
    """

    status: HTTPStatus
    code: str
    title: str
    public: str | None = None


UNAVAILABLE = HTTPStatus.SERVICE_UNAVAILABLE
CLOSED = "The archive cannot be searched at the moment"
KINDS: dict[type[StemmaError], ProblemKind] = {
    QueryError: ProblemKind(HTTPStatus.BAD_REQUEST, "bad-query", "This query cannot be read"),
    RequestError: ProblemKind(HTTPStatus.BAD_REQUEST, "bad-parameter", "This search cannot be read"),
    NoSuchArticle: ProblemKind(HTTPStatus.NOT_FOUND, "no-such-article", "There is no such article"),
    GenerationGone: ProblemKind(HTTPStatus.GONE, "cursor-expired", "This place in the results is gone"),
    UserError: ProblemKind(HTTPStatus.BAD_REQUEST, "bad-request", "This request cannot be read"),
    IndexMissing: ProblemKind(UNAVAILABLE, "index-missing", CLOSED, "There is no index yet."),
    IndexOutdated: ProblemKind(
        UNAVAILABLE, "index-outdated", CLOSED, "The index was written by another version of Stemma."
    ),
    IndexDamaged: ProblemKind(UNAVAILABLE, "index-damaged", CLOSED, "The index is damaged."),
    StorageError: ProblemKind(UNAVAILABLE, "storage", CLOSED, "The disk does not answer."),
    OperatorError: ProblemKind(UNAVAILABLE, "unavailable", CLOSED, "The service is not set up."),
    ClusterUnavailable: ProblemKind(UNAVAILABLE, "cluster-unavailable", CLOSED, "The index cannot be reached."),
    RetryLater: ProblemKind(UNAVAILABLE, "retry-later", CLOSED),
    StemmaError: ProblemKind(HTTPStatus.INTERNAL_SERVER_ERROR, "internal-error", "Something went wrong"),
}
"""The report for each class of errors. The first class that an error is an instance of applies."""

HTTP_ERRORS: dict[int, tuple[str, str, str]] = {
    404: ("not-found", "There is nothing here", "The address may have been mistyped."),
    405: ("method-not-allowed", "This address does not take that method", "Its header Allow names those it takes."),
    413: ("body-too-large", "This request is too large", f"A body can have {MAX_BODY:,} bytes."),
    414: ("query-too-long", "This query is too long", f"At most {MAX_QUERY_STRING:,} bytes can be read."),
    415: ("no-json", "This request has no JSON", "Send it as JSON, with Content-Type: application/json."),
    500: ("internal-error", "Something went wrong", "It stands in the server's log. Try again, or search for less."),
}
"""Code, title and detail for errors of Werkzeug, by HTTP status."""


class ErrorContext(NamedTuple):
    """The part of a query around an error, in three pieces. `at` is empty for an error at the end of the query."""

    before: str
    at: str
    after: str


def init_app(app: Flask) -> None:
    """Register handlers that report every error, and a check of the size of each request, and that it was received."""
    app.register_error_handler(StemmaError, _stemma_error)
    app.register_error_handler(HTTPException, _http_error)
    app.before_request(_check_request)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY  # for a body that comes without Content-Length


def _check_request() -> None:
    if NOT_RECEIVED in request.environ:
        raise RetryLater("As many requests as there may be at a time are being received.", "Try again in a while.")
    if len(request.query_string) > MAX_QUERY_STRING:
        raise RequestURITooLarge
    if (request.content_length or 0) > MAX_BODY:
        raise RequestEntityTooLarge


def _stemma_error(error: StemmaError) -> Response:
    kind = _kind(error)
    if kind.public is not None:
        current_app.logger.error("Request %s: %s", request_ids.current(), error)
    response = _answer(kind.status, kind.code, kind.title, kind.public or error.message, error)
    if isinstance(error, RetryLater):
        response.headers["Retry-After"] = str(RETRY_AFTER)
        if not request.path.startswith(FOR_PROGRAMS):
            response.headers["Refresh"] = str(RETRY_AFTER)  # the browser loads the page again by itself
    return response


def _kind(error: StemmaError) -> ProblemKind:
    return next(kind for of, kind in KINDS.items() if isinstance(error, of))


def _http_error(error: HTTPException) -> HTTPException | Response:
    status = error.code or 200
    if status < HTTPStatus.BAD_REQUEST:
        return error
    fallback = ("error", HTTPStatus(status).phrase, error.description or "")
    response = _answer(status, *HTTP_ERRORS.get(status, fallback))
    for name, value in error.get_headers():
        if name != "Content-Type":
            response.headers[name] = value
    return response


def _answer(status: int, code: str, title: str, detail: str, error: StemmaError | None = None) -> Response:
    if request.path.startswith(FOR_PROGRAMS):
        return _problem(status, code, title, detail, error)
    return _page(status, title, detail, error)


def problem(status: int, code: str, title: str, detail: str) -> dict[str, Any]:
    """Return a problem object (RFC 9457). Its `type` is the URL of the entry of the page `/errors` about its code."""
    return {"type": f"/errors#{code}", "title": title, "status": status, "detail": detail, "code": code,
            "request_id": request_ids.current()}  # fmt: skip


def problem_of(error: UserError) -> dict[str, Any]:
    """Return the problem object for an error in one search of a multi-search, as its entry in the answer."""
    kind = _kind(error)
    return _with_errors(problem(kind.status, kind.code, kind.title, str(error)), error)


def _with_errors(body: dict[str, Any], error: StemmaError | None) -> dict[str, Any]:
    """Return a problem object with `errors`, which names the wrong parameter, if the error is about one."""
    if isinstance(error, QueryError):
        body["errors"] = [{"parameter": error.parameter, "position": error.position, "hint": error.hint}]
    elif isinstance(error, (RequestError, GenerationGone)):
        body["errors"] = [{"parameter": error.parameter, "hint": error.hint}]
    return body


def _problem(status: int, code: str, title: str, detail: str, error: StemmaError | None) -> Response:
    body = problem(status, code, title, " ".join(filter(None, (detail, error.hint if error else ""))))
    response = jsonify(_with_errors(body, error))
    response.status_code = status
    response.mimetype = "application/problem+json"
    return response


def _page(status: int, title: str, detail: str, error: StemmaError | None) -> Response:
    """Return an error page, which has the search form as it was sent, so that it can be corrected."""
    searching = request.endpoint == "pages.search" and isinstance(error, UserError)
    q = request.args.get("q", "") if status != HTTPStatus.REQUEST_URI_TOO_LONG else ""
    given = {name: value for name in request_params.PAGE if searching and (value := _given(name))}
    lost = searching and getattr(error, "parameter", "") == "page"
    html = render_template(
        "error.html",
        title="There is no such page of results" if lost else title,
        first=urls.of_parameters({"q": q} | {name: given[name] for name in given if name != "page"}) if lost else "",
        detail=detail,
        hint=error.hint if error else "",
        context=error_context(q, error.position) if isinstance(error, QueryError) else None,
        form=given | {"q": q},
        faulty=getattr(error, "parameter", ""),
    )
    return Response(html, status, mimetype="text/html")


def _given(name: str) -> str:
    """Return a parameter of the page as it was given; the values of one that was repeated are joined with commas."""
    return ",".join(filter(None, request.args.getlist(name)))


def error_context(q: str, position: int) -> ErrorContext:
    """Return the context of an error in a query: the rest of the word at its position, and the text around it."""
    end = position + 1
    while end < len(q) and not q[end].isspace() and q[end] not in "()":
        end += 1
    end = min(end, position + CONTEXT)
    before = ("… " if position > CONTEXT else "") + q[max(0, position - CONTEXT) : position]
    return ErrorContext(before, q[position:end], q[end : end + CONTEXT] + (" …" if end + CONTEXT < len(q) else ""))
