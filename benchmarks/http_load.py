"""Whole requests: `stemma serve` under wrk, random queries, ten highlighted hits a page; OpenSearch beside it.

`python -m benchmarks.http_load --index DIR --queries FILE [--opensearch DIR]` does this alone, for an index and queries
of `benchmarks`. The node is kept in DIR, and filled from the `articles.jsonl` beside the queries.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, TypeAlias
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import urlopen

from benchmarks import report, wrk
from benchmarks.check import FindsNothing
from benchmarks.opensearch import OpenSearch, request_of
from benchmarks.peers import LIMIT, Unavailable
from benchmarks.peers.ours import Ours, match_of, text_of
from benchmarks.processes import ROOT, children, footprint
from benchmarks.queries.kinds import KINDS, MIXED
from benchmarks.queries.saved import load_queries
from benchmarks.queries.tree import Query

TOGETHER = ("or-2-mixed", "or-3-common", "and-2-mixed", "and-3-common", "phrase-2")
"""The kinds of queries that are mixed where ours is loaded alone."""
APART = ("or-1-mixed", "or-2-mixed", "or-3-mixed", "and-2-mixed", "phrase-2", *MIXED, "or-16-mixed", "newest-or-2")
"""The kinds that ours and OpenSearch are loaded with, one at a time."""
SEARCH = "/api/v1/search"
PAGES = {"page": "/", "JSON": SEARCH}
CLIENTS = (1, 8, 64)
SECONDS = 10
WARMING = 30
"""Seconds of load before what is measured: nearly all queries have been asked of each process once by then."""
PATIENCE = 60.0
"""Seconds that a server may take to start."""
FEWEST = 5
"""Queries of a kind that have a full page with both; of fewer nothing is measured."""
PARAMETERS: dict[str, dict[str, str]] = {
    "facets": {"facets": "source,year"},
    "grouped": {"group": "article"},
    "newest": {"sort": "-date"},
    "deep": {"page": "50"},
}
"""What ours is asked for besides the query."""


@dataclass(frozen=True, slots=True)
class Load:
    """How long each kind is asked for, and how often ours and OpenSearch take turns at that.

    `warming` are the seconds that each server is loaded before, with all kinds: until then Java still compiles.
    """

    kinds: tuple[str, ...] = APART
    clients: tuple[int, ...] = CLIENTS
    seconds: int = 5
    warming: int = 150
    rounds: int = 2


Servers: TypeAlias = Mapping[str, tuple[str, Path]]
"""Each server's address, and the file of what it is asked for."""


def say(message: str) -> None:
    """Tell how far it is."""
    sys.stderr.write(f"bench: {message}\n")


def ready() -> bool:
    """Whether there is what loads a server; said when there is not."""
    if not wrk.available():
        say("whole requests are left out: wrk is not installed (apt-get install wrk)")
    return wrk.available()


def measure(index: Path, queries: Path) -> dict[str, Any]:
    """`http`: requests a second and latencies in milliseconds, by what is asked for and number of clients.

    `workers`: the memory that each process that serves holds after that.
    """
    if not ready():
        return {}
    drawn = load_queries(queries)
    asked = full_pages(index, [query for kind in TOGETHER for query in drawn[kind]])
    measured: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder, served(index) as (address, server):
        for name, path in PAGES.items():
            requests = wrk.keep((ours_of(query, path) for query in asked), Path(folder) / name)
            wrk.load(address, requests, max(CLIENTS), WARMING)
            measured[name] = {str(clients): wrk.load(address, requests, clients, SECONDS) for clients in CLIENTS}
        workers = [footprint(worker, index) for worker in children(server)]
    return {"http": measured, "workers": workers}


def beside(index: Path, queries: Path, node: OpenSearch, plan: Load) -> dict[str, Any]:
    """Ours and OpenSearch by turns: `kinds` has for each kind and number of clients what either did, and the ratio.

    `built` is what OpenSearch took to index, `memory` what the processes hold after that.
    """
    if not ready():
        return {}
    try:
        node.fetch()
        return _beside(index, queries, node, plan)
    except Unavailable as missing:
        say(f"OpenSearch is left out: {missing}")
        return {}


