"""Repeated runs: soon after a file has changed, and at intervals in any case.

Notifications of changes (watchfiles, on inotify and the like) are only hints: they miss network folders, and what
happened before the watch began. Every run looks at every file.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

import watchfiles

from search.errors import OperatorError, RetryLater, StemmaError
from search.indexing.report import Report

INTERVAL = 60.0
"""Seconds after which a run begins without any notification."""
DEBOUNCE = 2_000
"""Milliseconds that changes are gathered for at most, while more keep coming."""
QUIET = 100
"""Milliseconds without a change after which a run begins."""
ARM_TIMEOUT = 10.0
"""Seconds that watching may take to begin, before the first run goes ahead without."""
POLL_INTERVAL = 0.2
"""Seconds between two looks at the stop flag."""

RunResult: TypeAlias = Report | StemmaError


class StopFlag:
    """Request to stop, which interrupts a run that is under way; the next run resumes that."""

    def __init__(self) -> None:
        self.requested = False
        self.running = False

    def is_set(self) -> bool:
        """Return whether a stop was requested; watchfiles calls this."""
        return self.requested

    def request(self, *_signal: object) -> None:
        """Request to stop, and the first time raise KeyboardInterrupt in a run; a handler of signals."""
        if not self.requested:
            self.requested = True
            if self.running:
                raise KeyboardInterrupt

    @contextmanager
    def handle_signals(self) -> Iterator[None]:
        """Have SIGINT and SIGTERM request to stop, until the context ends."""
        before = {number: signal.signal(number, self.request) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def watch(
    roots: Sequence[Path],
    run: Callable[[], Report],
    report: Callable[[RunResult], None],
    stop: StopFlag,
    *,
    interval: float = INTERVAL,
) -> None:
    """Call `run` now, after each change below the roots and after each interval, until a stop is requested.

    `report` gets the result of each run. After an error that can pass (another writer, a full disk, a folder that is
    not mounted) the next change or interval begins a run; other errors are raised.
    """
    changed, armed = threading.Event(), threading.Event()
    threading.Thread(target=_listen, args=(roots, changed, armed, report, stop), daemon=True).start()
    armed.wait(ARM_TIMEOUT)
    while not stop.requested:
        changed.clear()
        stop.running = True
        try:
            report(run())
        except (RetryLater, OperatorError) as error:
            report(error)
        finally:
            stop.running = False
        until = time.monotonic() + interval
        while not (stop.is_set() or changed.wait(POLL_INTERVAL)) and time.monotonic() < until:
            pass


def _listen(
    roots: Sequence[Path],
    changed: threading.Event,
    armed: threading.Event,
    report: Callable[[RunResult], None],
    stop: StopFlag,
) -> None:
    """Set `changed` after each notification, and `armed` when notifications can be expected, or never will be."""
    try:
        for changes in watchfiles.watch(
            *roots,
            watch_filter=None,
            debounce=DEBOUNCE,
            step=QUIET,
            rust_timeout=500,
            yield_on_timeout=True,  # the first timeout shows that watching has begun
            stop_event=stop,
            raise_interrupt=False,
            ignore_permission_denied=True,
        ):
            armed.set()
            if changes:
                changed.set()
    except (OSError, RuntimeError) as error:  # watchfiles' own errors are RuntimeErrors
        message = f"Changes cannot be watched for: {error}."
        report(OperatorError(message, f"The folders are looked at every {INTERVAL:.0f} s instead."))
    finally:
        armed.set()
