"""The budget of one request, on which all that it does draws: matching, ranking, marking, offers.

Work is counted, not timed, so that the same query on the same index gives the same answer on a busy machine and on an
idle one. A *unit* is about a nanosecond of one core of 2024. What is charged depends on the query and the index alone,
never on what happens to be remembered; so prices are what work costs usually, and caches change only how fast it goes.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

UNITS = 120_000_000
"""Units of a request."""
GATHERING, MATCHING, RANKING, MARKING = 0.55, 0.65, 0.8, 1.0
"""The share of the units that may be spent when each of these is done, so that the next ones have something left."""
SECONDS = 5.0
"""Seconds after which nothing more is begun: the last resort, where units are far from what the machine can do."""
MAX_TERMS = 65_536
"""Words of the index that a query's wildcards and misspellings may stand for, all together."""

CUT = "The search was too much work and was cut short; there may be more results."


_overlooked = 0.0
_overlooking: list[float] = []
"""Since when loops are waited for, once for each thread that does."""
_lock = Lock()


@contextmanager
def overlook() -> Iterator[None]:
    """Have no request's time count how long this takes: loops are compiled once, and for all requests."""
    global _overlooked  # noqa: PLW0603 - a loop is compiled for all requests, whichever called it first
    with _lock:
        _overlooking.append(time.monotonic())
    try:
        yield
    finally:
        with _lock:
            since = _overlooking[0]
            _overlooking.pop()
            if not _overlooking:  # of several threads that wait together, the time counts once
                _overlooked += time.monotonic() - since


class Spent(Exception):
    """A budget does not allow for what was to be done. Who draws on it catches this, and leaves the rest out."""


class QueryBudget:
    """The budget of one request. What it does not allow is left out of the answer, and said so.

    Not for several threads at once.
    """

    def __init__(self) -> None:
        self.out_of_time = False
        """Whether something was left out for want of time, so that the same request may be answered otherwise."""
        self.started = time.monotonic() - _overlooked
        self.spent = 0
        """Units."""
        self.terms = MAX_TERMS
        self.cuts = 0
        """How often something was left out of what is found."""
        self.warnings: dict[str, None] = {}
        self.remarks: dict[str, None] = {}

    def charge(self, units: int) -> None:
        """Note work that is done in any case."""
        self.spent += units

    def affords(self, units: int, share: float = MATCHING) -> bool:
        """Charge for work before it is done. Where this share does not allow for it, it is left out, and said so."""
        if self.allows(units, share):
            return True
        self._cut(CUT)
        return False

    def allows(self, units: int, share: float) -> bool:
        """Charge for work that one can do without. What is refused uses up the share, so that nothing later fits in.

        So what is left out does not depend on how the work was divided.
        """
        limit = int(UNITS * share)
        if self.spent + units <= limit:
            if self.seconds < SECONDS:
                self.spent += units
                return True
            self.out_of_time = True
        self.spent = max(self.spent, limit)
        return False

    def draw(self, units: int, share: float) -> None:
        """Charge for work that is deep inside of what one can do without. Raises Spent when it is refused."""
        if not self.allows(units, share):
            raise Spent

    def left(self, share: float) -> int:
        """Return the units of a share that are not spent."""
        return max(0, int(UNITS * share) - self.spent)

    @property
    def seconds(self) -> float:
        """The seconds since the request came, without those that loops took to compile."""
        return time.monotonic() - _overlooked - self.started

    def how_many(self, things: int, price: int, share: float = MATCHING) -> int:
        """Return how many of some things of one price are afforded; they are charged, and the others left out."""
        allowed = min(things, self.left(share) // price)
        self.spent += allowed * price
        if allowed < things:
            self._cut(CUT)
        return allowed

    def allow(self, terms: int) -> int:
        """Return how many of so many terms may be used."""
        allowed = min(terms, self.terms)
        self.terms -= allowed
        if allowed < terms:
            self._cut(f"A pattern fits more than {MAX_TERMS} words; the most frequent ones were searched.")
        return allowed

    def late(self) -> bool:
        """Tell whether it is time for the last resort. Who asks leaves out what is left."""
        if self.seconds < SECONDS:
            return False
        self.out_of_time = True
        self._cut(CUT)
        return True

    def remark(self, warning: str) -> None:
        """Tell the reader something besides what was left out."""
        self.remarks[warning] = None

    def _cut(self, warning: str) -> None:
        self.warnings[warning] = None
        self.cuts += 1

    @property
    def partial(self) -> bool:
        """Whether anything was left out of what is found."""
        return bool(self.warnings)
