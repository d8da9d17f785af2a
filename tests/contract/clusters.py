"""The cluster that all tests of a run share: started by the first test that needs it, ended with the run."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest

from benchmarks.peers import Unavailable
from search.cluster.cluster_engine import ClusterEngine
from search.engine import Engine, open_engine
from search.settings import Settings
from tests.opensearch_nodes import Nodes, quick_folder, shared

VARIABLE = "OPENSEARCH_NODES"
"""The folder of the cluster. Where it is set before the tests start, the cluster there is used, and stays."""
_ours: list[Path] = []
_opened: dict[str, Path] = {}
"""The folder of each name that is used."""
_ended: list[str] = []
"""Names that are not used any more."""
_free: list[str] = []
"""Of these, those under which there is no index any more."""
_numbers = count(1)
TOGETHER = 8
"""Number of archives that are removed together: the cluster agrees upon each removal by itself."""


def announce() -> None:
    """Choose the folder of the cluster, for this process and those that it starts."""
    if VARIABLE not in os.environ:
        _ours.append(quick_folder("stemma-opensearch-"))
        os.environ[VARIABLE] = str(_ours[0])


def end() -> None:
    """End the cluster, and forget what was in it."""
    for folder in _ours:
        if (nodes := Nodes.kept(folder)) is not None:
            nodes.stop()
        shutil.rmtree(folder, ignore_errors=True)
        os.environ.pop(VARIABLE, None)


def available(start: Callable[[], Nodes]) -> Nodes:
    """Start a cluster. Skips the test where there is no Java; in CI there has to be one."""
    try:
        return start()
    except Unavailable as missing:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"OpenSearch cannot be run here: {missing}")


def nodes() -> Nodes:
    """The cluster that is shared, running."""
    return available(lambda: shared(Path(os.environ[VARIABLE])))


def opened(cluster: Nodes, name: str) -> Engine:
    """Open an engine on a cluster, under a name, with two shards."""
    return open_engine(
        Settings(engine="opensearch", opensearch_url=cluster.urls, opensearch_index=name, opensearch_shards=2)
    )


def in_cluster(folder: Path) -> ClusterEngine:
    """Open an engine whose index is in the cluster, under the name that a file in a folder says; it gets one if not."""
    file = folder / "name"
    if not file.exists():
        folder.mkdir(parents=True, exist_ok=True)
        file.write_text(_free_name())
    name = file.read_text()
    _opened[name] = folder
    engine = opened(nodes(), name)
    assert isinstance(engine, ClusterEngine)
    return engine


def _free_name() -> str:
    """A name under which there is no index. Names are used again: what is beside an index takes long to make."""
    for name in [name for name, where in _opened.items() if not where.exists()]:
        _end(name)  # a test that draws examples has a new folder for each
    if not _free and len(_ended) >= TOGETHER:
        _empty(_ended)
        _free.extend(_ended)
        _ended.clear()
    return _free.pop() if _free else f"t{os.getpid()}-{next(_numbers)}"


@contextmanager
def tidied() -> Iterator[None]:
    """Give back the names of what is opened meanwhile."""
    before = set(_opened)
    yield
    for name in _opened.keys() - before:
        _end(name)


def _end(name: str) -> None:
    del _opened[name]
    _ended.append(name)


def _empty(names: Sequence[str]) -> None:
    """Remove all that archives have in the cluster, but for the indexes of their state, which are emptied."""
    states = ",".join(f"{name}-state" for name in names)
    indexes = ",".join([f"{name}-*" for name in names] + [f"-{name}-state*" for name in names])
    removed = nodes().request("DELETE", f"/{indexes}")
    assert removed.get("acknowledged"), removed
    every: dict[str, object] = {"query": {"match_all": {}}}
    nodes().request("POST", f"/{states}/_delete_by_query?refresh=true&conflicts=proceed&ignore_unavailable=true", every)
