"""The facets beside the results: sources and languages, each with links that keep only its paragraphs, or none."""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

from search.engine import Statistics
from search.model import Facet, Page, SearchRequest
from search.query.filters import FilterValues, read_values, write_value, write_values
from web import urls
from web.presentation import formatting
from web.presentation.histogram import interval

Named: TypeAlias = Literal["source", "lang"]
"""A facet that is a list of names. It has the name of the parameter that filters by it."""
LABELS: dict[Named, str] = {"source": "Source", "lang": "Language"}
LISTED = 8
"""Maximum number of values of a facet beside the results; the page `/filters` lists all of them."""


class FacetValue(NamedTuple):
    """A value of a facet. `label` is how it is shown, `written` how it is written in a filter.

    `paragraphs` is how many matching paragraphs have it. If it `is_chosen`, only paragraphs with a chosen value are
    found; if it `is_excluded`, none with it. `url` leads to the search in which it is chosen, or, if it is chosen
    already, no longer; `without` to the search in which it is excluded, or, if it is already, no longer.
    """

    label: str
    written: str
    paragraphs: int
    is_chosen: bool
    is_excluded: bool
    url: str
    without: str


class FacetList(NamedTuple):
    """The values of a facet: those in use, then the most frequent. `unlisted` is how many more values there are."""

    name: Named
    label: str
    values: list[FacetValue]
    unlisted: int


def useful_facets(known: Statistics, request: SearchRequest) -> tuple[Facet, ...]:
    """Return the facets with more than one value in an index, or that a search is filtered by.

    For dates that is `month` or `year`: see `interval`.
    """
    found: list[Facet] = []
    if known.earliest != known.latest:
        found.append(interval(known))
    if len(known.sources) > 1 or request.source is not None:
        found.append("source")
    if len(known.languages) > 1 or request.lang is not None:
        found.append("lang")
    return tuple(found)


def facet_lists(page: Page, listed: int | None = LISTED) -> list[FacetList]:
    """Return the facets with a value in use or several values: at most `listed` of each (None: all), and all in use."""
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
    """Return the values that a search is filtered by; none if it has no such filter."""
    text = getattr(request, name)
    return FilterValues() if text is None else read_values(name, text)


def _value(request: SearchRequest, name: Named, chosen: FilterValues, value: str, paragraphs: int) -> FacetValue:
    rest = chosen.without(value)
    is_chosen, is_excluded = value in chosen.any_of, value in chosen.none_of
    label = formatting.language(value) if name == "lang" else value
    with_it = rest if is_chosen else FilterValues((*rest.any_of, value), rest.none_of)
    without_it = rest if is_excluded else FilterValues(rest.any_of, (*rest.none_of, value))
    urls_of = [urls.search(request, **{name: write_values(values)}) for values in (with_it, without_it)]
    return FacetValue(label, write_value(value), paragraphs, is_chosen, is_excluded, *urls_of)
