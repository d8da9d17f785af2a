"""Gunicorn's threaded worker, made to answer searches at once, and to share kept-alive connections with the others.

All workers wait on the same socket, so one that is awake first takes every connection that is opened at once, and keeps
it: one process works through them while the other cores idle. So each worker tells the others how many connections it
holds, and one that holds more than another leaves new ones to that one for a moment, and closes its own after an
answer, so that the client comes back to where there is room.
"""

from __future__ import annotations

import mmap
import time
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

from web.at_once import LONG, WARY, Kept, finished, is_whole_search, send_some
from web.garbage import collector

SLOTS = 256
"""Workers that are told apart; each has its number modulo this."""
ABSENT = 2**32 - 1
"""In place of a count: no worker that takes connections."""
PATIENCE = 0.01
"""Seconds that a new connection is left to a worker with fewer: one that hangs must not keep the others from it."""

_shared = memoryview(mmap.mmap(-1, 4 * SLOTS)).cast("I")
"""The connections that each worker holds; made before the workers are forked, so that it is the same memory in all."""
for _slot in range(SLOTS):
    _shared[_slot] = ABSENT


class Worker(ThreadWorker):
    """A worker that holds about as many connections as the others."""

    _left_until = 0.0
    """When it takes the connection that it has left to the others, if none of them has."""

    _wary_until = 0.0
    """Until when no search is answered at once."""

    def enqueue_req(self, connection: Any) -> None:  # noqa: ANN401 - gunicorn has no types
        """See to a request that has begun to arrive."""
        started = time.monotonic()
        connection.rest = b""
        connection.at_once = started >= self._wary_until and is_whole_search(connection)
        if not connection.at_once:
            super().enqueue_req(connection)
            return
        kept_alive = self.handle(connection)
        now = time.monotonic()
        if now - started > LONG:
            self._wary_until = now + WARY
        if connection.rest:
            writing = self.tpool.submit(self._write_rest, connection, kept_alive)
            writing.add_done_callback(lambda done: self.method_queue.defer(self.finish_request, connection, done))
        else:
            self.finish_request(connection, finished(kept_alive))

    def handle_request(self, request: Any, connection: Any) -> bool:  # noqa: ANN401 - gunicorn has no types
        """Answer a request; whether the connection is kept."""
        client, connection.sock = connection.sock, Kept()
        try:
            kept_alive: bool = super().handle_request(request, connection)
            answer = b"".join(connection.sock.parts)
        finally:
            connection.sock = client
        if connection.at_once:
            connection.rest = send_some(client, answer)
        else:
            client.sendall(answer)
        return kept_alive

    def _write_rest(self, connection: Any, kept_alive: bool) -> bool:  # noqa: ANN401, FBT001 - as the pool calls it
        connection.sock.sendall(connection.rest)
        connection.rest = b""
        return kept_alive

    def fewest(self) -> int:
        """The connections of the worker that holds the fewest, which may be this one."""
        connections: int = self.nr_conns
        return min(connections, *_shared)

    def accept(self, listener: Any) -> None:  # noqa: ANN401 - gunicorn has no types
        """Take a new connection, or leave it to a worker that holds fewer."""
        now = time.monotonic()
        if self.fewest() < self.nr_conns and not 0 <= now - self._left_until < PATIENCE:
            self._left_until = now + PATIENCE
            self.set_accept_enabled(enabled=False)
            return
        super().accept(listener)
        self._tell()

    def set_accept_enabled(self, enabled: bool) -> None:  # noqa: FBT001 - gunicorn's own signature
        """Wait for new connections, or do not; called before each wait."""
        super().set_accept_enabled(enabled and time.monotonic() >= self._left_until)

    def wait_for_and_dispatch_events(self, timeout: float) -> None:
        """Wait for connections, requests and answers, and see to them."""
        self._tell()
        collector.when_idle()
        left = self._left_until - time.monotonic()
        super().wait_for_and_dispatch_events(min(timeout, left) if left > 0 else timeout)
        self._tell()

    def _tell(self) -> None:
        _shared[self.age % SLOTS] = self.nr_conns if self.alive else ABSENT


def before_request(worker: Worker, request: Any) -> None:  # noqa: ANN401 - gunicorn has no types
    """Have the connection closed after this answer when another worker has more room; called by gunicorn."""
    fewest = worker.fewest()
    # Of many, a few more make no difference, and each that is closed costs the client and the worker a round.
    if worker.nr_conns > fewest + 1 + fewest // 4:
        request.force_close()


def after_exit(_arbiter: Any, worker: Worker) -> None:  # noqa: ANN401 - gunicorn has no types
    """Forget the connections of a worker that has ended, however it did; called by gunicorn."""
    _shared[worker.age % SLOTS] = ABSENT
