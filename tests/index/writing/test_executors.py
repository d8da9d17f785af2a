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
from search.index.writing.executors import LexiconProcess, WriterPool
from search.index.writing.lexicon import Lexicon, Table, TokenAnalyses

ROOT = Path(__file__).parents[3]
RAW_TOKENS = [
    f"{word}{suffix}" for word in ("sail", "night", "al-sharaa", "é", "rfc-") for suffix in ("ing", "s", "7", "'s")
]
WRITER = """
import sys, time
from search.index.writing import executors
executors.WORTH = 0
process = executors.LexiconProcess(alone=False)
process.learn("en", ["sailing"])
print(process.process.pid, flush=True)
time.sleep(600)
"""


def whole(lexicon_process: LexiconProcess | Lexicon) -> tuple[TokenAnalyses, Table]:
    """All that it has found."""
    return lexicon_process.finish(), lexicon_process.table()


@pytest.fixture(autouse=True)
def _always_worth_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(executors, "WORTH", 3)


def test_it_finds_what_is_found_here() -> None:
    """An index does not depend on how many cores it was built on; and the next segment begins anew."""
    lexicon_process, lexicon = LexiconProcess(alone=False), Lexicon()
    try:
        for raw_tokens in (RAW_TOKENS, RAW_TOKENS[::-1]):
            for language in ("en", "de"):
                for begin in range(0, len(raw_tokens), 2):
                    lexicon_process.learn(language, raw_tokens[begin : begin + 2])
                    lexicon.learn(language, raw_tokens[begin : begin + 2])
            assert lexicon_process.process is not None
            assert whole(lexicon_process) == whole(lexicon)
    finally:
        lexicon_process.close()


@pytest.mark.parametrize("when", ["before", "after"])
def test_its_death_costs_nothing_but_time(when: str) -> None:
    """The system may kill any process when memory is short; the run goes on alone and never waits for a dead one."""
    lexicon_process, lexicon = LexiconProcess(alone=False), Lexicon()
    lexicon_process.learn("en", RAW_TOKENS)
    lexicon.learn("en", RAW_TOKENS)
    assert lexicon_process.process is not None
    if when == "after":
        assert whole(lexicon_process) == whole(lexicon)
        lexicon_process.learn("en", RAW_TOKENS)
        lexicon.learn("en", RAW_TOKENS)
    lexicon_process.process.send_signal(signal.SIGKILL)
    lexicon_process.process.wait()
    for _ in range(3):
        lexicon_process.learn("en", RAW_TOKENS)
        lexicon.learn("en", RAW_TOKENS)
    assert whole(lexicon_process) == whole(lexicon)
    assert lexicon_process.process is None
    lexicon_process.learn("en", RAW_TOKENS)
    lexicon.learn("en", RAW_TOKENS)
    assert whole(lexicon_process) == whole(lexicon)


def test_its_death_between_the_two_answers() -> None:
    """What was received first and what is worked out anew belong together."""
    lexicon_process, lexicon = LexiconProcess(alone=False), Lexicon()
    raw_tokens = [f"{a}{b}{c}-sails" for a in "abcdefghij" for b in "abcdefghij" for c in "abcdefghij"] * 20
    lexicon_process.learn("en", raw_tokens)
    lexicon.learn("en", raw_tokens)
    assert lexicon_process.finish() == lexicon.finish()
    assert lexicon_process.process is not None
    lexicon_process.process.kill()
    assert lexicon_process.table() == lexicon.table()
    lexicon_process.close()


def test_where_no_process_can_be_started(monkeypatch: pytest.MonkeyPatch) -> None:
    """A container without a process to spare can index too."""
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    lexicon_process, lexicon = LexiconProcess(alone=False), Lexicon()
    lexicon_process.learn("en", RAW_TOKENS)
    lexicon.learn("en", RAW_TOKENS)
    assert whole(lexicon_process) == whole(lexicon)
    lexicon_process.close()


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
    crew_of_two = WriterPool(2)
    crew_of_two.lexicon_process.learn("en", RAW_TOKENS)
    process = crew_of_two.lexicon_process.process
    assert process is not None
    crew_of_two.close()
    assert process.poll() is not None
