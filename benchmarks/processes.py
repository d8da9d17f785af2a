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

ROOT = Path(__file__).parents[1]
POLL = 0.5
"""Seconds between two looks at a process's memory: a look takes it a few hundredths of one."""


def _start(task: dict[str, Any]) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "benchmarks.child", json.dumps(task)]
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
        started = children(pid)
    except OSError:  # it has just ended
        return 0
    return (int(found[1]) << 10 if found else 0) + sum(map(_proportional, started))


def footprint(pid: int, folder: Path) -> dict[str, int]:
    """Bytes of memory that a process holds: resident, its share (Pss), and that without the files of a folder."""
    resident, shared, own = 0, 0, 0
    mapping = ""
    for line in Path(f"/proc/{pid}/smaps").read_text("utf-8").splitlines():
        if found := re.match(r"[0-9a-f]+-[0-9a-f]+ \S+ \S+ \S+ \S+\s*(.*)", line):
            mapping = found[1]
        elif found := re.match(r"(Rss|Pss):\s+(\d+) kB", line):
            size = int(found[2]) << 10
            if found[1] == "Rss":
                resident += size
            elif mapping.startswith(str(folder.resolve())):
                shared += size
            else:
                own += size
    return {"resident": resident, "proportional": shared + own, "private": own}


def children(pid: int) -> list[int]:
    """The processes that a process has started."""
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for path in tasks for child in path.read_text("utf-8").split()]


def evict(folder: Path) -> None:
    """Let the system forget what it has read of the files in a folder, as far as it does that on request."""
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def size_of(folder: Path) -> int:
    """The bytes of all files in a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
