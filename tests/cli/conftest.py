"""Folders in which commands run."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.cli.archive import EVEREST, MOON, write
from tests.processes.commands import run


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """A folder with two articles in seeds/, where commands run."""
    write(tmp_path, {"moon.txt": MOON, "everest.txt": EVEREST})
    return tmp_path


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, indexed: once, to be copied."""
    folder = tmp_path_factory.mktemp("prepared")
    write(folder, {"moon.txt": MOON, "everest.txt": EVEREST})
    assert run(folder, "reindex", "--quiet").returncode == 0
    return folder


@pytest.fixture
def indexed(prepared: Path, tmp_path: Path) -> Path:
    """A folder with two articles in seeds/ and their index, to do with as one likes."""
    shutil.copytree(prepared, tmp_path, dirs_exist_ok=True)
    return tmp_path
