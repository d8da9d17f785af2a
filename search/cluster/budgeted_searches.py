"""The searches that one request consists of, within its budget of time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from search.budget import QueryBudget
from search.cluster.connection import Connection

LEAST = 0.25
"""Seconds that a search may take in any case: nodes look at a clock that ticks five times a second."""


class BudgetedSearches:
    """Sends the searches of one request to one index. One that outlasts the budget is answered by what it has found.

    Without a budget, searches take as long as they need.
    """

    def __init__(self, connection: Connection, index: str, budget: QueryBudget | None) -> None:
        self._connection, self._index, self._budget = connection, index, budget
        self.cut_short = False
        """Whether a search was cut short, so that results may be missing. The budget has a warning then."""

    def ask(self, *bodies: dict[str, Any]) -> list[dict[str, Any]]:
        """Send searches together and return their answers. Raises what `Connection.search` does."""
        return self.ask_with(bodies, None)[0]

    def ask_with(
        self, bodies: Sequence[dict[str, Any]], also: dict[str, Any] | None
    ) -> tuple[list[dict[str, Any]], dict[str, Any] | None]:
        """Send searches together with an optional one, `also`; return the answers to `bodies`, and the one to `also`.

        The latter is None if there is no `also`, or if it took too long: then nothing is marked as cut short. Raises
        what `Connection.search` does.
        """
        limit = {}
        if self._budget:
            limit = {"timeout": f"{round(1e3 * max(LEAST, self._budget.seconds_left))}ms"}
        together = [*bodies, also] if also else bodies
        answers = self._connection.search(self._index, *({**body, **limit} for body in together))
        other = answers.pop() if also else None
        if self._budget and any(answer["timed_out"] for answer in answers):
            self.cut_short = True
            self._budget.run_out()
        return answers, None if other is None or other["timed_out"] else other
