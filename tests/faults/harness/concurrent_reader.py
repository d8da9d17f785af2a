"""A process that reads an index while others write to it.

`python -m tests.faults.harness.concurrent_reader INDEX COMMITTED THREADS` reads until its input ends, and prints as
JSON what was wrong and how many files it had open. `COMMITTED` is a file with the number of the last commit.
"""

from __future__ import annotations

import gc
import json
import sys
import threading
from pathlib import Path
from typing import Any

from search.engine import LocalEngine
from search.model import SearchRequest
from search.service import find
from tests.contract.engines import patient
from tests.faults.harness.commands import opened

ARTICLES = 12
"""How many articles each commit writes anew, each with its number in it."""


class ConcurrentReader:
    """What the threads of one process saw."""

    def __init__(self, engine: LocalEngine, committed: Path) -> None:
        self.engine, self.committed = engine, committed
        self.answers = 0
        self.versions: set[str] = set()
        self.wrong: list[str] = []
        self.most: dict[str, int] = {}
        self.stop = threading.Event()

    def read(self) -> None:
        """Ask until it is enough."""
        before = 0
        while not self.stop.is_set():
            try:
                least = int(self.committed.read_text() or 0)
                before = self.once(max(before, least))
            except Exception as error:  # noqa: BLE001 - whatever it is, the test wants to see it
                self.wrong.append(f"{type(error).__name__}: {error}")
                return

    def wait(self) -> None:
        """Until the input ends."""
        sys.stdin.read()
        self.stop.set()

    def once(self, least: int) -> int:
        """One request; its generation must be as new as the last commit, and all of one piece."""
        snapshot = self.engine.snapshot()
        page = find(snapshot, SearchRequest("version", per_page=100, facets=("source",)))
        seen = {hit.text.text.split()[1] for hit in page.hits}
        article = snapshot.article("0003.txt")
        seen.add(article.paragraphs[0].split()[1] if article else "gone")
        told = page.total.value, page.total_articles, len(page.hits), snapshot.statistics().articles
        (version,) = seen if len(seen) == 1 else ("v-1",)
        ledger = snapshot.ledger().roots["s"].reading
        if told != (ARTICLES,) * 4 or ledger != version:
            self.wrong.append(f"mixed: {told} {seen} {ledger}")
        if int(version[1:]) < least:
            self.wrong.append(f"stale: {version} after {least}")
        self.answers += 1
        self.versions.add(version)
        return int(version[1:])

    def look(self) -> None:
        """What this process holds of the index: open files, and maps."""
        folder = str(self.engine.where)
        files = sum(1 for _ in Path("/proc/self/fd").iterdir())
        maps = sum(folder in line for line in Path("/proc/self/maps").read_text().splitlines())
        for name, number in (("files", files), ("maps", maps)):
            self.most[name] = max(self.most.get(name, 0), number)


def main(index: Path, committed: Path, threads: int) -> dict[str, Any]:
    engine = opened(index)
    reader = ConcurrentReader(engine, committed)
    with patient():
        reader.once(0)
        started = [threading.Thread(target=reader.read) for _ in range(threads)]
        for thread in started:
            thread.start()
        ended = threading.Thread(target=reader.wait)
        ended.start()
        print("reading", flush=True)  # noqa: T201 - it is how this process answers
        while not reader.stop.wait(0.1):
            reader.look()
        for thread in (*started, ended):
            thread.join()
        reader.once(int(committed.read_text()))
        gc.collect()
    last = ConcurrentReader(engine, committed)
    last.look()
    engine.close()
    return {
        "answers": reader.answers,
        "versions": len(reader.versions),
        "wrong": reader.wrong[:5],
        "most": reader.most,
        "last": last.most,
    }


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))))  # noqa: T201 - as above
