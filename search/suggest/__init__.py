"""Suggestions: corrections of misspelt words, completions, and, for a search without results, less strict searches."""

from __future__ import annotations

from dataclasses import replace

from search.budget import QueryBudget
from search.engine import SearchReader, Snapshot
from search.errors import QueryError
from search.model import Completion, Correction, SearchRequest
from search.suggest.completions import completions, typing
from search.suggest.corrections import Unfinished, corrections
from search.suggest.relaxations import relaxations

__all__ = ["completions", "corrections", "relaxations", "suggest"]


def suggest(
    snapshot: Snapshot, request: SearchRequest, budget: QueryBudget, search_of: SearchReader
) -> tuple[list[Completion], list[Correction]]:
    """Return completions of a query that is being typed, and corrections of its misspelt words.

    The last word is taken to be misspelt, and is not completed, only if all words that begin with it are rare, and a
    word that it may have been meant for is likelier. A query that cannot be read, even when its open quotation marks
    and parentheses are closed, has neither completions nor corrections. Raises RequestError for a date that cannot be
    read.
    """
    typed = typing(snapshot.vocabulary, request.q)
    closed = replace(request, q=request.q + typed.closing) if typed else request
    unfinished = Unfinished(len(request.q), typed.begun[0].paragraphs) if typed and typed.begun else None
    try:
        corrected = corrections(snapshot, closed, budget, search_of, unfinished=unfinished)
    except QueryError:
        corrected = []
    if typed is None or any(one.end == len(request.q) for one in corrected):
        return [], corrected
    return completions(snapshot, request, typed, budget, search_of), corrected
