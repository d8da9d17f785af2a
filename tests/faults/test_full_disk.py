"""A disk that refuses is an error for people; the index stays as it was, and the next run works."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.harness.fault_injector import GIVES_BACK, How
from tests.faults.harness.fault_scenarios import SUMMARY, Scenario, sampled


@pytest.mark.parametrize("how", ["full", "once"])
def test_disk_refuses(scenario: Scenario, tmp_path: Path, how: How) -> None:
    """Full from any operation on, or failing there once: a StorageError and all as before, or done and all as after.

    The same process goes on to answer, and to run again when there is room.
    """
    numbers = sampled(
        [n for n, name in enumerate(scenario.done, 1) if how == "full" or name.split()[0] not in GIVES_BACK]
    )
    refused = done = 0
    wrong = []
    for number, reply in zip(numbers, scenario.reindex_with_fault_at_each(tmp_path, how, numbers), strict=True):
        outcome = reply["outcome"], reply["then"]
        refused += outcome == ("StorageError", "before")
        done += outcome == ("committed", "after")
        again = "unchanged" if reply["then"] == "after" and scenario.name != "full" else "committed"
        good = outcome in {("StorageError", "before"), ("committed", "after")}
        if not good or (reply["again"], reply["finally"]) != (again, "after"):
            wrong.append(f"{number} {scenario.done[number - 1]}: {outcome}, then {reply['again']}, {reply['finally']}")
    SUMMARY.append(f"{scenario.name}, disk {how}: {refused} times refused and as before, {done} times done")
    assert not wrong, "\n".join(wrong)
    assert refused > len(numbers) // 2
