"""Output that is cut off, full or closed."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import IO

import pytest

from tests.cli.archive import one_line
from tests.processes.commands import STEMMA, environment


def done_with(folder: Path, arguments: tuple[str, ...], stdout: IO[str] | int) -> subprocess.CompletedProcess[str]:
    """A command that writes its output there, when it has ended."""
    return subprocess.run(
        [*STEMMA, *arguments],
        cwd=folder,
        env=environment(),
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )


NO_DEVICE = not Path("/dev/full").exists() and "CI" not in os.environ


@pytest.mark.skipif(NO_DEVICE, reason="there is no /dev/full, a device that is always full: run this on Linux")
@pytest.mark.parametrize("arguments", [("search", "moon"), ("search", "moon", "--json"), ("status",), ("--help",)])
def test_output_that_cannot_be_written(indexed: Path, arguments: tuple[str, ...]) -> None:
    """Half an answer in a file, with exit code 0, would be taken for a whole one."""
    with Path("/dev/full").open("w") as full:
        done = done_with(indexed, arguments, full)
    assert done.returncode == 1
    one_line(done.stderr)


@pytest.mark.parametrize("arguments", [("search", ""), ("status", "--json"), ("--help",)])
def test_a_reader_that_stops_reading(indexed: Path, arguments: tuple[str, ...]) -> None:
    """`stemma search … | head -1` is no failure."""
    reader, writer = os.pipe()
    os.close(reader)
    done = done_with(indexed, arguments, writer)
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, "")


def test_closed_output(indexed: Path) -> None:
    """A daemon may run commands without any standard output."""
    command = ["sh", "-c", 'exec "$@" >&- 2>&-', "sh", *STEMMA, "search", "moon"]
    assert subprocess.run(command, cwd=indexed, env=environment(), check=False).returncode == 0
