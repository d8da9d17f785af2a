"""What helps who searches: corrections of misspelt words, completions, and what an empty result would have found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from search.budget import QueryBudget
from search.engine import Search, Snapshot
from search.errors import QueryError
from search.model import Completion, Correction, SearchRequest
from search.suggest.completions import completions, typing
from search.suggest.corrections import RARE, corrections
from search.suggest.relaxations import relaxations

__all__ = ["completions", "corrections", "relaxations", "suggest"]


def suggest(
    snapshot: Snapshot, request: SearchRequest, budget: QueryBudget, search_of: Callable[[SearchRequest], Search]
) -> tuple[list[Completion], list[Correction]]:
    """Return completions of a query that is being typed, and corrections of its misspelt words.

    The last word is completed where some word that is not rare begins so; only else it may be misspelt. A query that
    cannot be read, not even with open quotation marks and parentheses closed, has none. `search_of` returns the search
    that a request asks for (see `search.service.search_reader`). Raises RequestError for a date that cannot be read.
    """
    typed, closed = typing(request.q), request
    begun = -1
    if typed:
        closed = replace(request, q=request.q + typed.closing)
        best = snapshot.vocabulary.beginning_with(typed.prefix, 1) if typed.prefix else ()
        begun = len(request.q) if best and best[0].paragraphs > RARE else -1
    try:
        corrected = corrections(snapshot, closed, budget, search_of, begun=begun)
    except QueryError:
        corrected = []
    if any(one.end == len(request.q) for one in corrected):
        return [], corrected
    return completions(snapshot, request, budget, search_of), corrected
