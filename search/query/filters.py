"""The filters of a request, as a part of its query tree: the values of `source` and `lang`, and dates.

The text of `source` or `lang` is a list of values with commas between them. An article passes that has one of the
values, or any if there is none, and none of those after a `-`. A value in double quotes is taken as it stands, with two
quotation marks for each that is in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from search.dates import parse_date
from search.errors import RequestError
from search.model import Facet, SearchRequest
from search.query.tree import ALL, And, Dated, Lang, Node, Not, Or, Source

MAX_VALUES = 100
"""Maximum number of values of a filter. Each is compared with the value of every article."""
FILTER_OF: Mapping[Facet, str] = {"source": "source", "lang": "lang", "year": "date", "month": "date"}
"""The filter of each facet, as `request_filters` names it."""
HINT = 'Write values with commas between them, and one with a comma or a quotation mark in double quotes: a,"b,c".'
_VALUE = re.compile(r'\s*+(-?+)(?:"((?:[^"]|"")*)"\s*|((?:[^",\s][^,]*)?))(?:,|\Z)')


class FilterValues(NamedTuple):
    """The values of a filter: an article has one of `any_of`, if there are any, and none of `none_of`."""

    any_of: tuple[str, ...] = ()
    none_of: tuple[str, ...] = ()

    def without(self, value: str) -> FilterValues:
        """Return the other values."""
        return FilterValues(*(tuple([one for one in of_kind if one != value]) for of_kind in self))


def read_values(parameter: str, text: str) -> FilterValues:
    """Return the values that the text of a parameter lists, in small letters if they are codes of languages.

    Raises RequestError for a text that lists none.

    >>> read_values("source", 'seeds, -"a,b"')
    FilterValues(any_of=('seeds',), none_of=('a,b',))
    """
    text = text.lower() if parameter == "lang" else text
    any_of: dict[str, None] = {}
    none_of: dict[str, None] = {}
    at, more = 0, True
    while more:
        found = _VALUE.match(text, at)
        if found is None:
            raise RequestError(parameter, f"{parameter} is not readable from {text[at:][:60]!r} on.", HINT)
        excluded, quoted, plain = found.groups()
        value = plain.rstrip() if quoted is None else quoted.replace('""', '"')
        if not value:
            raise RequestError(parameter, f"{parameter} has an empty value.", HINT)
        (none_of if excluded else any_of)[value] = None
        at, more = found.end(), found[0].endswith(",")
    if len(any_of) + len(none_of) > MAX_VALUES:
        raise RequestError(parameter, f"{parameter} has more than {MAX_VALUES} values.", "Give fewer.")
    return FilterValues(tuple(any_of), tuple(none_of))


def write_values(values: FilterValues) -> str | None:
    """Return the text of a parameter that `read_values` reads as these values; None for none.

    >>> write_values(FilterValues(("seeds", "a,b"), ("x",)))
    'seeds,"a,b",-x'
    """
    written = [write_value(value) for value in values.any_of]
    return ",".join([*written, *(f"-{write_value(value)}" for value in values.none_of)]) or None


def write_value(value: str) -> str:
    """Return a value as it stands in the text of a parameter: in double quotes where it would be read as another."""
    if "," in value or value[:1] in {"-", '"', ""} or value != value.strip():
        doubled = value.replace('"', '""')
        return f'"{doubled}"'
    return value


def request_filters(request: SearchRequest) -> dict[str, tuple[Node, ...]]:
    """Return the filters of a request, each as nodes that all have to be met, by name: `source`, `lang`, `date`.

    Raises RequestError for one that cannot be read.
    """
    filters: dict[str, tuple[Node, ...]] = {}
    if request.source is not None:
        values = read_values("source", request.source)
        filters["source"] = _nodes(map(Source, values.any_of), map(Source, values.none_of))
    if request.lang is not None:
        values = read_values("lang", request.lang)
        filters["lang"] = _nodes(map(Lang, values.any_of), map(Lang, values.none_of))
    bounds = {}
    for parameter, text in (("date_from", request.date_from), ("date_to", request.date_to)):
        if text is not None:
            try:
                bounds[parameter] = parse_date(text)
            except ValueError as error:
                raise RequestError(parameter, f"{parameter}: {error}.", "Write it as in 2025-07.") from None
    if bounds:
        after, before = bounds.get("date_from"), bounds.get("date_to")
        filters["date"] = (Dated(ends_after=after and after.start, starts_before=before and before.end),)
    return filters


def _nodes(any_of: Iterable[Node], none_of: Iterable[Node]) -> tuple[Node, ...]:
    """Return a filter of these nodes as nodes that all have to be met."""
    allowed = tuple(any_of)
    return (*((Or(allowed),) if len(allowed) > 1 else allowed), *map(Not, none_of))


def with_filters(tree: Node, request: SearchRequest) -> Node:
    """Return a tree restricted by the source, language and dates of a request.

    Raises RequestError for a filter that cannot be read.
    """
    return restricted(tree, request_filters(request))


def restricted(tree: Node, filters: Mapping[str, tuple[Node, ...]], leave_out: str = "") -> Node:
    """Return a tree restricted by filters (see `request_filters`), but for one of them."""
    nodes = [node for name, of_name in filters.items() if name != leave_out for node in of_name]
    if not nodes:
        return tree
    own = () if tree == ALL else tree.children if isinstance(tree, And) else (tree,)
    both = (*own, *nodes)
    return And(both) if len(both) > 1 else both[0]


def facet_queries(tree: Node, filters: Mapping[str, tuple[Node, ...]], facets: Iterable[Facet]) -> dict[Facet, Node]:
    """Return, for each facet that a request has a filter of, the query without that filter (see `Search`)."""
    return {facet: restricted(tree, filters, FILTER_OF[facet]) for facet in facets if FILTER_OF[facet] in filters}
