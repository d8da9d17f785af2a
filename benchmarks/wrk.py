"""The load generator: wrk, told by `load.lua` what to ask for."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

SCRIPT = Path(__file__).with_name("load.lua")
PAUSE = 1.0
"""Seconds before each load: when clients go, what they asked last is still answered, and would be waited for."""


class Request(NamedTuple):
    """What is sent; a body is JSON."""

    method: str
    path: str
    body: str = ""


def available() -> bool:
    """Whether it is installed."""
    return shutil.which("wrk") is not None


def keep(requests: Iterable[Request], path: Path) -> Path:
    """Write requests where `load` finds them."""
    path.write_text("".join("\t".join(request) + "\n" for request in requests))
    return path


def load(address: str, requests: Path, clients: int, seconds: int) -> dict[str, float]:
    """Requests a second, latencies in milliseconds and failures, of clients that ask one thing after the other."""
    time.sleep(PAUSE)
    program = shutil.which("wrk") or "wrk"
    command = [program, "-t1", f"-c{clients}", f"-d{seconds}s", "--timeout", "30s", "-s", str(SCRIPT), address]
    done = subprocess.run([*command, "--", str(requests)], check=True, capture_output=True, text=True)
    return parsed(done.stdout)


def parsed(output: str) -> dict[str, float]:
    """The last line of what wrk says."""
    told: dict[str, float] = json.loads(output.splitlines()[-1])
    return told
