"""What a page of results can be narrowed by, as its template shows it."""

from __future__ import annotations

from typing import NamedTuple

from markupsafe import Markup, escape

from search.engines import Statistics
from search.model import Facet, FacetCount, Page, SearchRequest
from web import display, links

FACETS: dict[Facet, str] = {"year": "Year", "source": "Source", "lang": "Language"}
"""What a search can be narrowed by, and how it is called."""
MAX_LISTED = 200
"""Values of a facet that a page lists; the rare ones are left out."""
AT_ONCE = 8
"""Values that are seen at once."""
ITEM = ('<li><a href="', '"><bdi>', '</bdi></a> <span class="count">', "</span></li>\n")
"""What stands before a value's URL, its name and its number, and after that."""


class Listed(NamedTuple):
    """A facet: items of a list, the most frequent values first, and those that are seen when asked for."""

    label: str
    first: Markup
    others: Markup
    more: int
    """How many others there are."""


def narrowing(known: Statistics) -> tuple[Facet, ...]:
    """The facets that can have more than one value."""
    single = {facet for facet, values in (("source", known.sources), ("lang", known.languages)) if len(values) < 2}
    return tuple(facet for facet in FACETS if facet not in single)


def listed(page: Page) -> list[Listed]:
    """The facets that can narrow the search: those with more than one value."""
    found = []
    for facet, label in FACETS.items():
        entries = page.facets.get(facet, ())[:MAX_LISTED]
        if len(entries) > 1:
            items = _items(page.request, facet, entries)
            found.append(Listed(label, _joined(items[:AT_ONCE]), _joined(items[AT_ONCE:]), len(items[AT_ONCE:])))
    return found


def _items(asked: SearchRequest, facet: Facet, entries: tuple[FacetCount, ...]) -> list[str]:
    """The values as HTML. There are a hundred: in a template they take three times as long."""
    link = links.narrowed(asked, *(("date_from", "date_to") if facet == "year" else (facet,)))
    name = display.language if facet == "lang" else str
    a, b, c, d = ITEM
    return [
        "".join((a, escape(link(value)), b, escape(name(value)), c, f"{paragraphs:,}", d))
        for value, paragraphs in entries
    ]


def _joined(items: list[str]) -> Markup:
    return Markup("".join(items))  # noqa: S704 - all is ITEM, which is ours, or escaped: see test_facets
