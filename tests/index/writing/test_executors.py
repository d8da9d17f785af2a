"""The process that helps a writer: it outlives nobody, and nobody needs it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from search.index.writing import executors
from search.index.writing.executors import Analyst, Crew
from search.index.writing.lexicon import Found, Lexicon, Table

ROOT = Path(__file__).parents[3]
RUNS = [f"{word}{suffix}" for word in ("sail", "night", "al-sharaa", "é", "rfc-") for suffix in ("ing", "s", "7", "'s")]
WRITER = """
import sys, time
from search.index.writing import executors as crew
crew.WORTH = 0
analyst = crew.Analyst(alone=False)
analyst.learn("en", ["sailing"])
print(analyst.process.pid, flush=True)
time.sleep(600)
"""


def whole(analyst: Analyst | Lexicon) -> tuple[Found, Table]:
    """All that it has found."""
    return analyst.finish(), analyst.table()


@pytest.fixture(autouse=True)
def _always_worth_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(executors, "WORTH", 3)


def test_it_finds_what_is_found_here() -> None:
    """An index does not depend on how many cores it was built on; and the next segment begins anew."""
    analyst, lexicon = Analyst(alone=False), Lexicon()
    try:
        for runs in (RUNS, RUNS[::-1]):
            for language in ("en", "de"):
                for begin in range(0, len(runs), 2):
                    analyst.learn(language, runs[begin : begin + 2])
                    lexicon.learn(language, runs[begin : begin + 2])
            assert analyst.process is not None
            assert whole(analyst) == whole(lexicon)
    finally:
        analyst.close()


@pytest.mark.parametrize("when", ["before", "after"])
def test_its_death_costs_nothing_but_time(when: str) -> None:
    """The system may kill any process when memory is short; the run goes on alone and never waits for a dead one."""
    analyst, lexicon = Analyst(alone=False), Lexicon()
    analyst.learn("en", RUNS)
    lexicon.learn("en", RUNS)
    assert analyst.process is not None
    if when == "after":
        assert whole(analyst) == whole(lexicon)
        analyst.learn("en", RUNS)
        lexicon.learn("en", RUNS)
    analyst.process.send_signal(signal.SIGKILL)
    analyst.process.wait()
    for _ in range(3):
        analyst.learn("en", RUNS)
        lexicon.learn("en", RUNS)
    assert whole(analyst) == whole(lexicon)
    assert analyst.process is None
    analyst.learn("en", RUNS)
    lexicon.learn("en", RUNS)
    assert whole(analyst) == whole(lexicon)


def test_its_death_between_the_two_answers() -> None:
    """What was received first and what is worked out anew belong together."""
    analyst, lexicon = Analyst(alone=False), Lexicon()
    runs = [f"{a}{b}{c}-sails" for a in "abcdefghij" for b in "abcdefghij" for c in "abcdefghij"] * 20
    analyst.learn("en", runs)
    lexicon.learn("en", runs)
    assert analyst.finish() == lexicon.finish()
    assert analyst.process is not None
    analyst.process.kill()
    assert analyst.table() == lexicon.table()
    analyst.close()


def test_where_no_process_can_be_started(monkeypatch: pytest.MonkeyPatch) -> None:
    """A container without a process to spare can index too."""
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    analyst, lexicon = Analyst(alone=False), Lexicon()
    analyst.learn("en", RUNS)
    lexicon.learn("en", RUNS)
    assert whole(analyst) == whole(lexicon)
    analyst.close()


def test_no_orphans() -> None:
    """A run that is killed leaves no process behind."""
    with subprocess.Popen([sys.executable, "-c", WRITER], stdout=subprocess.PIPE, text=True, cwd=ROOT) as writer:
        assert writer.stdout is not None
        helper = int(writer.stdout.readline())
        os.kill(helper, 0)
        writer.kill()
    until = time.monotonic() + 20
    while time.monotonic() < until and _lives(helper):
        time.sleep(0.05)
    assert not _lives(helper)


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8").rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_crew_that_is_let_go_leaves_nothing() -> None:
    """Watching folders writes for months: each run ends what it began, whether or not it was committed."""
    crew_of_two = Crew(2)
    crew_of_two.analyst.learn("en", RUNS)
    process = crew_of_two.analyst.process
    assert process is not None
    crew_of_two.close()
    assert process.poll() is not None
