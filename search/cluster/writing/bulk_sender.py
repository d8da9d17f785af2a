"""Documents on their way into an index: sent together, again while the cluster is busy, and what it refuses."""

from __future__ import annotations

import time
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import orjson

from search.cluster.connection import Connection, cause_of
from search.errors import ClusterUnavailable, StorageError

BULK = 4 << 20
"""Bytes of documents that are sent together."""
TIMEOUT = 60.0
"""Seconds that the cluster may take for them."""
PATIENCE = 180.0
"""Seconds for which a document is sent again while the cluster is too busy, or elects who takes it."""
PAUSE = 0.25
"""Seconds until it is sent again; each next time it is twice as long, but not longer than LONGEST_PAUSE."""
LONGEST_PAUSE = 10.0
BUSY = (429, 503)
IN_VAIN = (404, 409)
"""Statuses where nothing was to do: what is to be deleted is not there, or what is to be created is."""
BAD_REQUEST = 400
MAX_REFUSALS = 100
"""Number of paragraphs that a run may have refused; then the cluster is not as it should be."""


class BulkSender:
    """Sends the lines of bulks to one index: one bulk at a time, so that they arrive in order."""

    def __init__(self, connection: Connection, index: str) -> None:
        self._connection, self._index = connection, index
        self._sender = ThreadPoolExecutor(1)
        self._sending: Future[None] | None = None
        self._lines: list[bytes] = []
        self._pending = 0
        self._refused: dict[str, str] = {}
        self._refusals = 0

    def put(self, lines: bytes) -> None:
        """Add an action with its document. Raises what `flush` does, for what was sent before."""
        self._lines.append(lines)
        self._pending += len(lines)
        if self._pending > BULK:
            self._finish_sending()
            self._sending = self._sender.submit(self._send, self._lines)
            self._lines, self._pending = [], 0

    def flush(self) -> None:
        """Send what waits, and wait until all that was sent has arrived. Raises StorageError and ClusterUnavailable."""
        self._finish_sending()
        self._send(self._lines)
        self._lines, self._pending = [], 0

    def refused(self) -> dict[str, str]:
        """Flush, and return the articles since the last call that the cluster has not taken, each with the reason."""
        self.flush()
        refused, self._refused = self._refused, {}
        return refused

    def close(self) -> None:
        """Wait for what is being sent, and send nothing more."""
        self._sender.shutdown(cancel_futures=True)

    def _finish_sending(self) -> None:
        sending, self._sending = self._sending, None
        if sending is not None:
            sending.result()

    def _send(self, lines: list[bytes]) -> None:
        pause, until = PAUSE, time.monotonic() + PATIENCE
        path = f"/{self._index}/_bulk?timeout=30s"
        while lines:
            answer = self._connection.call("POST", path, b"".join(lines), timeout=TIMEOUT)
            results = [next(iter(item.values())) for item in answer["items"]]
            for line, one in zip(lines, results, strict=True):
                if _is_refused(one):
                    self._refuse(line, one)
            lines = [line for line, one in zip(lines, results, strict=True) if one["status"] in BUSY]
            if lines and time.monotonic() > until:
                raise ClusterUnavailable(self._connection.where, "is too busy to take articles", "Run it again later.")
            if lines:
                time.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)

    def _refuse(self, line: bytes, result: dict[str, Any]) -> None:
        """Remember the article of a paragraph that is refused. Raises StorageError if it is not the article's fault."""
        reason = cause_of(result["error"])
        self._refusals += 1
        if int(result["status"]) != BAD_REQUEST or self._refusals > MAX_REFUSALS:
            message = f"OpenSearch does not take paragraph {result['_id']}: {reason}."
            raise StorageError(message, "The index is unchanged.")
        (action,) = orjson.loads(line.partition(b"\n")[0]).values()
        self._refused.setdefault(action["routing"], reason)


def _is_refused(result: dict[str, Any]) -> bool:
    """Tell whether a document was refused for good: a disk that is full does not empty itself."""
    status = int(result["status"])
    if status in BUSY:
        return "cluster_block_exception" in str(result["error"].get("type"))
    return status >= 300 and status not in IN_VAIN
