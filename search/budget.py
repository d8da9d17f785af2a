"""The budget of a request: it limits the work of matching, ranking, highlighting and suggestions.

Work is counted in units, not timed, so that the same query on the same index gives the same answer on a busy machine
and on an idle one. A unit is about a nanosecond of one core of 2024. What is charged depends only on the query and the
index, never on the state of caches, so prices are what work usually costs.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

UNITS = 120_000_000
"""Number of units of work that a request may spend."""
GATHERING, MATCHING, RANKING, MARKING = 0.55, 0.65, 0.8, 1.0
"""The share of the units of work that may be spent by the end of each phase, so that some are left for the next ones.
"""
SECONDS = 5.0
"""Seconds after which no more work is begun. A last resort for machines much slower than units assume."""
CHARACTER_COST = 4_000
"""Units of work for each code point of a query: it is parsed, and written into each link."""
MAX_TERMS = 65_536
"""Maximum number of words of the index that all wildcards and misspellings of a query expand to."""

CUT = "The search was too much work and was cut short; there may be more results."
_compile_seconds = 0.0
"""Seconds for which this process has waited for loops to compile."""
_waiting: list[float] = []
"""The time at which each thread that waits for loops to compile has begun to."""
_lock = Lock()


@contextmanager
def overlook() -> Iterator[None]:
    """Exclude the time spent in this context from that of all requests. Loops are compiled in it, once for all."""
    global _compile_seconds  # noqa: PLW0603 - a loop is compiled for all requests, whichever called it first
    with _lock:
        _waiting.append(time.monotonic())
    try:
        yield
    finally:
        with _lock:
            since = _waiting[0]
            _waiting.pop()
            if not _waiting:  # the time that several threads wait together counts once
                _compile_seconds += time.monotonic() - since


class Spent(Exception):
    """A budget does not allow for the next step of some work. The caller that began the work leaves the rest out."""


class QueryBudget:
    """The budget of one request. Work that it does not allow is left out of the answer, with a warning.

    Not thread-safe.
    """

    def __init__(self, units: int | None = None, seconds: float | None = None) -> None:
        self.units = UNITS if units is None else units
        """Number of units of work that may be spent, by default those of a request."""
        self.limit = SECONDS if seconds is None else seconds
        """Number of seconds that may be spent, by default those of a request."""
        self.out_of_time = False
        """Whether work was left out for lack of time, so that the same request may have another answer next time."""
        self.started = time.monotonic() - _compile_seconds
        self.spent = 0
        """Number of units of work spent."""
        self.terms = MAX_TERMS
        """Number of words that the patterns of a search may still expand to."""
        self.cuts = 0
        """Number of times that work was left out, with a warning."""
        self.is_strict = False
        """Whether the first cut raises Spent: for work whose result is of no use unless all of it is done."""
        self.warnings: dict[str, None] = {}
        """Distinct warnings about results that may be missing."""
        self.remarks: dict[str, None] = {}
        """Distinct warnings that are not about missing results, in the order in which they came."""

    def begin_search(self) -> None:
        """Let patterns expand to as many words as one query may: the searches of a request share the units alone."""
        self.terms = MAX_TERMS

    def charge(self, units: int) -> None:
        """Charge for work that is done whether or not the budget allows it."""
        self.spent += units

    def try_charge_or_warn(self, units: int, share: float = MATCHING) -> bool:
        """Charge for work that is about to be done. If this share does not allow it, add a warning and return False."""
        if self.try_charge(units, share):
            return True
        self.cut(CUT)
        return False

    def try_charge(self, units: int, share: float) -> bool:
        """Charge for optional work that is about to be done; return False if this share does not allow it.

        A refusal uses up the share, so that what is left out does not depend on how the work is divided into steps.
        """
        limit = int(self.units * share)
        if self.spent + units <= limit:
            if self.seconds < self.limit:
                self.spent += units
                return True
            self.out_of_time = True
        self.spent = max(self.spent, limit)
        return False

    def charge_or_raise(self, units: int, share: float) -> None:
        """Charge for a step of optional work. Raises Spent if this share does not allow it."""
        if not self.try_charge(units, share):
            raise Spent

    @contextmanager
    def part(self, units: int, share: float, *, is_strict: bool = False) -> Iterator[QueryBudget]:
        """Yield a budget of so many units of work, in the time that is left, with cuts and warnings of its own.

        Its units end where `share` of this budget ends: ask it for work by the same share. What it spends is charged
        here, also if the work ends with an error. If it `is_strict`, its first cut raises Spent.
        """
        own = QueryBudget(self.units, self.limit)
        own.is_strict = is_strict
        own.started = self.started
        own.spent = begun = max(0, int(self.units * share) - units)
        try:
            yield own
        finally:
            self.charge(own.spent - begun)
            self.out_of_time = self.out_of_time or own.out_of_time

    def left(self, share: float) -> int:
        """Return the number of units of work of a share that are not spent."""
        return max(0, int(self.units * share) - self.spent)

    @property
    def seconds(self) -> float:
        """Seconds since the request began, without those that loops took to compile."""
        return time.monotonic() - _compile_seconds - self.started

    @property
    def seconds_left(self) -> float:
        """Seconds until no more work may be begun, at least 0."""
        return max(0.0, self.limit - self.seconds)

    def run_out(self) -> None:
        """Add the warning that work was cut short for lack of time, as by a cluster that has stopped a search."""
        self.out_of_time = True
        self.cut(CUT)

    def how_many(self, things: int, price: int, share: float = MATCHING) -> int:
        """Charge `price` units for each of up to `things` pieces of work; return how many pieces the share allows."""
        allowed = min(things, self.left(share) // price)
        self.spent += allowed * price
        if allowed < things:
            self.cut(CUT)
        return allowed

    def take_words(self, terms: int) -> int:
        """Return how many words, at most `terms`, a pattern may expand to, and deduct this number from `self.terms`."""
        allowed = min(terms, self.terms)
        self.terms -= allowed
        if allowed < terms:
            self.cut(f"A pattern fits more than {MAX_TERMS} words; the most frequent ones were searched.")
        return allowed

    def late(self) -> bool:
        """Tell whether the time is up, with a warning if so: the caller then leaves out the rest of its work."""
        if self.seconds < self.limit:
            return False
        self.run_out()
        return True

    def remark(self, warning: str) -> None:
        """Add a warning that is not about missing results."""
        self.remarks[warning] = None

    def cut(self, warning: str) -> None:
        """Add a warning that results may be missing. Raises Spent if the budget is strict."""
        self.warnings[warning] = None
        self.cuts += 1
        if self.is_strict:
            raise Spent

    @property
    def partial(self) -> bool:
        """Whether results may be missing."""
        return bool(self.warnings)


def enlarged(times: int) -> QueryBudget:
    """Return a budget of so many times the units and the time of a request."""
    return QueryBudget(times * UNITS, times * SECONDS)


def divided(count: int) -> Iterator[QueryBudget]:
    """Yield a budget for each of `count` searches of one request, which share the units and the time of one request.

    Each search has to be done before the next budget is asked for. A budget has all that is left, but for a reserve of
    UNITS / count / 2 for each search that is still to come.
    """
    started = QueryBudget().started
    left, least = UNITS, UNITS // count // 2
    for to_come in range(count - 1, -1, -1):
        own = QueryBudget(max(left - to_come * least, least))
        own.started = started
        yield own
        left -= own.spent
