"""Display of progress: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, TextIO

from search.model import count

if TYPE_CHECKING:
    from search.indexing import Step

BAR_SECONDS, LINE_SECONDS, COMPILE_SECONDS = 0.1, 10.0, 4.0
"""Shortest time between two drawings of a bar, two lines of a run, and two lines while loops are compiled."""


class _StatusLine:
    """A line that is drawn over itself on a terminal; on another stream each text is a line of its own."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.on_terminal = stream.isatty()
        self.last = 0.0
        """Time of the last text, by `time.monotonic`."""

    def is_due(self, seconds: float) -> bool:
        """Tell whether `seconds` have passed since the last text; if so, the time of the last text becomes now."""
        now = time.monotonic()
        due = now - self.last >= seconds
        self.last = now if due else self.last
        return due

    def show(self, text: str) -> None:
        """Draw a text over the last one, or print it as a line."""
        if self.on_terminal:
            print(f"\r\x1b[K{text}", end="", file=self.stream, flush=True)
        else:
            print(text, file=self.stream, flush=True)

    def close(self) -> None:
        """Remove the last text from the terminal."""
        if self.on_terminal:
            self.show("")


@contextmanager
def reindex_progress(stream: TextIO, *, quiet: bool) -> Iterator[Callable[[Step], None]]:
    """Give a function that shows the steps of a run: as a bar that is removed in the end, or as lines."""
    if quiet:
        yield lambda _step: None
        return
    status = _StatusLine(stream)
    began = status.last = time.monotonic()

    def show(step: Step) -> None:
        seconds = time.monotonic() - began
        if status.on_terminal:
            if status.is_due(BAR_SECONDS) or step.writing:
                status.show(bar_line(step, seconds, shutil.get_terminal_size().columns))
        elif status.is_due(LINE_SECONDS):
            status.show(f"stemma: {line(step, seconds)}")

    with closing(status):
        yield show


@contextmanager
def byte_progress(label: str, stream: TextIO) -> Iterator[Callable[[int, int], None]]:
    """Give a function that shows how many bytes of how many are done, on a terminal only."""
    status = _StatusLine(stream)

    def show(done: int, whole: int) -> None:
        if status.on_terminal and status.is_due(BAR_SECONDS):
            status.show(f"{label} {100 * done // max(1, whole)} %")

    with closing(status):
        yield show


@contextmanager
def count_progress(stream: TextIO) -> Iterator[Callable[[str, int, int], None]]:
    """Give a function that shows what is being done, how many are done, and of how many; 0 where that is not known."""
    status = _StatusLine(stream)
    status.last = time.monotonic()

    def show(what: str, done: int, whole: int) -> None:
        if status.is_due(BAR_SECONDS if status.on_terminal else LINE_SECONDS):
            status.show(f"stemma: {what}: {done:,}" + (f" of {whole:,}" if whole else ""))

    with closing(status):
        yield show


@contextmanager
def compile_progress(stream: TextIO, *, quiet: bool = False) -> Iterator[Callable[[int, int], None]]:
    """Give a function that shows how many loops of how many are compiled: at its first call, and now and then."""
    status, began = _StatusLine(stream), time.monotonic()

    def show(done: int, whole: int) -> None:
        if not quiet and status.is_due(BAR_SECONDS if status.on_terminal else COMPILE_SECONDS):
            so_far = f"{done} of {whole}, {time.monotonic() - began:.0f} s"  # "2 min" would seem to stand still
            status.show(f"stemma: compiling the search loops for this machine, once: {so_far}")

    yield show
    if status.last:
        status.close()
        took = duration(time.monotonic() - began)
        print(f"stemma: the search loops are compiled ({took}).", file=stream, flush=True)


def bar_line(step: Step, seconds: float, columns: int) -> str:
    """Return a progress bar followed by the text of `line()`, less than `columns` wide."""
    text = line(step, seconds)
    room = max(0, min(30, columns - len(text) - 4))
    filled = int(room * _share(step))
    return f"[{'#' * filled}{'.' * (room - filled)}] {text}" if room else text[: max(0, columns - 1)]


def line(step: Step, seconds: float) -> str:
    """Return the files and articles so far, the rate, and the time left, of a run that began `seconds` ago."""
    files = f"{step.files:,} of {count(step.of_files, 'file')}"
    if step.writing:
        return f"{files}, {count(step.articles, 'article')} read; writing"
    share = _share(step)
    left = f", {duration(seconds * (1 - share) / share)} left" if share > 0 and seconds > 1 else ""
    rate = f", {step.articles / seconds:,.0f} articles/s" if step.articles and seconds > 0 else ""
    return f"{files}{rate}{left}"


def duration(seconds: float) -> str:
    """Return a duration in the unit that suits it.

    >>> duration(8), duration(200), duration(8000)
    ('8 s', '3 min', '2.2 h')
    """
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"


def _share(step: Step) -> float:
    """Return the share of a run that is done, 0 to 1, by bytes rather than files, for files are of all sizes."""
    if step.of_bytes:
        return min(1.0, step.bytes / step.of_bytes)
    return min(1.0, step.files / max(1, step.of_files))
