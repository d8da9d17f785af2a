"""What happens to a cluster of three nodes: who reads it meanwhile, and who is the victim."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self

from search.engine import Engine
from search.errors import ClusterUnavailable
from search.model import Article, SearchRequest
from search.service import find
from tests.contract.engines import article
from tests.opensearch_nodes import Node, Nodes

ARTICLES = 40


def version(n: int) -> list[Article]:
    return [article(f"a{at}", f"Version v{n} of it.", "It stays.") for at in range(ARTICLES)]


def tell(figures: str) -> None:
    """What a fault cost, for docs/scaling.md: seen with `pytest -s`."""
    sys.stderr.write(f"{figures}\n")


@dataclass
class Reader:
    """Asks without a pause, and remembers what was wrong and how long it took until there was an answer."""

    engine: Engine
    answers: int = 0
    refused: int = 0
    """How often it was told that the cluster cannot answer now."""
    wrong: list[object] = field(default_factory=list)
    longest: float = 0.0
    _stop: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._read)
        self._thread.start()
        return self

    def _read(self) -> None:
        last = time.monotonic()
        while not self._stop.is_set():
            try:
                page = find(self.engine.snapshot(), SearchRequest("version", per_page=100))
            except ClusterUnavailable:
                self.refused += 1
                continue
            except Exception as error:  # noqa: BLE001 - a search may fail only while no node answers; any other error is a wrong answer
                self.wrong.append(error)
                continue
            seen = {hit.text.text for hit in page.hits}
            if (page.total.value, len(page.hits), len(seen)) != (ARTICLES, ARTICLES, 1):
                self.wrong.append((page.total, seen))
            self.answers += 1
            self.longest, last = max(self.longest, time.monotonic() - last), time.monotonic()

    @property
    def figures(self) -> str:
        """What it has seen."""
        counts = f"{self.answers} answers, {self.refused} refused, {len(self.wrong)} wrong"
        return f"{counts}, at most {self.longest:.1f} s without one"

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()


def manager(nodes: Nodes) -> Node:
    """The node that manages the cluster."""
    state = nodes.request("GET", "/_cluster/state/cluster_manager_node,nodes")
    name = state["nodes"][state["cluster_manager_node"]]["name"]
    return next(node for node in nodes.nodes if node.name == name)


VICTIMS: dict[str, Callable[[Nodes], Node]] = {
    "manager": manager,
    "another": lambda nodes: next(node for node in nodes.nodes if node != manager(nodes)),
}
