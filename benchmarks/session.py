"""One run over one size of corpus: builds every engine's index, asks all queries, looks at processes that serve."""

from __future__ import annotations

import gc
import json
import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import growth, processes, texts
from benchmarks.check import check
from benchmarks.peers import SHARED, Fetched, Peer, Unavailable, peer
from benchmarks.queries.kinds import KINDS, queries
from benchmarks.queries.saved import load_queries, save_queries
from benchmarks.timing import figures, run_kind

SERVING = ("ours", "tantivy")
"""The engines whose processes are looked at."""
FIRST_KIND = "or-2-mixed"
"""The kind of which the first query after a start is."""
LOADED = ("or-2-mixed", "or-3-common", "and-2-mixed", "phrase-2", "snippets-or-2")
"""The kinds of queries that several processes answer at once."""
LOAD_SECONDS = 3.0
WARMING = 0.2
"""The share of a budget that warms up."""


def say(message: str) -> None:
    """Tell how far it is."""
    sys.stderr.write(f"bench: {message}\n")


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be measured."""

    corpora: Path
    work: Path
    sets: tuple[str, ...]
    paragraphs: int
    peers: tuple[str, ...]
    kinds: tuple[str, ...]
    queries: int
    runs: int
    budget: float
    seed: int
    reuse: bool


class Session:
    """Measures by a plan, in a folder of its own inside of `plan.work`."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.folder = plan.work.resolve() / f"{'_'.join(plan.sets)}-{plan.paragraphs}"
        self.articles = self.folder / "articles.jsonl"
        self.queries = self.folder / f"queries-{plan.queries}-{plan.seed}.json"
        self.peers = self._available(plan.peers)
        self.result: dict[str, Any] = {}

    def _available(self, names: Sequence[str]) -> dict[str, Peer]:
        peers = {}
        for name in names:
            try:
                found = peer(name)
                if isinstance(found, Fetched):
                    found.fetch(self.plan.work.resolve())
                peers[name] = found
            except Unavailable as missing:
                say(f"{name} is left out: {missing}")
        return peers

    def prepare(self) -> None:
        """Read the corpus, and draw the queries."""
        plan = self.plan
        self.folder.mkdir(parents=True, exist_ok=True)
        if not (plan.reuse and self.articles.exists()):
            say(f"reading {plan.paragraphs:,} paragraphs")
            texts.save(growth.read(plan.corpora, plan.sets, plan.paragraphs), self.articles)
        articles = texts.load(self.articles)
        self.result["corpus"] = {
            "sets": plan.sets,
            "articles": len(articles),
            "paragraphs": sum(len(article.paragraphs) for article in articles),
            "bytes": texts.raw_bytes(articles),
        }
        say("drawing queries")
        save_queries(queries(articles, KINDS, plan.queries, plan.seed), self.queries)

    def build(self) -> None:
        """Index with every engine, several times: on one core, and on all where that is faster."""
        for name in list(self.peers):
            if name in SHARED:
                continue
            kept = self.folder / f"{name}.json"
            if self.plan.reuse and kept.exists():
                self.result.setdefault("builds", {})[name] = json.loads(kept.read_text())
                continue
            built = self._built(name)
            kept.write_text(json.dumps(built))
            self.result.setdefault("builds", {})[name] = built

    def _built(self, name: str) -> dict[str, Any]:
        engine, folder = self.peers[name], self.folder / name
        if name == "ours":
            processes.call(task="load", peer=name, folder=str(folder))
        cores = os.cpu_count() or 1
        built: dict[str, Any] = {}
        for threads in dict.fromkeys((cores, 1) if engine.parallel else (1,)):  # the index of one core is kept
            runs = []
            for number in range(1 if engine.slow else self.plan.runs):
                say(f"indexing with {name}, {threads} core(s), run {number + 1}")
                shutil.rmtree(folder, ignore_errors=True)
                folder.mkdir()
                task = {"peer": name, "folder": str(folder), "articles": str(self.articles), "threads": threads}
                runs.append(processes.watched(task="build", **task))
            built[str(threads)] = {key: median(run[key] for run in runs) for key in runs[0]}
        return built | {"bytes": processes.size_of(folder)}

    def ask(self) -> None:
        """Time every kind of query on every engine, run after run."""
        for name, engine in self.peers.items():
            engine.open(self.folder / SHARED.get(name, name))
        drawn = load_queries(self.queries)
        check(self.peers, drawn)
        gc.collect()
        gc.freeze()
        runs: dict[str, list[Any]] = {kind: [] for kind in self.plan.kinds}
        for number in range(self.plan.runs + 1):
            for kind in self.plan.kinds:
                say(f"{kind}, run {number}" if number else f"{kind}, warming up")
                budget = self.plan.budget * (1 if number else WARMING)
                run = run_kind(self.peers, drawn[kind], budget)
                if number:
                    runs[kind].append(run)
        self.result["kinds"] = {kind: figures(each) for kind, each in runs.items()}
        self.result["peers"] = {
            name: {"version": engine.version, "differs": engine.differs} for name, engine in self.peers.items()
        }

    def serve(self) -> None:
        """Look at fresh processes: how they start, what memory they take, what several of them answer."""
        cores = os.cpu_count() or 1
        first, *_ = json.loads(self.queries.read_text())[FIRST_KIND]
        served: dict[str, Any] = {}
        for name in (name for name in SERVING if name in self.peers):
            say(f"{name}: starts, memory, throughput")
            folder = self.folder / name
            task: dict[str, Any] = {"peer": name, "folder": str(folder)}
            starts: dict[str, list[dict[str, float]]] = {"evicted": [], "cached": []}
            for _ in range(self.plan.runs):
                processes.evict(folder)
                for runs in starts.values():
                    runs.append(processes.call(task="cold", query=first, **task))
            served[name] = {
                "starts": {
                    how: {key: median(run[key] for run in runs) for key in runs[0]} for how, runs in starts.items()
                },
                "memory": processes.call(task="memory", queries=str(self.queries), **task),
                "throughput": {
                    kind: {
                        str(n): median(
                            processes.together(
                                n, task="throughput", queries=str(self.queries), kind=kind, seconds=LOAD_SECONDS, **task
                            )
                            for _ in range(self.plan.runs)
                        )
                        for n in dict.fromkeys((1, cores))
                    }
                    for kind in LOADED
                },
            }
        self.result["serving"] = served
