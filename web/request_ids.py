"""An id for each request, so that what a client saw can be found in the logs of a proxy and of Stemma."""

from __future__ import annotations

import re
import secrets
from typing import TYPE_CHECKING

from flask import request

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

HEADER = "X-Request-Id"
_SANE = re.compile(r"[A-Za-z0-9._:+/=@-]{1,128}")
"""An id from a client or a proxy that may be used: it has no character that could break a header, a log or JSON."""


def assign(environ: WSGIEnvironment) -> str:
    """Return the id of a request: its header X-Request-Id if that is sane, else a new one, put into this header."""
    given = str(environ.get("HTTP_X_REQUEST_ID", ""))
    if _SANE.fullmatch(given):
        return given
    environ["HTTP_X_REQUEST_ID"] = found = secrets.token_hex(8)
    return found


def current() -> str:
    """Return the id of the current request."""
    return request.headers[HEADER]
