"""Have the threads of a worker take turns, so that an answer that takes minutes to send does not hold up the others.

The server keeps the thread that answers a request until the last part of the answer is sent, as quickly as the client
reads it. So a worker has several threads, of which at most `export_route.MAX_EXPORTS` send exports. Only one of them
works at a time: Python runs one thread at a time anyway, and requests that take turns finish sooner than requests that
share the interpreter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from threading import Lock
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment


class RequestLock:
    """WSGI middleware that lets one thread at a time make an answer of known length, or a part of any other answer."""

    def __init__(self, application: WSGIApplication) -> None:
        self._application = application
        self._lock = Lock()

    def __call__(self, environ: WSGIEnvironment, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Handle a request (WSGI)."""
        has_length = False

        def start(status: str, headers: list[tuple[str, str]], *exc_info: Any) -> Any:  # noqa: ANN401 - WSGI's
            nonlocal has_length
            has_length = any([name == "Content-Length" for name, _ in headers])  # noqa: C419 - faster than a generator
            return start_response(status, headers, *exc_info)

        with self._lock:
            body = self._application(environ, start)
            if not has_length:
                return _LockedBody(body, self._lock)
            try:  # it is there already: to wait for a turn again, before it is sent, would take as long as a request
                return [*body]
            finally:
                _close(body)


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
        _close(self._body)


def _close(body: Iterable[bytes]) -> None:
    if close := getattr(body, "close", None):
        close()
