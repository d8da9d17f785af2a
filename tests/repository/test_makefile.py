"""The set-up of a fresh machine by make, and after one that was interrupted."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.processes.commands import ROOT


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


FAKE = """#!/bin/sh
case "$3" in
serve*) exit 0 ;;
esac
echo "$3" >> calls
[ "$3" = status ] && exit "$STATUS"
[ -z "$SAID" ] || { mkdir -p index; echo "$SAID"; }
echo "stemma: quarantined: seeds/bad.txt" >&2
exit 1
"""
"""Stands for Python: a `stemma` that fails, with or without having committed."""


@pytest.mark.parametrize(
    ("said", "status", "first", "second"),
    [
        ("Indexed.", "0", ["reindex"], ["reindex"]),
        ("", "0", ["reindex", "status"], ["reindex", "status", "reindex", "status"]),
        ("", "1", ["reindex", "status", "reindex", "status"], ["reindex", "status", "reindex", "status"] * 2),
    ],
)
def test_make_serve_indexes_once(tmp_path: Path, said: str, status: str, first: list[str], second: list[str]) -> None:
    """A file that cannot be read must not cost a run at each start; a run that failed must be tried again."""
    (tmp_path / "seeds").mkdir()
    (tmp_path / "search").mkdir()
    (tmp_path / "pyproject.toml").touch()
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(FAKE, "utf-8")
    python.chmod(0o755)
    (tmp_path / ".venv" / "made").touch()
    (tmp_path / ".venv" / "installed").touch()
    time.sleep(0.05)  # the clock of a file system is coarse
    for expected in (first, second):
        command = ["make", "-f", str(ROOT / "Makefile"), "serve"]
        variables = {"SAID": said, "STATUS": status, "PATH": os.environ["PATH"]}
        done = subprocess.run(command, cwd=tmp_path, env=variables, capture_output=True, text=True, check=False)
        assert (tmp_path / "calls").read_text("utf-8").split() == expected
        assert done.returncode == (0 if status == "0" else 2)
        assert ("quarantined" in done.stderr) == (expected is first or not said)
        assert done.stdout.strip() == (said if expected is first else "")


def test_make_serve_knows_a_stale_index(tmp_path: Path) -> None:
    """`make serve` starts at once when nothing changed, and never serves what is no longer so."""
    makefile = (ROOT / "Makefile").read_text("utf-8")
    (line,) = [line for line in makefile.splitlines() if line.startswith("FRESH := ")]
    check = line.removeprefix("FRESH := ").replace("$$", "$")

    def fresh() -> bool:
        return subprocess.run(["/bin/sh", "-c", check], cwd=tmp_path, check=False).returncode == 0

    def made() -> None:
        time.sleep(0.05)  # the clock of a file system is coarse
        (tmp_path / "index" / "made").touch()
        time.sleep(0.05)

    for folder in ("seeds/sub", "search/__pycache__", "index"):
        (tmp_path / folder).mkdir(parents=True)
    article = tmp_path / "seeds" / "sub" / "a.txt"
    article.write_text("old", "utf-8")
    assert not fresh()
    made()
    assert fresh()
    (tmp_path / "search" / "__pycache__" / "cli.pyc").touch()
    assert fresh()
    article.write_text("new", "utf-8")
    os.utime(article, (0, 0))
    assert not fresh()
    made()
    assert fresh()
    article.unlink()
    assert not fresh()
    made()
    (tmp_path / "search" / "analysis.py").touch()
    assert not fresh()
