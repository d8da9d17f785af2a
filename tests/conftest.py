"""Fixtures for every test: an engine of each kind, and how Hypothesis draws examples."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import settings

from search.engine import Engine, Snapshot
from tests.contract.engines import ENGINES, ON_DISK, run

# An example is as slow as the machine is loaded, so none has a deadline. A failure prints how to repeat it.
settings.register_profile("laptop", deadline=None, print_blob=True)
# In CI the same commit draws the same examples: it passes or fails again.
settings.register_profile(
    "ci", parent=settings.get_profile("laptop"), derandomize=True, database=None, max_examples=200
)
PROFILE = "ci" if os.environ.get("CI") else "laptop"
settings.load_profile(PROFILE)

NOBODY = 65_534
"""User without privileges."""


def pytest_report_header(config: pytest.Config) -> str:
    """Say how examples are drawn, so that a failure in a log can be repeated."""
    forced = config.getoption("--hypothesis-seed", None)
    seed = forced if forced is not None else "of each test's own source" if PROFILE == "ci" else "new in each run"
    return f"hypothesis: profile {PROFILE}, seed {seed}"


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


@pytest.fixture
def archive(engine: Engine) -> Callable[..., Snapshot]:
    """`archive(articles, gone=..., anew=...)` indexes a list of articles in one run and gives the new snapshot."""
    return partial(run, engine)


@pytest.fixture
def unprivileged() -> Iterator[Path]:
    """A folder for a test of permissions: a test that runs as root, who may read everything, is another user in it."""
    with TemporaryDirectory() as folder:
        privileged = os.geteuid() == 0
        if privileged:
            os.chown(folder, NOBODY, NOBODY)
            os.seteuid(NOBODY)
        try:
            yield Path(folder).resolve()
        finally:
            if privileged:
                os.seteuid(0)
            for place, _, _ in os.walk(folder):  # from the top down, so that each can be listed by then
                Path(place).chmod(0o700)
                for below in Path(place).iterdir():
                    below.chmod(0o700)
