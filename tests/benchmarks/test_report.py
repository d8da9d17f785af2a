"""What the benchmark writes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks import report
from benchmarks.report.growth import growth
from benchmarks.report.requests import beside_opensearch

ONE = {str(n): 1.0 for n in (50, 95, 99)} | {"mean": 1.0}
COUNTED = {"queries": 1, "exact": 1.0, "compared": 1, "equal": 1.0}
FIGURES: dict[str, Any] = {"cpu": ONE, "wall": ONE, "ratio": ONE, "counted": COUNTED}
BUILD = {"1": {"seconds": 1.0, "before": 1.0, "peak": 2.0}, "bytes": 5 << 20}
CORPUS = {"sets": ["rfc"], "articles": 1, "paragraphs": 10, "bytes": 10}


def test_figures_go_between_the_markers(tmp_path: Path) -> None:
    """What people wrote around them has to stay."""
    page = tmp_path / "benchmarks.md"
    page.write_text(f"before\n{report.BEGIN}\nthe old\n{report.END}\nafter\n")
    result = {
        "corpus": CORPUS,
        "peers": {name: {"version": "1", "differs": "-"} for name in ("ours", "tantivy")},
        "kinds": {"near": {"ours": FIGURES, "tantivy": FIGURES}},
        "builds": {"ours": BUILD, "tantivy": BUILD},
        "http": {"page": {"8": {"rate": 100.0, "p50": 1.0, "p95": 1.5, "p99": 2.0, "failed": 0}}},
        "workers": [{"resident": 3 << 20, "proportional": 2 << 20, "private": 1 << 20}],
    }
    quarter = {"ratio": dict.fromkeys(ONE, 0.25)}
    part = {
        **result,
        "peers": {name: {"version": "1", "differs": "-"} for name in ("ours", "whoosh")},
        "kinds": {"near": {"ours": FIGURES, "whoosh": FIGURES | quarter}},
    }
    machine = {
        "date": "2026-11-23", "command": "x", "cores": 2, "processor": "x", "memory": 1 << 34, "system": "x",
        "python": "3", "load": [0, 0],
    }  # fmt: skip
    report.write(page, {"machine": machine, "main": result, "whoosh": part})
    written = page.read_text("utf-8")
    assert written.startswith(f"before\n{report.BEGIN}\n")
    assert written.endswith(f"{report.END}\nafter\n")
    assert "the old" not in written
    assert "| `near` | 1.00 |" in written
    assert "| `whoosh` | 1 | 4.00 / 4.00 / 4.00 |" in written
    assert "| 1 | 3 | 2 | 1 |" in written


def load(rate: float) -> dict[str, float]:
    return {"rate": rate, "p50": 1.0, "p95": 2.0, "p99": 3.0, "failed": 0}


def test_requests_next_to_opensearch_have_their_ratio_and_the_median_of_all() -> None:
    """One kind that is quick must not hide nine that are slow."""
    kinds = {
        kind: {clients: {"ours": load(100), "opensearch": load(100 / ratio), "ratio": ratio} for clients in ("1", "8")}
        for kind, ratio in (("or-2-mixed", 4.0), ("phrase-2", 0.5), ("near", 1.5))
    }
    found = {
        "kinds": kinds,
        "built": {"paragraphs": 1000, "seconds": 2.0, "bytes": 3 << 20},
        "memory": {"ours": 1 << 30, "opensearch": 2 << 30},
        "plan": {"seconds": 5, "rounds": 2},
    }
    text = "\n".join(beside_opensearch({"opensearch": found}))
    assert "median 1.50 with 1 client, median 1.50 with 8 clients; 1.50 over all; least 0.50 (`phrase-2` with 1" in text
    assert "| `phrase-2` | 8 | 0.50 | 100 | 1.00 | 2.00 | 3.00 | 200 |" in text
    assert "indexed 500 paragraphs a second" in text
    assert not list(beside_opensearch({}))


def test_growth_has_a_column_for_each_size() -> None:
    """A kind that a size does not have leaves its cell empty, and shifts no other."""
    small = {"corpus": CORPUS, "builds": {"ours": BUILD}, "kinds": {"near": {"ours": FIGURES}}}
    large = {"corpus": CORPUS | {"paragraphs": 5_000}, "builds": {"ours": BUILD}, "kinds": {}}
    text = "\n".join(growth([small, large]))
    assert "| kind | 10 | 5,000 |" in text
    assert "| `near` | 1.00 / 1.00 / 1.00 |  |" in text
    assert "| 5,000 | 5 | 5,000 |" in text
