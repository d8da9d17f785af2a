"""The production server: granian serves the Flask application in worker processes.

Granian reads requests and writes responses outside of Python, so slow clients and idle connections occupy no Python
thread. The exceptions are a client that receives an export (see `request_lock`) and one that sends a body (see
`request_body`). A worker works on one request at a time.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from multiprocessing.process import BaseProcess
from types import FrameType
from typing import Any

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

from search.cli.progress import compile_progress
from search.cli.terminal import safe, tell
from search.engine import LocalEngine, open_engine
from search.errors import IndexDamaged, IndexMissing, IndexOutdated, StemmaError
from search.kernels.jit import cache
from search.kernels.jit.warming import warm
from search.names.names import Names
from search.settings import Settings
from web import create_app
from web.metrics import share_in
from web.serving.connections import DRAIN, DRAIN_TIME, ConnectionCloser, ConnectionCounts
from web.serving.listening import address_of, connection_limit, url
from web.serving.metrics_folder import MetricsFolder
from web.serving.request_body import MAX_BODIES, BodyReader
from web.serving.request_lock import RequestLock
from web.views.export_route import MAX_EXPORTS
from web.views.logo import read_picture

BACKLOG = 8_192
"""Maximum number of connections that the kernel holds until a worker accepts them."""
HEAD_TIMEOUT = 5_000
"""Milliseconds in which the head of a request has to arrive; an idle connection is closed after them, too."""
MAX_HEAD = 128 * 1_024
"""Maximum size of a request's head, in bytes. The application's own limits are lower, since its errors say more."""
KILL_TIMEOUT = 10
"""Seconds in which running requests have to finish when the server is told to stop."""
START_INTERVAL = 0.05
"""Seconds between checks of whether the first worker listens."""
RETRY_INTERVAL, MAX_RETRIES = 0.5, 8
"""Seconds between attempts to stop workers that have not all started, and the maximum number of attempts."""
POLL_INTERVAL = 1.0
"""Seconds between the checks of the main process for a new generation of the index."""
GC_THRESHOLD = 50_000
"""Number of new objects after which Python collects garbage; `gc.freeze` keeps old objects out of that."""
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "stemma: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "loggers": {"_granian": {"handlers": ["stderr"], "propagate": False}},
}
"""Logging of errors to stderr. Requests are not logged, to protect the privacy of searches."""


def serve(settings: Settings) -> int:
    """Serve until the process is told to stop, and return the exit code.

    SIGTERM lets running requests finish. Raises OperatorError if the server cannot listen on the address, or
    read a file that the settings name.
    """
    os.register_at_fork(after_in_child=_detach)
    address = address_of(settings.host, settings.port)
    backpressure = connection_limit(settings.workers)
    multiprocessing.set_start_method("fork", force=True)  # workers share what the main process has opened
    cache.choose(settings.index, wait=False)
    main = MainProcess(settings, address)
    try:
        return main.serve(backpressure)
    finally:
        main.stop()


class MainProcess:
    """The process that starts the workers. It opens the index before it forks them, so that they share its memory."""

    def __init__(self, settings: Settings, address: str) -> None:
        self.pid = os.getpid()
        self.settings = settings
        self.address = address
        self.announced = False
        self.names = Names(settings.variants, settings.synonyms)
        self.picture = read_picture(settings.logo)
        self.engine: LocalEngine = open_engine(settings)
        self.compiler: BaseProcess | None = None
        self.postponed: Callable[[FrameType | None], None] | None = None
        """The function that stops the workers, if the server was told to stop before all had started; else None."""
        self.retries = 0
        self.counts = ConnectionCounts()
        self.metrics = MetricsFolder()
        share_in(self.metrics.path)

    def serve(self, backpressure: int) -> int:
        """Start the workers, wait for their end, and return the exit code; each can have `backpressure` connections."""
        with suppress(IndexMissing, IndexOutdated, IndexDamaged):  # an index can come later; other errors end here
            self.engine.snapshot()
        settings = self.settings
        server = Granian(
            "stemma",
            address=self.address,
            port=settings.port,
            interface=Interfaces.WSGI,
            workers=settings.workers,
            blocking_threads=MAX_EXPORTS + MAX_BODIES + 1,  # one is left for all other requests
            http=HTTPModes.http1,
            http1_settings=HTTP1Settings(header_read_timeout=HEAD_TIMEOUT, max_buffer_size=MAX_HEAD),
            backlog=BACKLOG,
            backpressure=backpressure,
            websockets=False,
            log_level=LogLevels.error,
            log_dictconfig=LOGGING,
            respawn_failed_workers=True,
            workers_kill_timeout=KILL_TIMEOUT,
        )
        server.on_startup(self.start)
        server.on_reload(self.prepare)
        try:
            server.serve(target_loader=self.application, wrap_loader=False)
        except SystemExit as stopped:
            return 1 if stopped.code else 0
        return 0

    def start(self) -> None:
        """Install signal handlers, begin to compile missing loops, open the index; called before any worker starts."""
        signal.signal(signal.SIGALRM, self._tick)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, partial(self._drain, signal.getsignal(number)))
        if not cache.is_complete():
            self.compiler = multiprocessing.Process(target=_compile)
            self.compiler.start()
        self.prepare()
        if not self.postponed:
            signal.setitimer(signal.ITIMER_REAL, START_INTERVAL, START_INTERVAL)

    def prepare(self) -> None:
        """Open the index and load what workers share of it; called before they start, and when SIGHUP replaces them."""
        try:
            snapshot = self.engine.snapshot()
            if cache.is_complete():
                snapshot.prepare()
        except StemmaError as error:
            tell([f"stemma: {safe(str(error))} Until then every search answers 503."])

    def application(self) -> Callable[..., Any]:
        """Create the WSGI application; called in each worker."""
        app = create_app(self.engine, self.settings, self.names, self.picture)
        gc.collect()
        gc.freeze()
        gc.set_threshold(GC_THRESHOLD)
        return BodyReader(RequestLock(ConnectionCloser(app, self.counts, self.pid)))

    def _tick(self, _number: int, frame: FrameType | None) -> None:
        """Announce the server once, open new generations of the index, replace the workers when loops are compiled."""
        if self.postponed:
            self.postponed(frame)
            return
        if not self.announced:
            self._announce()
            return
        self.counts.release_slots({child.pid for child in multiprocessing.active_children()})
        if self.compiler is not None and not self.compiler.is_alive():
            self.compiler = None
            os.kill(os.getpid(), signal.SIGHUP)
        try:
            self.engine.snapshot()
        except StemmaError:
            self.engine.close()  # what is wrong with it the workers tell their clients

    def _announce(self) -> None:
        """Print the address of the server as soon as it accepts connections."""
        try:
            socket.create_connection((self.address, self.settings.port), timeout=START_INTERVAL).close()
        except OSError:
            return
        self.announced = True
        signal.setitimer(signal.ITIMER_REAL, POLL_INTERVAL, POLL_INTERVAL)
        print(f"Stemma is at {url(self.settings.host, self.settings.port)} - Ctrl-C stops it.", flush=True)

    def _drain(self, end: Any, number: int, frame: FrameType | None) -> None:  # noqa: ANN401 - as `signal` has it
        """Have workers accept no more connections, and call `end`, the handler that stops them, a moment later."""
        if os.getpid() != self.pid:
            os._exit(0)  # this is a worker that has just been forked and serves nobody yet
        workers = [child for child in multiprocessing.active_children() if child is not self.compiler]
        if len(workers) < self.settings.workers and self.retries < MAX_RETRIES:
            # A process that gets a signal in the moment when it is forked can miss it.
            self.retries += 1
            self.postponed = partial(self._drain, end, number)
            signal.setitimer(signal.ITIMER_REAL, RETRY_INTERVAL, RETRY_INTERVAL)
            return
        self.postponed = None
        signal.setitimer(signal.ITIMER_REAL, 0)
        for worker in workers:
            if worker.pid is not None:
                os.kill(worker.pid, DRAIN)
        time.sleep(DRAIN_TIME)
        end(number, frame)

    def stop(self) -> None:
        """Close the index and kill all child processes, including those that do not serve yet."""
        signal.setitimer(signal.ITIMER_REAL, 0)
        for child in multiprocessing.active_children():
            child.kill()
        self.engine.close()
        self.metrics.remove()


def _detach() -> None:
    """Have a process that has just been forked be stopped by the main process alone, and by SIGTERM.

    Its session is its own: a terminal sends Ctrl-C to all processes of a group, and a worker that heard of it before
    the main process let it drain would lose requests.
    """
    os.setsid()
    for number in (signal.SIGTERM, signal.SIGALRM):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(DRAIN, signal.SIG_IGN)


def _compile() -> None:
    """Compile all loops, or wait until another process has compiled them, with progress on stderr."""
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    while not cache.is_complete():
        with compile_progress(sys.stderr) as told:
            warm(told)
        time.sleep(POLL_INTERVAL)
