"""Sends documents to an index by bulk requests, again while the cluster is busy, and notes which ones it refuses."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event
from typing import Any

import orjson

from search.cluster.connection import Connection, cause_of
from search.errors import ClusterUnavailable, StorageError

BULK = 4 << 20
"""Number of bytes from which on what waits is sent as one bulk."""
TIMEOUT = 60.0
"""Seconds that the cluster may take for a bulk."""
PATIENCE = 180.0
"""Seconds for which a document is sent again while the cluster is too busy, or elects the node that takes it."""
PAUSE = 0.25
"""Seconds until a document is sent again; each further pause is twice as long, but at most LONGEST_PAUSE."""
LONGEST_PAUSE = 10.0
BUSY = (429, 503)
"""Statuses of documents that a node cannot take now."""
NOTHING_TO_DO = (404, 409)
"""Statuses of actions in vain: the document to delete is not there, or the one to create already is."""
BAD_REQUEST = 400
MAX_REFUSALS = 100
"""Number of documents that the cluster may refuse in a run; if it refuses more, the fault is not in the articles."""


class BulkSender:
    """Sends the lines of bulks to one index: one bulk at a time, so that they arrive in order.

    It calls `check` before each bulk; an error that this raises is raised by the method that sends.
    """

    def __init__(self, connection: Connection, index: str, check: Callable[[], None]) -> None:
        self._connection, self._index, self._check = connection, index, check
        self._sender = ThreadPoolExecutor(1)
        self._sending: Future[None] | None = None
        self._closed = Event()
        self._lines: list[bytes] = []
        self._pending = 0
        self._refused: dict[str, str] = {}
        self._refusals = 0

    def put(self, lines: bytes) -> None:
        """Add the lines of one action: the action and its document, if it has one, with a newline after each.

        Raises what `flush` does, for what was sent before.
        """
        self._lines.append(lines)
        self._pending += len(lines)
        if self._pending > BULK:
            self._finish_sending()
            self._sending = self._sender.submit(self._send, self._lines)
            self._lines, self._pending = [], 0

    def flush(self) -> None:
        """Send what waits, and wait until all that was sent has arrived.

        Raises StorageError, and what `call` and `check` do.
        """
        self._finish_sending()
        self._send(self._lines)
        self._lines, self._pending = [], 0

    def refused(self) -> dict[str, str]:
        """Flush; return the ids of the articles that the cluster refused since the last call, each with the reason."""
        self.flush()
        refused, self._refused = self._refused, {}
        return refused

    def close(self) -> None:
        """Wait for the request that is under way, and send nothing more."""
        self._closed.set()
        self._sender.shutdown(cancel_futures=True)

    def _finish_sending(self) -> None:
        sending, self._sending = self._sending, None
        if sending is not None:
            sending.result()

    def _send(self, lines: list[bytes]) -> None:
        pause, until = PAUSE, time.monotonic() + PATIENCE
        path = f"/{self._index}/_bulk?timeout=30s"
        while lines and not self._closed.is_set():
            self._check()
            answer = self._connection.call("POST", path, b"".join(lines), timeout=TIMEOUT)
            results = [next(iter(item.values())) for item in answer["items"]]
            for line, one in zip(lines, results, strict=True):
                if _is_refused(one):
                    self._refuse(line, one)
            lines = [line for line, one in zip(lines, results, strict=True) if _is_for_later(one)]
            if lines and time.monotonic() > until:
                raise ClusterUnavailable(self._connection.where, "is too busy to take articles", "Run it again later.")
            if lines:
                self._closed.wait(pause)
                pause = min(2 * pause, LONGEST_PAUSE)

    def _refuse(self, line: bytes, result: dict[str, Any]) -> None:
        """Note the article of a refused document. Raises StorageError if the refusal is not the article's fault."""
        reason = cause_of(result["error"])
        self._refusals += 1
        if int(result["status"]) != BAD_REQUEST or self._refusals > MAX_REFUSALS:
            message = f"OpenSearch does not take paragraph {result['_id']}: {reason}."
            raise StorageError(message, "The index is unchanged.")
        (action,) = orjson.loads(line.partition(b"\n")[0]).values()
        self._refused.setdefault(action["routing"], reason)


def _is_for_later(result: dict[str, Any]) -> bool:
    """Tell whether to send a document again: its node is busy, or has not heard of the index yet."""
    return result["status"] in BUSY or (result["status"] == 404 and "error" in result)


def _is_refused(result: dict[str, Any]) -> bool:
    """Tell whether a document was refused for good: also by the block of a full disk, whose status is one of BUSY."""
    if _is_for_later(result):
        return "cluster_block_exception" in str(result["error"].get("type"))
    return result["status"] >= 300 and result["status"] not in NOTHING_TO_DO
