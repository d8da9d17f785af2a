"""A reindex that dies leaves the index as it was or as it was to become, whenever it dies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from search.index.storage.directory import LOCK
from search.indexing import reindex
from tests.faults.fault_scenarios import TOLD, Scene, files_of, sampled
from tests.faults.shim import BLOCK, How

LEAST = 30
"""So many operations have to come before the commit, or the shim does not see the writes."""
FOLDER = "fsync ."
"""The operation that makes names last."""


def survives(scene: Scene, folder: Path, how: How, numbers: Sequence[int]) -> Counter[str]:
    """Assert that after a death at each of these operations all is as before, or as after once it was committed."""
    seen, wrong = Counter[str](), []
    for number, reply in zip(numbers, scene.disturbed_at_each(folder, how, numbers), strict=True):
        if reply["signal"] != "SIGKILL":  # random names of files make a run an operation shorter now and then
            assert (reply["outcome"], number - len(reply["done"])) in {("committed", 1), ("committed", 2)}
            continue
        done = reply["done"]
        if how == "power":  # a name is there for good when its folder is synced
            done = done[: len(done) - done[::-1].index(FOLDER)] if FOLDER in done else []
        expected = "after" if scene.commit in done else "before"
        again = "committed" if expected == "before" or scene.name == "full" else "unchanged"
        seen[reply["then"]] += 1
        if (reply["then"], reply["again"], reply["finally"]) != (expected, again, "after"):
            wrong.append(f"{number} after {reply['done'][-1:]}: {reply['then']}, {reply['again']}, {reply['finally']}")
    TOLD.append(f"{scene.name}, {how}: {seen['before']} times as before, {seen['after']} times as after")
    assert not wrong, "\n".join(wrong)
    return seen


def test_there_is_something_to_disturb(scene: Scene) -> None:
    """A shim that sees nothing would prove nothing: many operations come before the commit, and some after it."""
    commit = scene.done.index(scene.commit)
    TOLD.append(f"{scene.name}: {commit} operations before {scene.commit!r}, {len(scene.done) - commit - 1} after it")
    assert scene.before != scene.after
    assert LEAST <= commit < len(scene.done) - 1
    assert {name.split()[0] for name in scene.done} >= {"create", "write", "fsync"}


def test_every_byte_passes_the_shim(scene: Scene) -> None:
    """A file written behind the shim's back would never be torn: all new bytes were counted, block by block."""
    old = set(files_of(scene.start)) if scene.start.exists() else set()
    new = {name: size for name, size in scene.files.items() if name not in old and f"create {name}" in scene.done}
    assert len(new) > 1
    for name, size in new.items():
        assert size <= scene.done.count(f"write {name}") * BLOCK
        assert size > 0 or name == LOCK  # who gives the lock back takes its name out
    unseen = set(scene.files) - old - set(new)
    assert all(any(done.startswith("re") and done.endswith(f" {name}") for done in scene.done) for name in unseen)


@pytest.mark.parametrize("how", ["kill", "power"])
def test_death_before_each_operation(scene: Scene, tmp_path: Path, how: How) -> None:
    """Killed, or cut off from power, before any operation or at the end: as before, and from the commit on as after."""
    seen = survives(scene, tmp_path, how, sampled(range(1, len(scene.done) + 2)))
    assert seen["before"] >= LEAST // 2
    assert seen["after"] > 0


def test_death_within_each_write(scene: Scene, tmp_path: Path) -> None:
    """Half of a block that was being written is never taken for the whole."""
    writes = [number for number, name in enumerate(scene.done, 1) if name.startswith("write")]
    assert survives(scene, tmp_path, "tear", sampled(writes))["before"] > LEAST // 3


def test_renames_that_overtake(scene: Scene, tmp_path: Path) -> None:
    """A disk may store a rename before the names of files that were made earlier, unless their folder was synced."""
    renames = [number for number, name in enumerate(scene.done, 1) if name.startswith(("rename", "replace"))]
    assert survives(scene, tmp_path, "reorder", [number + 1 for number in renames])["after"] == 1


def test_deaths_in_a_row(scene: Scene, tmp_path: Path) -> None:
    """Deaths add up to nothing: no run trips over what another one left, and the last one clears it all away."""
    index = tmp_path / "index"
    for number in range(1, scene.done.index(scene.commit), 4):
        reply = scene.disturbed(index, "kill", number, look=False)
        if scene.name == "staged" and scene.commit in reply["done"]:  # what each run staged made the next one shorter
            break
        assert reply["signal"] == "SIGKILL"
        assert scene.seen(index) == "before", f"after a death at operation {number}"
    engine = scene.open(index)
    reindex(engine, [scene.source], full=scene.name == "full")
    engine.close()
    assert scene.seen(index) == "after"
    left = files_of(index)
    assert len(left) == len(scene.files), left
