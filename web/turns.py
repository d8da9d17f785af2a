"""One request after the other: what makes the threads of a process wait for their turn.

Python runs one thread of a process at a time. Two that work on requests at once are both finished late, and each time
one calls a compiled loop or waits for the disk the other holds the interpreter for milliseconds before it hands it
back. So one works, and the others read requests and write answers, which waits for clients.
"""

from __future__ import annotations

from collections.abc import Iterable
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PATIENCE = 0.1
"""Seconds after which a request no longer waits: a search that takes seconds must not hold up all others."""


class Turns:
    """A WSGI application that is asked by one thread at a time, as long as it answers fast."""

    def __init__(self, application: WSGIApplication) -> None:
        self._application = application
        self._turn = Lock()

    @property
    def taken(self) -> bool:
        """Whether a request is being worked on, and no other should be."""
        return self._turn.locked()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """The answer, worked out in turn; it is written after that."""
        mine = self._turn.acquire(timeout=PATIENCE)
        try:
            return self._application(environ, start_response)
        finally:
            if mine:
                self._turn.release()
