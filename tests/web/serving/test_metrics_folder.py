"""The folder of the counts of a server goes with it, however it ends."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.web.serving.served import Served
from web.serving.metrics_folder import NEW, PREFIX, MetricsFolder


def folders() -> set[Path]:
    return set(Path(tempfile.gettempdir()).glob(f"{PREFIX}*"))


def age(paths: set[Path]) -> None:
    """Have nothing changed in these folders for long."""
    for path in paths:
        os.utime(path, (time.time() - 2 * NEW,) * 2)


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for temporary files of this test alone."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_what_a_killed_server_leaves_is_removed(archive: Path, serve: Callable[..., Served], temporary: Path) -> None:
    """A server that is killed each night for its memory would fill the folder of temporary files."""
    served = serve(archive)
    assert served.get("/readyz")[0] == 200
    (left,) = folders()
    age({left})
    MetricsFolder().remove()
    assert folders() == {left}, "it was removed while its server ran"
    served.process.kill()
    served.process.communicate(timeout=30)  # which waits for all who have its output
    age({left})
    MetricsFolder().remove()
    assert folders() == set()
    assert temporary.exists()


def test_a_folder_that_is_about_to_be_locked_stays(temporary: Path) -> None:
    """Of two servers that start together neither takes the other's folder; nor does one follow a link."""
    new, target, link = temporary / f"{PREFIX}new", temporary / "target", temporary / f"{PREFIX}link"
    new.mkdir()
    target.mkdir()
    link.symlink_to(target)
    age({target})
    MetricsFolder().remove()
    assert new.exists()
    assert target.exists()
