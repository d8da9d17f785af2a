"""The searches that one request consists of, within its budget of time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from search.budget import QueryBudget
from search.cluster.connection import Connection
from search.cluster.query_translation import is_tightened
from search.query.tree import Node

LEAST = 0.25
"""Seconds that a search may take in any case: nodes look at a clock that ticks five times a second."""


TIGHTENED = (
    "A quote with ~ has too many words for a cluster: it was found only where the first of them stand side by side."
)


class BudgetedSearches:
    """Sends the searches of one request to one index. One that outlasts the budget is answered by what it has found.

    Without a budget, searches take as long as they need. `queries` are those that the request asks for.
    """

    def __init__(self, connection: Connection, index: str, budget: QueryBudget | None, *queries: Node) -> None:
        self._connection, self._index, self._budget = connection, index, budget
        self.cut_short = budget is not None and any(map(is_tightened, queries))
        """Whether a search was cut short, so that results may be missing. The budget has a warning then."""
        if budget and self.cut_short:
            budget.cut(TIGHTENED)

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
