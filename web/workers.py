"""Gunicorn's threaded worker, made to answer searches at once, and to share kept-alive connections with the others.

All workers wait on the same socket, so one that is awake first takes every connection that is opened at once, and keeps
it: one process works through them while the other cores idle. So each worker tells the others how many connections it
holds, and one that holds more than another leaves new ones to that one for a moment, and closes its own after an
answer, so that the client comes back to where there is room.
"""

from __future__ import annotations

import mmap
import os
import signal
import time
from concurrent.futures import Future
from selectors import EVENT_WRITE
from types import FrameType
from typing import Any

from gunicorn.workers.gthread import _DEFER, ThreadWorker

from web.arbiter import STOPS
from web.at_once import IN_A_ROW, LONG, UNREAD, WARY, Kept, arrived, finished, is_whole_search, send_some
from web.garbage import collector

SLOTS = 256
"""Workers that are told apart; each has its number modulo this."""
ABSENT = 2**32 - 1
"""In place of a count: no worker that takes connections."""
PATIENCE = 0.01
"""Seconds that a new connection is left to a worker with fewer: one that hangs must not keep the others from it."""
SLACK = 4
"""Of so many connections one more or less makes no difference."""

_shared = memoryview(mmap.mmap(-1, 4 * SLOTS)).cast("I")
"""The connections that each worker holds; made before the workers are forked, so that it is the same memory in all."""
for _slot in range(SLOTS):
    _shared[_slot] = ABSENT


