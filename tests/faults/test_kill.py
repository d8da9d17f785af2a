"""A reindex that dies leaves the index as it was or as it was to become, whenever it dies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from search.index.storage.directory import LOCK
from search.indexing import reindex
from tests.faults.harness.fault_injector import BLOCK, How
from tests.faults.harness.fault_scenarios import SUMMARY, Scenario, files_of, sampled

LEAST = 30
"""So many operations have to come before the commit, or the injector does not see the writes."""
FOLDER = "fsync ."
"""The operation that makes names last."""


def survives(scenario: Scenario, folder: Path, how: How, numbers: Sequence[int]) -> Counter[str]:
    """Assert that after a death at each of these operations all is as before, or as after once it was committed."""
    seen, wrong = Counter[str](), []
    for number, reply in zip(numbers, scenario.reindex_with_fault_at_each(folder, how, numbers), strict=True):
        if reply["signal"] != "SIGKILL":  # random names of files make a run an operation shorter now and then
            assert (reply["outcome"], number - len(reply["done"])) in {("committed", 1), ("committed", 2)}
            continue
        done = reply["done"]
        if how == "power":  # a name is there for good when its folder is synced
            done = done[: len(done) - done[::-1].index(FOLDER)] if FOLDER in done else []
        expected = "after" if scenario.commit in done else "before"
        again = "committed" if expected == "before" or scenario.name == "full" else "unchanged"
        seen[reply["then"]] += 1
        if (reply["then"], reply["again"], reply["finally"]) != (expected, again, "after"):
            wrong.append(f"{number} after {reply['done'][-1:]}: {reply['then']}, {reply['again']}, {reply['finally']}")
    SUMMARY.append(f"{scenario.name}, {how}: {seen['before']} times as before, {seen['after']} times as after")
    assert not wrong, "\n".join(wrong)
    return seen


def test_there_is_something_to_disturb(scenario: Scenario) -> None:
    """An injector that sees nothing would prove nothing: many operations come before the commit, and some after it."""
    commit = scenario.done.index(scenario.commit)
    SUMMARY.append(
        f"{scenario.name}: {commit} operations before {scenario.commit!r}, {len(scenario.done) - commit - 1} after it"
    )
    assert scenario.before != scenario.after
    assert LEAST <= commit < len(scenario.done) - 1
    assert {name.split()[0] for name in scenario.done} >= {"create", "write", "fsync"}


def test_every_byte_passes_the_shim(scenario: Scenario) -> None:
    """A file written past the injector would never be torn: all new bytes were counted, block by block."""
    old = set(files_of(scenario.start)) if scenario.start.exists() else set()
    new = {name: size for name, size in scenario.files.items() if name not in old and f"create {name}" in scenario.done}
    assert len(new) > 1
    for name, size in new.items():
        assert size <= scenario.done.count(f"write {name}") * BLOCK
        assert size > 0 or name == LOCK  # who gives the lock back takes its name out
    unseen = set(scenario.files) - old - set(new)
    moved = [done for done in scenario.done if done.startswith(("re", "link"))]  # a link has the bytes of its file
    assert all(any(done.endswith(f" {name}") for done in moved) for name in unseen)


@pytest.mark.parametrize("how", ["kill", "power"])
def test_death_before_each_operation(scenario: Scenario, tmp_path: Path, how: How) -> None:
    """Killed, or cut off from power, before any operation or at the end: as before, and from the commit on as after."""
    seen = survives(scenario, tmp_path, how, sampled(range(1, len(scenario.done) + 2)))
    assert seen["before"] >= LEAST // 2
    assert seen["after"] > 0


def test_death_within_each_write(scenario: Scenario, tmp_path: Path) -> None:
    """Half of a block that was being written is never taken for the whole."""
    writes = [number for number, name in enumerate(scenario.done, 1) if name.startswith("write")]
    assert survives(scenario, tmp_path, "tear", sampled(writes))["before"] > LEAST // 3


def test_renames_that_overtake(scenario: Scenario, tmp_path: Path) -> None:
    """A disk may store a rename before the names of files that were made earlier, unless their folder was synced."""
    renames = [number for number, name in enumerate(scenario.done, 1) if name.startswith(("rename", "replace"))]
    assert survives(scenario, tmp_path, "reorder", [number + 1 for number in renames])["after"] == 1


def test_deaths_in_a_row(scenario: Scenario, tmp_path: Path) -> None:
    """Deaths add up to nothing: no run trips over what another one left, and the last one clears it all away."""
    index = tmp_path / "index"
    for number in range(1, scenario.done.index(scenario.commit), 4):
        reply = scenario.reindex_with_fault(index, "kill", number, look=False)
        if (
            scenario.name == "staged" and scenario.commit in reply["done"]
        ):  # what each run staged made the next one shorter
            break
        assert reply["signal"] == "SIGKILL"
        assert scenario.seen(index) == "before", f"after a death at operation {number}"
    engine = scenario.open(index)
    reindex(engine, [scenario.source], full=scenario.name == "full")
    engine.close()
    assert scenario.seen(index) == "after"
    # a death right after a commit can cost the generation before, which only cursors ask for
    left = [name for name in files_of(index) if not name.startswith("earlier/")]
    assert len(left) == len([name for name in scenario.files if not name.startswith("earlier/")]), left
