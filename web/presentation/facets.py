"""The facets beside the results: values of sources and languages that a search can be narrowed to, or be rid of."""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

from search.engine import Statistics
from search.model import Facet, Page, SearchRequest
from search.query.filters import FilterValues, read_values, write_value, write_values
from web import urls
from web.presentation import formatting
from web.presentation.histogram import interval

Named: TypeAlias = Literal["source", "lang"]
"""A facet whose values are names; it is called as the parameter that filters by it."""
LABELS: dict[Named, str] = {"source": "Source", "lang": "Language"}
LISTED = 8
"""Number of values of a facet that stand beside the results; the page of filters has all."""


class FacetValue(NamedTuple):
    """A value of a facet: how it is shown and written in a filter, how many paragraphs have it, whether it is chosen.

    `url` is that of the search with it among those that are chosen, or no longer if it is; `without` that of the search
    without its paragraphs, or no longer if they are left out.
    """

    label: str
    written: str
    paragraphs: int
    is_chosen: bool
    is_excluded: bool
    url: str
    without: str


class FacetList(NamedTuple):
    """The values of a facet: first those in use, then by how many paragraphs have them; `unlisted` more there are."""

    name: Named
    label: str
    values: list[FacetValue]
    unlisted: int


def useful_facets(known: Statistics) -> tuple[Facet, ...]:
    """Return the facets that can have more than one value in an index: of dates months or years, as is drawn."""
    found: list[Facet] = []
    if known.earliest != known.latest:
        found.append(interval(known))
    if len(known.sources) > 1:
        found.append("source")
    if len(known.languages) > 1:
        found.append("lang")
    return tuple(found)


def facet_lists(page: Page, listed: int | None = LISTED) -> list[FacetList]:
    """Return the facets with something to choose: at most `listed` values of each, or all, and those in use anyway."""
    found = []
    for name, label in LABELS.items():
        chosen = filter_values(page.request, name)
        counts = dict(page.facets.get(name, ()))
        used = [value for kind in chosen for value in kind]
        values = dict.fromkeys([*used, *counts])
        if used or len(counts) > 1:
            shown = list(values)[: max(len(used), len(values) if listed is None else listed)]
            links = [_value(page.request, name, chosen, value, counts.get(value, 0)) for value in shown]
            found.append(FacetList(name, label, links, len(values) - len(shown)))
    return found


def filter_values(request: SearchRequest, name: Named) -> FilterValues:
    """Return the values of a filter of a search."""
    text = getattr(request, name)
    return FilterValues() if text is None else read_values(name, text)


def _value(request: SearchRequest, name: Named, chosen: FilterValues, value: str, paragraphs: int) -> FacetValue:
    any_of = tuple(one for one in chosen.any_of if one != value)
    none_of = tuple(one for one in chosen.none_of if one != value)
    is_chosen, is_excluded = value in chosen.any_of, value in chosen.none_of
    label = formatting.language(value) if name == "lang" else value
    with_it = FilterValues(any_of if is_chosen else (*any_of, value), none_of)
    without_it = FilterValues(any_of, none_of if is_excluded else (*none_of, value))
    urls_of = [urls.search(request, **{name: write_values(values)}) for values in (with_it, without_it)]
    return FacetValue(label, write_value(value), paragraphs, is_chosen, is_excluded, *urls_of)
