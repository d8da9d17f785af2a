"""How far a run is, on a terminal and elsewhere."""

from __future__ import annotations

import io
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.cli import progress
from search.indexing import Step

numbers = st.integers(0, 10**12)


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_no_bar_without_a_terminal() -> None:
    """A log is no place for a bar; a line now and then says that the run is alive."""
    stream = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, progress.reindex_progress(stream, quiet=False) as tell:
        tell(Step(1, 2, 10, 20, 1))
        assert stream.getvalue() == ""
        patch.setattr(progress, "LINE_SECONDS", 0.0)
        tell(Step(1, 2, 10, 20, 1))
    assert stream.getvalue().startswith("stemma: 1 of 2 files")
    assert stream.getvalue().count("\n") == 1


def test_quiet_is_quiet() -> None:
    """Whoever asked for silence reads nothing but what went wrong."""
    stream = Screen()
    with progress.reindex_progress(stream, quiet=True) as tell:
        tell(Step(1, 2, 10, 20, 1, writing=True))
    assert stream.getvalue() == ""


@given(st.builds(Step, numbers, numbers, numbers, numbers, numbers, st.booleans()), st.floats(0, 1e6), numbers)
def test_the_bar_fits_on_a_line(step: Step, seconds: float, columns: int) -> None:
    """A bar that wraps leaves its remains on every line above; nothing to do is no reason to fail."""
    columns = columns % 300
    assert len(progress.bar_line(step, seconds, columns)) < max(columns, 1)


def test_the_time_left_goes_by_what_was_read() -> None:
    """Half of the bytes in ten seconds leaves ten seconds, however many files they are in."""
    line = progress.line(Step(1, 100, 500, 1000, 20), 10.0)
    assert line == "1 of 100 files, 2 articles/s, 10 s left"
    assert (
        progress.line(Step(100, 100, 1000, 1000, 20, writing=True), 10.0)
        == "100 of 100 files, 20 articles read; writing"
    )


def test_the_bar_is_not_drawn_more_often_than_seen() -> None:
    """A terminal over a slow line must not slow down the run."""
    stream = Screen()
    with progress.reindex_progress(stream, quiet=False) as tell:
        for done in range(10_000):
            tell(Step(done, 10_000, done, 10_000, done))
        tell(Step(10_000, 10_000, 10_000, 10_000, 10_000, writing=True))
    assert stream.getvalue().count("files") < 100
    assert "10,000 of 10,000 files" in stream.getvalue()


def test_compiling_is_said_at_once_and_in_the_end() -> None:
    """It takes a minute, once: whoever waits has to know for what, and a log must not hold a line for each loop."""
    stream = io.StringIO()
    with progress.compile_progress(stream) as show:
        for done in range(100):
            show(done, 100)
    first, last = stream.getvalue().splitlines()
    assert "once: 0 of 100" in first
    assert last.startswith("stemma: the search loops are compiled")


def test_compiling_goes_on_visibly(monkeypatch: pytest.MonkeyPatch) -> None:
    """A line that said "2 min" eleven times looked like a command that hangs."""
    now = iter(range(1000, 2000, 100))
    monkeypatch.setattr(time, "monotonic", lambda: float(next(now)))
    stream = io.StringIO()
    with progress.compile_progress(stream) as show:
        show(1, 9)
        show(2, 9)
    assert [line.split(", ")[-1] for line in stream.getvalue().splitlines()[:2]] == ["200 s", "400 s"]


def test_bytes_are_shown_on_a_terminal_only() -> None:
    """A bar in a log would be one long line of control characters."""
    for stream, shown in ((io.StringIO(), ""), (Screen(), "\r\x1b[KChecking 50 %\r\x1b[K")):
        with progress.byte_progress("Checking", stream) as show:
            show(1, 2)
        assert stream.getvalue() == shown
