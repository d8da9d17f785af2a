"""A reindex to be disturbed: the index before it, the source folder, what readers get before and after."""

from __future__ import annotations

import os
import random
import shutil
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

from search.engine import Engine
from search.indexing import reindex
from tests.contract.engines import ON_DISK
from tests.faults.harness.fault_injector import How
from tests.faults.harness.faulty_reindex import Order, Reply, answers

PLACES = ("harbour", "lighthouse", "quay", "north pier", "shipyard", "canal")
BEFORE = {
    f"{n}-{place.replace(' ', '-')}.txt": f"The {place} of old\n- 20{n:02}-05-03\n\n"
    f"No ship moved at the {place} on day {n}.\nThe pilots of the {place} went on strike.\n{'Pilots waited. ' * n}\n"
    for n, place in enumerate(PLACES)
}
CHANGED = {
    "0-harbour.txt": "The harbour anew\n- 2026-01-02\n\nShips moved again.\nThe north of the town saw one ship.\n",
    "6-new.txt": "A new canal\n\nA pilot moved to the north; no ship followed.\n" + "The strike goes on. " * 40,
    "7-broken.txt": "",
}
GONE = "1-lighthouse.txt"
AFTER = {name: text for name, text in BEFORE.items() if name != GONE} | CHANGED

WORKERS = 2
"""Processes that disturb at the same time."""
SAMPLE = 45
"""Places of each kind at which a run is disturbed, when not at all of them."""
ALL = os.environ.get("STEMMA_FAULTS") == "all"
SEED = int(os.environ.get("STEMMA_FAULTS_SEED") or random.randrange(1 << 16))
HOUR_AGO = int(time.time()) - 3600
SUMMARY: list[str] = []
"""What the tests counted, for the summary."""


@dataclass(frozen=True)
class Scenario:
    """One reindex: what it begins with, what it does when nothing goes wrong, what readers get before and after."""

    name: str
    engine: str
    start: Path
    source: Path
    send_order: Callable[[Order], Reply]
    done: tuple[str, ...] = ()
    before: str = ""
    after: str = ""
    files: dict[str, int] = field(default_factory=dict)
    """The files of the index after it, and how long they are."""

    @property
    def commit(self) -> str:
        """The operation that makes the run visible: the last rename of a table of contents."""
        return [name for name in self.done if name.startswith(("rename", "replace")) and name.endswith(".toc")][-1]

    def open(self, folder: Path) -> Engine:
        return ON_DISK[self.engine](folder)

    def reindex_with_fault(self, folder: Path, how: How, at: int, *, look: bool = True) -> Reply:
        """Reindex in a process where operation `at` goes wrong: an index, a copy of the first one if there is none."""
        if self.start.exists() and not folder.exists():
            shutil.copytree(self.start, folder)
        order = {"engine": self.engine, "index": str(folder), "source": str(self.source), "full": self.name == "full"}
        order["staged"] = self.name == "staged"
        reply = self.send_order(order | {"how": how, "at": at, "look": look})
        if look:
            reply |= {"then": self.classify(reply["then"]), "finally": self.classify(reply["finally"])}
        return reply

    def reindex_with_fault_at_each(self, folder: Path, how: How, numbers: Sequence[int]) -> list[Reply]:
        """The same at each of these operations, each upon a copy of its own."""

        def one(number: int) -> Reply:
            index = folder / f"{how}-{number}"
            reply = self.reindex_with_fault(index, how, number)
            shutil.rmtree(index, ignore_errors=True)
            return reply

        with ThreadPoolExecutor(WORKERS) as pool:
            return list(pool.map(one, numbers))

    def seen(self, folder: Path) -> str:
        """What this process reads when it opens the index now."""
        engine = self.open(folder)
        try:
            return self.classify(answers(engine))
        finally:
            engine.close()

    def classify(self, text: str) -> str:
        """Whether that is what was before, what was after, or what no reader should get."""
        return {self.before: "before", self.after: "after"}.get(text, text[:200])


def fill(folder: Path, files: dict[str, str]) -> None:
    """Make a source folder of these files and no others; all are an hour old, so that runs do the same each time."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8")
        os.utime(folder / name, (HOUR_AGO, HOUR_AGO))


def sampled(numbers: Sequence[int], most: int = SAMPLE) -> list[int]:
    """Some of these, drawn by the seed, with the last ones, where the commit is; or all of them, for `make faults`."""
    if ALL or len(numbers) <= most:
        return list(numbers)
    last = len(numbers) - most // 3
    return sorted([*random.Random(SEED).sample(numbers[:last], most - most // 3), *numbers[last:]])


def files_of(folder: Path) -> dict[str, int]:
    return {str(path.relative_to(folder)): path.stat().st_size for path in sorted(folder.rglob("*")) if path.is_file()}


def measured(scenario: Scenario, folder: Path) -> Scenario:
    """The scenario with what readers get and what is counted when nothing goes wrong."""
    fill(scenario.source, BEFORE)
    engine = scenario.open(scenario.start)
    if scenario.name != "first":
        reindex(engine, [scenario.source])
    before = answers(engine)
    engine.close()
    fill(scenario.source, AFTER)
    reply = scenario.reindex_with_fault(folder, "count", 0, look=False)
    assert reply["outcome"] == "committed"
    engine = scenario.open(folder)
    after = answers(engine)
    engine.close()
    return replace(scenario, done=tuple(reply["done"]), before=before, after=after, files=files_of(folder))
