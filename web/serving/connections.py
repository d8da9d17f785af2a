"""Which connections a worker ends after an answer, though their clients would keep them.

All of them when the server is told to end. It would close its socket then, and the connections that wait there would be
reset, and those whose request is still on its way closed. So the main process first has each worker shut the door by a
signal of its own, and tells it to end a moment later, when all that had come in has been read.

Some when another worker has fewer: the system deals new connections out by chance, and of eight clients six may wait
for one process while the other has two.
"""

from __future__ import annotations

import ctypes
import mmap
import multiprocessing
import os
import signal
import socket
import stat
import struct
import time
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

DRAIN = signal.SIGUSR1
"""What tells a worker to take no new connection."""
MOMENT = 0.25
"""Seconds from then until it is told to end: all that clients have sent by then has been read."""
LOOK = 0.25
"""Seconds between two looks at the connections of the other workers, and at whether the main process still lives."""
SOON, STARTING = 0.01, 500
"""Seconds between two looks at whether the server listens already, and how many there are at most."""
PLACES = 256
"""Workers that can be told apart: more than there are, with those that died a moment ago."""
TOLERANCE = 4
"""One connection more for so many is no difference."""
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


class Board:
    """Where each worker tells the others how many connections it has, in memory that all share.

    It has to be made in the main process, before the workers are forked from it.
    """

    def __init__(self) -> None:
        self._numbers = memoryview(mmap.mmap(-1, 8 * PLACES)).cast("I")
        """For each place the process that has it, 0 for none, and how many connections that has."""
        self._next = multiprocessing.Value("I", 0)

    def take_place(self) -> int:
        """Return a place for this process."""
        with self._next.get_lock():
            self._next.value += 1
            return int(self._next.value) % PLACES

    def tell(self, place: int, connections: int) -> int:
        """Say how many connections this process has; returns the fewest that one of the workers has."""
        self._numbers[2 * place], self._numbers[2 * place + 1] = os.getpid(), connections
        told = self._numbers.tolist()
        return min(count for process, count in zip(told[::2], told[1::2], strict=True) if process)

    def forget(self, alive: Collection[int | None]) -> None:
        """Empty the places of processes that are not alive any more."""
        for place, process in enumerate(self._numbers.tolist()[::2]):
            if process and process not in alive:
                self._numbers[2 * place] = 0


class Connections:
    """A WSGI application whose answers end the connection when this worker drains, or has more of them than others.

    They end it after a body, too: nobody has to wait for one that was announced and does not come. The worker ends when
    its `parent`, the main process, is gone. It has to be made in the worker's main thread, as it listens to signals.
    """

    def __init__(self, application: WSGIApplication, board: Board, parent: int) -> None:
        self._application = application
        self._board, self._place = board, board.take_place()
        self._drains = False
        self._too_many = 0
        """Connections to end because others have fewer."""
        self._others = 0
        """Open files that are no connections."""
        self._parent = parent
        self._heard, told = socket.socketpair()
        self._heard.settimeout(LOOK)
        told.setblocking(False)
        self._told = told
        signal.signal(DRAIN, lambda _number, _frame: None)
        signal.set_wakeup_fd(told.fileno(), warn_on_full_buffer=False)  # Python writes the number of each signal there
        Thread(target=self._listen, name="connections", daemon=True).start()

    def _listen(self) -> None:
        for _ in range(STARTING):  # nearly all that is open when the server has begun to listen is no connection
            if _listens():
                break
            time.sleep(SOON)
        self._others = _count_open_files()
        heard: set[int] = set()
        while heard.isdisjoint({signal.SIGTERM, signal.SIGINT}):
            try:
                heard.update(self._heard.recv(64))
            except TimeoutError:
                self._count()
                if os.getppid() != self._parent:  # it was killed; who is left would keep its address
                    os.kill(os.getpid(), signal.SIGTERM)
            if DRAIN in heard and not self._drains:
                self._drains = True
                shut_doors()
        time.sleep(MOMENT)
        if _listens():  # the server was told before it listened to signals, and has not heard it
            os._exit(0)

    def _count(self) -> None:
        """Tell the other workers how many connections are open here, and compare."""
        files = _count_open_files()
        self._others = min(self._others, files)
        mine = files - self._others
        fewest = self._board.tell(self._place, mine)
        self._too_many = (mine - fewest) // 2 if mine > fewest + 1 + fewest // TOLERANCE else 0

    def __call__(self, environ: WSGIEnvironment, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a request."""
        has_body = environ.get("CONTENT_LENGTH") or "HTTP_TRANSFER_ENCODING" in environ
        if not (self._drains or self._too_many or has_body):
            return self._application(environ, start_response)
        self._too_many = max(0, self._too_many - 1)

        def start(status: str, headers: list[tuple[str, str]], exc_info: object = None) -> Any:  # noqa: ANN401 - WSGI's
            return start_response(status, [*headers, ("Connection", "close")], exc_info)

        return self._application(environ, start)


def _listens() -> bool:
    """Tell whether this process listens on a socket."""
    found = list(_listeners())
    for listener in found:
        listener.close()
    return bool(found)


def _count_open_files() -> int:
    """Return how many files this process has open; 1 where the system does not list them as Linux does."""
    return len(os.listdir(OPEN_FILES)) if OPEN_FILES.exists() else 1  # noqa: PTH208 - names are not needed


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
            if not stat.S_ISSOCK(path.stat().st_mode):
                continue
            found = socket.socket(fileno=os.dup(int(path.name)))
        except OSError:  # closed by now
            continue
        if found.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
            yield found
        else:
            found.close()
