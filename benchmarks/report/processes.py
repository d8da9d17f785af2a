"""The sections on whole processes: indexing and serving."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from benchmarks.report.markdown import table

MEASURES = (
    "paragraphs a second, one core",
    "all cores",
    "MB a second, one core",
    "index / text",
    "peak memory, MiB",
    "of that before it began, MiB",
)
"""What building an index took."""


def indexing(main: Mapping[str, Any]) -> Iterator[str]:
    """How fast, how large, in how much memory."""
    yield "### Indexing"
    yield "From paragraphs in memory to a committed index."
    yield from built(main)


def built(result: Mapping[str, Any]) -> Iterator[str]:
    """The table of what was indexed."""
    yield table(["engine", *MEASURES], rows_of(result))


def rows_of(result: Mapping[str, Any]) -> list[list[str]]:
    """A row for each engine: its name, and what building its index took."""
    corpus, rows = result["corpus"], []
    for name, one in result["builds"].items():
        threads = [key for key in one if key.isdecimal()]
        rates = [f"{corpus['paragraphs'] / one[key]['seconds']:,.0f}" for key in ("1", max(threads, key=int))]
        speed = f"{corpus['bytes'] / one['1']['seconds'] / 1e6:.1f}"
        size = f"{one['bytes'] / corpus['bytes']:.2f}"
        memory = [f"{one['1'][key] / 2**20:,.0f}" for key in ("peak", "before")]
        rows.append([f"`{name}`", rates[0], rates[1] if len(threads) > 1 else "", speed, size, *memory])
    return rows


def serving(main: Mapping[str, Any]) -> Iterator[str]:
    """Fresh processes."""
    served = main.get("serving", {})
    if not served:
        return
    yield "### A process that serves"
    yield (
        "Start: milliseconds to open and to answer the first query, then with starting Python and importing; once "
        "after the system was asked to forget the index's files, once with them in its cache. Memory after "
        "queries of all kinds."
    )
    rows = []
    for name, one in served.items():
        seconds = (one["starts"][how][key] for how in ("evicted", "cached") for key in ("seconds", "elapsed"))
        starts = [f"{value * 1e3:,.0f}" for value in seconds]
        memory = [f"{one['memory'][key] / 2**20:,.0f}" for key in ("resident", "proportional", "private")]
        rows.append([f"`{name}`", *starts, *memory])
    head = ["engine", "start, forgotten", "with Python", "start, cached", "with Python"]
    yield table([*head, "resident, MiB", "Pss, MiB", "Pss without the index's files, MiB"], rows)
    yield "Queries a second of one process and of several at once, a query after the other in each:"
    yield table(
        ["engine", "kind", "processes", "queries a second"],
        (
            [f"`{name}`", f"`{kind}`", n, f"{rate:,.0f}"]
            for name, one in served.items()
            for kind, rates in one["throughput"].items()
            for n, rate in rates.items()
        ),
    )
