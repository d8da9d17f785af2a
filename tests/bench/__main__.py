"""`make bench`: builds the engines, asks them the same queries in turn, prints Markdown tables."""

from __future__ import annotations

import argparse
import os
import platform
import tempfile
import time
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import numpy.typing as npt

from search.model import Article
from tests.bench.corpus import articles
from tests.bench.engines import Kind, Ours, Peer, Tantivy
from tests.bench.queries import Drawn

PERCENTILES = (50, 95, 99)
Times = npt.NDArray[np.float64]
COUNTS: tuple[tuple[Kind, str, tuple[int, ...]], ...] = (
    ("OR", "mixed", (1, 2, 3, 5, 8)),
    ("OR", "common", (1, 2, 3, 5, 8)),
    ("AND", "mixed", (2, 3, 5)),
    ("AND", "common", (2, 3, 5)),
    ("phrase", "phrase", (2, 3)),
)
"""Kinds of queries, how their words are drawn, and how many words they have."""


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--corpora", type=Path, default=Path("../shared/corpora"), help="folder of .jsonl.xz files")
    parser.add_argument("--paragraphs", type=int, default=200_000, help="how many to index (default 200000)")
    parser.add_argument("--queries", type=int, default=200, help="of each shape (default 200)")
    parser.add_argument("--runs", type=int, default=3, help="of each query; the median counts (default 3)")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    texts = articles(args.corpora, args.paragraphs)
    raw = sum(len(text.encode()) for article in texts for text in article.paragraphs)
    paragraphs = sum(len(article.paragraphs) for article in texts)
    print(f"{paragraphs} paragraphs, {raw / 1e6:.0f} MB; {platform.machine()}, {len(os.sched_getaffinity(0))} cores\n")
    with tempfile.TemporaryDirectory() as folder:
        peers = [_built(kind, texts, Path(folder), raw) for kind in _known()]
        drawn = Drawn(texts, args.seed)
        ratios = "".join(f" ratio to {peer.name} p50 | p95 | p99 |" for peer in peers[1:])
        print(f"\n| query | words | p50 ms | p95 | p99 |{ratios}")
        print("|" + "---|" * (5 + 3 * len(peers[1:])))
        for kind, how, counts in COUNTS:
            for n in counts:
                queries = [getattr(drawn, how)(n) for _ in range(args.queries)]
                _row(f"{kind}, {how} words" if kind != how else kind, n, _measured(peers, kind, queries, args.runs))
    print("\n" + "\n".join(f"{peer.name} differs: {peer.differs}." for peer in peers[1:]))


def _known() -> list[type[Ours | Tantivy]]:
    if find_spec("tantivy") is None:
        print("Tantivy is not installed; `pip install tantivy` measures it too.\n")
        return [Ours]
    return [Ours, Tantivy]


def _built(kind: type[Ours | Tantivy], texts: Sequence[Article], folder: Path, raw: int) -> Ours | Tantivy:
    wall, cpu = time.perf_counter(), _cpu()
    peer = kind(texts, folder)
    seconds, spent = time.perf_counter() - wall, _cpu() - cpu
    print(f"{peer.name}: built in {seconds:.1f} s ({spent:.1f} s of CPU), {peer.size / raw:.2f} of the raw text")
    return peer


def _cpu() -> float:
    """Seconds of this process and of those it waited for."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _measured(peers: Sequence[Peer], kind: Kind, queries: Sequence[Sequence[str]], runs: int) -> Times:
    """CPU milliseconds by engine and query: engines take turns query by query, so that noise hits all of them."""
    times = np.zeros((runs + 1, len(peers), len(queries)))
    for run in range(runs + 1):  # the first one warms up
        for q, words in enumerate(queries):
            for p, peer in enumerate(peers):
                start = time.thread_time()
                peer.search(kind, words)
                times[run, p, q] = (time.thread_time() - start) * 1e3
    return np.median(times[1:], axis=0)


def _row(name: str, words: int, times: Times) -> None:
    """A line of the table."""
    ours, *others = (np.percentile(row, PERCENTILES) for row in times)
    ratios = [a / b for other in others for a, b in zip(ours, other, strict=True)]
    cells = [f"{value:.2f}" for value in (*ours, *ratios)]
    print(f"| {name} | {words} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
