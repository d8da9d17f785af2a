"""How a worker ends without losing a request: it takes no new connection, and tells its clients to go.

A server that is told to end closes its socket, and the connections that wait there are reset, and those whose request
is still on its way are closed. So the main process first has each worker shut the door by a signal of its own, and
tells it to end a moment later, when all that had come in has been read.
"""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import struct
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

DRAIN = signal.SIGUSR1
"""What tells a worker to take no new connection."""
MOMENT = 0.25
"""Seconds from then until it is told to end: all that clients have sent by then has been read."""
LOOK = 1.0
"""Seconds between two looks at whether the main process still lives."""
SO_ATTACH_FILTER = 26
"""The option that has a socket look at what comes with a program for the Berkeley packet filter (Linux, socket(7))."""
NO_NEWCOMERS = b"".join(
    struct.pack("HBBI", *instruction)
    for instruction in (
        (0x30, 0, 0, 13),  # load the flags of the TCP header
        (0x45, 0, 1, 0x02),  # is it a SYN, with which a connection begins?
        (0x06, 0, 0, 0),  # then drop it
        (0x06, 0, 0, 0xFFFF_FFFF),  # else take all of it
    )
)
"""Such a program. A client's system tries again a second later, when nobody listens any more."""


OPEN_FILES = Path("/proc/self/fd")


class Draining:
    """A WSGI application whose answers end the connection once the worker drains, or after a body.

    A client that is told so goes elsewhere, where one that is not would go on asking. And nobody has to wait for a body
    that was announced and does not come: no address takes one.

    It has to be made in the main thread of the worker, as it listens to signals.
    """

    def __init__(self, application: WSGIApplication) -> None:
        self._application = application
        self.drains = False
        self._parent = os.getppid()
        self._heard, told = socket.socketpair()
        self._heard.settimeout(LOOK)
        told.setblocking(False)
        self._told = told
        signal.signal(DRAIN, lambda _number, _frame: None)
        signal.set_wakeup_fd(told.fileno(), warn_on_full_buffer=False)  # Python writes the number of each signal there
        Thread(target=self._listen, name="draining", daemon=True).start()

    def _listen(self) -> None:
        heard: set[int] = set()
        while heard.isdisjoint({signal.SIGTERM, signal.SIGINT}):
            try:
                heard.update(self._heard.recv(64))
            except TimeoutError:
                if os.getppid() != self._parent:  # it was killed; who is left would keep its address
                    os.kill(os.getpid(), signal.SIGTERM)
            if DRAIN in heard and not self.drains:
                self.drains = True
                shut_doors()
        time.sleep(MOMENT)
        for (
            listener
        ) in _listeners():  # the server was told a moment before it listened to signals, and has not heard it
            listener.close()
            os._exit(0)

    def __call__(self, environ: WSGIEnvironment, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a request."""
        if not (self.drains or environ.get("CONTENT_LENGTH") or "HTTP_TRANSFER_ENCODING" in environ):
            return self._application(environ, start_response)

        def start(status: str, headers: list[tuple[str, str]], exc_info: object = None) -> Any:  # noqa: ANN401 - WSGI's
            return start_response(status, [*headers, ("Connection", "close")], exc_info)

        return self._application(environ, start)


def shut_doors() -> None:
    """Let in no more connections at the sockets that this process listens on; those that are in stay."""
    program = ctypes.create_string_buffer(NO_NEWCOMERS)
    only = struct.pack("HP", len(NO_NEWCOMERS) // 8, ctypes.addressof(program))
    for listener in _listeners():
        with listener:
            listener.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, only)


def _listeners() -> Iterable[socket.socket]:
    """Yield the sockets that this process listens on; none where the system does not list open files as Linux does."""
    for path in list(OPEN_FILES.iterdir()) if OPEN_FILES.exists() else ():
        try:
            found = socket.socket(fileno=os.dup(int(path.name)))
        except OSError:  # no socket, or closed by now
            continue
        if found.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
            yield found
        else:
            found.close()
