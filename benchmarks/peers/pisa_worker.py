"""Runs PISA for `pisa.py`: a task a line on standard input, an answer a line on standard output. Imports no Stemma."""

from __future__ import annotations

import importlib
import json
import os
import sys
import time
from collections.abc import Iterator
from typing import Any

BATCH = 1 << 21
"""Documents that it indexes at a time: all of them, for on one core it waits for itself after the first batch."""


class Timed:
    """Queries that note how long PISA takes from asking for one to asking for the next."""

    def __init__(self, queries: list[str]) -> None:
        self.queries = queries
        self.times: list[tuple[float, float]] = []

    def __len__(self) -> int:
        return len(self.queries)

    def __iter__(self) -> Iterator[tuple[int, str]]:
        for number, query in enumerate(self.queries):
            wall, cpu = time.perf_counter(), time.thread_time()
            yield number, query
            self.times.append((time.thread_time() - cpu, time.perf_counter() - wall))


class Worker:
    """PISA on the index of one folder."""

    def __init__(self, folder: str) -> None:
        self.library = importlib.import_module("pyterrier_pisa")
        self.numpy = importlib.import_module("numpy")
        self.index = self.library.PisaIndex(
            f"{folder}/pisa", text_field="text", stemmer="porter2", stops="none", threads=1, batch_size=BATCH
        )

    def version(self) -> str:
        return str(self.library.__version__)

    def build(self, texts: list[str]) -> str:
        """The seconds that it took, compressing for BM25 included."""
        started = time.perf_counter()
        self.index.index({"docno": str(number), "text": text} for number, text in enumerate(texts))
        self.open(1)
        return str(time.perf_counter() - started)

    def open(self, limit: int) -> str:
        self.limit = limit
        self.retrieve = self.index.bm25(num_results=limit)
        return "open"

    def search(self, algorithm: str, queries: list[str]) -> str:
        """How many results each query has, and its seconds; straight to the compiled part, for pandas takes longer."""
        timed, rows, empty = Timed(queries), len(queries) * self.limit, self.numpy.empty
        of_query = empty(rows, "int32")
        size = self.library._pisathon.retrieve(  # noqa: SLF001 - see above
            self.retrieve._ctxt,  # noqa: SLF001 - see above
            algorithm,
            timed,
            k=self.limit,
            threads=1,
            query_weighted=0,
            pretokenised=False,
            result_qidxs=of_query,
            result_docnos=empty(rows, object),
            result_ranks=empty(rows, "int32"),
            result_scores=empty(rows, "float32"),
        )
        found = self.numpy.bincount(of_query[:size], minlength=len(queries)).tolist()
        return json.dumps({"found": found, "times": timed.times})


def main(folder: str) -> None:
    """Answer until the input ends. PISA prints what it does: that goes to standard error."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    worker = Worker(folder)
    for line in sys.stdin:
        task: dict[str, Any] = json.loads(line)
        answer = getattr(worker, task.pop("task"))(**task)
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


if __name__ == "__main__":
    main(sys.argv[1])
