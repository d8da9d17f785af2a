"""Suggestions for a search that found nothing: searches that ask for less and find something."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from search.budget import QueryBudget
from search.engine import Snapshot
from search.errors import QueryError
from search.model import SearchRequest
from search.names.names import Names
from search.service import find
from web import urls
from web.presentation import formatting
from web.presentation.active_filters import active_filters

OPERATORS = {"AND", "OR", "NOT"}


class Suggestion(NamedTuple):
    """A suggested search: what it changes, how many paragraphs it finds, in words, and its URL."""

    text: str
    found: str
    url: str


def suggestions(snapshot: Snapshot, request: SearchRequest, budget: QueryBudget, names: Names) -> list[Suggestion]:
    """Return suggestions for a search that found nothing, the most similar first.

    Each is tried within what is left of the request's budget.
    """
    found = []
    for text, looser in _looser(request):
        try:
            page = find(snapshot, replace(looser, page=1, per_page=1), budget, names=names)
        except QueryError:  # not every word can be misspelled: `a~` is too short
            continue
        if page.total.value:
            least = "at least " if page.total.relation == "gte" else ""
            count = formatting.count(page.total.value, "paragraph")
            found.append(Suggestion(text, least + count, urls.search(looser)))
    return found


def _looser(request: SearchRequest) -> Iterator[tuple[str, SearchRequest]]:
    words = request.q.split()
    if words and all(word.isalpha() and word not in OPERATORS for word in words):
        yield "Allow for misspellings", replace(request, q=" ".join(f"{word}~" for word in words))
    if len(words) > 1 and request.match == "all":
        yield "Find any of the words", replace(request, match="any")
    if any(one.label != "Words" for one in active_filters(request)):
        yield "Search without filters", SearchRequest(request.q, request.match)
    if request.q:
        yield "See everything, newest first", SearchRequest()
