"""Who works for a writer: on more than one core two threads, and a process that analyses words; else nobody.

The process is a fresh interpreter that reads runs from a pipe and answers when it is asked for the result. It ends when
the pipe does, so it outlives nobody, however its writer died; and when it dies itself, the writer goes on alone.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import ParamSpec, TypeVar

from search.index.writing.lexicon import Lexicon, Table, TokenAnalyses
from search.index.writing.lexicon_process import ask, receive_found, receive_table, send

WORTH = 20_000
"""Distinct runs from which on it pays to start a process."""
_PROGRAM = (
    "import sys; sys.path.insert(0, sys.argv[1]); from search.index.writing.lexicon_process import serve; serve()"
)

P = ParamSpec("P")
R = TypeVar("R")


class _Now(Executor):
    """An executor that does everything at once."""

    def submit(self, fn: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> Future[R]:
        future: Future[R] = Future()
        future.set_result(fn(*args, **kwargs))
        return future


class WriterPool:
    """The helpers of one run; a segment after the other."""

    def __init__(self, cores: int | None = None) -> None:
        self.several = (cores or len(os.sched_getaffinity(0))) > 1
        self.tokens: Executor = ThreadPoolExecutor(1) if self.several else _Now()
        self.texts: Executor = ThreadPoolExecutor(1) if self.several else _Now()
        self.lexicon_process = LexiconProcess(alone=not self.several)

    def close(self) -> None:
        """Let everybody go."""
        self.lexicon_process.close()
        self.tokens.shutdown(cancel_futures=True)
        self.texts.shutdown(cancel_futures=True)


class LexiconProcess:
    """Analyses the runs of a segment, here or in a process of its own. One thread uses it at a time."""

    def __init__(self, *, alone: bool = True) -> None:
        self.alone = alone
        self.lexicon = Lexicon()
        self.process: subprocess.Popen[bytes] | None = None
        self._said: list[tuple[str, str]] = []
        self._sent: list[Future[None]] = []
        self._raw_tokens = 0
        self._sender: ThreadPoolExecutor | None = None

    def learn(self, lang: str, raw_tokens: list[str]) -> None:
        """Analyse the next runs of a language, some time before `finish` returns."""
        if self.alone:
            self.lexicon.learn(lang, raw_tokens)
            return
        self._said.append((lang, "\n".join(raw_tokens)))  # kept, in case that the process dies
        self._raw_tokens += len(raw_tokens)
        if self.process is None and self._raw_tokens > WORTH:
            self._start()
        if self.process is not None:
            self._send()

    def finish(self) -> TokenAnalyses:
        """What the runs stand for; the entries are next, with `table`."""
        try:
            if self.process is not None and self.process.stdin is not None and self.process.stdout is not None:
                for sent in self._sent:
                    sent.result()
                ask(self.process.stdin)
                return receive_found(self.process.stdout)
        except (OSError, EOFError):  # it died
            self.close()
        self._go_on_alone()
        return self.lexicon.finish()

    def table(self) -> Table:
        """The entries; the next run is of another segment."""
        try:
            if self.process is not None and self.process.stdout is not None:
                return receive_table(self.process.stdout)
        except EOFError:  # it died
            self.close()
            self._go_on_alone()
        finally:
            self._said, self._sent, self._raw_tokens = [], [], 0
        return self.lexicon.table()

    def _go_on_alone(self) -> None:
        """Do what was said here, where it was not done yet."""
        for lang, joined in self._said:
            self.lexicon.learn(lang, joined.split("\n"))
        self._said = []

    def close(self) -> None:
        """End the process."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            for pipe in (self.process.stdin, self.process.stdout):
                if pipe is not None:
                    with suppress(OSError):  # what was not sent goes nowhere
                        pipe.close()
            self.process = None
            self.alone = True
        if self._sender is not None:
            self._sender.shutdown(cancel_futures=True)
            self._sender = None
        self._sent = []

    def _start(self) -> None:
        root = str(Path(__file__).parents[3])
        command = [sys.executable, "-c", _PROGRAM, root]
        try:
            self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603 - ours
        except OSError:  # no memory for it, or no more processes
            self.alone = True
            self._go_on_alone()
            return
        self._sender = ThreadPoolExecutor(1)

    def _send(self) -> None:
        """Hand over what was said and not sent; a thread waits for the process to take it."""
        if self.process is None or self.process.stdin is None or self._sender is None:
            return
        for lang, joined in self._said[len(self._sent) :]:
            self._sent.append(self._sender.submit(send, self.process.stdin, lang, joined))
