"""The set-up of a fresh machine by make, and after one that was interrupted."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.processes import ROOT


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_an_interrupted_setup_heals_itself(tmp_path: Path) -> None:
    """Ctrl-C while .venv was being made left every later make with "No module named pip"."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / ".venv"], check=True)
    command = ["make", "--silent", ".venv/made", f"PYTHON={sys.executable}"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    made = (tmp_path / ".venv/made").stat().st_mtime_ns
    assert subprocess.run([tmp_path / ".venv/bin/python", "-m", "pip", "--version"], check=False).returncode == 0
    subprocess.run(command, cwd=tmp_path, check=True)
    assert (tmp_path / ".venv/made").stat().st_mtime_ns == made
