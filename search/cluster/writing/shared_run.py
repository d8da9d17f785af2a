"""A run that several machines make together: each adds the articles of its own sources to one index, and one commits.

Part 1 holds the lock of the writer, makes the index and commits. The others join it, hand their ledgers in and wait.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from search.cluster.coordination import LOCK, Lease, StateIndex
from search.engine import Partition
from search.errors import IndexLocked, OperatorError
from search.ledger import Ledger, merged

WAIT = 600.0
"""Seconds for which a part waits for another one that has not begun."""
POLL_SECONDS = 0.5
"""Seconds between two looks at what the other parts have done."""
SHARED = "shared"
"""The name of the document by which part 1 tells the other parts what they add to."""
AGAIN = "The index is unchanged. Run all parts again."


class SharedRun:
    """One part of a shared run. `lease` is of its lock: part 1 holds the writer's lock, each other part its own."""

    def __init__(self, state: StateIndex, part: Partition, lease: Lease, token: str) -> None:
        self._state = state
        self.part, self.lease = part, lease
        self._token = token
        """The token of the lock that part 1 holds: it tells this run from others."""

    def announce(self, draft: dict[str, Any]) -> None:
        """Tell the other parts what they add to. Part 1 calls this when it has made the new index."""
        self._state.write(SHARED, draft | {"token": self._token, "of": self.part.of})

    def hand_in(self, serial: int, ledger: Ledger, is_committed: Callable[[], bool]) -> None:
        """Tell part 1 that all articles of this part are in the index, and wait until part 1 has committed.

        `serial` is the next serial number of this part, and `is_committed` tells whether the run was committed. Raises
        OperatorError if part 1 ends without a commit, and IndexLocked if another process has taken this part's lock.
        """
        self.lease.check()
        done = {"token": self._token, "serial": serial, "ledger": ledger.to_columns()}
        self._state.write(_name(self.part.number), done)
        while self._state.holder(LOCK) == self._token:
            time.sleep(POLL_SECONDS)
        if not is_committed():
            raise OperatorError("Part 1 of this run has ended without a commit.", AGAIN)

    def collect(self, known: Ledger, first: Ledger, serial: int) -> tuple[Ledger, int]:
        """Wait for all other parts; return the ledger of the whole run, and a serial number that no part has given.

        `known` is the ledger before the run, `first` that of part 1, and `serial` the next serial number of part 1.
        Raises OperatorError if a part does not begin within WAIT seconds or ends before it is done, and RequestError if
        two parts have the same source, or files of the same id.
        """
        ledgers = [first]
        until = time.monotonic() + WAIT
        for number in range(2, self.part.of + 1):
            done = self._done(number)
            while done is None:
                if time.monotonic() > until and self._state.holder(_lock(number)) is None:
                    raise OperatorError(f"Part {number} of {self.part.of} has not begun.", AGAIN)
                time.sleep(POLL_SECONDS)
                done = self._done(number)
            ledgers.append(Ledger.from_json(done["ledger"]))
            serial = max(serial, done["serial"])
        return merged(known, ledgers), serial

    def _done(self, number: int) -> dict[str, Any] | None:
        """Return what a part has handed in; None if it has not yet. Raises OperatorError if it ended before that."""
        is_held = self._state.holder(_lock(number)) is not None
        found: dict[str, Any] = self._state.read(_name(number)) or {}
        if found.get("token") != self._token:
            return None
        if "ledger" in found:
            return found
        if is_held:
            return None
        raise OperatorError(f"Part {number} of {self.part.of} has ended before it was done.", AGAIN)


@contextmanager
def joined(state: StateIndex, part: Partition, where: str) -> Iterator[tuple[SharedRun, dict[str, Any]]]:
    """Wait for part 1, and take part in its run until the end of this context; yield what part 1 has announced.

    Raises OperatorError if part 1 does not begin within WAIT seconds, or if this part has already joined this run.
    """
    until = time.monotonic() + WAIT
    while True:
        draft = state.read(SHARED) or {}
        if draft.get("of") == part.of and draft["token"] == state.holder(LOCK):
            with state.locked(where, _lock(part.number)) as lease:
                if state.holder(LOCK) == draft["token"]:  # `check_left` refuses another run while this is held
                    if (state.read(_name(part.number)) or {}).get("token") == draft["token"]:
                        raise OperatorError(f"Part {part.number} of this run has been there before.", AGAIN)
                    state.write(_name(part.number), {"token": draft["token"]})
                    yield SharedRun(state, part, lease, draft["token"]), draft
                    return
        if time.monotonic() > until:
            raise OperatorError(f"Part 1 of {part.of} has not begun.", "Start it; the others wait for it.")
        time.sleep(POLL_SECONDS)


def check_left(state: StateIndex, where: str) -> None:
    """Raise IndexLocked while a part of an earlier run, whose part 1 has ended, still adds to the index of that run."""
    for number in range(2, (state.read(SHARED) or {}).get("of", 1) + 1):
        if state.holder(_lock(number)) is not None:
            message = f"{where} is being written by part {number} of a run whose part 1 has ended."
            raise IndexLocked(message, "Wait until it is done, or stop it.")


def _name(number: int) -> str:
    return f"part-{number}"


def _lock(number: int) -> str:
    return f"{LOCK}-{number}"
