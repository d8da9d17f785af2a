"""A cluster of three nodes that may be lost."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from search.cluster import connection
from tests.contract.clusters import available
from tests.opensearch_nodes import Nodes, quick_folder


@pytest.fixture(scope="module")
def three() -> Iterator[Nodes]:
    """A cluster of its own: what is done to it would disturb other tests."""
    folder = quick_folder("stemma-three-nodes-")
    try:
        nodes = available(lambda: Nodes.started(folder, 3))
        yield nodes
        nodes.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def whole(three: Nodes, monkeypatch: pytest.MonkeyPatch) -> Nodes:
    """The same with all of its nodes running, and given up as soon as anybody gives them up."""
    monkeypatch.setattr(connection, "TIMEOUT", 10.0)
    for node in three.nodes:
        if not node.pid:
            three.start(node)
    three.wait()
    return three
