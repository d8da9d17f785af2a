"""Headers of every response of the application: security policies and caching."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zlib import crc32

from flask import Flask, Response, abort, g, request

from search.budget import QueryBudget
from search.engine import Snapshot
from web import current, request_ids

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse

STARTED = secrets.token_hex(4)
"""Random part of the ETags that `abort_if_not_modified` sets: one for all worker processes, new after a restart."""

SECURITY = {
    # No script but our own files, no frame, no request to anywhere else: a script that is hidden in an article does not
    # run, since nothing that contains text of an article is served as a script.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    # A link to another site must not tell it what was searched for.
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
}
YEAR = 31_536_000
"""A year in seconds."""


def with_security(start_response: StartResponse, request_id: str) -> StartResponse:
    """Return a WSGI `start_response` that adds the security headers and the id of the request."""
    added = [*SECURITY.items(), (request_ids.HEADER, request_id)]

    def start(status: str, headers: list[tuple[str, str]], *exc_info: Any) -> Any:  # noqa: ANN401 - WSGI's
        return start_response(status, [*headers, *added], *exc_info)

    return start


def abort_if_not_modified(snapshot: Snapshot) -> None:
    """Set the ETag of the response, and end the request with status 304 if the client has this version already.

    A response depends only on the URL, the generation of the index, the variants of names, the settings and the
    code, so its ETag is known before it is computed; `no_store_if_out_of_time` deals with the exception. The request
    is ended by raising an HTTPException of Werkzeug.
    """
    of = crc32(b"\n".join((snapshot.updated_at.encode(), request.path.encode(), request.query_string)))
    g.etag = f"{STARTED}-{snapshot.generation}-{current.names().version + of:x}"
    if request.headers.get("If-None-Match") is None:  # as nearly always; reading it takes longer
        return
    known = request.if_none_match
    if known.contains_weak(g.etag) and not known.star_tag:
        abort(Response(status=304))


def no_store() -> None:
    """Forbid caching of the current response: it is incomplete, and the next may not be, or it answers a POST."""
    g.etag = None


def no_store_if_out_of_time(budget: QueryBudget) -> None:
    """Forbid caching of the current response if the search was cut short for lack of time."""
    if budget.out_of_time:
        no_store()


def attachment(contents: str | Iterable[bytes], content_type: str, name: str) -> Response:
    """Return a response that a browser saves as a file with this name, which must have no quotation marks."""
    response = Response(contents, content_type=content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def init_app(app: Flask) -> None:
    """Add caching headers to every response, and give templates the filter `asset`, a static file's URL by its name."""
    versions = _versions(Path(app.static_folder or ""))

    def asset(name: str) -> str:
        return f"{app.static_url_path}/{name}?v={versions[name]}"

    def cache(response: Response) -> Response:
        if request.endpoint == "static":
            name = (request.view_args or {}).get("filename", "")
            if request.args.get("v", "") == versions.get(name):
                response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
            return response
        # The client may keep a copy but has to ask each time, so that it sees a new generation of the index at once.
        response.headers["Cache-Control"] = "no-cache"
        if "etag" in g and g.etag is None:
            response.headers["Cache-Control"] = "no-store"
        elif "etag" in g and response.status_code in {200, 304}:
            response.set_etag(g.etag, weak=True)
            if request.if_none_match.star_tag:  # "if there is none": only now it is known that there is one
                response.make_conditional(request)
                response.headers.remove("Date")
        elif response.status_code == 200:
            response.add_etag()
            response.make_conditional(request)
            # `make_conditional` adds a header Date, and the server adds one too: one is enough.
            response.headers.remove("Date")
        return response

    app.jinja_env.filters["asset"] = asset  # Jinja calls a filter of a constant once, as it compiles the template
    app.after_request(cache)


def _versions(folder: Path) -> dict[str, str]:
    return {path.name: sha256(path.read_bytes()).hexdigest()[:12] for path in folder.iterdir()}
