"""Tasks that need a fresh process: `python -m benchmarks.child '{"task": ..., "peer": ..., "folder": ...}'`.

Each prints one line of JSON. Only `build` reads the articles.
"""

from __future__ import annotations

import gc
import json
import os
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks import texts
from benchmarks.peers import Ask, Batched, Peer, peer
from benchmarks.processes import footprint
from benchmarks.queries.saved import load_queries, read_query
from benchmarks.queries.tree import Query

SECONDS = 2.0
"""For which queries of one kind are asked before memory is measured."""


def load(engine: Peer, folder: Path) -> dict[str, float]:
    """Nothing: what the library compiles when it is first imported is compiled by now."""
    return {}


def build(engine: Peer, folder: Path, articles: str, threads: int) -> dict[str, float]:
    """Index what is in memory, on one core or on all."""
    loaded = texts.load(Path(articles))
    if threads == 1:
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    gc.collect()
    gc.freeze()
    before = _status("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # the highest memory so far is forgotten
    started = time.perf_counter()
    engine.build(loaded, folder, threads)
    seconds = engine.seconds if isinstance(engine, Batched) else time.perf_counter() - started
    return {"seconds": seconds, "before": before, "peak": _status("VmHWM")}


def cold(engine: Peer, folder: Path, query: dict[str, Any]) -> dict[str, float]:
    """Open and answer once."""
    started = time.perf_counter()
    engine.open(folder)
    _asked(engine, read_query(query))()
    return {"seconds": time.perf_counter() - started}


def memory(engine: Peer, folder: Path, queries: str) -> dict[str, float]:
    """What the process holds once it has answered queries of all kinds."""
    engine.open(folder)
    for kind in load_queries(Path(queries)).values():
        until = time.perf_counter() + SECONDS
        for query in kind:
            ask = engine.ask(query)
            if ask is None or time.perf_counter() > until:
                break
            ask()
    gc.collect()
    return dict(footprint(os.getpid(), folder))


def throughput(engine: Peer, folder: Path, queries: str, kind: str, seconds: float) -> dict[str, float]:
    """Queries a second, from the moment that a line comes in; every query has been asked once before."""
    engine.open(folder)
    asks = [_asked(engine, query) for query in load_queries(Path(queries))[kind]]
    for ask in asks:
        ask()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    started = time.perf_counter()
    until, asked = started + seconds, 0
    while time.perf_counter() < until:
        asks[asked % len(asks)]()
        asked += 1
    return {"rate": asked / (time.perf_counter() - started)}


def _asked(engine: Peer, query: Query) -> Ask:
    ask = engine.ask(query)
    if ask is None:
        raise ValueError(f"{engine.name} cannot answer {query}")
    return ask


def _status(name: str) -> int:
    """A line of the process's status, in bytes."""
    found = re.search(rf"^{name}:\s+(\d+) kB", Path("/proc/self/status").read_text("utf-8"), re.MULTILINE)
    return int(found[1]) << 10 if found else 0


TASKS: dict[str, Callable[..., dict[str, float]]] = {
    "load": load,
    "build": build,
    "cold": cold,
    "memory": memory,
    "throughput": throughput,
}


def main(text: str) -> None:
    """Do one task."""
    task = json.loads(text)
    engine = peer(task.pop("peer"))
    result = TASKS[task.pop("task")](engine, Path(task.pop("folder")), **task)
    sys.stdout.write(json.dumps(result) + "\n")
    sys.stdout.flush()
    os._exit(0)  # whatever threads and processes the library has left


if __name__ == "__main__":
    main(sys.argv[1])
