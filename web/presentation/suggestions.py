"""What to try where nothing was found: searches that ask for less. Each was tried, and finds something."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from search.budget import QueryBudget
from search.engine import Snapshot
from search.errors import QueryError
from search.model import SearchRequest
from search.service import find
from web import urls
from web.presentation import formatting
from web.presentation.active_filters import chips

OPERATORS = {"AND", "OR", "NOT"}


class Offer(NamedTuple):
    """A search to try: what it does, what it finds, and where it is."""

    text: str
    found: str
    url: str


def offers(snapshot: Snapshot, asked: SearchRequest, budget: QueryBudget) -> list[Offer]:
    """The offers that find something with what is left of a request's budget, the nearest to what was asked first."""
    found = []
    for text, looser in _looser(asked):
        try:
            page = find(snapshot, replace(looser, page=1, per_page=1), budget)
        except QueryError:  # not every word can be off by a letter
            continue
        if page.total.value:
            least = "at least " if page.total.relation == "gte" else ""
            found.append(Offer(text, least + formatting.count(page.total.value, "paragraph"), urls.search(looser)))
    return found


def _looser(asked: SearchRequest) -> Iterator[tuple[str, SearchRequest]]:
    words = asked.q.split()
    if words and all(word.isalpha() and word not in OPERATORS for word in words):
        yield "Allow for misspellings", replace(asked, q=" ".join(f"{word}~" for word in words))
    if len(words) > 1 and asked.match == "all":
        yield "Find any of the words", replace(asked, match="any")
    if any(chip.label != "Words" for chip in chips(asked)):
        yield "Search without filters", SearchRequest(asked.q, asked.match)
    if asked.q:
        yield "See everything, newest first", SearchRequest()
