"""The active filters of a search, each with a link that removes it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from search.model import SearchRequest
from search.query.filters import FilterValues, read_values, write_values
from web import urls
from web.presentation import formatting

FILTERS = ("match", "scope", "variants", "duplicates", "source", "lang", "date_from", "date_to")
"""Parameters of a search that decide what it finds, besides the query; order and grouping are not among them."""


class ActiveFilter(NamedTuple):
    """A filter of a search: its label and value, and the URL of the search without it."""

    label: str
    value: str
    url: str


def active_filters(request: SearchRequest) -> list[ActiveFilter]:
    """Return the active filters of a search. A period that begins and ends with the same date is one filter."""
    first, last = request.date_from, request.date_to
    found = []
    if request.match == "any":
        found.append(ActiveFilter("Words", "any of them", urls.search(request, match="all")))
    if request.scope == "article":
        found.append(ActiveFilter("Words stand in", "one article", urls.search(request, scope="paragraph")))
    if request.variants == "off":
        found.append(ActiveFilter("Names", "as typed", urls.search(request, variants="on")))
    if request.duplicates == "fold":
        found.append(ActiveFilter("Copies of an article", "left out", urls.search(request, duplicates="show")))
    for parameter, label, text in (("source", "Source", request.source), ("lang", "Language", request.lang)):
        if text is not None:
            found += _values(request, parameter, label, read_values(parameter, text))
    if first is not None and first == last:
        return [*found, ActiveFilter("Date", first, urls.search(request, date_from=None, date_to=None))]
    if first is not None:
        found.append(ActiveFilter("From", first, urls.search(request, date_from=None)))
    if last is not None:
        found.append(ActiveFilter("To", last, urls.search(request, date_to=None)))
    return found


def _values(request: SearchRequest, parameter: str, label: str, values: FilterValues) -> Iterator[ActiveFilter]:
    """Yield the values of a filter, each with the URL of the search without that value."""
    for value in (*values.any_of, *values.none_of):
        name = formatting.language(value) if parameter == "lang" else value
        url = urls.search(request, **{parameter: write_values(values.without(value))})
        yield ActiveFilter(label if value in values.any_of else f"Not {label.lower()}", name, url)
