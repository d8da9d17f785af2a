"""reindex --watch: what changes is found soon, what changed while nobody watched is found first."""

from __future__ import annotations

import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import Queue

import pytest

from search.errors import IndexLocked, StemmaError
from search.indexing import Report
from search.indexing import watch as watch_module
from tests.indexing.test_reindex import run, texts, write
from tests.oracle import Oracle
from tests.processes.commands import STRICT, environment

PATIENCE = 30.0


class Watched:
    """A watcher in a thread, and what it told."""

    def __init__(self, engine: Oracle, root: Path, interval: float, fail: list[StemmaError]) -> None:
        self.told: Queue[Report | StemmaError] = Queue()
        self.stop = watch_module.StopFlag()

        def once() -> Report:
            if fail:
                raise fail.pop()
            return run(engine, root)

        arguments = ([root], once, self.told.put, self.stop)
        self.thread = threading.Thread(target=watch_module.watch, args=arguments, kwargs={"interval": interval})
        self.thread.start()

    def next(self) -> Report | StemmaError:
        return self.told.get(timeout=PATIENCE)

    def until(self, holds: Callable[[], bool]) -> None:
        """Wait for the runs that make it so."""
        ends = time.monotonic() + PATIENCE
        while not holds():
            assert time.monotonic() < ends
            time.sleep(0.01)


@pytest.fixture
def watch() -> Iterator[Callable[..., Watched]]:
    """Starts watchers that end with the test."""
    started: list[Watched] = []

    def begin(engine: Oracle, root: Path, interval: float = 600.0, fail: tuple[StemmaError, ...] = ()) -> Watched:
        started.append(Watched(engine, root, interval, list(fail)))
        return started[-1]

    yield begin
    for one in started:
        one.stop.requested = True
        one.thread.join(PATIENCE)


def test_a_change_is_found_when_it_happens(tmp_path: Path, watch: Callable[..., Watched]) -> None:
    """Nobody runs anything: a new article is there, a changed one is new, a removed one is gone."""
    root, engine = write(tmp_path / "news", a="One.", b="Two."), Oracle()
    watched = watch(engine, root)
    assert isinstance(watched.next(), Report)
    write(root, c="Three.", sub__d="Four.")
    watched.until(lambda: len(texts(engine)) == 4)
    write(root, a="Uno.")
    (root / "b.txt").unlink()
    watched.until(lambda: texts(engine) == {"a.txt": "Uno.", "c.txt": "Three.", "sub/d.txt": "Four."})


def test_what_changed_before_is_found_first(tmp_path: Path, watch: Callable[..., Watched]) -> None:
    """A machine that was down for a night must not miss the night."""
    root, engine = write(tmp_path / "news", a="One.", b="Two."), Oracle()
    run(engine, root)
    write(root, a="Uno.")
    report = watch(engine, root).next()
    assert isinstance(report, Report)
    assert report.updated == 1


def test_hints_are_not_relied_on(tmp_path: Path, watch: Callable[..., Watched]) -> None:
    """A network folder tells nothing: the folders are looked at every so often all the same."""
    root, engine = write(tmp_path / "news", a="One."), Oracle()
    with pytest.MonkeyPatch.context() as patch:

        def silent(*_roots: Path, **_options: object) -> Iterator[set[object]]:
            raise RuntimeError("no inotify here")

        patch.setattr("watchfiles.watch", silent)
        watched = watch(engine, root, interval=0.1)
        assert "cannot be watched" in str(watched.next())
        write(root, b="Two.")
        watched.until(lambda: engine.newest is not None and len(texts(engine)) == 2)


def test_what_can_pass_is_waited_for(tmp_path: Path, watch: Callable[..., Watched]) -> None:
    """Another writer, or a folder that is not mounted yet, must not end a service that nobody looks at."""
    root, engine = write(tmp_path / "news", a="One."), Oracle()
    watched = watch(engine, root, interval=0.1, fail=(IndexLocked("Process 1 is writing."),))
    assert isinstance(watched.next(), IndexLocked)
    assert isinstance(watched.next(), Report)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_in_order_when_asked(tmp_path: Path, number: signal.Signals) -> None:
    """A service manager stops it with TERM, a person with Ctrl-C: neither is an error."""
    write(tmp_path / "news", a="One.")
    command = [*STRICT, "reindex", "news", "--watch"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=tmp_path, env=environment(), stdout=pipe, stderr=pipe, text=True) as process:
        assert process.stdout is not None
        assert "1 added" in process.stdout.readline()
        write(tmp_path / "news", b="Two.")
        assert "1 added" in process.stdout.readline()
        process.send_signal(number)
        _, errors = process.communicate(timeout=PATIENCE)
    assert (process.returncode, errors) == (0, "")


def test_it_refuses_what_makes_no_sense(tmp_path: Path) -> None:
    """Building anew after every change, or never writing, is not what anybody means by it."""
    for option in ("--full", "--dry-run"):
        done = subprocess.run(
            [*STRICT, "reindex", ".", "--watch", option],
            cwd=tmp_path,
            env=environment(),
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )
        assert done.returncode == 2
        assert option in done.stderr
