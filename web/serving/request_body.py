"""Receive the bodies of requests: a few at a time, and none for much longer than BODY_TIMEOUT.

Only a client that has not read all of an earlier answer has longer, READ_TIMEOUT.

Granian has no time limit for a body, and keeps a thread waiting for it. So a client that begins a body and never ends
it would occupy a thread for good. Here, the body is received before the request takes its turn (see `request_lock`),
and its connection is shut if that takes too long.
"""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from fcntl import ioctl
from io import BytesIO
from termios import TIOCOUTQ
from threading import BoundedSemaphore, Thread, get_ident
from typing import TYPE_CHECKING, Any

from web.problems import MAX_BODY, NOT_RECEIVED
from web.serving.connections import open_sockets

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

MAX_BODIES = 4
"""Maximum number of bodies that a worker reads at a time."""
BODY_TIMEOUT = 10.0
"""Seconds in which the body of a request has to arrive."""
READ_TIMEOUT = 60.0
"""Seconds without data sent after which a client that has not read all of an answer no longer counts as slow."""
POLL_INTERVAL = 0.5
"""Seconds between checks for bodies that have taken longer than BODY_TIMEOUT."""
FAMILIES = (socket.AF_INET, socket.AF_INET6)
"""The address families of connections of clients."""
UNREAD = struct.Struct("i")
"""The number that TIOCOUTQ returns: bytes that were written, and that the client has not acknowledged (tcp(7))."""
LAST_DATA_SENT = struct.Struct("@44xI")
"""The field of `struct tcp_info` with the milliseconds since this side last sent data (linux/tcp.h)."""


class BodyReader:
    """WSGI middleware that receives the body of a request before the application sees the request.

    It has to be created in the worker process whose connections it shuts.
    """

    def __init__(self, application: WSGIApplication) -> None:
        self._application = application
        self._free = BoundedSemaphore(MAX_BODIES)
        self._awaited: dict[int, tuple[float, str]] = {}
        """For each thread that awaits a body, by its id: the end of its time, and the address of the client."""
        Thread(target=self._watch, name="bodies", daemon=True).start()

    def __call__(self, environ: WSGIEnvironment, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Handle a request (WSGI)."""
        if environ["REQUEST_METHOD"] == "POST":  # the only method whose bodies the application reads
            if self._free.acquire(blocking=False):
                try:
                    self._receive(environ)
                finally:
                    self._free.release()
            else:
                environ[NOT_RECEIVED] = True
        return self._application(environ, start_response)

    def _receive(self, environ: WSGIEnvironment) -> None:
        """Read the body of a request and put it into `environ`: at most MAX_BODY + 1 bytes, as that is refused anyway.

        A body that is longer by its Content-Length is not read. One that is cut off is passed on as far as it came.
        """
        length = environ.get("CONTENT_LENGTH", "")
        if length.isascii() and length.isdecimal() and int(length[:9]) > MAX_BODY:
            return
        self._awaited[get_ident()] = time.monotonic() + BODY_TIMEOUT, environ["REMOTE_ADDR"]
        try:
            body = environ["wsgi.input"].read(MAX_BODY + 1)
        finally:
            del self._awaited[get_ident()]
        environ["wsgi.input"] = BytesIO(body)
        if not length:  # a chunked body
            environ["CONTENT_LENGTH"] = str(len(body))
            environ.pop("HTTP_TRANSFER_ENCODING", None)

    def _watch(self) -> None:
        """Shut, for good, the connections of clients whose bodies have taken too long."""
        while True:
            time.sleep(POLL_INTERVAL)
            now = time.monotonic()
            if late := {address for end, address in list(self._awaited.values()) if end < now}:
                with suppress(OSError):  # as many files are open as may be: the next check may find fewer
                    shut_unanswered(late)


def shut_unanswered(addresses: set[str]) -> None:
    """Shut those connections of clients at these addresses over which nothing was sent to them for BODY_TIMEOUT.

    WSGI does not tell which connection a request came by. But if a client has not sent all of a body in time, these are
    the connections on which it has not: on others an answer was sent, or the server closed them because they were idle
    (after HEAD_TIMEOUT of `server`, which has to be shorter). A request of the same client whose answer has not begun
    by then is cut off too. A connection whose client has not read all of an answer stays for READ_TIMEOUT, since the
    client may be slow.
    """
    for connection in open_sockets():
        with connection:
            try:
                if connection.family not in FAMILIES or connection.getpeername()[0] not in addresses:
                    continue
                info = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, LAST_DATA_SENT.size)
                unread = UNREAD.unpack(ioctl(connection, TIOCOUTQ, bytes(UNREAD.size)))[0]
                if LAST_DATA_SENT.unpack(info)[0] > 1000 * (READ_TIMEOUT if unread else BODY_TIMEOUT):
                    connection.shutdown(socket.SHUT_RDWR)
            except OSError:  # no connection, or closed by now
                continue
