"""Servers that tests start, and an archive for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.processes.commands import run
from tests.web.serving.served import Served


@pytest.fixture
def serve() -> Iterator[Callable[..., Served]]:
    """Starts servers and leaves none behind."""
    started: list[Served] = []

    def start(folder: Path, *arguments: str) -> Served:
        started.append(Served(folder, *arguments))
        return started[-1]

    yield start
    for served in started:
        if served.process.poll() is None:
            served.process.kill()
            served.process.communicate()


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """A folder with an index of one article."""
    (tmp_path / "seeds").mkdir()
    (tmp_path / "seeds" / "moon.txt").write_text("Men on the moon\n- 1969-07-20\n\nArmstrong walked.\n", "utf-8")
    assert run(tmp_path, "reindex").returncode == 0
    return tmp_path
