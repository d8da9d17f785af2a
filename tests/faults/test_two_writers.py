"""Two runs at once: one of them writes, the other is told which process does, and the index is right either way."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

from search.errors import IndexLocked
from search.index.storage.directory import LOCK, locked
from tests.faults.harness.commands import Command, assert_only_newest, indexed_texts, news, texts_of, write
from tests.faults.harness.fault_scenarios import ALL, SUMMARY

ROUNDS = 60 if ALL else 4


def test_two_runs_at_once(tmp_path: Path) -> None:
    """A timer and a person start one each: neither may spoil, mix or lose what the other writes."""
    lost = both = 0
    for number in range(ROUNDS):
        files = news(range(30), 100, number)
        write(tmp_path / "news", files, ago=3600 - number)
        options = ["--full"] if number % 3 == 2 else []
        runs = [Command("reindex", "news", "--quiet", *options, cwd=tmp_path) for _ in range(2)]
        ends = [run.end() for run in runs]
        assert sorted({end.code for end in ends}) in ([0], [0, 1])
        for run, end in zip(runs, ends, strict=True):
            if end.code == 1:
                lost += 1
                (other,) = {other.process.pid for other in runs} - {run.process.pid}
                assert re.search(rf"is being written by (process {other},|another process, which has just)", end.line)
        both += all(end.code == 0 for end in ends)
        assert indexed_texts(tmp_path / "index") == texts_of(files)
        assert_only_newest(tmp_path / "index")
    SUMMARY.append(f"two writers: {ROUNDS} rounds, {lost} times one was refused, {both} times both had their turn")
    assert lost > 0


def test_who_had_the_lock_before_is_not_named(tmp_path: Path) -> None:
    """Whoever is told to stop a process must not stop one that only wrote here earlier, as one that watches does."""
    with locked(tmp_path):
        pass
    assert (tmp_path / LOCK).read_bytes() == b""


@pytest.mark.parametrize("pid", ["dead", "nonsense"])
def test_a_dead_holder_is_not_named(tmp_path: Path, pid: str) -> None:
    """Between taking the lock and signing it, what a killed process left in the file is still there."""
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    with locked(tmp_path):
        (tmp_path / LOCK).write_text(json.dumps({"pid": child if pid == "dead" else "x", "since": 0}))
        with pytest.raises(IndexLocked, match="which has just begun"), locked(tmp_path):
            pass
