"""Folders that were made to stop, fill or fool a run: bounded, each file accounted for, and the others are indexed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from search.ledger import OUTCOMES
from tests.faults.harness.commands import (
    HURRIED,
    MEASURED,
    PATIENCE,
    Command,
    Done,
    indexed_texts,
    left_of,
    members,
    news,
    powerless,
    stemma,
    texts_of,
    write,
)
from tests.faults.harness.fault_scenarios import ALL, SUMMARY
from tests.faults.harness.hostile_files import GIGA, bombs, deep, slow_pdf, special_files, special_names

GOOD = news(range(5))
EMPTY = 100_000 if ALL else 1_000


def run(folder: Path) -> tuple[Done, dict[str, Any]]:
    """One run over the folder, in bounds of memory, and its ledger; nothing that it started is left."""
    program = [sys.executable, "-c", MEASURED, str(folder / "peak"), *HURRIED]
    command = Command("reindex", "news", "--json", cwd=folder, program=program, before=powerless)
    done = command.end()
    assert "Traceback" not in done.err
    assert left_of(command.process.pid) == []
    assert int((folder / "peak").read_text()) * 1024 < GIGA
    ledger = json.loads(done.out)["ledger"]
    assert ledger["found"] == sum(ledger[outcome] for outcome in OUTCOMES) == len(ledger["entries"])
    for entry in ledger["entries"]:
        assert entry["outcome"] == "indexed" or entry["reason"]
        assert entry["outcome"] != "quarantined" or entry["advice"]
    return done, ledger


def outcomes(ledger: dict[str, Any]) -> dict[str, str]:
    return {entry["path"]: entry["outcome"] for entry in ledger["entries"]}


def test_what_is_no_file_and_what_names_trip_over(tmp_path: Path) -> None:
    """Links, pipes, devices, locks and letters: whoever can write to the folder must not be able to stop the rest."""
    write(tmp_path / "news", GOOD)
    expected = special_files(tmp_path / "news") | special_names(tmp_path / "news")
    done, ledger = run(tmp_path)
    assert outcomes(ledger) == expected | dict.fromkeys(GOOD, "indexed")
    assert done.code == 1
    assert len(done.err.splitlines()) == ledger["quarantined"]
    assert all(line.isprintable() for line in done.err.splitlines())
    found = stemma("search", "one", "-n", "20", cwd=tmp_path)
    assert found.code == 0
    assert all(line.isprintable() for line in found.out.splitlines())
    assert indexed_texts(tmp_path / "index").items() >= texts_of(GOOD).items()
    SUMMARY.append(f"hostile folder: {len(expected)} links, pipes, devices, locks and names, each accounted for")


def test_bombs(tmp_path: Path) -> None:
    """Each file has its bounds of time and memory; none takes another one with it."""
    write(tmp_path / "news", GOOD)
    expected = bombs(tmp_path / "news")
    done, ledger = run(tmp_path)
    told = outcomes(ledger)
    assert {name: told[name] for name, outcome in expected.items() if outcome} == {
        name: outcome for name, outcome in expected.items() if outcome
    }
    assert {name: told[name] for name in GOOD} == dict.fromkeys(GOOD, "indexed")
    assert done.code == 1
    (slow,) = [entry for entry in ledger["entries"] if entry["path"] == "slow.pdf"]
    assert "took over 2 s" in slow["reason"]
    for name, text in indexed_texts(tmp_path / "index").items():
        assert len(text) < 1_000_000, name
        assert "haha" not in text, name
    SUMMARY.append(f"bombs: {len(expected)} files, each refused or read within its bounds")


def test_folders_that_are_deep(tmp_path: Path) -> None:
    """Five hundred folders down is a file like any other; further than a path can say, it is quarantined."""
    write(tmp_path / "news", GOOD)
    deep(tmp_path / "news", 500, "d", "deep.txt")
    done, ledger = run(tmp_path)
    assert done.code == 0
    assert outcomes(ledger) == dict.fromkeys([*GOOD, "d/" * 500 + "deep.txt"], "indexed")
    deep(tmp_path / "news", 500, "deeper-and-deeper", "deep.txt")
    done, ledger = run(tmp_path)
    told = outcomes(ledger)
    (too_deep,) = told.keys() - {*GOOD, "d/" * 500 + "deep.txt"}
    subprocess.run(["/usr/bin/rm", "-rf", tmp_path / "news" / "d", tmp_path / "news" / "deeper-and-deeper"], check=True)
    assert (done.code, told[too_deep]) == (1, "quarantined")
    assert "move it to a shorter path" in done.err
    assert too_deep.startswith("deeper-and-deeper/")
    assert indexed_texts(tmp_path / "index").items() >= texts_of(GOOD).items()


def test_empty_files(tmp_path: Path) -> None:
    """What a failed download left behind by the thousand: each is named once, and the run goes on."""
    write(tmp_path / "news", GOOD)
    for number in range(EMPTY):
        (tmp_path / "news" / f"e{number}.txt").touch()
    done, ledger = run(tmp_path)
    assert (done.code, ledger["quarantined"], ledger["indexed"]) == (1, EMPTY, len(GOOD))
    again = stemma("reindex", "news", "--quiet", cwd=tmp_path)
    assert again.code == 1
    assert indexed_texts(tmp_path / "index") == texts_of(GOOD)
    SUMMARY.append(f"empty files: {EMPTY}, each quarantined")


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_readers_go_with_their_run(tmp_path: Path, how: signal.Signals) -> None:
    """A run that is stopped over a file that takes for ever must not leave a process that goes on with it."""
    write(tmp_path / "news", GOOD)
    (tmp_path / "news" / "slow.pdf").write_bytes(slow_pdf())
    command = Command("reindex", "news", "--quiet", cwd=tmp_path)
    session, until = command.process.pid, time.monotonic() + PATIENCE
    while len(members(session)) < 2 and time.monotonic() < until:
        time.sleep(0.02)
    time.sleep(1)
    assert len(members(session)) > 1
    os.kill(session, how)
    left = left_of(session)
    for process in left:
        os.kill(process, signal.SIGKILL)
    assert command.end().code == (130 if how is signal.SIGINT else -how)
    assert left == []
    (tmp_path / "news" / "slow.pdf").unlink()
    assert stemma("reindex", "news", cwd=tmp_path).code == 0
    assert indexed_texts(tmp_path / "index") == texts_of(GOOD)
