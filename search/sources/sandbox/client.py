"""Keeps the process that reads heavy formats: starts it, asks it, ends it when it runs over, replaces it.

It starts when it is first needed and is used again, because loading its libraries takes longer than most files.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Lock, get_ident
from typing import Any

from search.errors import UnreadableArticle
from search.sources.opening import joined, megabytes
from search.sources.records import Options, Record
from search.sources.sandbox.protocol import ANSWER, READY, Broke, TooSlow, job, receive, record_of

START = 60.0
"""Seconds in which the process has to be there, libraries and all, on the slowest machine."""
FILES = 1_000
"""After so many files the process is replaced, whatever its libraries may have kept."""

_ROOT = str(Path(__file__).parents[3])
# Not with -m: the current folder is no place to import from, and this package may not be installed.
_PROGRAM = (
    "import sys; sys.path.append(sys.argv[1]); "
    "from search.sources.sandbox.process import main; main(*map(int, sys.argv[2:]))"
)
_ADVICE = "Save it anew or in another format, or take it out of the folder."


def read_heavy(
    kind: str, chunks: Iterator[bytes], name: str, options: Options, encodings: dict[str, None]
) -> Iterator[Record]:
    """The article of a file that is read in a process of its own. Raises UnreadableArticle."""
    data = joined(chunks, min(options.memory // 4, options.unpacked))
    if not data:
        raise UnreadableArticle("The file is empty.", "Save it anew, or take it out of the folder.")
    record, encoding = _client().read(kind, name, data, options)
    if encoding:
        encodings[encoding] = None
    yield record


class SandboxClient:
    """One process, and the files that it was asked for."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._process: _Process | None = None

    def read(self, kind: str, name: str, data: bytes, options: Options) -> tuple[Record, str]:
        """The article in a file, and the file's encoding."""
        with self._lock:
            process = self._ready(kind, name, data, options)
            try:
                told = process.answer(options)
            except TooSlow:
                self.stop()
                raise UnreadableArticle(f"The file took over {options.seconds:g} s to read.", _ADVICE) from None
            except Broke:
                self.stop()
                message = "The program that reads this format broke down over the file."
                raise UnreadableArticle(message, _ADVICE) from None
            except BaseException:
                self.stop()  # an answer that is under way would be taken for the next one's
                raise
        if "refused" in told:
            raise UnreadableArticle(*told["refused"])
        return record_of(told), told["encoding"]

    def stop(self) -> None:
        """End the process, if there is one."""
        process, self._process = self._process, None
        if process is not None:
            process.end()

    def _ready(self, kind: str, name: str, data: bytes, options: Options) -> _Process:
        """A process that has the file and its libraries. One that ended between two files is no fault of the next."""
        for attempt in (1, 2):
            try:
                if self._process is None or not self._process.serves(options):
                    self.stop()
                    self._process = _Process(options.memory)
                self._process.ask(kind, name, data, options)
            except (Broke, TooSlow):
                self.stop()
                if attempt == 2:
                    break
            except BaseException:
                self.stop()
                raise
            else:
                return self._process
        message = f"The program that reads this format cannot start within {megabytes(options.memory)}."
        raise UnreadableArticle(message, "Give it more memory, or close other programs.")


class _Process:
    """A running reader."""

    def __init__(self, memory: int) -> None:
        self.memory = memory
        self.owner = os.getpid()
        self.files = 0
        self.connection, theirs = socket.socketpair()
        life, self.life = os.pipe()
        numbers = (theirs.fileno(), life)
        try:
            self.child = subprocess.Popen(  # noqa: S603 - our own program
                [sys.executable, "-P", "-c", _PROGRAM, _ROOT, *map(str, numbers), str(memory)],
                pass_fds=numbers,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        except OSError:
            self.connection.close()
            os.close(self.life)
            raise Broke from None
        finally:
            theirs.close()
            os.close(life)

    def serves(self, options: Options) -> bool:
        """Whether it can be asked again: it is ours, not of a process that we were forked from, and not worn out."""
        return self.owner == os.getpid() and self.memory == options.memory and self.files < FILES

    def ask(self, kind: str, name: str, data: bytes, options: Options) -> None:
        """Hand it a file, and wait until it begins. Raises Broke and TooSlow."""
        self.files += 1
        until = time.monotonic() + START
        self.connection.settimeout(START)
        try:
            self.connection.sendall(job(kind, name, data, options))
            self.connection.sendall(data)
        except TimeoutError:
            raise TooSlow from None
        except OSError:
            raise Broke from None
        if receive(self.connection, len(READY), until) != READY:
            raise Broke

    def answer(self, options: Options) -> dict[str, Any]:
        """What it says of the file. Raises Broke and TooSlow."""
        until = time.monotonic() + options.seconds
        (size,) = ANSWER.unpack(receive(self.connection, ANSWER.size, until))
        if size > options.memory:
            raise Broke
        told: dict[str, Any] = json.loads(receive(self.connection, size, until))
        return told

    def end(self) -> None:
        """End it at once, and wait until it is gone."""
        self.connection.close()
        os.close(self.life)
        if self.owner != os.getpid():
            self.child.returncode = 0  # not ours to wait for
            return
        with contextlib.suppress(OSError):
            self.child.kill()
        self.child.wait()


_keepers: dict[int, SandboxClient] = {}


def _client() -> SandboxClient:
    """The one of this thread: threads read at the same time."""
    return _keepers.setdefault(get_ident(), SandboxClient())


def release() -> None:
    """End all processes that read; the next heavy file starts one again. No thread may be reading."""
    while _keepers:
        _keepers.popitem()[1].stop()


atexit.register(release)
