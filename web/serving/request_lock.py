"""Lets threads of a worker take turns, so that a client that is slow for minutes does not hold up the others.

The server keeps the thread that answers a request until the last part of the answer is sent, as quickly as the client
reads it, and while the body of the request is read, as quickly as the client sends it. So a worker has several threads,
of which at most MAX_EXPORTS send exports, and at most MAX_BODIES read bodies. They do not run side by side: Python runs
one thread at a time anyway, and requests that take turns finish sooner than requests that share the interpreter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from io import BytesIO
from threading import BoundedSemaphore, Lock
from typing import TYPE_CHECKING, Any

from web.problems import MAX_BODY, RETRY_AFTER
from web.views.export_route import MAX_EXPORTS

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

MAX_BODIES = 4
"""Maximum number of bodies that a worker reads at a time."""
THREADS = MAX_EXPORTS + MAX_BODIES + 1
"""Threads of a worker: when all exports are running and all bodies are awaited, one is left for everything else."""
BUSY = b"As many requests as there may be at a time are being received. Try again in a while.\n"


class RequestLock:
    """WSGI middleware that works on one request at a time: until its answer begins, and on each part of the answer."""

    def __init__(self, application: WSGIApplication) -> None:
        self._application = application
        self._lock = Lock()
        self._reading = BoundedSemaphore(MAX_BODIES)

    def __call__(self, environ: WSGIEnvironment, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Handle a request (WSGI)."""
        if environ["REQUEST_METHOD"] == "POST":  # the only one whose body is read
            if not self._reading.acquire(blocking=False):
                headers = [("Content-Type", "text/plain"), ("Retry-After", str(RETRY_AFTER))]
                start_response("503 Service Unavailable", headers)
                return [BUSY]
            try:
                _receive(environ)
            finally:
                self._reading.release()
        with self._lock:
            body = self._application(environ, start_response)
        return _LockedBody(body, self._lock)


def _receive(environ: WSGIEnvironment) -> None:
    """Read the body of a request, up to the length that the application refuses; one that says it is longer is left."""
    length = environ.get("CONTENT_LENGTH", "")
    if length.isascii() and length.isdecimal() and int(length[:9]) > MAX_BODY:
        return
    body = environ["wsgi.input"].read(MAX_BODY + 1)
    environ["wsgi.input"] = BytesIO(body)
    if not length:  # it came in chunks
        environ["CONTENT_LENGTH"] = str(len(body))
        environ.pop("HTTP_TRANSFER_ENCODING", None)


class _LockedBody:
    """The parts of an answer. Each is made while no other thread works, and sent while others may."""

    def __init__(self, body: Iterable[bytes], lock: Lock) -> None:
        self._body, self._lock = body, lock
        self._parts = iter(body)

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        with self._lock:
            return next(self._parts)

    def close(self) -> None:
        """End the answer, whether or not it was sent as a whole."""
        if close := getattr(self._body, "close", None):
            close()
