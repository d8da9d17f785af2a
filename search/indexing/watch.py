"""reindex() again and again: soon after something changed, and at intervals whatever the file system says.

What tells of changes (watchfiles, on inotify and its like) is a hint: it misses network folders and what came while
nobody watched. What counts is that each run looks at every file.
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
"""Seconds after which the folders are looked at whether or not anything was heard of them."""
DEBOUNCE = 2_000
"""Milliseconds that changes are gathered for at most, while more keep coming."""
QUIET = 100
"""Milliseconds without a change after which a run begins."""
ARMED = 10.0
"""Seconds that watching may take to begin, before the first run goes ahead without."""

WAKING = 0.2
"""Seconds between two looks whether it was asked to stop."""

Outcome: TypeAlias = Report | StemmaError


class Stop:
    """Whether it was asked to stop; a run that is under way is interrupted then, and goes on the next time."""

    def __init__(self) -> None:
        self.asked = False
        self.running = False

    def is_set(self) -> bool:
        """Whether it was."""
        return self.asked

    def ask(self, *_signal: object) -> None:
        """Ask; once is enough."""
        if not self.asked:
            self.asked = True
            if self.running:
                raise KeyboardInterrupt

    @contextmanager
    def by_signals(self) -> Iterator[None]:
        """Let Ctrl-C and TERM ask."""
        before = {number: signal.signal(number, self.ask) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def watch(
    roots: Sequence[Path],
    run: Callable[[], Report],
    tell: Callable[[Outcome], None],
    stop: Stop,
    *,
    interval: float = INTERVAL,
) -> None:
    """Run now, and then after each change below the roots, until it is asked to stop.

    `tell` hears what came of each run. A run that fails for something that can pass (another writer, a full disk, a
    folder that is not mounted) is tried again at the next change or interval; other errors are raised.
    """
    changed, armed = threading.Event(), threading.Event()
    threading.Thread(target=_listen, args=(roots, changed, armed, tell, stop), daemon=True).start()
    armed.wait(ARMED)
    while not stop.asked:
        changed.clear()
        stop.running = True
        try:
            tell(run())
        except (RetryLater, OperatorError) as error:
            tell(error)
        finally:
            stop.running = False
        until = time.monotonic() + interval
        while not (stop.is_set() or changed.wait(WAKING)) and time.monotonic() < until:
            pass


def _listen(
    roots: Sequence[Path], changed: threading.Event, armed: threading.Event, tell: Callable[[Outcome], None], stop: Stop
) -> None:
    """Set `changed` whenever something was heard. The first time that nothing was shows that listening has begun."""
    try:
        for changes in watchfiles.watch(
            *roots,
            watch_filter=None,
            debounce=DEBOUNCE,
            step=QUIET,
            rust_timeout=500,
            yield_on_timeout=True,
            stop_event=stop,
            raise_interrupt=False,
            ignore_permission_denied=True,
        ):
            armed.set()
            if changes:
                changed.set()
    except (OSError, RuntimeError) as error:  # watchfiles' own errors are RuntimeErrors
        message = f"Changes cannot be watched for: {error}."
        tell(OperatorError(message, f"The folders are looked at every {INTERVAL:.0f} s instead."))
    finally:
        armed.set()
