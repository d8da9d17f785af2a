"""Close keep-alive connections of a worker process: all when the server stops, some to balance the load.

When a server stops, its listening socket is closed. Connections that wait there to be accepted would be reset, and open
ones closed while a request is on its way. So the main process first sends each worker the signal DRAIN. The worker then
accepts no new connection, and closes each open one after its next response. A moment later, when all requests that had
arrived are read, it is told to stop.

The kernel distributes new connections over the workers at random: of eight clients six may wait for one worker while
the other has two. A worker that has many more connections than another closes some, so that their clients reconnect.
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
"""Signal to a worker to accept no new connection."""
DRAIN_TIME = 0.25
"""Seconds from DRAIN until a worker is told to stop, in which it reads what clients have sent."""
POLL_INTERVAL = 0.25
"""Seconds between checks of the connections of other workers, and of whether the main process is alive."""
START_INTERVAL, START_CHECKS = 0.01, 500
"""Seconds between checks of whether the worker listens yet, and the maximum number of these checks."""
SLOTS = 256
"""Number of slots for workers in ConnectionCounts: more than workers, including those that died a moment ago."""
TOLERANCE = 4
"""A worker closes connections only if it has more than n + 1 + n // TOLERANCE of them, where n is the lowest number of
connections of any worker."""
SO_ATTACH_FILTER = 26
"""The socket option that attaches a classic Berkeley packet filter (Linux, socket(7))."""
DROP_SYN = b"".join(
    struct.pack("HBBI", *instruction)
    for instruction in (
        (0x30, 0, 0, 13),  # load the flags of the TCP header
        (0x45, 0, 1, 0x02),  # is it a SYN, with which a connection begins?
        (0x06, 0, 0, 0),  # then drop it
        (0x06, 0, 0, 0xFFFF_FFFF),  # else accept the whole packet
    )
)
"""A packet filter that drops the packets that open a connection. The client's system retries a second later: then the
socket is closed, and it is refused."""


OPEN_FILES = Path("/proc/self/fd")
"""The folder with an entry for each open file of this process (Linux)."""


class ConnectionCounts:
    """The number of connections of each worker, in memory that all of them share.

    It has to be created in the main process, before the workers are forked.
    """

    def __init__(self) -> None:
        self._numbers = memoryview(mmap.mmap(-1, 8 * SLOTS)).cast("I")
        """For each slot the id of its process, 0 for none, and the number of connections of that process."""
        self._next = multiprocessing.Value("I", 0)

    def claim_slot(self) -> int:
        """Return the number of a slot for this process. Numbers are given in turn, and again after SLOTS of them."""
        with self._next.get_lock():
            self._next.value += 1
            return int(self._next.value) % SLOTS

    def publish(self, slot: int, connections: int) -> int:
        """Store the number of connections of this process in its slot; return the lowest number of any worker's."""
        self._numbers[2 * slot], self._numbers[2 * slot + 1] = os.getpid(), connections
        numbers = self._numbers.tolist()
        return min(count for process, count in zip(numbers[::2], numbers[1::2], strict=True) if process)

    def release_slots(self, alive: Collection[int | None]) -> None:
        """Empty the slots of processes whose ids are not among those of `alive`."""
        for slot, process in enumerate(self._numbers.tolist()[::2]):
            if process and process not in alive:
                self._numbers[2 * slot] = 0


class ConnectionCloser:
    """WSGI middleware that closes connections after a response: when the worker drains, or has too many of them.

    It always closes the connection of a request with a body, so that no worker waits for the rest of one that does not
    come. It also stops the worker when the main process, which has the id `parent`, is gone. It handles signals, so it
    has to be created in the main thread.
    """

    def __init__(self, application: WSGIApplication, counts: ConnectionCounts, parent: int) -> None:
        self._application = application
        self._counts, self._slot = counts, counts.claim_slot()
        self._drains = False
        self._too_many = 0
        """Number of connections to close because another worker has fewer."""
        self._other_files = 0
        """Number of open files that are not connections."""
        self._parent = parent
        self._signals, wakeup = socket.socketpair()
        self._signals.settimeout(POLL_INTERVAL)
        wakeup.setblocking(False)
        self._wakeup = wakeup
        signal.signal(DRAIN, lambda _number, _frame: None)
        signal.set_wakeup_fd(wakeup.fileno(), warn_on_full_buffer=False)  # Python writes the numbers of signals there
        Thread(target=self._listen, name="connections", daemon=True).start()

    def _listen(self) -> None:
        for _ in range(START_CHECKS):  # what is open when the server begins to listen is hardly ever a connection
            if _listens():
                break
            time.sleep(START_INTERVAL)
        self._other_files = _count_open_files()
        heard: set[int] = set()
        while heard.isdisjoint({signal.SIGTERM, signal.SIGINT}):
            try:
                heard.update(self._signals.recv(64))
            except TimeoutError:
                self._count()
                if os.getppid() != self._parent:  # it was killed; this worker would keep the address in use
                    os.kill(os.getpid(), signal.SIGTERM)
            if DRAIN in heard and not self._drains:
                self._drains = True
                refuse_connections()
        time.sleep(DRAIN_TIME)
        if _listens():  # granian was told to stop before it handled signals, and goes on
            os._exit(0)

    def _count(self) -> None:
        """Publish the number of connections of this worker, and decide how many to close."""
        files = _count_open_files()
        self._other_files = min(self._other_files, files)
        mine = files - self._other_files
        fewest = self._counts.publish(self._slot, mine)
        self._too_many = (mine - fewest) // 2 if mine > fewest + 1 + fewest // TOLERANCE else 0

    def __call__(self, environ: WSGIEnvironment, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Handle a request (WSGI)."""
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


def refuse_connections() -> None:
    """Accept no more connections on the sockets that this process listens on; open ones are unaffected."""
    program = ctypes.create_string_buffer(DROP_SYN)
    filter_ = struct.pack("HP", len(DROP_SYN) // 8, ctypes.addressof(program))
    for listener in _listeners():
        with listener:
            listener.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, filter_)


def _listeners() -> Iterable[socket.socket]:
    """Yield the sockets that this process listens on."""
    for found in open_sockets():
        if found.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
            yield found
        else:
            found.close()


def open_sockets() -> Iterable[socket.socket]:
    """Yield a duplicate of each open socket of this process; none where the system does not list files as Linux does.

    The caller has to close each duplicate; the socket itself stays open.
    """
    for path in list(OPEN_FILES.iterdir()) if OPEN_FILES.exists() else ():
        try:
            if not stat.S_ISSOCK(path.stat().st_mode):
                continue
            copy = os.dup(int(path.name))
        except OSError:  # closed by now
            continue
        try:
            found = socket.socket(fileno=copy)
        except OSError:  # closed by then, and another file has its number
            os.close(copy)
            continue
        yield found
