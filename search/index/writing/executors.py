"""The threads and the process that work for a writer where there are several cores.

The process is a fresh interpreter, which neither runs the caller's program nor loads the compiler. It ends with its
pipes, and so with the writer, however that ends. When the process dies, the writer analyses the tokens itself.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import suppress
from typing import IO, ParamSpec, TypeVar, cast

from search import PACKAGE_ROOT
from search.index.writing.lexicon import Analyses, FormTable, Lexicon

START_PROCESS = 20_000
"""Number of distinct tokens of a segment above which it pays to start a process."""
_PROGRAM = (
    "import sys; sys.path.insert(0, sys.argv[1]); from search.index.writing.lexicon_process import serve; serve()"
)

P = ParamSpec("P")
R = TypeVar("R")


class _InlineExecutor(Executor):
    """An executor that calls each function at once, in the thread that submits it."""

    def submit(self, fn: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> Future[R]:
        future: Future[R] = Future()
        future.set_result(fn(*args, **kwargs))
        return future


class WriterPool:
    """The threads and the process of one writer, which writes one segment after the other.

    `cores` is how many there are, 0 for all that this process may use.
    """

    def __init__(self, cores: int) -> None:
        several = (cores or len(os.sched_getaffinity(0))) > 1
        self.tokens: Executor = ThreadPoolExecutor(1) if several else _InlineExecutor()
        self.texts: Executor = ThreadPoolExecutor(1) if several else _InlineExecutor()
        self.lexicon = LexiconProcess(alone=not several)

    def close(self) -> None:
        """End the threads and the process, whatever they are doing."""
        self.tokens.shutdown(cancel_futures=True)  # first, for it may be starting the process
        self.lexicon.close()
        self.texts.shutdown(cancel_futures=True)


class LexiconProcess:
    """A `Lexicon` in a process of its own; in this one if `alone`, for few tokens, and when that process dies.

    Use it from one thread at a time.
    """

    def __init__(self, *, alone: bool) -> None:
        self.alone = alone
        self.lexicon = Lexicon()
        self.process: subprocess.Popen[bytes] | None = None
        self._requests: list[tuple[str, str]] = []  # kept, in case that the process dies
        self._distinct = 0
        self._pipes = ThreadPoolExecutor(1)  # a pipe that is full must not stop the writer
        self._sent: list[Future[None]] = []

    def add(self, lang: str, tokens: list[str]) -> None:
        """Analyse the next distinct tokens of a language, some time before `analyses` returns."""
        if self.alone:
            self.lexicon.add(lang, tokens)
            return
        self._requests.append((lang, "\n".join(tokens)))
        self._distinct += len(tokens)
        if self.process is not None:
            self._send(self._requests[-1])
        elif self._distinct > START_PROCESS:
            self._start()

    def analyses(self) -> Analyses:
        """Return the forms of all tokens that were added. `finish` has to be called next."""
        if self.process is not None:
            self._send(None)
            with suppress(OSError):
                for sent in self._sent:
                    sent.result()
            self._sent.clear()
        else:
            self._catch_up()
        return self._answer(self.lexicon.analyses)

    def finish(self) -> FormTable:
        """Return the columns of all forms; the next token begins another segment."""
        table = self._answer(self.lexicon.finish)
        self._requests, self._distinct = [], 0
        return table

    def close(self) -> None:
        """End the process, if there is one."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
        self._pipes.shutdown(cancel_futures=True)  # with the process, what waits for its pipes has ended too
        if self.process is not None:
            for pipe in (self.process.stdin, self.process.stdout):
                with suppress(OSError):  # what was not sent is lost
                    cast("IO[bytes]", pipe).close()
        self.process, self.alone = None, True

    def _answer(self, here: Callable[[], R]) -> R:
        """Return the next answer of the process. Without one, or if it dies, call `here`, which asks `self.lexicon`."""
        if self.process is not None:
            try:
                answer: R = pickle.load(cast("IO[bytes]", self.process.stdout))  # noqa: S301 - ours
            except (OSError, EOFError, pickle.UnpicklingError):  # it died
                self.close()
                self._catch_up()
            else:
                return answer
        return here()

    def _catch_up(self) -> None:
        """Add all tokens of the segment to `self.lexicon`, in place of a process that died or was never started."""
        for lang, tokens in self._requests:
            self.lexicon.add(lang, tokens.split("\n"))
        self._requests = []

    def _start(self) -> None:
        """Start the process and send it all tokens of the segment; without memory for it, go on alone."""
        command = [sys.executable, "-c", _PROGRAM, str(PACKAGE_ROOT)]
        try:
            self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603 - ours
        except OSError:
            self.alone = True
            self._catch_up()
            return
        for request in self._requests:
            self._send(request)

    def _send(self, request: tuple[str, str] | None) -> None:
        if self.process is not None:
            self._sent.append(self._pipes.submit(_dump, cast("IO[bytes]", self.process.stdin), request))


def _dump(pipe: IO[bytes], request: tuple[str, str] | None) -> None:
    """Write a request to the process, when it has taken those before."""
    pickle.dump(request, pipe, pickle.HIGHEST_PROTOCOL)
    pipe.flush()
