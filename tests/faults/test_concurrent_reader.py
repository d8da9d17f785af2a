"""Readers in other processes while a thousand commits go by: no error, no mixture, nothing stale, nothing piled up."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from search.engine import LocalEngine
from search.ledger import Ledger, Root
from tests.contract.engines import article
from tests.faults.harness.commands import assert_only_newest, opened
from tests.faults.harness.concurrent_reader import ARTICLES
from tests.faults.harness.fault_scenarios import ALL, SUMMARY
from tests.processes.commands import ROOT, environment

COMMITS = 1000 if ALL else 150
READERS, THREADS = 2, 2


def commit(engine: LocalEngine, number: int) -> None:
    """All articles anew, with the number in each of them and in the ledger; each tenth time a new index."""
    with engine.write(anew=number % 10 == 9) as writer:
        for n in range(ARTICLES):
            text = f"Version v{number} of it."
            writer.add(article(f"{n:04}.txt", text, f"What stays of {n}.", source=("north", "south")[n % 2]))
        writer.commit(Ledger({"s": Root("/s", "", f"v{number}")}))


def test_readers_during_commits(tmp_path: Path) -> None:
    """A server that is up for a year sees as many commits, and must neither stumble over one nor keep them all."""
    index, committed = tmp_path / "index", tmp_path / "committed"
    engine = opened(index)
    commit(engine, 0)
    committed.write_text("0")
    command = [sys.executable, "-m", "tests.faults.harness.concurrent_reader", str(index), str(committed), str(THREADS)]
    readers = [
        subprocess.Popen(command, env=environment(), cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(READERS)
    ]
    largest = 0
    try:
        for reader in readers:
            assert reader.stdout is not None
            assert reader.stdout.readline() == "reading\n"
        for number in range(1, COMMITS + 1):
            commit(engine, number)
            fresh = tmp_path / "new"
            fresh.write_text(str(number))
            fresh.rename(committed)
            largest = max(largest, sum(path.stat().st_size for path in index.iterdir()))
        told = [json.loads(reader.communicate("", timeout=300)[0]) for reader in readers]
    finally:
        for reader in readers:
            reader.kill()
            reader.wait()
    engine.close()
    assert_only_newest(index)
    answers, versions = (sum(one[key] for one in told) for key in ("answers", "versions"))
    SUMMARY.append(
        f"readers: {COMMITS} commits, {answers} answers of {versions} generations, none mixed, stale or lost"
    )
    assert [one["wrong"] for one in told] == [[]] * READERS
    assert all(one["versions"] > COMMITS // 10 for one in told), told
    assert largest < 4 * sum(path.stat().st_size for path in index.iterdir())
    for one in told:  # each thread may be in the middle of a generation of its own
        assert one["most"]["maps"] <= 4 * (THREADS + 2), one
        assert one["last"]["maps"] <= 4, one
        assert one["most"]["files"] < 40, one
