"""Measures the engine on OpenSearch beside the embedded one.

Both index the same paragraphs and are asked the same pages, in one run on one machine: one node with one shard. Told
are paragraphs indexed a second, bytes on disk, pages a second with some clients at a time, and how much the first ten
have in common.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from pathlib import Path

from benchmarks import texts
from benchmarks.opensearch import OpenSearch
from benchmarks.peers.ours import match_of, text_of
from benchmarks.queries.kinds import queries
from benchmarks.queries.tree import Query
from search.engine import Snapshot, open_engine
from search.ledger import Ledger
from search.model import Article, SearchRequest
from search.service import find
from search.settings import Settings

KINDS = ("or-1-mixed", "or-2-mixed", "or-3-common", "and-2-mixed", "phrase-2", "near", "prefix", "fuzzy", "facets-or-2")
CLIENTS = (1, 8)


@dataclass
class Measured:
    """What an engine took."""

    seconds: float
    """To index, from articles in memory to the commit."""
    size: int
    """Bytes on disk."""
    pages: dict[int, float]
    """Pages a second by the number of clients."""


def index(settings: Settings, articles: Sequence[Article]) -> tuple[float, int]:
    """Index articles anew, and return the seconds and the size."""
    started = time.monotonic()
    engine = open_engine(settings)
    with engine.write(anew=True) as writer:
        for article in articles:
            writer.add(article)
        writer.commit(Ledger())
    took = time.monotonic() - started
    size = engine.snapshot().statistics().size
    engine.close()
    return took, size


def client(
    settings: Settings, asked: Sequence[SearchRequest], ready: Barrier, seconds: float, told: Queue[int]
) -> None:
    """Ask for one page after the other when all clients are ready, and tell how many were answered."""
    engine = open_engine(settings)
    snapshot = engine.snapshot()
    for request in asked:
        find(snapshot, request)
    ready.wait()
    until, answered = time.monotonic() + seconds, 0
    while time.monotonic() < until:
        find(snapshot, asked[answered % len(asked)])
        answered += 1
    told.put(answered)
    engine.close()


def pages_a_second(settings: Settings, asked: Sequence[SearchRequest], clients: int, seconds: float) -> float:
    """Let so many clients ask, each a process of its own, and each with other pages first."""
    context = multiprocessing.get_context("spawn")
    ready, told = context.Barrier(clients), context.Queue()
    started = []
    for number in range(clients):
        first = number * len(asked) // clients
        arguments = (settings, [*asked[first:], *asked[:first]], ready, seconds, told)
        started.append(context.Process(target=client, args=arguments))
        started[-1].start()
    answered: int = sum(told.get() for _ in started)
    for process in started:
        process.join()
    return answered / seconds


def request_of(query: Query) -> SearchRequest:
    """Return what asks for a query's first page."""
    return SearchRequest(text_of(query), match=match_of(query), facets=("source", "year") if query.extra else ())


def common(one: Snapshot, other: Snapshot, asked: Sequence[SearchRequest]) -> tuple[float, float]:
    """Return the mean share of the first ten that both have, and the share of equal totals."""
    shares, totals = [], 0
    for request in asked:
        pages = [find(snapshot, request) for snapshot in (one, other)]
        first, second = ({(hit.article.id, hit.number) for hit in page.hits} for page in pages)
        if first or second:
            shares.append(len(first & second) / max(len(first), len(second)))
        totals += pages[0].total == pages[1].total
    return sum(shares) / max(1, len(shares)), totals / len(asked)


@contextmanager
def engines(folder: Path, cache: Path) -> Iterator[Mapping[str, Settings]]:
    """The settings of both engines, with a node running for the second."""
    node = OpenSearch(cache)
    node.fetch()
    with node.running():
        yield {
            "embedded": Settings(index=folder / "index"),
            "cluster": Settings(engine="opensearch", opensearch_url=(node.address,), opensearch_index="measured"),
        }


def main(argv: Sequence[str]) -> None:
    """Measure, and print the figures as JSON."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--corpora", type=Path, required=True, help="the folder of texts (docs/benchmarks.md)")
    arguments.add_argument("--paragraphs", type=int, default=100_000)
    arguments.add_argument("--queries", type=int, default=30, help="of each kind")
    arguments.add_argument("--seconds", type=float, default=15.0, help="of requests, for each number of clients")
    arguments.add_argument("--cache", type=Path, required=True, help="where OpenSearch is kept")
    given = arguments.parse_args(argv)
    articles = texts.read(given.corpora, texts.SETS, given.paragraphs)
    drawn = queries(articles, KINDS, given.queries, seed=1)
    by_kind = {kind: [request_of(one) for one in of] for kind, of in drawn.items()}
    asked = [request for of_all in zip(*by_kind.values(), strict=True) for request in of_all]
    sys.stdout.write(f"{sum(len(text) for one in articles for text in one.paragraphs):,} characters\n")
    with tempfile.TemporaryDirectory() as folder, engines(Path(folder), given.cache) as settings:
        for name, of in settings.items():
            seconds, size = index(of, articles)
            measured = Measured(seconds, size, {})
            pages_a_second(of, asked, max(CLIENTS), given.seconds)  # Java compiles while it runs
            for clients in CLIENTS:
                measured.pages[clients] = pages_a_second(of, asked, clients, given.seconds)
            sys.stdout.write(f"{name} {json.dumps(asdict(measured))}\n")
            sys.stdout.flush()
        one, other = (open_engine(of).snapshot() for of in settings.values())
        for kind, of_kind in by_kind.items():
            sys.stdout.write(f"{kind} {common(one, other, of_kind)}\n")
