"""Running `stemma` as a process of its own, without what this machine's environment says of it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryFile

STEMMA = (sys.executable, "-m", "search.cli")
STRICT = (sys.executable, "-W", "error", "-m", "search.cli")
"""STEMMA with warnings as errors, for what ends in order: else Whoosh leaves open files to the garbage collector."""
ROOT = Path(__file__).parents[2]
NOT_INSTALLED = ROOT / "tests" / "not_installed"
"""Hides what users need not have, and numba imports where it is, which takes a fifth of the time of a command."""


def environment(**variables: str) -> dict[str, str]:
    """The environment of a command: no settings but these."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("STEMMA_", "PYTHON", "NO_COLOR"))}
    return kept | {"PYTHONPATH": f"{NOT_INSTALLED}{os.pathsep}{ROOT}", "PYTHONUTF8": "1"} | variables


def run(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """A command, run in a folder to its end with warnings as errors, in a process that `fork_server` forks."""
    order = json.dumps([arguments, str(folder), environment(**variables)]).encode()
    with TemporaryFile("w+", encoding="utf-8") as out, TemporaryFile("w+", encoding="utf-8") as err:
        with Path(os.devnull).open() as nothing:
            code = _exit_code(order, [stream.fileno() for stream in (nothing, out, err)])
        for stream in (out, err):
            stream.seek(0)
        return subprocess.CompletedProcess(arguments, code, out.read(), err.read())


def _exit_code(order: bytes, streams: Sequence[int]) -> int:
    """How a command ended that a fork server was told to run with these streams."""
    server, orders = _fork_server()
    try:
        socket.send_fds(orders, [order], streams)
        code = orders.recv(16)
    except TimeoutError:
        _fork_server.cache_clear()  # the next command has another one
        raise
    assert code, f"the fork server ended with {server.wait()}"
    return int(code)


@cache
def _fork_server() -> tuple[subprocess.Popen[bytes], socket.socket]:
    """The server that forks the commands of this process, and the socket of its orders. It ends when that is closed."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.settimeout(120)
    with theirs:
        command = [sys.executable, "-W", "error", "-m", "tests.processes.fork_server", str(theirs.fileno())]
        return subprocess.Popen(command, cwd=ROOT, env=environment(), pass_fds=[theirs.fileno()]), ours
