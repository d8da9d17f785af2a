"""Fixtures for every test: an engine of each kind, and how Hypothesis draws examples."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import tempfile
from collections.abc import Callable, Generator, Iterator
from functools import partial
from pathlib import Path

import pytest
from hypothesis import settings

from search.cluster import connection
from search.engine import Engine, Snapshot
from search.kernels.jit.decorators import Loop
from tests.contract import clusters
from tests.contract.engines import ENGINES, LASTING, ON_DISK, run
from tests.opensearch_nodes import memory_folder

EXAMPLES = int(os.environ.get("STEMMA_EXAMPLES", "100"))
"""How many examples are drawn for a property, unless it says so itself."""

# An example is as slow as the machine is loaded, so none has a deadline. A failure prints how to repeat it.
settings.register_profile("laptop", deadline=None, print_blob=True, max_examples=EXAMPLES)
# In CI the same commit draws the same examples: it passes or fails again.
settings.register_profile("ci", parent=settings.get_profile("laptop"), derandomize=True, database=None)
PROFILE = "ci" if os.environ.get("CI") else "laptop"
settings.load_profile(PROFILE)

Loop.checks_all_calls = True  # an array of a wrong type is an error in every test, not garbage in a result

ROOM = 4 << 30
"""Bytes that have to be free in memory for the files of all tests."""
# Each run of the writer flushes its files to the disk, and there are thousands of runs: in memory that takes no time.
if "TMPDIR" not in os.environ and (memory := memory_folder(ROOM)) and not os.statvfs(memory).f_flag & os.ST_NOEXEC:
    os.environ["TMPDIR"] = tempfile.tempdir = str(memory)

collect_ignore = ["not_installed"]

DAC_CAPABILITIES = 0b110
"""CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH, as bits."""


def pytest_configure(config: pytest.Config) -> None:
    """The process that starts the others says where the cluster is that all of them share.

    What is started in the background of a shell ignores Ctrl-C, and so would the commands to which tests send it.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if not hasattr(config, "workerinput"):
        clusters.announce()


def pytest_unconfigure(config: pytest.Config) -> None:
    """It also ends the cluster, if one of them has started it."""
    if not hasattr(config, "workerinput"):
        clusters.end()


def pytest_report_header(config: pytest.Config) -> str:
    """Say how examples are drawn, so that a failure in a log can be repeated."""
    forced = config.getoption("--hypothesis-seed", None)
    seed = forced if forced is not None else "of each test's own source" if PROFILE == "ci" else "new in each run"
    return f"hypothesis: profile {PROFILE}, seed {seed}"


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None]:
    """Run a test that is marked `no_cover` untraced: when tests run side by side, pytest-cov traces it regardless."""
    untraced = item.get_closest_marker("no_cover") or "no_cover" in getattr(item, "fixturenames", ())
    tracer = sys.gettrace()
    if untraced:
        sys.settrace(None)
    try:
        return (yield)
    finally:
        if untraced:
            sys.settrace(tracer)


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An engine of each kind, without an index yet."""
    engine = ENGINES[request.param](tmp_path / "index")
    yield engine
    engine.close()


@pytest.fixture(scope="session", params=ON_DISK)
def on_disk(request: pytest.FixtureRequest) -> Callable[[Path], Engine]:
    """How to open each engine that keeps its index in a folder."""
    return ON_DISK[request.param]


@pytest.fixture(scope="session", params=LASTING)
def lasting(request: pytest.FixtureRequest) -> Callable[[Path], Engine]:
    """How to open each engine whose index outlasts it, in a folder or in a cluster."""
    return LASTING[request.param]


@pytest.fixture(scope="session", autouse=True)
def cluster_awaited() -> Iterator[None]:
    """A node of a machine that tests keep busy may take its time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(connection, "TIMEOUT", 60.0)
        yield


@pytest.fixture(autouse=True)
def cluster_tidied() -> Iterator[None]:
    """What a test has put into the cluster is gone after it, but for what a whole session shares."""
    with clusters.tidied():
        yield


@pytest.fixture
def archive(engine: Engine) -> Callable[..., Snapshot]:
    """`archive(articles, gone=..., anew=...)` indexes a list of articles in one run and gives the new snapshot."""
    return partial(run, engine)


@pytest.fixture
def unprivileged(tmp_path: Path) -> Iterator[Path]:
    """A folder for a test of permissions, which bind root too meanwhile, in this thread."""
    _overrule(False)
    try:
        yield tmp_path
    finally:
        _overrule(True)


def _overrule(allowed: bool) -> None:
    """Have root read whatever it likes, or only what permissions allow; others can do neither."""
    libc, header, data = ctypes.CDLL(None), (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
    libc.capget(header, data)
    effective, permitted = data[0], data[1]
    data[0] = effective | (permitted & DAC_CAPABILITIES) if allowed else effective & ~DAC_CAPABILITIES
    libc.capset(header, data)
