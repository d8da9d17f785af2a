"""How far a run is: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

from search.cli.terminal import count

if TYPE_CHECKING:
    from search.indexing import Step

BAR_SECONDS, LINE_SECONDS, LOOPS_SECONDS = 0.1, 10.0, 4.0
"""How often a bar is drawn, a line is printed, and one while loops are compiled."""


@contextmanager
def shown(stream: TextIO, *, quiet: bool) -> Iterator[Callable[[Step], None]]:
    """A function to tell steps to. A bar is gone when the context ends, lines stay."""
    if quiet:
        yield lambda _step: None
        return
    bar = stream.isatty()
    began = last = time.monotonic()

    def tell(step: Step) -> None:
        nonlocal last
        now = time.monotonic()
        if bar and (step.writing or now - last >= BAR_SECONDS):
            last = now
            print(f"\r\x1b[K{bar_line(step, now - began, shutil.get_terminal_size().columns)}", end="", file=stream)
            stream.flush()
        elif not bar and now - last >= LINE_SECONDS:
            last = now
            print(f"stemma: {line(step, now - began)}", file=stream, flush=True)

    try:
        yield tell
    finally:
        if bar:
            print("\r\x1b[K", end="", file=stream, flush=True)


@contextmanager
def bytes_shown(label: str, stream: TextIO) -> Iterator[Callable[[int, int], None]]:
    """A function that is told how many bytes of how many are done; nothing is shown but on a terminal."""
    last = 0.0

    def tell(done: int, whole: int) -> None:
        nonlocal last
        if stream.isatty() and time.monotonic() - last >= BAR_SECONDS:
            last = time.monotonic()
            print(f"\r\x1b[K{label} {100 * done // max(1, whole)} %", end="", file=stream, flush=True)

    try:
        yield tell
    finally:
        if stream.isatty():
            print("\r\x1b[K", end="", file=stream, flush=True)


@contextmanager
def loops_shown(stream: TextIO, *, quiet: bool = False) -> Iterator[Callable[[int, int], None]]:
    """Give a function that is told how many loops of how many are compiled; says so at once, and now and then."""
    bar, last, began = stream.isatty(), 0.0, time.monotonic()

    def tell(done: int, whole: int) -> None:
        nonlocal last
        now = time.monotonic()
        if quiet or now - last < (BAR_SECONDS if bar else LOOPS_SECONDS):
            return
        last = now
        said = f"stemma: compiling the search loops for this machine, once: {done} of {whole}, {duration(now - began)}"
        print(f"\r\x1b[K{said}" if bar else said, end="" if bar else "\n", file=stream, flush=True)

    yield tell
    if last:
        end = f"stemma: the search loops are compiled ({duration(time.monotonic() - began)})."
        print(f"\r\x1b[K{end}" if bar else end, file=stream, flush=True)


def bar_line(step: Step, seconds: float, columns: int) -> str:
    """A bar that is as full as the run is far, and its figures."""
    text = line(step, seconds)
    room = max(0, min(30, columns - len(text) - 4))
    filled = int(room * _share(step))
    return f"[{'#' * filled}{'.' * (room - filled)}] {text}" if room else text[: max(0, columns - 1)]


def line(step: Step, seconds: float) -> str:
    """Files, articles, the rate, and how long it will take."""
    files = f"{step.files:,} of {count(step.of_files, 'file')}"
    if step.writing:
        return f"{files}, {count(step.articles, 'article')} read; writing"
    share = _share(step)
    left = f", {duration(seconds * (1 - share) / share)} left" if share > 0 and seconds > 1 else ""
    rate = f", {step.articles / seconds:,.0f} articles/s" if step.articles and seconds > 0 else ""
    return f"{files}{rate}{left}"


def duration(seconds: float) -> str:
    """Seconds as people say them.

    >>> duration(8), duration(200), duration(8000)
    ('8 s', '3 min', '2.2 h')
    """
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"


def _share(step: Step) -> float:
    """How far the run is, from 0 to 1: by bytes, for files are of all sizes."""
    if step.of_bytes:
        return min(1.0, step.bytes / step.of_bytes)
    return min(1.0, step.files / max(1, step.of_files))
