"""What a page of results can be narrowed by, as its template shows it."""

from __future__ import annotations

from functools import lru_cache
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
ITEM = '<li><a href="{url}"><bdi>{1}</bdi></a> <span class="count">{2:,}</span></li>\n'
"""A value's URL, its name, and its number."""


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
    """The values as HTML. There are a hundred: in a template they take five times as long."""
    url = links.pattern(asked, *(("date_from", "date_to") if facet == "year" else (facet,)))
    item = ITEM.replace("{url}", escape(url)).format
    return [item(*_shown(value, facet), paragraphs) for value, paragraphs in entries]


@lru_cache(4096)
def _shown(value: str, facet: Facet) -> tuple[str, Markup]:
    """A value in a URL, and as it is called: most are shown again and again."""
    return links.quoted(value), escape(display.language(value) if facet == "lang" else value)


def _joined(items: list[str]) -> Markup:
    return Markup("".join(items))  # noqa: S704 - all is ITEM, which is ours, or escaped: see test_facets
