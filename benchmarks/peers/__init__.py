"""The engines that are measured, each behind the same few methods."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol, TypeAlias, runtime_checkable

from benchmarks.queries.tree import Query
from search.model import Article

LIMIT = 10
"""Results that are asked for."""
SNIPPET = 320
"""Characters of a snippet."""


class Answer(NamedTuple):
    """The best results; `total` is None where the engine did not count, or not all of it."""

    ids: Sequence[object]
    scores: Sequence[float]
    total: int | None


class Clocked(NamedTuple):
    """One query: seconds of the thread's CPU, seconds on the wall, and how many matched if that was counted."""

    cpu: float
    wall: float
    total: int | None = None


Ask: TypeAlias = Callable[[], Answer]
"""Answers one query, from its text in the engine's own language to ids and scores."""


class Unavailable(Exception):
    """A peer that is not installed here; the message says how to install it."""


class Peer(Protocol):
    """An engine. Making one loads its library and raises Unavailable when there is none."""

    name: str
    version: str
    differs: str
    """What it does less, more or otherwise than ours, so that figures are read rightly."""
    parallel: bool
    """Whether more cores make its indexing faster."""
    slow: bool
    """Whether it takes so long to index that once has to do."""

    def build(self, articles: Sequence[Article], folder: Path, threads: int) -> None:
        """Index the articles into an empty folder, durably."""

    def open(self, folder: Path) -> None:
        """Get ready to answer from what was built there."""

    def ask(self, query: Query) -> Ask | None:
        """How to answer a query, or None when there is no way."""


@runtime_checkable
class Batched(Protocol):
    """A peer in a process of its own, which times itself there."""

    seconds: float
    """What building took."""

    def times(self, queries: Sequence[Query]) -> list[Clocked]:
        """What each query took; nothing when it cannot answer such queries."""

    def found(self, queries: Sequence[Query]) -> list[int]:
        """How many results each query has; none when it cannot answer such queries."""


@runtime_checkable
class Fetched(Protocol):
    """A peer that has to be fetched first."""

    def fetch(self, work: Path) -> None:
        """Get what it needs into the working folder, or see that it is there. Raises Unavailable."""


PLACES = {
    "ours": "ours:Ours",
    "tantivy": "tantivy_peer:Tantivy",
    "tantivy-uncounted": "tantivy_peer:Uncounted",
    "fts5": "fts5:Fts5",
    "xapian": "xapian_peer:Xapian",
    "bm25s": "bm25s_peer:Bm25s",
    "pisa": "pisa:Pisa",
    "lucene": "lucene:Lucene",
    "lucene-uncounted": "lucene:Uncounted",
    "lucene-reordered": "lucene:Reordered",
    "lucene-reordered-uncounted": "lucene:ReorderedUncounted",
    "whoosh": "whoosh_peer:Whoosh",
}
"""Where each peer's class is."""

SHARED = {
    "tantivy-uncounted": "tantivy",
    "lucene-uncounted": "lucene",
    "lucene-reordered-uncounted": "lucene-reordered",
}
"""Peers that answer from the index of another."""


def peer(name: str) -> Any:  # noqa: ANN401 - a Peer; Pisa is a Batched one
    """A peer by its name. Raises Unavailable."""
    module, _, kind = PLACES[name].partition(":")
    return getattr(importlib.import_module(f"{__name__}.{module}"), kind)()


def library(name: str, how: str) -> Any:  # noqa: ANN401 - none of them is needed to check the types
    """A library that may be missing. Raises Unavailable."""
    try:
        return importlib.import_module(name)
    except ImportError:
        raise Unavailable(f"{name} is not installed: {how}") from None
