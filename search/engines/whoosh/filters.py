"""Which articles of a segment meet a filter."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from search.engines.whoosh.arrays import Array
from search.query import Dated, Lang, Source

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


def _index(names: list[str], name: str) -> int:
    return names.index(name) if name in names else -1
