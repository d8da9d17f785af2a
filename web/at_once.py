"""Searches that are answered at once, by the thread of a worker that waits for all of its clients.

Gunicorn has a request read, answered and written by a thread of a pool. Where another one works, each step waits for
the interpreter anew, up to 5 ms each: with four clients a worker that was half of a search's time, and as much by
chance. A search that has arrived as a whole needs no thread to wait in. What may have to wait is for the pool: a client
that is slow to send or to read, a body, a file; and all that comes soon after a search that took long.
"""

from __future__ import annotations

import re
from concurrent.futures import Future
from socket import MSG_DONTWAIT, MSG_PEEK, socket
from typing import Any

SEARCHES = b"GET /?", b"GET /api/v1/search?"
END = b"\r\n\r\n"
MOST = 16 << 10
"""Bytes of a request that are looked at."""
MORE = re.compile(rb"\r\n(content-length|transfer-encoding|expect|upgrade)[ \t]*:", re.IGNORECASE)
"""What says that something may follow the head of a request, or has to be said before the answer."""
LONG = 0.05
"""Seconds from which on a search took long: it held up all others of its worker."""
WARY = 1.0
"""Seconds after that in which searches are left to the pool."""


class Kept:
    """In place of a socket: keeps an answer, so that it is sent as one."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []

    def sendall(self, data: bytes) -> None:
        """Keep some more."""
        self.parts.append(data)

    def send(self, data: bytes) -> int:
        """The same."""
        self.sendall(data)
        return len(data)

    def shutdown(self, _how: int) -> None:
        """For an answer that broke off: nothing of it has been sent."""
        raise BrokenPipeError


def is_whole_search(connection: Any) -> bool:  # noqa: ANN401 - gunicorn has no types
    """Whether all that a client has sent, and not been answered yet, is one search without a body."""
    if connection.parser is not None and connection.parser.unreader.buf.getvalue():
        return False  # it has sent several at once
    try:
        head = connection.sock.recv(MOST, MSG_PEEK | MSG_DONTWAIT)
    except OSError:  # nothing there yet, or the client is gone
        return False
    return head.startswith(SEARCHES) and head.find(END) == len(head) - len(END) and not MORE.search(head)


def send_some(client: socket, data: bytes) -> bytes:
    """Send what can be sent without waiting; what is left."""
    try:
        return data[client.send(data, MSG_DONTWAIT) :]
    except BlockingIOError:
        return data


def finished(result: object) -> Future[object]:
    """As the pool gives it."""
    future = Future[object]()
    future.set_result(result)
    return future
