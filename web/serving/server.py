"""The production server: granian, as it comes, in front of the Flask application.

It reads requests and writes answers outside of Python, so that clients who are slow, or hold their connections, wait in
no thread of ours. Each worker process answers one request at a time: Python runs one thread at a time anyway, and who
waits for a turn is answered sooner than who shares the interpreter with all others.
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
from search.engine import KeptEngine, open_engine
from search.errors import IndexDamaged, IndexMissing, IndexOutdated, StemmaError
from search.kernels.jit import cache
from search.kernels.jit.warming import warm
from search.settings import Settings
from web import create_app
from web.serving.connections import DRAIN, MOMENT, Board, Connections
from web.serving.listening import address_of, connections, url

BACKLOG = 8_192
"""Connections that the system holds until a worker takes them."""
HEAD = 5_000
"""Milliseconds in which the head of a request has to come; a connection that asks nothing is closed after them."""
LONGEST_HEAD = 128 * 1_024
"""Bytes of a request's head: more than the longest query that the application takes, so that it is who refuses."""
FINISH = 10
"""Seconds that requests get to finish when the server is told to stop."""
SOON = 0.05
"""Seconds between two looks at whether the first worker listens."""
STARTED, TRIES = 0.5, 8
"""Seconds that workers get to start when the server is told to end meanwhile, and how often they get them."""
FOLLOW = 1.0
"""Seconds between two looks of the main process at the index."""
GARBAGE = 50_000
"""New objects after which Python looks for garbage; what it looks through is little after `gc.freeze`."""
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "stemma: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "loggers": {"_granian": {"handlers": ["stderr"], "propagate": False}},
}
"""Errors go to stderr; requests are not logged, since what people search for is nobody else's business."""


def serve(settings: Settings) -> int:
    """Serve until the process is told to stop; returns the exit code.

    TERM lets the requests that run finish. Raises OperatorError when the address cannot be listened on.
    """
    os.register_at_fork(after_in_child=_forget_handlers)
    address = address_of(settings.host, settings.port)
    held = connections(settings.workers)
    multiprocessing.set_start_method("fork", force=True)  # workers share what the main process has opened
    cache.choose(settings.index, wait=False)
    main = MainProcess(settings, address)
    with suppress(IndexMissing, IndexOutdated, IndexDamaged):  # a place where none can ever be is an error, though
        main.engine.snapshot()
    server = Granian(
        "stemma",
        address=address,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=settings.workers,
        blocking_threads=1,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=HEAD, max_buffer_size=LONGEST_HEAD),
        backlog=BACKLOG,
        backpressure=held,
        websockets=False,
        log_level=LogLevels.error,
        log_dictconfig=LOGGING,
        respawn_failed_workers=True,
        workers_kill_timeout=FINISH,
    )
    server.on_startup(main.start)
    server.on_reload(main.prepare)
    try:
        server.serve(target_loader=main.application, wrap_loader=False)
    except SystemExit as stopped:
        return 1 if stopped.code else 0
    finally:
        main.stop()
    return 0


class MainProcess:
    """The process that starts the workers. It answers nothing; it opens the index, and they share what it opened."""

    def __init__(self, settings: Settings, address: str) -> None:
        self.pid = os.getpid()
        self.settings = settings
        self.address = address
        self.announced = False
        self.engine: KeptEngine = open_engine(settings)
        self.compiler: BaseProcess | None = None
        self.postponed: Callable[[FrameType | None], None] | None = None
        """What ends the workers, when it was asked for before all had started."""
        self.tries = 0
        self.board = Board()

    def start(self) -> None:
        """Open the index, or begin to compile what searches it; called before the first worker starts."""
        signal.signal(signal.SIGALRM, self._look)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, partial(self._drain, signal.getsignal(number)))
        if not cache.is_complete():
            self.compiler = multiprocessing.Process(target=_compile)
            self.compiler.start()
        self.prepare()
        if not self.postponed:
            signal.setitimer(signal.ITIMER_REAL, SOON, SOON)

    def prepare(self) -> None:
        """Make what workers share; called before workers start, and again before each is replaced after a SIGHUP."""
        try:
            snapshot = self.engine.snapshot()
            if cache.is_complete():
                snapshot.prepare()
        except StemmaError as error:
            tell([f"stemma: {safe(str(error))} Until then every search answers 503."])

    def application(self) -> Callable[..., Any]:
        """Return the WSGI application; called in each worker."""
        app = create_app(self.engine, self.settings)
        gc.collect()
        gc.freeze()
        gc.set_threshold(GARBAGE)
        return Connections(app, self.board, self.pid)

    def _look(self, _number: int, frame: FrameType | None) -> None:
        """Let go of generations that are no longer the newest; have workers replaced when loops have been compiled."""
        if self.postponed:
            self.postponed(frame)
            return
        if not self.announced:
            self._announce()
            return
        self.board.forget({child.pid for child in multiprocessing.active_children()})
        if self.compiler is not None and not self.compiler.is_alive():
            self.compiler = None
            os.kill(os.getpid(), signal.SIGHUP)
        try:
            self.engine.snapshot()
        except StemmaError:
            self.engine.close()  # workers say what is wrong, to who asks

    def _announce(self) -> None:
        """Say where the server is, once it answers."""
        try:
            socket.create_connection((self.address, self.settings.port), timeout=SOON).close()
        except OSError:
            return
        self.announced = True
        signal.setitimer(signal.ITIMER_REAL, FOLLOW, FOLLOW)
        print(f"Stemma is at {url(self.settings.host, self.settings.port)} - Ctrl-C stops it.", flush=True)

    def _drain(self, end: Any, number: int, frame: FrameType | None) -> None:  # noqa: ANN401 - as `signal` has it
        """Have workers shut their doors, and a moment later `end` them."""
        if os.getpid() != self.pid:
            os._exit(0)  # a worker that has just been forked, and serves nobody yet
        workers = [child for child in multiprocessing.active_children() if child is not self.compiler]
        if len(workers) < self.settings.workers and self.tries < TRIES:
            # A process that is told to end in the moment when it is forked does not hear it.
            self.tries += 1
            self.postponed = partial(self._drain, end, number)
            signal.setitimer(signal.ITIMER_REAL, STARTED, STARTED)
            return
        self.postponed = None
        signal.setitimer(signal.ITIMER_REAL, 0)
        for worker in workers:
            if worker.pid is not None:
                os.kill(worker.pid, DRAIN)
        time.sleep(MOMENT)
        end(number, frame)

    def stop(self) -> None:
        """Let go of everything; of processes that began and serve nobody, too."""
        signal.setitimer(signal.ITIMER_REAL, 0)
        for child in multiprocessing.active_children():
            child.kill()
        self.engine.close()


def _forget_handlers() -> None:
    """Let a process that has just been forked end when it is told to: its parent's handlers would do nothing in it."""
    for number in (signal.SIGTERM, signal.SIGALRM):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(DRAIN, signal.SIG_IGN)


def _compile() -> None:
    """Compile all loops, or wait until another process has, and show on stderr how far that is."""
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    while not cache.is_complete():
        with compile_progress(sys.stderr) as told:
            warm(told)
        time.sleep(FOLLOW)