def _beside(index: Path, queries: Path, node: OpenSearch, plan: Load) -> dict[str, Any]:
    drawn = load_queries(queries)
    kinds: dict[str, Any] = {}
    with node.running(), served(index) as (address, server), tempfile.TemporaryDirectory() as folder:
        say("filling OpenSearch")
        built = node.fill(queries.with_name("articles.jsonl"))
        servers: dict[str, Servers] = {}
        for kind in plan.kinds:
            full = full_pages(index, drawn[kind])
            asked = [query for query in full if node.hits(request_of(query)) == LIMIT]
            if full and not asked:
                raise FindsNothing(f"OpenSearch has a full page for none of {kind}: {request_of(full[0])}")
            say(f"{kind}: {len(asked)} queries have a full page, {len(full)} with ours")
            if len(asked) >= FEWEST:
                servers[kind] = {
                    "ours": (address, wrk.keep(map(ours_of, asked), Path(folder) / f"{kind}-ours")),
                    "opensearch": (node.address, wrk.keep(map(request_of, asked), Path(folder) / f"{kind}-opensearch")),
                }
        for kind, both in servers.items():
            say(f"{kind}, warming up")
            for place, requests in both.values():
                wrk.load(place, requests, median_of(plan.clients), max(1, plan.warming // len(servers)))
        for kind, both in servers.items():
            say(f"{kind}, by turns")
            kinds[kind] = {str(clients): by_turns(both, clients, plan) for clients in plan.clients}
        memory = {
            "ours": sum(footprint(worker, index)["proportional"] for worker in (server, *children(server))),
            "opensearch": footprint(node.pid, node.folder)["proportional"],
        }
    return {"kinds": kinds, "built": built, "memory": memory, "plan": {"seconds": plan.seconds, "rounds": plan.rounds}}


def by_turns(servers: Servers, clients: int, plan: Load) -> dict[str, Any]:
    """What each server did, median of its turns; who begins changes from round to round."""
    turns: dict[str, list[dict[str, float]]] = {name: [] for name in servers}
    names = list(servers)
    for number in range(plan.rounds):
        for name in names if number % 2 == 0 else reversed(names):
            address, requests = servers[name]
            turns[name].append(wrk.load(address, requests, clients, plan.seconds))
    done: dict[str, Any] = {
        name: {key: median(turn[key] for turn in each) for key in each[0]} for name, each in turns.items()
    }
    return {**done, "ratio": done["ours"]["rate"] / done["opensearch"]["rate"]}


def median_of(clients: Sequence[int]) -> int:
    """The number of clients in the middle."""
    return sorted(clients)[len(clients) // 2]


def full_pages(index: Path, drawn: Iterable[Query]) -> list[Query]:
    """The queries that have a full page of hits."""
    ours = Ours()
    ours.open(index)
    return [query for query in drawn if (ask := ours.ask(query)) is not None and len(ask().ids) == LIMIT]


def ours_of(query: Query, path: str = SEARCH) -> wrk.Request:
    """What asks `stemma serve` for a query's page."""
    parameters = {"q": text_of(query), "match": match_of(query), **PARAMETERS.get(query.extra, {})}
    return wrk.Request("GET", f"{path}?{urlencode(parameters)}")


@contextmanager
def served(index: Path) -> Iterator[tuple[str, int]]:
    """`stemma serve` with its own settings: its address, and its process; ended afterwards."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "search.cli", "serve", "--index", str(index), "--port", str(port)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("STEMMA_")}
    server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        until = time.monotonic() + PATIENCE
        while not _answers(f"{address}{SEARCH}?q=x"):
            if server.poll() is not None or time.monotonic() > until:
                raise RuntimeError("the server does not answer")
            time.sleep(0.1)
        yield address, server.pid
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(PATIENCE)


def _answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=5) as answer:  # noqa: S310 - our own server
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


def main() -> None:
    """Print what was measured."""
    plan = Load()
    parser = ArgumentParser(prog="python -m benchmarks.http_load", description="Load `stemma serve` with wrk.")
    parser.add_argument("--index", type=Path, required=True, help="an index: WORK/…/ours")
    parser.add_argument("--queries", type=Path, required=True, help="queries: WORK/…/queries-….json")
    parser.add_argument("--opensearch", type=Path, help="measure an OpenSearch node beside it, kept in this folder")
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(plan.kinds), metavar="KIND", help="its kinds")
    parser.add_argument("--clients", nargs="+", type=int, default=list(plan.clients), help="its numbers of clients")
    parser.add_argument("--seconds", type=int, default=plan.seconds, help="of each load with it")
    parser.add_argument("--warming", type=int, default=plan.warming, help="seconds of all kinds before that")
    parser.add_argument("--rounds", type=int, default=plan.rounds, help="turns of each")
    parser.add_argument("--results", type=Path, help="WORK/results.json, to put this into, and to write --report from")
    parser.add_argument("--report", type=Path, default=ROOT / "docs" / "benchmarks.md", help="page to write into")
    args = parser.parse_args()
    if args.results is not None and not args.results.exists():  # said before, not after half an hour of loads
        parser.error(f"{args.results} does not exist: a run of `python -m benchmarks` writes it")
    index = args.index.resolve()
    if args.opensearch is None:
        measured = measure(index, args.queries)
    else:
        plan = Load(tuple(args.kinds), tuple(args.clients), args.seconds, args.warming, args.rounds)
        measured = {"opensearch": beside(index, args.queries, OpenSearch(args.opensearch.resolve()), plan)}
    sys.stdout.write(json.dumps(measured, indent=1) + "\n")
    if args.results is not None:
        results = json.loads(args.results.read_text())
        results["main"].update(measured)
        args.results.write_text(json.dumps(results, indent=1))
        report.write(args.report, results)


if __name__ == "__main__":
    main()
