"""A real disk that is full: one line that says so, the index as it was, and the next run works once there is room."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.harness.commands import (
    STAGING,
    assert_only_newest,
    indexed_texts,
    news,
    opened,
    stemma,
    texts_of,
    write,
)
from tests.faults.harness.fault_scenarios import ALL, SEED, SUMMARY
from tests.faults.harness.mounts import disk, resize, used

OLD, NEW = news(range(20), 300), news(range(200), 300, 1)
PAGE, PLENTY = 4096, 64 << 20
TIMES = 12 if ALL else 2
"""At how many places each kind of run meets the end of its disk."""
MANY = news(range(40), 300, 1)


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of a few articles."""
    folder = tmp_path_factory.mktemp("full")
    write(folder / "news", OLD)
    assert stemma("reindex", "news", "--quiet", cwd=folder).code == 0
    return folder


@pytest.fixture
def place(before: Path, tmp_path: Path) -> Iterator[Path]:
    """A disk with a copy of that index, and just as large."""
    with disk(tmp_path / "disk", PLENTY) as mounted:
        shutil.copytree(before / "index", mounted / "index")
        shutil.copytree(before / "news", tmp_path / "news")
        yield mounted


def names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def rooms(most: int, salt: int) -> list[int]:
    """How much room there is beside what is there: none at all, and some that are too little."""
    draw = random.Random(SEED + salt)
    return [0, *(draw.randrange(1, most // PAGE) * PAGE for _ in range(TIMES - 1))]


@pytest.mark.parametrize("full", [False, True], ids=["changes", "full"])
def test_full_while_indexing(place: Path, tmp_path: Path, *, full: bool) -> None:
    """A nightly run that fills the disk must say so and leave the archive searchable."""
    write(tmp_path / "news", NEW, ago=1800)
    command = ["reindex", "news", "--index", str(place / "index"), *(["--full"] if full else [])]
    for room in rooms(300_000, full):
        resize(place, used(place) + PAGE + room)
        line = stemma(*command, cwd=tmp_path).line
        assert "No space left on device" in line
        assert "Make room" in line
        assert indexed_texts(place / "index") == texts_of(OLD)
    resize(place, PLENTY)
    assert stemma(*command, cwd=tmp_path).code == 0
    assert indexed_texts(place / "index") == texts_of(NEW)
    assert_only_newest(place / "index")
    SUMMARY.append(f"full disk, {'full' if full else 'changes'}: {TIMES} times refused and as before")


def test_full_while_staging(place: Path, tmp_path: Path) -> None:
    """A long run stages on the same disk; what it has staged is there for the run that has room."""
    write(tmp_path / "news", MANY, ago=1800)
    command = ["reindex", "news", "--index", str(place / "index"), "--json"]
    staged = 0
    for room in [100_000, *([20_000] * 5 if ALL else ())]:
        resize(place, used(place / "index") + PAGE + room)
        assert "No space left" in stemma(*command, cwd=tmp_path, program=STAGING).line
        engine = opened(place / "index")
        staged += engine.unfinished()
        engine.close()
        assert indexed_texts(place / "index") == texts_of(OLD)
    assert staged > 0
    resize(place, PLENTY)
    assert '"resumed": 0' not in (done := stemma(*command, cwd=tmp_path, program=STAGING)).out
    assert done.code == 0
    assert indexed_texts(place / "index") == texts_of(MANY)
    assert not (place / "index" / "staging").exists()
    SUMMARY.append("full disk, staging: refused and as before; the next run went on with what was staged")


def test_full_while_copying(place: Path, tmp_path: Path) -> None:
    """Half of a backup would be taken for one when it is needed; half of a restored index for the archive."""
    index = tmp_path / "index"
    shutil.copytree(place / "index", index)
    backup, restore = place / "backup", ["restore", str(index), "--index", str(place / "index")]
    assert stemma("backup", tmp_path / "whole", "--index", index, cwd=tmp_path).code == 0
    size = used(tmp_path / "whole")  # a backup leaves out what only a running archive needs
    for room in rooms(size, 2):
        resize(place, used(place) + room)
        before = names(place)
        assert "No space left" in stemma("backup", backup, "--index", index, cwd=tmp_path).line
        assert names(place) == before
        assert "No space left" in stemma(*restore, cwd=tmp_path).line
        assert names(place) == before
        assert indexed_texts(place / "index") == texts_of(OLD)
    resize(place, PLENTY)
    assert stemma("backup", backup, "--index", index, cwd=tmp_path).code == 0
    assert stemma(*restore, cwd=tmp_path).code == 0
    assert indexed_texts(backup) == indexed_texts(place / "index") == texts_of(OLD)
    SUMMARY.append(f"full disk, backup and restore: {TIMES} times each refused, nothing left behind")
