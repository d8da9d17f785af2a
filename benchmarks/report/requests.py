"""The sections on whole requests: ours alone, and next to OpenSearch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from statistics import median
from typing import Any

from benchmarks.report.markdown import short, table

NAMES = {"ours": "ours", "opensearch": "OpenSearch"}


def http(main: Mapping[str, Any]) -> Iterator[str]:
    """Ours alone."""
    if not main.get("http"):
        return
    yield "### Whole requests"
    yield (
        "`stemma serve` as it comes, each answer with ten highlighted hits, asked by wrk on the same cores: each "
        "client asks again as soon as it has its answer."
    )
    measures = ("p50", "p95", "p99")
    rows = [
        [
            what,
            clients,
            f"{one['rate']:,.0f}",
            *(short(one[name]) if name in one else "" for name in measures),
            f"{one['failed']:.0f}",
        ]
        for what, each in main["http"].items()
        for clients, one in each.items()
    ]
    yield table(["what", "clients", "requests a second", *(f"{name}, ms" for name in measures), "failed"], rows)
    yield "What each of the processes that serve holds after that:"
    sizes = ("resident", "proportional", "private")
    rows = [[str(n), *(f"{one[key] / 2**20:,.0f}" for key in sizes)] for n, one in enumerate(main["workers"], 1)]
    yield table(["process", "resident, MiB", "Pss, MiB", "Pss without the index's files, MiB"], rows)


def beside_opensearch(main: Mapping[str, Any]) -> Iterator[str]:
    """Ours and one node, by turns."""
    found = main.get("opensearch")
    if not found:
        return
    kinds, built, memory, plan = found["kinds"], found["built"], found["memory"], found["plan"]
    yield "### Whole requests next to OpenSearch"
    yield (
        "One OpenSearch node and `stemma serve` on the same cores, asked by turns for the same queries: ten hits with "
        f"marked texts, exact totals. Medians of {plan['rounds']} turns of {plan['seconds']} seconds each. Ratio: our "
        "requests a second to theirs (above 1 ours does more). Only queries that have ten hits with both."
    )
    yield f"Ratios of all kinds: {_summary(kinds)}."
    measures = ("rate", "p50", "p95", "p99")
    rows = []
    for kind, each in kinds.items():
        for clients, one in each.items():
            times = [_cell(one[name][measure], measure) for name in NAMES for measure in measures]
            failed = " / ".join(f"{one[name]['failed']:.0f}" for name in NAMES)
            rows.append([f"`{kind}`", clients, f"{one['ratio']:.2f}", *times, failed])
    head = [f"{name} {'a second' if m == 'rate' else m}" for name in NAMES.values() for m in measures]
    yield table(["kind", "clients", "ratio", *head, "failed"], rows)
    yield (
        f"OpenSearch indexed {built['paragraphs'] / built['seconds']:,.0f} paragraphs a second on all cores, in bulks "
        f"and merging included, into {built['bytes'] / 2**20:,.0f} MiB. Pss after the loads: ours "
        f"{memory['ours'] / 2**20:,.0f} MiB in all processes, OpenSearch {memory['opensearch'] / 2**20:,.0f} MiB."
    )


def _summary(kinds: Mapping[str, Any]) -> str:
    """The median of the ratios, for each number of clients and for all, and the worst."""
    ratios: dict[str, dict[str, float]] = {}
    for kind, each in kinds.items():
        for clients, one in each.items():
            ratios.setdefault(clients, {})[kind] = one["ratio"]
    parts = [f"median {median(each.values()):.2f} with {_clients(clients)}" for clients, each in ratios.items()]
    every = {f"`{kind}` with {_clients(n)}": ratio for n, each in ratios.items() for kind, ratio in each.items()}
    worst = min(every, key=lambda name: every[name])
    return f"{', '.join(parts)}; {median(every.values()):.2f} over all; least {every[worst]:.2f} ({worst})"


def _clients(number: str) -> str:
    return "1 client" if number == "1" else f"{number} clients"


def _cell(value: float, measure: str) -> str:
    return f"{value:,.0f}" if measure == "rate" else short(value)
