"""`stemma serve` as a process."""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import time
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from types import MappingProxyType

from tests.processes.commands import STEMMA, environment


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


class Served:
    """`stemma serve` in a folder, from the line that names its address to its end."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.port = free_port()
        self.process = subprocess.Popen(
            [*STEMMA, "serve", "--port", str(self.port), *arguments],
            cwd=folder,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,  # as in a terminal, it has a process group of its own
        )
        assert self.process.stdout is not None
        assert select.select([self.process.stdout], [], [], 60)[0]
        self.said = self.process.stdout.readline()

    def answer(self, path: str, headers: Mapping[str, str] = MappingProxyType({})) -> HTTPResponse:
        """An answer, read to its end. The server may have to begin to listen."""
        deadline = time.monotonic() + 30
        while True:
            connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
            try:
                connection.request("GET", path, headers={**headers, "Connection": "close"})
                return connection.getresponse()
            except ConnectionRefusedError:
                assert time.monotonic() < deadline
                time.sleep(0.02)

    def get(self, path: str) -> tuple[int, str, str]:
        """Status, type and body of an answer."""
        with self.answer(path) as response:
            return response.status, response.headers.get_content_type(), response.read().decode()

    def stop(self, number: signal.Signals = signal.SIGTERM, *, group: bool = False) -> tuple[int, str]:
        """The exit code, and what stands on stderr. A terminal sends its signals to the whole process group."""
        send = os.killpg if group else os.kill
        send(self.process.pid, number)
        _, errors = self.process.communicate(timeout=60)
        return self.process.returncode, errors
