"""When the server collects garbage."""

from __future__ import annotations

import gc
import subprocess
import sys
import weakref
from collections.abc import Iterator

import pytest

from tests.processes import ROOT
from web import garbage
from web.garbage import Collector


class Knot:
    """Something that refers to itself, which only the collector frees."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    """One that collects often, in a process that does not by itself."""
    monkeypatch.setattr(garbage, "OFTEN", 3)
    monkeypatch.setattr(garbage, "AT_LAST", 7)
    was = gc.isenabled()
    gc.disable()
    yield Collector()
    if was:
        gc.enable()


def answer(collector: Collector) -> None:
    """Answer a request, and go on."""
    collector.after_request(None, None, None, None)
    collector.between_answers()


def test_what_is_new_is_freed_after_some_answers(collector: Collector) -> None:
    """Were nothing collected, a server that is never idle would grow."""
    gone = weakref.ref(Knot())
    for _ in range(2):
        answer(collector)
    assert gone() is not None
    answer(collector)
    assert gone() is None


def test_what_is_old_is_freed_when_idle_or_at_last(collector: Collector, monkeypatch: pytest.MonkeyPatch) -> None:
    """A generation of the index that was replaced may refer to itself, and is old by then."""
    knot = Knot()
    gone = weakref.ref(knot)
    gc.collect()  # it is old now
    del knot
    answer(collector)
    assert gone() is not None  # somebody may ask again at once
    monkeypatch.setattr(garbage, "IDLE", 0.0)
    collector.between_answers()
    assert gone() is None
    monkeypatch.setattr(garbage, "IDLE", 60.0)

    knot = Knot()
    gone = weakref.ref(knot)
    gc.collect()
    del knot
    for _ in range(6):
        answer(collector)
    assert gone() is not None
    answer(collector)
    assert gone() is None


def test_it_takes_over() -> None:
    """Python's own collector would come in the middle of requests."""
    code = "import gc, web.garbage as g; g.collector.begin(); print(gc.isenabled(), gc.get_freeze_count() > 9)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]
