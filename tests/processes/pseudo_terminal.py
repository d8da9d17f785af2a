"""A command on a terminal of its own."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import subprocess
import termios
import time
from pathlib import Path

from tests.processes.commands import STEMMA, environment


def take_terminal() -> None:
    """Become the leader of a session, and standard input its terminal, so that Ctrl-C goes to all of its processes."""
    os.setsid()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


class Terminal:
    """A command on a terminal of its own."""

    def __init__(self, folder: Path, *arguments: str, **variables: str) -> None:
        self.ours, theirs = pty.openpty()
        self.process = subprocess.Popen(
            [*STEMMA, *arguments],
            cwd=folder,
            env=environment(**variables),
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            preexec_fn=take_terminal,  # noqa: PLW1509 - no thread of ours runs while tests do
        )
        os.close(theirs)
        self.shown = b""

    def read(self, until: bytes | None = None) -> str:
        """What it shows, to the end or until it shows something."""
        deadline = time.monotonic() + 60
        while (until is None or until not in self.shown) and time.monotonic() < deadline:
            if select.select([self.ours], [], [], 1)[0]:
                try:
                    self.shown += os.read(self.ours, 65536)
                except OSError:  # how Linux says that the other end was closed
                    break
        return self.shown.decode()

    def finish(self) -> tuple[int, str]:
        shown = self.read()
        os.close(self.ours)
        return self.process.wait(60), shown
