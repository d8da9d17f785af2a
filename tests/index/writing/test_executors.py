"""The process that helps a writer: it outlives nobody, and nobody needs it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from search import PACKAGE_ROOT
from search.index.writing import executors
from search.index.writing.executors import LexiconProcess, WriterPool
from search.index.writing.lexicon import Analyses, FormTable, Lexicon

TOKENS = [
    f"{word}{suffix}" for word in ("sail", "night", "al-sharaa", "é", "rfc-") for suffix in ("ing", "s", "7", "'s")
]
MANY = [f"{a}{b}{c}-sails" for a in "abcdefghij" for b in "abcdefghij" for c in "abcdefghij"] * 20
WRITER = """
import time
from search.index.writing import executors
executors.START_PROCESS = 0
lexicon = executors.LexiconProcess(alone=False)
lexicon.add("en", ["sailing"])
print(lexicon.process.pid, flush=True)
time.sleep(600)
"""


def whole(lexicon: LexiconProcess | Lexicon) -> tuple[Analyses, FormTable]:
    """All that it has found."""
    return lexicon.analyses(), lexicon.finish()


@pytest.fixture(autouse=True)
def _always_worth_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(executors, "START_PROCESS", 3)


def test_it_finds_what_is_found_here() -> None:
    """An index does not depend on how many cores it was built on; and the next segment begins anew."""
    helped, lexicon = LexiconProcess(alone=False), Lexicon()
    try:
        for tokens in (TOKENS, TOKENS[::-1]):
            for language in ("en", "de"):
                for begin in range(0, len(tokens), 2):
                    helped.add(language, tokens[begin : begin + 2])
                    lexicon.add(language, tokens[begin : begin + 2])
            assert helped.process is not None
            assert whole(helped) == whole(lexicon)
    finally:
        helped.close()


def test_few_tokens_start_no_process() -> None:
    """A run that changes one article must not wait for an interpreter to start."""
    helped, lexicon = LexiconProcess(alone=False), Lexicon()
    for _ in range(2):
        helped.add("en", TOKENS[:2])
        lexicon.add("en", TOKENS[:2])
        assert whole(helped) == whole(lexicon)
    assert helped.process is None
    helped.close()


@pytest.mark.parametrize("when", ["before", "after"])
def test_its_death_costs_nothing_but_time(when: str) -> None:
    """The system may kill any process when memory is short; the run goes on alone and never waits for a dead one."""
    helped, lexicon = LexiconProcess(alone=False), Lexicon()
    helped.add("en", TOKENS)
    lexicon.add("en", TOKENS)
    assert helped.process is not None
    if when == "after":
        assert whole(helped) == whole(lexicon)
        helped.add("en", TOKENS)
        lexicon.add("en", TOKENS)
    helped.process.send_signal(signal.SIGKILL)
    helped.process.wait()
    for _ in range(3):
        helped.add("en", TOKENS)
        lexicon.add("en", TOKENS)
    assert whole(helped) == whole(lexicon)
    assert helped.process is None
    helped.add("en", TOKENS)
    lexicon.add("en", TOKENS)
    assert whole(helped) == whole(lexicon)


def test_its_death_between_the_two_answers() -> None:
    """What was received first and what is worked out anew belong together."""
    helped, lexicon = LexiconProcess(alone=False), Lexicon()
    helped.add("en", MANY)
    lexicon.add("en", MANY)
    assert helped.analyses() == lexicon.analyses()
    assert helped.process is not None
    helped.process.kill()
    assert helped.finish() == lexicon.finish()
    helped.close()


def test_its_death_in_the_middle_of_an_answer() -> None:
    """Memory is shortest while it answers; whoever holds both ends of a pipe waits for the rest of it for ever."""
    helped, lexicon = LexiconProcess(alone=False), Lexicon()
    helped.add("en", MANY)
    lexicon.add("en", MANY)
    helped._send(None)  # noqa: SLF001 - the answer is larger than a pipe, so it waits there, half written
    assert helped.process is not None
    assert helped.process.stdout is not None
    helped.process.stdout.peek(1)  # type: ignore[attr-defined]  # it is buffered
    helped.process.kill()
    assert whole(helped) == whole(lexicon)


def test_where_no_process_can_be_started(monkeypatch: pytest.MonkeyPatch) -> None:
    """A container without a process to spare can index too."""
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    helped, lexicon = LexiconProcess(alone=False), Lexicon()
    for tokens in (TOKENS[:2], TOKENS, TOKENS[::-1]):
        helped.add("en", tokens)
        lexicon.add("en", tokens)
    assert whole(helped) == whole(lexicon)
    helped.close()


def test_no_orphans() -> None:
    """A run that is killed leaves no process behind."""
    writer = subprocess.Popen([sys.executable, "-c", WRITER], stdout=subprocess.PIPE, text=True, cwd=PACKAGE_ROOT)
    with writer:
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


def test_a_pool_that_is_closed_leaves_nothing() -> None:
    """Watching folders writes for months: each run ends what it began, whether or not it was committed."""
    pool = WriterPool(2)
    pool.lexicon.add("en", TOKENS)
    process = pool.lexicon.process
    assert process is not None
    pool.close()
    assert process.poll() is not None
