"""Filters: which articles of a segment meet one, and which of a query restrict all of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from search.engines.whoosh.arrays import Array
from search.query import And, Dated, Lang, Node, Source

if TYPE_CHECKING:  # a segment remembers what its filters let through
    from search.engines.whoosh.segment import Segment

Filter: TypeAlias = Source | Lang | Dated


def meeting(segment: Segment, node: Filter) -> Array:
    """Which articles meet a filter; undated ones meet none of dates."""
    if isinstance(node, Source):
        return np.asarray(segment.column("source") == _index(segment.names("source"), node.name))
    if isinstance(node, Lang):
        return np.asarray(segment.column("lang") == _index(segment.names("lang"), node.code))
    start, end = segment.column("date_start"), segment.column("date_end")
    chosen = segment.dated.copy()
    for bound, holds in (
        (node.ends_after, end.__gt__),
        (node.starts_before, start.__lt__),
        (node.ends_by, end.__le__),
        (node.starts_from, start.__ge__),
    ):
        if bound is not None:
            chosen &= holds(bound)
    return chosen


def narrowed(query: Node) -> tuple[Node, tuple[Filter, ...]]:
    """A query without the filters that restrict all that it finds, and these."""
    if not isinstance(query, And):
        return query, ()
    filters = tuple([child for child in query.children if isinstance(child, Filter)])
    rest = tuple([child for child in query.children if not isinstance(child, Filter)]) if filters else ()
    if not rest:
        return query, ()
    return (rest[0] if len(rest) == 1 else And(rest)), filters


def _index(names: list[str], name: str) -> int:
    return names.index(name) if name in names else -1
