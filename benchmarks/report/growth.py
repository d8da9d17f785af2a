"""The section on growth: ours on corpora of several sizes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from benchmarks.report.markdown import short, table
from benchmarks.report.processes import MEASURES, rows_of
from benchmarks.timing import PERCENTILES


def growth(sizes: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """What more paragraphs cost."""
    if not sizes:
        return
    yield "### As it grows"
    yield (
        "Ours alone, on parts of the corpus and on more than there is: copies of it, in each of which every second of "
        "the words that stand in less than 0.1 % of the paragraphs has another ending. Milliseconds of CPU a query: "
        "p50 / p95 / p99; queries are drawn anew for each size."
    )
    named = [f"{size['corpus']['paragraphs']:,}" for size in sizes]
    kinds = sizes[0]["kinds"]
    times = ([f"`{kind}`", *(_times(size["kinds"].get(kind, {}).get("ours")) for size in sizes)] for kind in kinds)
    yield table(["kind", *named], times)
    yield "Indexing them:"
    pairs = zip(named, sizes, strict=True)
    rows = ([name, _bytes(size), *row[1:]] for name, size in pairs for row in rows_of(size))
    yield table(["paragraphs", "index, MiB", *MEASURES], rows)


def _bytes(size: Mapping[str, Any]) -> str:
    return f"{size['builds']['ours']['bytes'] / 2**20:,.0f}"


def _times(ours: Mapping[str, Any] | None) -> str:
    return " / ".join(short(ours["cpu"][str(n)]) for n in PERCENTILES) if ours else ""
