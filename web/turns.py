"""One request after the other: what makes the threads of a process wait for their turn.

Python runs one thread of a process at a time. Two that work on requests at once are both finished late, and each time
one calls a compiled loop or waits for the disk the other holds the interpreter for milliseconds before it hands it
back. So one works, and the others read requests and write answers, which waits for clients.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PATIENCE = 0.1
"""Seconds after which a request no longer waits: a search that takes seconds must not hold up all others."""


class Turns:
    """A WSGI application that is asked by one thread at a time, as long as it answers fast.

    Who came first is first: a lock would go to whoever asks when it is free, and some would wait for several others.
    """

    def __init__(self, application: WSGIApplication) -> None:
        self._application = application
        self._guard = Lock()
        self._waiting: deque[Lock] = deque()
        """A lock for each request that waits, released when its turn has come."""
        self.taken = False
        """Whether a request is being worked on, and no other should be."""

    @property
    def waiting(self) -> int:
        """How many requests wait."""
        return len(self._waiting)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """The answer, worked out in turn; it is written after that."""
        mine = self._wait()
        try:
            return self._application(environ, start_response)
        finally:
            if mine:
                self._next()

    def _wait(self) -> bool:
        """Wait for the turn; whether it has come."""
        with self._guard:
            if not self.taken:
                self.taken = True
                return True
            turn = Lock()
            turn.acquire()
            self._waiting.append(turn)
        if turn.acquire(timeout=PATIENCE):
            return True
        with self._guard:
            if turn in self._waiting:
                self._waiting.remove(turn)
                return False
        return True  # it came in the last moment

    def _next(self) -> None:
        """Give the turn to who has waited longest."""
        with self._guard:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self.taken = False
