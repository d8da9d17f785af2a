"""Let scripts of pages of other origins use the JSON API (CORS), if the setting `cors` names the origins."""

from __future__ import annotations

from collections.abc import Collection

from flask import Flask, Response, request

METHODS, HEADERS = "GET, HEAD, POST", "Content-Type, If-None-Match, X-Request-Id"
"""Methods and headers that a request from another origin may have."""
EXPOSED = "ETag, Retry-After, Server-Timing, X-Request-Id, X-Total-Count"
"""Headers of an answer that a script of another origin may read, besides those that CORS always allows."""
MAX_AGE = "86400"
"""Seconds for which a browser may remember the answer to a preflight request."""
EVERY = "*"
"""The value of the setting that allows every origin."""


def init_app(app: Flask, origins: Collection[str]) -> None:
    """Allow requests below `/api/` from pages of `origins`, such as `https://example.org`; of all if EVERY is in it."""

    def allowed() -> str | None:
        """Return the header Access-Control-Allow-Origin; None if the origin of the request may not read the answer."""
        origin = request.headers.get("Origin")
        if origin is None or not request.path.startswith("/api/"):
            return None
        return EVERY if EVERY in origins else origin if origin in origins else None

    def preflight() -> Response | None:
        """Return the answer to a preflight request, which asks whether a request is allowed; None for any other."""
        if request.method != "OPTIONS" or "Access-Control-Request-Method" not in request.headers or not allowed():
            return None
        answer = Response(status=204)
        answer.headers.extend(
            {
                "Access-Control-Allow-Methods": METHODS,
                "Access-Control-Allow-Headers": HEADERS,
                "Access-Control-Max-Age": MAX_AGE,
            }
        )
        return answer

    def allow(response: Response) -> Response:
        if request.path.startswith("/api/"):
            response.headers.add("Vary", "Origin")
            if origin := allowed():
                response.headers["Access-Control-Allow-Origin"] = origin
                response.headers["Access-Control-Expose-Headers"] = EXPOSED
        return response

    if origins:
        app.before_request(preflight)
        app.after_request(allow)