class Worker(ThreadWorker):
    """A worker that answers searches at once, and holds about as many connections as the others."""

    _left_until = 0.0
    """When it takes the connection that it has left to the others, if none of them has."""
    _leaves = False
    """Whether it waits for that moment."""
    _wary_until = 0.0
    """Until when no search is answered at once."""
    _row_began = 0.0
    """When the first of those that were there together was seen to; 0 before that."""

    def init_process(self) -> None:
        """Begin; called by gunicorn."""
        self._unread: dict[Any, float] = {}
        """Connections whose client has yet to take a part of an answer, and until when it has to."""
        super().init_process()

    def init_signals(self) -> None:
        """From now on it does what it is told; called by gunicorn."""
        super().init_signals()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)

    def handle_exit(self, number: int, frame: FrameType | None) -> None:
        """Finish what has been asked, and end; called by gunicorn when it gets SIGTERM."""
        if not self.booted:
            os._exit(0)  # nothing has been asked, and what it compiles may take longer than it is given to end
        super().handle_exit(number, frame)

    def handle_quit(self, _number: int, _frame: FrameType | None) -> None:
        """End now; called by gunicorn when it gets SIGINT or SIGQUIT.

        Gunicorn's own takes a lock of the pool, which the thread that it interrupts may hold: they waited for each
        other until they were killed. An exception would come out anywhere. A worker writes nothing, so it may just go.
        """
        os._exit(0)

    def enqueue_req(self, connection: Any) -> None:  # noqa: ANN401 - gunicorn has no types
        """See to a request that has begun to arrive, or to a new connection."""
        started = time.monotonic()
        self._row_began = self._row_began or started
        connection.rest = b""
        head = arrived(connection)
        if head is None and connection.parser is None:
            super().finish_request(connection, finished(_DEFER))
            return
        may = self._wary_until <= started < self._row_began + IN_A_ROW
        connection.at_once = may and is_whole_search(head)
        if not connection.at_once:
            super().enqueue_req(connection)
            return
        answered = finished(self.handle(connection))
        now = time.monotonic()
        if now - started > LONG:
            self._wary_until = now + WARY
        self.finish_request(connection, answered)

    def handle_request(self, request: Any, connection: Any) -> bool:  # noqa: ANN401 - gunicorn has no types
        """Answer a request, as far as the client takes it at once; whether the connection can be kept."""
        client, connection.sock = connection.sock, Kept()
        try:
            kept_alive = bool(super().handle_request(request, connection))
            answer = b"".join(connection.sock.parts)
        finally:
            connection.sock = client
        connection.rest = send_some(client, answer)
        return kept_alive

    def finish_request(self, connection: Any, answered: Future[Any]) -> None:  # noqa: ANN401 - gunicorn has no types
        """Wait for the client to take the rest, or for its next request, or close its connection."""
        if connection.rest:
            self._unread[connection] = time.monotonic() + UNREAD
            self.poller.register(connection.sock, EVENT_WRITE, lambda _client: self._send_more(connection, answered))
        elif answered.exception() or answered.result():
            super().finish_request(connection, answered)
        else:
            self.nr_conns -= 1
            if connection.at_once:
                connection.close()  # all that was sent has been read: there is nothing to wait for
            else:
                self.tpool.submit(connection.close, graceful=True)

    def _send_more(self, connection: Any, answered: Future[Any]) -> None:  # noqa: ANN401 - gunicorn has no types
        """Go on with an answer whose client has taken some of it."""
        try:
            connection.rest = send_some(connection.sock, connection.rest)
        except OSError:  # the client is gone
            connection.rest, answered = b"", finished(result=False)
        self._unread[connection] = time.monotonic() + UNREAD
        if not connection.rest:
            self._settle(connection, answered)

    def _settle(self, connection: Any, answered: Future[Any]) -> None:  # noqa: ANN401 - gunicorn has no types
        del self._unread[connection]
        self.poller.unregister(connection.sock)
        self.finish_request(connection, answered)

    def _give_up(self) -> None:
        """Close the connections of clients that take nothing any more."""
        now = time.monotonic()
        for connection in [connection for connection, until in self._unread.items() if until < now]:
            connection.rest = b""
            self._settle(connection, finished(result=False))

    def fewest(self) -> int:
        """The connections of the worker that holds the fewest, which may be this one."""
        connections: int = self.nr_conns
        return min(connections, *_shared)

    def accept(self, listener: Any) -> None:  # noqa: ANN401 - gunicorn has no types
        """Take what new connections there are, or leave them to a worker that holds fewer."""
        while self.nr_conns < self.worker_connections:
            now, fewest = time.monotonic(), self.fewest()
            if self.nr_conns > fewest + fewest // SLACK and not 0 <= now - self._left_until < PATIENCE:
                self._left_until = now + PATIENCE
                self.set_accept_enabled(enabled=False)
                return
            before = self.nr_conns
            super().accept(listener)
            self._tell()
            if self.nr_conns <= before:  # there was none
                return

    def set_accept_enabled(self, enabled: bool) -> None:  # noqa: FBT001 - gunicorn's own signature
        """Wait for new connections, or do not; called before each wait."""
        self._leaves = enabled and time.monotonic() < self._left_until
        super().set_accept_enabled(enabled and not self._leaves)

    def wait_for_and_dispatch_events(self, timeout: float) -> None:
        """Wait for connections, requests and answers, and see to them."""
        self._tell()
        collector.between_answers()
        self._give_up()
        self._row_began = 0.0
        if self._leaves:
            timeout = min(timeout, max(0.0, self._left_until - time.monotonic()))
        super().wait_for_and_dispatch_events(timeout)
        self._tell()

    def _tell(self) -> None:
        _shared[self.age % SLOTS] = self.nr_conns if self.alive else ABSENT


def before_request(worker: Worker, request: Any) -> None:  # noqa: ANN401 - gunicorn has no types
    """Have the connection closed after this answer when another worker has more room; called by gunicorn."""
    fewest = worker.fewest()
    # Of many, a few more make no difference, and each that is closed costs the client and the worker a round.
    if worker.nr_conns > fewest + 1 + fewest // SLACK:
        request.force_close()


def after_exit(_arbiter: Any, worker: Worker) -> None:  # noqa: ANN401 - gunicorn has no types
    """Forget the connections of a worker that has ended, however it did; called by gunicorn."""
    _shared[worker.age % SLOTS] = ABSENT
