"""Queries as JSON: kept in the working folder, for processes of their own and for later runs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.queries.tree import And, Fuzzy, Near, Node, Not, Or, Phrase, Prefix, Query, Token, Word

LEAVES: dict[str, type[Word | Token | Prefix | Fuzzy]] = {kind.__name__: kind for kind in (Word, Token, Prefix, Fuzzy)}
"""What is of one text."""


def save_queries(queries: Mapping[str, Sequence[Query]], path: Path) -> None:
    """Keep the queries of each kind."""
    path.write_text(json.dumps({kind: [written(query) for query in each] for kind, each in queries.items()}))


def load_queries(path: Path) -> dict[str, list[Query]]:
    """What `save_queries` kept."""
    return {kind: [read_query(query) for query in each] for kind, each in json.loads(path.read_text()).items()}


def written(query: Query) -> dict[str, Any]:
    """A query as JSON: each node of its tree is a list, its name and what it is of."""
    return {"tree": _written(query.tree), "extra": query.extra, "source": query.source, "years": query.years}


def read_query(query: Mapping[str, Any]) -> Query:
    """A query from JSON."""
    years = query["years"]
    return Query(_read(query["tree"]), query["extra"], query["source"], years and tuple(years))


def _written(node: Node) -> list[Any]:
    name = type(node).__name__
    if isinstance(node, And | Or):
        return [name, *map(_written, node.nodes)]
    if isinstance(node, Not):
        return [name, _written(node.node)]
    if isinstance(node, Phrase | Near):
        return [name, *node.words]
    return [name, node.text]


def _read(node: Sequence[Any]) -> Node:
    name, *of = node
    match name:
        case "And" | "Or":
            return (And if name == "And" else Or)(tuple(map(_read, of)))
        case "Not":
            return Not(_read(of[0]))
        case "Phrase":
            return Phrase(tuple(of))
        case "Near":
            return Near((of[0], of[1]))
    return LEAVES[name](of[0])
