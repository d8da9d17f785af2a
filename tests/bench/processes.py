"""Tasks in processes of their own, watched from outside."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
POLL = 0.5
"""Seconds between two looks at a process's memory: a look takes it a few hundredths of one."""


def _start(task: dict[str, Any]) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.bench.child", json.dumps(task)]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def _result(process: subprocess.Popen[str]) -> dict[str, float]:
    output, _ = process.communicate()
    if process.returncode:
        raise RuntimeError(f"{process.args!r} failed")
    result: dict[str, float] = json.loads(output.splitlines()[-1])
    return result


def call(**task: Any) -> dict[str, float]:  # noqa: ANN401 - what becomes JSON
    """Do a task; `elapsed` is the time from starting the process to its end."""
    started = time.perf_counter()
    result = _result(_start(task))
    return result | {"elapsed": time.perf_counter() - started}


def watched(**task: Any) -> dict[str, float]:  # noqa: ANN401 - what becomes JSON
    """Do a task; `peak` is the most memory that the process and its own had together."""
    process = _start(task)
    peak = 0
    while process.poll() is None:
        peak = max(peak, _proportional(process.pid))
        time.sleep(POLL)
    result = _result(process)
    return result | {"peak": max(peak, result["peak"])}


def together(n: int, **task: Any) -> float:  # noqa: ANN401 - what becomes JSON
    """The queries a second of so many processes at once."""
    processes = [_start(task) for _ in range(n)]
    for process in processes:
        if process.stdout is None or process.stdout.readline() != "ready\n":
            raise RuntimeError(f"{process.args!r} failed")
    for process in processes:
        if process.stdin is not None:
            process.stdin.write("go\n")
            process.stdin.flush()
    return sum(_result(process)["rate"] for process in processes)


def _proportional(pid: int) -> int:
    """The memory of a process and of those that it started; what they share counts once."""
    try:
        found = re.search(r"^Pss:\s+(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text("utf-8"), re.MULTILINE)
        tasks = Path(f"/proc/{pid}/task").glob("*/children")
        children = [int(child) for path in tasks for child in path.read_text("utf-8").split()]
    except OSError:  # it has just ended
        return 0
    return (int(found[1]) << 10 if found else 0) + sum(map(_proportional, children))


def evict(folder: Path) -> None:
    """Let the system forget what it has read of the files in a folder, as far as it does that on request."""
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
