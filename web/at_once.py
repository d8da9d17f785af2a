"""Searches that are answered at once, by the thread of a worker that waits for all of its clients.

Gunicorn has a request read, answered and written by a thread of a pool. Where another one works, each step waits for
the interpreter anew, up to 5 ms each: with four clients a worker that was half of a search's time, and as much by
chance. A search that has arrived as a whole needs no thread to wait in. What may have to wait is for the pool: a client
that is slow to send, a body; and all that comes soon after a search that took long. What a client is slow to read is
sent when it has room for it.
"""

from __future__ import annotations

import re
from concurrent.futures import Future
from socket import MSG_DONTWAIT, MSG_PEEK, socket
from typing import Any

SEARCHES = b"GET /?", b"GET /api/v1/search?"
END = b"\r\n\r\n"
MOST = 8 << 10
"""Bytes of a request at most: as many as gunicorn reads in one go, so that nothing is left unread."""
MORE = re.compile(rb"\r\n(content-length|transfer-encoding|expect|upgrade)[ \t]*:", re.IGNORECASE)
"""What says that something may follow the head of a request, or has to be said before the answer."""
LONG = 0.05
"""Seconds from which on a search took long: it held up all others of its worker."""
WARY = 1.0
"""Seconds after that in which searches are left to the pool."""
IN_A_ROW = 0.25
"""Seconds of searches that were there together, after which it is the turn of who has just come, and of the pool."""
UNREAD = 30.0
"""Seconds for which a client may take nothing of the rest of an answer."""


class BrokenOff(Exception):
    """An answer broke off. Nothing of it has been sent, so that the client can be told so."""


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
        """What gunicorn does with an answer that breaks off when it has begun. Raises BrokenOff."""
        raise BrokenOff

    def close(self) -> None:
        """And then this."""


def arrived(connection: Any) -> bytes | None:  # noqa: ANN401 - gunicorn has no types
    """What a client has sent that has not been read, as far as `MOST`; None before it has sent anything."""
    if connection.parser is not None and connection.parser.unreader.buf.getvalue():
        return b""  # it has sent several requests at once, which are read in parts
    client: socket = connection.sock
    try:
        return client.recv(MOST, MSG_PEEK | MSG_DONTWAIT)
    except BlockingIOError:
        return None
    except OSError:  # it is gone, which whoever reads will see
        return b""


def is_whole_search(head: bytes | None) -> bool:
    """Whether that is one search without a body, and all of it."""
    if head is None or not head.startswith(SEARCHES) or MORE.search(head):
        return False
    return head.find(END) == len(head) - len(END)


def send_some(client: socket, data: bytes) -> bytes:
    """Send what can be sent without waiting; what is left. Raises OSError when the client is gone."""
    try:
        return data[client.send(data, MSG_DONTWAIT) :]
    except BlockingIOError:
        return data


def finished(result: object) -> Future[Any]:
    """As the pool gives it."""
    future = Future[Any]()
    future.set_result(result)
    return future
