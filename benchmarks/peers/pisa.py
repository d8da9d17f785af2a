"""PISA, the fastest engine of the papers, in a virtual environment and a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.peers import LIMIT, Ask, Clocked, Unavailable
from benchmarks.queries.tree import And, Or, Query, plain
from benchmarks.texts import documents
from search.model import Article

PYTHON = "BENCH_PISA_PYTHON"
"""The variable that names the Python of that virtual environment."""
WORKER = Path(__file__).with_name("pisa_worker.py")
ALGORITHMS: dict[type[And | Or], str] = {Or: "maxscore", And: "block_max_ranked_and"}


class Pisa:
    """MaxScore for OR, block-max AND for AND, from its own tokenizer to ids and scores, as one batch of a kind."""

    name = "pisa"
    version = ""
    differs = (
        "OR and AND only; no total, no positions, no stored text; its AND leaves unknown words out; a word in over \
half of the paragraphs counts nothing; a batch in its own process, timed query by query inside"
    )
    parallel = False
    slow = True

    def __init__(self) -> None:
        self.python = os.environ.get(PYTHON, "")
        if not self.python:
            raise Unavailable(f"pip install pyterrier_pisa in a virtual environment and let {PYTHON} name its python")
        self.worker: subprocess.Popen[str] | None = None
        self.seconds = 0.0

    def build(self, articles: Sequence[Article], folder: Path, threads: int) -> None:
        if not self.version:
            self.start(folder)
        texts = [f"{document.title} {document.text}" for document in documents(articles)]
        self.seconds = float(self.tell({"task": "build", "texts": texts}))

    def open(self, folder: Path) -> None:
        self.start(folder)
        self.tell({"task": "open", "limit": LIMIT})

    def ask(self, query: Query) -> Ask | None:
        return None

    def times(self, queries: Sequence[Query]) -> list[Clocked]:
        return [Clocked(cpu, wall) for cpu, wall in self.search(queries).get("times", [])]

    def found(self, queries: Sequence[Query]) -> list[int]:
        return list(self.search(queries).get("found", []))

    def search(self, queries: Sequence[Query]) -> dict[str, Any]:
        """What the process tells of a batch; nothing when it cannot answer such queries."""
        joined = [each for query in queries if (each := plain(query))]
        if len(joined) < len(queries):
            return {}
        texts = [" ".join(words) for _, words in joined]
        answer = self.tell({"task": "search", "algorithm": ALGORITHMS[joined[0][0]], "queries": texts})
        told: dict[str, Any] = json.loads(answer)
        return told

    def start(self, folder: Path) -> None:
        """Start the process that holds PISA."""
        self.worker = subprocess.Popen(
            [self.python, "-I", str(WORKER), str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.version = self.tell({"task": "version"})

    def tell(self, task: dict[str, object]) -> str:
        """Give the process a task, and wait for its answer."""
        worker = self.worker
        if worker is None or worker.stdin is None or worker.stdout is None:
            raise RuntimeError("PISA was not started")
        worker.stdin.write(json.dumps(task) + "\n")
        worker.stdin.flush()
        answer = worker.stdout.readline()
        if not answer:
            raise RuntimeError("PISA has died")
        return str(json.loads(answer))
