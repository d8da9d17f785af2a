"""Staged segments: what an interrupted run had finished is there for the same run, and nothing else is."""

from __future__ import annotations

from pathlib import Path

import pytest

from search.index.storage.staging import StagedSegment, Staging, staged_size


def staged(index: Path, *names: str) -> list[StagedSegment]:
    """A run that stages segments of these names, and is interrupted in the middle of another one."""
    staging = Staging(index, 1, "it", anew=False)
    made = []
    for name in names:
        staging.begin()
        (staging.folder / name).write_bytes(b"segment")
        made.append(StagedSegment(name, 7, ("file",), {"entries": [name]}))
        staging.add(made[-1])
    staging.begin()
    (staging.folder / "half").write_bytes(b"seg")
    return made


def names(index: Path) -> set[str]:
    """What is in the folder."""
    return {path.name for path in (index / "staging").iterdir()}


def test_the_same_run_gets_what_was_finished(tmp_path: Path) -> None:
    """Hours of reading survive a power cut, and what was half written does not come into the index."""
    made = staged(tmp_path, "a", "b")
    staging = Staging(tmp_path, 1, "it", anew=False)
    assert staging.load() == made
    assert staging.count == 2
    assert names(tmp_path) == {"run.json", "batch-0.json", "a", "batch-1.json", "b"}
    more = StagedSegment("c", 1, (), {})
    (staging.folder / "c").write_bytes(b"segment")
    staging.add(more)
    assert Staging(tmp_path, 1, "it", anew=False).load() == [*made, more]


@pytest.mark.parametrize(("generation", "run", "anew"), [(2, "it", False), (1, "other", False), (1, "it", True)])
def test_another_run_gets_nothing(tmp_path: Path, generation: int, run: str, anew: bool) -> None:
    """Deletions of a staged segment are those upon one generation; upon another they would delete other articles."""
    staged(tmp_path, "a")
    assert Staging(tmp_path, generation, run, anew=anew).load() == []
    assert not (tmp_path / "staging").exists()


@pytest.mark.parametrize("broken", ["batch-1.json", "b"])
def test_what_comes_after_a_gap_is_dropped(tmp_path: Path, broken: str) -> None:
    """A later segment replaces articles of the one that is missing: without that one it says nothing true."""
    made = staged(tmp_path, "a", "b", "c")
    (tmp_path / "staging" / broken).unlink()
    assert Staging(tmp_path, 1, "it", anew=False).load() == made[:1]
    assert names(tmp_path) == {"run.json", "batch-0.json", "a"}


def test_segments_can_be_forgotten_from_one_on(tmp_path: Path) -> None:
    """A staged segment that turns out to be damaged is read anew, with all that came after it."""
    made = staged(tmp_path, "a", "b", "c")
    staging = Staging(tmp_path, 1, "it", anew=False)
    staging.load()
    staging.truncate(1)
    assert Staging(tmp_path, 1, "it", anew=False).load() == made[:1]


def test_what_is_staged_is_counted_and_cleared(tmp_path: Path) -> None:
    """`stemma status` says that there is an unfinished run; after a commit there is none."""
    assert staged_size(tmp_path) == 0
    staged(tmp_path, "a")
    assert staged_size(tmp_path) == sum(path.stat().st_size for path in (tmp_path / "staging").iterdir()) > 0
    Staging(tmp_path, 1, "it", anew=False).clear()
    assert staged_size(tmp_path) == 0
