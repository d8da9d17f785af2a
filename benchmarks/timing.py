"""How long queries take: engines take turns, so that what disturbs the machine disturbs them all."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from statistics import median
from typing import TypeAlias

from benchmarks.peers import Ask, Batched, Clocked, Peer
from benchmarks.queries.tree import Query

PERCENTILES = (50, 95, 99)
TURN = 50
"""Queries that an engine is asked in a row: who serves finds in the processor's caches what its own last query left.

So the query before them is asked again, and not counted.
"""
REFERENCE = "ours"
"""The engine that the others are compared with."""


Run: TypeAlias = dict[str, list[Clocked]]
"""The queries of one kind that each engine got to, in their order."""
Figures: TypeAlias = dict[str, dict[str, float]]
"""Measure (`cpu`, `wall`: milliseconds; `ratio`: ours to theirs in CPU) to percentile or `mean`."""


def clock(ask: Ask) -> Clocked:
    """Ask once."""
    wall, cpu = time.perf_counter(), time.thread_time()
    answer = ask()
    return Clocked(time.thread_time() - cpu, time.perf_counter() - wall, answer.total)


def run_kind(peers: Mapping[str, Peer], queries: Sequence[Query], budget: float) -> Run:
    """Ask every query of every engine, until one has used up its seconds: then it gets no more queries."""
    asks = {name: [peer.ask(query) for query in queries] for name, peer in peers.items()}
    left = {name: budget for name, prepared in asks.items() if prepared[0] is not None}
    run: Run = defaultdict(list)
    for first in range(0, len(queries), TURN):
        names = [name for name, seconds in left.items() if seconds > 0]
        turn = first // TURN % max(1, len(names))
        for name in names[turn:] + names[:turn]:
            for number in range(first - 1, min(first + TURN, len(queries))):
                ask = asks[name][number]
                if ask is not None and left[name] > 0:
                    clocked = clock(ask)
                    if number >= first:
                        run[name].append(clocked)
                        left[name] -= clocked.wall
    for name, peer in peers.items():
        if isinstance(peer, Batched):
            run[name] = peer.times(queries)
    return {name: times for name, times in run.items() if times}


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that is at least as large as so many in a hundred."""
    ordered = sorted(values)
    return ordered[max(0, -int(-share * len(ordered) // 100) - 1)]


def figures(runs: Sequence[Run]) -> dict[str, Figures]:
    """For each engine the medians over the runs; an engine is compared over the queries that both got to."""
    ours = [run.get(REFERENCE, []) for run in runs]
    return {
        name: {
            "cpu": _milliseconds([[one.cpu for one in times] for times in each]),
            "wall": _milliseconds([[one.wall for one in times] for times in each]),
            "ratio": _ratios(ours, each),
            "counted": _counted(ours[0], each[0]),
        }
        for name in runs[0]
        for each in [[run[name] for run in runs]]
    }


def _milliseconds(runs: Sequence[Sequence[float]]) -> dict[str, float]:
    found = {str(share): median(percentile(times, share) for times in runs) * 1e3 for share in PERCENTILES}
    return found | {"mean": median(sum(times) / len(times) for times in runs) * 1e3}


def _ratios(ours: Sequence[Sequence[Clocked]], theirs: Sequence[Sequence[Clocked]]) -> dict[str, float]:
    """Our percentile to theirs."""
    if not all(ours):
        return {}
    both = [min(map(len, pair)) for pair in zip(ours, theirs, strict=True)]
    mine, other = (
        _milliseconds([[one.cpu for one in times[:n]] for times, n in zip(runs, both, strict=True)])
        for runs in (ours, theirs)
    )
    return {key: mine[key] / other[key] for key in mine}


def _counted(ours: Sequence[Clocked], theirs: Sequence[Clocked]) -> dict[str, float]:
    """How many queries it got to, for how many it gave an exact total, and for how many ours gave the same."""
    pairs = [(a.total, b.total) for a, b in zip(ours, theirs, strict=False)]
    exact = [(a, b) for a, b in pairs if a is not None and b is not None]
    return {
        "queries": len(theirs),
        "exact": sum(one.total is not None for one in theirs) / len(theirs),
        "compared": len(exact),
        "equal": sum(a == b for a, b in exact) / len(exact) if exact else 0.0,
    }
