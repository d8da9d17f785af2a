"""Running `stemma` as a process of its own, without what this machine's environment says of it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

STEMMA = (sys.executable, "-m", "search.cli")
STRICT = (sys.executable, "-W", "error", "-m", "search.cli")
"""STEMMA with warnings as errors, for what ends in order: else Whoosh leaves open files to the garbage collector."""
ROOT = Path(__file__).parent.parent
NOT_INSTALLED = ROOT / "tests" / "not_installed"
"""Hides what users need not have, and numba imports where it is, which takes a fifth of the time of a command."""


def environment(**variables: str) -> dict[str, str]:
    """The environment of a command: no settings but these."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("STEMMA_", "PYTHON", "NO_COLOR"))}
    return kept | {"PYTHONPATH": f"{NOT_INSTALLED}{os.pathsep}{ROOT}", "PYTHONUTF8": "1"} | variables


def run(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """A command that was run in a folder to its end."""
    return subprocess.run(
        [*STRICT, *arguments],
        cwd=folder,
        env=environment(**variables),
        capture_output=True,
        stdin=subprocess.DEVNULL,
        text=True,
        check=False,
        timeout=120,
    )
