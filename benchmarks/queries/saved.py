"""What is kept in the working folder between processes and between runs: articles, queries, results."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.queries.draw import Query


def save_queries(queries: Mapping[str, Sequence[Query]], path: Path) -> None:
    """Keep the queries of each kind."""
    path.write_text(json.dumps({kind: [asdict(query) for query in each] for kind, each in queries.items()}))


def load_queries(path: Path) -> dict[str, list[Query]]:
    """What `save_queries` kept."""
    return {kind: [read_query(query) for query in each] for kind, each in json.loads(path.read_text()).items()}


def read_query(query: Mapping[str, Any]) -> Query:
    """A query from JSON."""
    years = query["years"]
    return Query(query["form"], tuple(query["words"]), query["extra"], query["source"], years and tuple(years))


def size_of(folder: Path) -> int:
    """The bytes of all files in a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
