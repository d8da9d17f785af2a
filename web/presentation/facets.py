"""The facets on a page of results: values that the search can be narrowed to."""

from __future__ import annotations

from typing import NamedTuple

from search.engine import Statistics
from search.model import Facet, FacetCount, Page
from web import urls
from web.presentation import formatting

FACETS: dict[Facet, str] = {"year": "Year", "source": "Source", "lang": "Language"}
"""The facets of the page, each with its label."""
OPEN, LISTED = 8, 20
"""Number of values of a facet that are visible at once, and that the page lists in all."""


class FacetValue(NamedTuple):
    """A value of a facet: the URL of the search narrowed to it, its label, and how many paragraphs have it."""

    url: str
    label: str
    paragraphs: int


class FacetList(NamedTuple):
    """The values of a facet, most frequent first: those visible at once, the others listed, and how many are not."""

    label: str
    first: list[FacetValue]
    others: list[FacetValue]
    unlisted: int


def useful_facets(known: Statistics) -> tuple[Facet, ...]:
    """Return the facets that can have more than one value in an index."""
    single = {facet for facet, values in (("source", known.sources), ("lang", known.languages)) if len(values) < 2}
    return tuple(facet for facet in FACETS if facet not in single)


def facet_lists(page: Page) -> list[FacetList]:
    """Return the facets that have more than one value among the results."""
    found = []
    for facet, label in FACETS.items():
        counts = page.facets.get(facet, ())
        if len(counts) > 1:
            parameters = ("date_from", "date_to") if facet == "year" else (facet,)
            links = urls.narrowed(page.request, parameters, [count.value for count in counts[:LISTED]])
            values = [_value(facet, count, link) for count, link in zip(counts, links, strict=False)]
            found.append(FacetList(label, values[:OPEN], values[OPEN:], len(counts) - len(values)))
    return found


def _value(facet: Facet, count: FacetCount, url: str) -> FacetValue:
    label = formatting.language(count.value) if facet == "lang" else count.value
    return FacetValue(url, label, count.paragraphs)
