"""A real run killed at any moment, again and again: the index is sound, nothing stays behind, and the next run ends."""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from search.errors import IndexMissing
from search.index.writing.executors import START_PROCESS
from tests.faults.harness.commands import (
    BATCHES,
    Command,
    assert_only_newest,
    indexed_texts,
    left_of,
    members,
    news,
    opened,
    stemma,
    texts_of,
    write,
)
from tests.faults.harness.fault_scenarios import ALL, SEED, SUMMARY

ROUNDS = 150 if ALL else 8
EVERY = 25 if ALL else 4
"""After so many deaths a run is left to its end."""


def killed(folder: Path, seconds: float, *options: str, program: Sequence[str] = BATCHES) -> bool:
    """Start a run and kill it after so long; whether it was still at it. Nothing that it started is left."""
    command = Command("reindex", "news", "--quiet", *options, cwd=folder, program=program)
    time.sleep(seconds)
    command.process.kill()
    code = command.end().code
    assert left_of(command.process.pid) == []
    return code == -signal.SIGKILL


def size_of(index: Path) -> int:
    return sum(path.stat().st_size for path in index.rglob("*") if path.is_file()) if index.exists() else 0


def test_killed_at_any_moment(tmp_path: Path) -> None:
    """Power cuts and the system's out-of-memory killer keep to no operation; readers must not notice."""
    draw = random.Random(SEED)
    index, deaths, largest = tmp_path / "index", 0, 0
    versions: list[dict[str, str]] = []
    write(tmp_path / "news", news(range(200), 60))
    started = time.monotonic()
    assert stemma("reindex", "news", "--quiet", cwd=tmp_path, program=BATCHES).code == 0
    whole = time.monotonic() - started
    for number in range(ROUNDS):
        if not versions or indexed_texts(index) == texts_of(versions[-1]):
            versions.append(news(range(200 + number), 60, number + 1))
            write(tmp_path / "news", versions[-1], ago=3500 - number)
        options = ["--full"] if number % 4 == 3 else []
        deaths += killed(tmp_path, draw.uniform(0.3, whole), *options)
        engine = opened(index)
        assert engine.check(lambda _done, _whole: None).damages == ()
        engine.close()
        assert indexed_texts(index) in [texts_of(news(range(200), 60)), *map(texts_of, versions)]
        largest = max(largest, size_of(index))
        if number % EVERY == EVERY - 1:
            end = stemma("reindex", "news", "--quiet", cwd=tmp_path, program=BATCHES)
            assert (end.code, end.err) == (0, "")
            assert indexed_texts(index) == texts_of(versions[-1])
            assert_only_newest(index)
    assert largest < 8 * size_of(index)
    SUMMARY.append(f"killed at any moment: {deaths} deaths in {ROUNDS} runs, all survived")
    assert deaths > 0


@pytest.mark.parametrize("first", [False, True])
def test_deaths_of_full_runs_do_not_add_up(tmp_path: Path, *, first: bool) -> None:
    """A rebuild that dies each night just before its commit must not fill the disk with what it wrote."""
    write(tmp_path / "news", news(range(30)))
    if not first:
        assert stemma("reindex", "news", "--quiet", cwd=tmp_path).code == 0
    dies = (
        "import os, signal, sys; from search.index.writing import index_writer as writer; "
        "writer.write_manifest = lambda *_: os.kill(os.getpid(), signal.SIGKILL); "
        "from search.cli.main import main; sys.exit(main())"
    )
    sizes = []
    for _ in range(2):
        died = Command("reindex", "news", "--full", cwd=tmp_path, program=[sys.executable, "-c", dies]).end()
        assert died.code == -signal.SIGKILL
        sizes.append(len(list((tmp_path / "index").iterdir())))
    assert len(set(sizes)) == 1, sizes
    if first:
        with pytest.raises(IndexMissing):
            opened(tmp_path / "index").snapshot()
    assert stemma("reindex", "news", "--quiet", cwd=tmp_path).code == 0
    assert indexed_texts(tmp_path / "index") == texts_of(news(range(30)))


def test_helpers_go_with_their_run(tmp_path: Path) -> None:
    """Many distinct words are stemmed by a second process: it must not outlive a run that is killed."""
    many = {f"{n}.txt": "T\n\n" + " ".join(f"w{n}x{i}" for i in range(START_PROCESS // 4)) + "\n" for n in range(6)}
    write(tmp_path / "news", many)
    stays = (
        "import sys, time; from pathlib import Path; from search.index.writing import index_writer as writer\n"
        "writer.write_manifest = lambda *_: (Path('there').touch(), time.sleep(600))\n"
        "if __name__ == '__main__':\n  from search.cli.main import main; sys.exit(main())"
    )
    command = Command("reindex", "news", "--quiet", cwd=tmp_path, program=[sys.executable, "-c", stays])
    session, until = command.process.pid, time.monotonic() + 120
    while not (tmp_path / "there").exists() and time.monotonic() < until:
        time.sleep(0.02)
    seen = len(members(session))
    command.process.kill()
    left = left_of(session)
    for process in left:
        os.kill(process, signal.SIGKILL)
    command.end()
    assert left == []
    assert seen > 1 or len(os.sched_getaffinity(0)) == 1
