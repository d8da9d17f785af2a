"""The filters of a request, as a part of its query tree."""

from __future__ import annotations

from search.dates import parse_date
from search.errors import RequestError
from search.model import SearchRequest
from search.query.tree import ALL, And, Dated, Lang, Node, Source


def with_filters(tree: Node, request: SearchRequest) -> Node:
    """Return a tree restricted by the source, language and dates of a request.

    Raises RequestError for a date that cannot be read.
    """
    filters: list[Node] = []
    if request.source is not None:
        filters.append(Source(request.source))
    if request.lang is not None:
        filters.append(Lang(request.lang.lower()))
    bounds = {}
    for parameter, text in (("date_from", request.date_from), ("date_to", request.date_to)):
        if text is not None:
            try:
                bounds[parameter] = parse_date(text)
            except ValueError as error:
                raise RequestError(parameter, f"{parameter}: {error}.", "Write it as in 2025-07.") from None
    if bounds:
        after, before = bounds.get("date_from"), bounds.get("date_to")
        filters.append(Dated(ends_after=after and after.start, starts_before=before and before.end))
    if not filters:
        return tree
    own = () if tree == ALL else tree.children if isinstance(tree, And) else (tree,)
    restricted = (*own, *filters)
    return And(restricted) if len(restricted) > 1 else restricted[0]
