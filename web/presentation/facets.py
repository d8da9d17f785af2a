"""What a page of results can be narrowed by, as its template shows it."""

from __future__ import annotations

from typing import NamedTuple

from search.engine import Statistics
from search.model import Facet, FacetCount, Page, SearchRequest
from web import urls
from web.presentation import formatting

FACETS: dict[Facet, str] = {"year": "Year", "source": "Source", "lang": "Language"}
"""What a search can be narrowed by, and how it is called."""
AT_ONCE, LISTED = 8, 20
"""Values of a facet that are seen at once, and those that a page lists; rare ones are for the filters."""


class Value(NamedTuple):
    """A value of a facet: the search for it, how it is called, and how many paragraphs have it."""

    url: str
    name: str
    paragraphs: int


class Listed(NamedTuple):
    """A facet: its most frequent values, those that are seen when asked for, and how many more there are."""

    label: str
    first: list[Value]
    others: list[Value]
    more: int


def narrowing(known: Statistics) -> tuple[Facet, ...]:
    """The facets that can have more than one value."""
    single = {facet for facet, values in (("source", known.sources), ("lang", known.languages)) if len(values) < 2}
    return tuple(facet for facet in FACETS if facet not in single)


def listed(page: Page) -> list[Listed]:
    """The facets that can narrow the search: those with more than one value."""
    found = []
    for facet, label in FACETS.items():
        entries = page.facets.get(facet, ())
        if len(entries) > 1:
            values = _values(page.request, facet, entries[:LISTED])
            found.append(Listed(label, values[:AT_ONCE], values[AT_ONCE:], len(entries) - len(values)))
    return found


def _values(asked: SearchRequest, facet: Facet, entries: tuple[FacetCount, ...]) -> list[Value]:
    url = urls.pattern(asked, *(("date_from", "date_to") if facet == "year" else (facet,))).format
    named = formatting.language if facet == "lang" else str
    return [Value(url(urls.quoted(value)), named(value), paragraphs) for value, paragraphs in entries]
