"""Client of the sandbox process: starts it, sends it files, stops it when it takes too long, and replaces it.

The process is started when it is first needed and kept, because loading its libraries takes longer than most files.
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
from dataclasses import replace
from pathlib import Path
from threading import Lock, get_ident
from typing import Any

from search.errors import UnreadableArticle
from search.sources.opening import format_size_limit, read_all
from search.sources.records import Encodings, Options, Record, Records
from search.sources.sandbox.protocol import ADVICE, READY, decode_record, encode_header, receive, receive_exactly, send

START_SECONDS = 60.0
"""Seconds that the process may take to start and load a reader, on the slowest machine."""
MAX_FILES = 1_000
"""Files after which the process is replaced, to free what its libraries may have kept."""
LARGE = 2 << 20
"""Bytes of a file above which it has more time, in proportion to its size."""
LONGEST = 5
"""How many times as long as a small file a large one may take, at most."""

_ROOT = str(Path(__file__).parents[3])
# Not with -m: the current folder is no place to import from, and this package may not be installed.
_PROGRAM = (
    "import sys; sys.path.append(sys.argv[1]); "
    "from search.sources.sandbox.process import main; main(*map(int, sys.argv[2:]))"
)


def read_heavy(kind: str, chunks: Iterator[bytes], name: str, options: Options, encodings: Encodings) -> Records:
    """Yield the one article of a file, read by the sandbox's reader `kind`. Raise UnreadableArticle."""
    data = read_all(chunks, options.document)
    if not data:
        raise UnreadableArticle("The file is empty.", "Save it anew, or take it out of the folder.")
    options = replace(options, seconds=options.seconds * min(max(1.0, len(data) / LARGE), LONGEST))
    client = _clients.setdefault(get_ident(), SandboxClient())  # one for each thread, so that threads read in parallel
    record, encoding = client.read(kind, name, data, options)
    if encoding:
        encodings[encoding] = None
    yield record


class SandboxClient:
    """A sandbox process that is started and replaced as needed."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._process: _Process | None = None
        self._is_interrupted = False

    def read(self, kind: str, name: str, data: bytes, options: Options) -> tuple[Record, str]:
        """Return the article in a file and the file's encoding. Raise UnreadableArticle."""
        with self._lock:
            try:
                reply = self._send(kind, name, data, options).receive_reply(options)
            except BaseException as error:
                self.stop()  # a reply that is under way would be taken for that to the next file
                if isinstance(error, TimeoutError):
                    raise UnreadableArticle(f"The file took over {options.seconds:g} s to read.", ADVICE) from None
                if isinstance(error, OSError):
                    message = "The program that reads this format broke down over the file."
                    raise UnreadableArticle(message, ADVICE) from None
                raise
        if "refused" in reply:
            raise UnreadableArticle(*reply["refused"])
        return decode_record(reply)

    def interrupt(self) -> None:
        """Have the file fail that another thread is reading, and each one that it would begin."""
        self._is_interrupted = True
        if self._process is not None:
            self._process.child.kill()  # the other thread sees that it has gone, and does the rest

    def stop(self) -> None:
        """Kill the process, if there is one. No other thread may be reading."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()

    def _send(self, kind: str, name: str, data: bytes, options: Options) -> _Process:
        """Send a file and return the process that is about to read it.

        A process that died since the last file is replaced once. Raise UnreadableArticle when the new one fails too.
        """
        for _attempt in (1, 2):
            try:
                if self._process is None or not self._process.is_usable(options):
                    self.stop()
                    self._process = _Process(options.memory)
                if self._is_interrupted:
                    raise InterruptedError  # as if the process had been killed
                self._process.send(kind, name, data, options)
            except OSError:
                self.stop()
            else:
                return self._process
        message = f"The program that reads this format cannot start within {format_size_limit(options.memory)}."
        raise UnreadableArticle(message, "Give it more memory, or close other programs.")


class _Process:
    """A running sandbox process. The constructor starts it; it may take `memory` bytes."""

    def __init__(self, memory: int) -> None:
        self.memory = memory
        self.owner = os.getpid()
        self.files = 0
        self.connection, theirs = socket.socketpair()
        life, self.life = os.pipe()
        descriptors = (theirs.fileno(), life)
        try:
            self.child = subprocess.Popen(  # noqa: S603 - our own program
                [sys.executable, "-P", "-c", _PROGRAM, _ROOT, *map(str, descriptors), str(memory)],
                pass_fds=descriptors,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        except OSError:
            self.connection.close()
            os.close(self.life)
            raise
        finally:
            theirs.close()
            os.close(life)

    def is_usable(self, options: Options) -> bool:
        """Return whether it may read another file: it has the right limit, and was not started before a fork."""
        return self.owner == os.getpid() and self.memory == options.memory and self.files < MAX_FILES

    def send(self, kind: str, name: str, data: bytes, options: Options) -> None:
        """Send a file, and wait until its reader is loaded. Raise OSError."""
        self.files += 1
        deadline = time.monotonic() + START_SECONDS
        self.connection.settimeout(START_SECONDS)
        send(self.connection, encode_header(kind, name, options))
        send(self.connection, data)
        if receive_exactly(self.connection, len(READY), deadline) != READY:
            raise ConnectionAbortedError

    def receive_reply(self, options: Options) -> dict[str, Any]:
        """Return the reply to the file that was sent. Raise OSError, TimeoutError among them."""
        message = receive(self.connection, time.monotonic() + options.seconds, options.memory)
        reply: dict[str, Any] = json.loads(message)
        return reply

    def kill(self) -> None:
        """Kill the process, and wait until it is gone."""
        self.connection.close()
        os.close(self.life)
        if self.owner != os.getpid():
            self.child.returncode = 0  # not ours to wait for
            return
        with contextlib.suppress(OSError):
            self.child.kill()
        self.child.wait()


_clients: dict[int, SandboxClient] = {}
"""The client of each thread, by the thread's identifier."""


def interrupt() -> None:
    """Have the files fail that other threads are reading; until `release` no thread may begin another one."""
    for client in tuple(_clients.values()):
        client.interrupt()


def release() -> None:
    """Kill all sandbox processes; the next heavy file starts one again. No thread may be reading."""
    while _clients:
        _clients.popitem()[1].stop()


atexit.register(release)
