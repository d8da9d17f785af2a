"""The values that articles have: filters ask which articles meet one, facets count how many paragraphs have each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from operator import itemgetter
from typing import TypeAlias

import numpy as np

from search.index.segment.segment_reader import Segment
from search.index.storage.column_file import Array, starts
from search.index.storage.lru_cache import LruCache
from search.model import Facet, FacetCount
from search.query import And, Dated, Lang, Node, Source

Filter: TypeAlias = Source | Lang | Dated
FILTERS = 8 << 20
"""Bytes of filters that a segment remembers."""


class FilterCache:
    """The filters asked for last, as bitmaps of a segment."""

    def __init__(self, segment: Segment) -> None:
        self.segment = segment
        self._bitmaps = LruCache[Array](FILTERS, lambda bits: bits.nbytes)

    def bitmap(self, node: Filter) -> Array:
        """Return the bitmap of the paragraphs of the articles that meet a filter; it is not to be written to."""
        return self._bitmaps.get(node, lambda: self.segment.of_articles(articles_meeting(self.segment, node)))


def articles_meeting(segment: Segment, node: Filter) -> Array:
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


def split_filters(query: Node) -> tuple[Node, tuple[Filter, ...]]:
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


MONTH, YEAR = 31 * 86_400, 366 * 86_400
"""Seconds of the longest ones: a date that covers more is of no one month, or year."""


class FacetColumns:
    """Some facets of a segment, to be counted together: the number of each article's value of each."""

    def __init__(self, segment: Segment, facets: Sequence[Facet]) -> None:
        columns = [_column(segment, facet) for facet in facets]
        self.names = [names for names, _ in columns]
        self.first = starts(np.array([1, *map(len, self.names)], np.int64))[1:]
        """The number of each facet's first value among those of all; 0 stands for none."""
        numbers = [np.where(of < 0, 0, of + at) for (_, of), at in zip(columns, self.first, strict=False)]
        self.values = np.ascontiguousarray(np.stack(numbers, axis=1), np.int32)

    def counts(self, segment: Segment, bits: Array) -> list[list[int]]:
        """How many paragraphs of a bitmap have each value, facet by facet."""
        from search.kernels.core.bitmap import histograms

        counts = np.zeros(int(self.first[-1]), np.int64)
        histograms(bits, segment.ends, self.values, counts)
        return [part.tolist() for part in np.split(counts, self.first[:-1])[1:]]


def _facet_tables(_segment: Segment) -> dict[tuple[Facet, ...], FacetColumns]:
    """Return where the tables of a segment are kept."""
    return {}


class FacetCounter:
    """Counts facets over the segments of a search."""

    def __init__(self, facets: Sequence[Facet]) -> None:
        self.facets = tuple(sorted(facets))  # in one order, as a segment keeps tables for each
        self._counted: list[Counter[str]] = [Counter() for _ in self.facets]

    def add(self, segment: Segment, bits: Array) -> None:
        """Count what matches in a segment."""
        if not self.facets:
            return
        tables = segment.derived(_facet_tables)
        if self.facets not in tables:
            tables[self.facets] = FacetColumns(segment, self.facets)
        table = tables[self.facets]
        for counter, names, counts in zip(self._counted, table.names, table.counts(segment, bits), strict=True):
            counter.update({name: count for name, count in zip(names, counts, strict=True) if count})

    def result(self) -> dict[str, tuple[FacetCount, ...]]:
        """The values of each facet, the most frequent first, of equals the first by name."""
        found: dict[str, tuple[FacetCount, ...]] = {}
        for facet, counter in zip(self.facets, self._counted, strict=True):
            by_name = sorted(counter.items())
            found[facet] = tuple(map(FacetCount._make, sorted(by_name, key=itemgetter(1), reverse=True)))  # stable
        return found


def _column(segment: Segment, facet: Facet) -> tuple[list[str], Array]:
    """The values of a facet, and the number of each article's value, -1 for none."""
    if facet in {"source", "lang"}:
        return segment.names(facet), segment.column(facet)
    unit, longest = ("Y", YEAR) if facet == "year" else ("M", MONTH)
    known = segment.dated & (segment.column("date_end") - segment.column("date_start") <= longest)
    periods = segment.column("date_start")[known].astype("datetime64[s]").astype(f"datetime64[{unit}]")
    values, inverse = np.unique(periods, return_inverse=True)
    value_of = np.full(segment.articles, -1, np.int32)
    value_of[known] = inverse
    return np.datetime_as_string(values).tolist(), value_of
