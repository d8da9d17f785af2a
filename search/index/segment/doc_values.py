"""Values of articles by column: filters ask which articles have a value, facets count the paragraphs of each value."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import partial
from itertools import pairwise
from operator import itemgetter
from typing import TypeAlias, TypeGuard, cast

import numpy as np

from search.index.segment.segment_reader import SegmentReader
from search.index.storage.column_file import Array, starts
from search.index.storage.lru_cache import LruCache
from search.model import Facet, FacetCount, FacetCounts
from search.query.tree import And, Dated, Lang, Node, Not, Or, Source

Filter: TypeAlias = Source | Lang | Dated | Or | Not
"""A filter: a source, a language, dates, and what OR and NOT make of filters."""
FILTER_TYPES = (Source, Lang, Dated)
"""The classes of plain filters, as a tuple for `isinstance`, which is faster than with a union."""
FILTER_CACHE_BYTES = 8 << 20
counted = partial(tuple.__new__, FacetCount)
"""Does what `FacetCount._make` does, in half the time."""
MONTH, YEAR = 31 * 86_400, 366 * 86_400
"""Seconds of the longest month, and of the longest year: a date that covers more has no month, or no year."""


class FilterCache:
    """Bitmaps of the filters that a segment was asked for last."""

    def __init__(self, segment: SegmentReader) -> None:
        self.segment = segment
        self._bitmaps = LruCache[Array](FILTER_CACHE_BYTES, lambda bits: bits.nbytes)

    def bitmap(self, node: Filter) -> Array:
        """Return the `(n_blocks,) uint64` bitmap of the docs whose articles pass a filter; do not write to it."""
        return self._bitmaps.get(node, lambda: self._bitmap(node))

    def _bitmap(self, node: Filter) -> Array:
        return self.segment.docs_of_articles(np.flatnonzero(filter_articles(self.segment, node)))


def filter_articles(segment: SegmentReader, node: Filter) -> Array:
    """Return `(n_articles,) bool`: whether each article passes a filter.

    An article without a date passes no filter of dates.
    """
    if isinstance(node, Not):
        return ~filter_articles(segment, cast("Filter", node.child))
    if isinstance(node, Or):
        passing = [filter_articles(segment, cast("Filter", child)) for child in node.children]
        return np.asarray(np.any(passing, axis=0))
    if isinstance(node, Source | Lang):
        column, name = ("source", node.name) if isinstance(node, Source) else ("lang", node.code)
        names = segment.names(column)
        return np.asarray(segment.column(column) == (names.index(name) if name in names else -1))
    start, end = segment.column("date_start"), segment.column("date_end")
    passes = segment.dated.copy()
    for bound, compare in (
        (node.ends_after, end.__gt__),
        (node.starts_before, start.__lt__),
        (node.ends_by, end.__le__),
        (node.starts_from, start.__ge__),
    ):
        if bound is not None:
            passes &= compare(bound)
    return passes


def is_filter(node: Node) -> TypeGuard[Filter]:
    """Tell whether a node is a filter: every paragraph of an article meets it, or none."""
    if isinstance(node, Not):
        return is_filter(node.child)
    if isinstance(node, Or):
        return all(map(is_filter, node.children))
    return isinstance(node, FILTER_TYPES)


def split_filters(query: Node) -> tuple[Node, tuple[Filter, ...]]:
    """Split a query into the rest and the filters that restrict all of its matches, those directly below an AND.

    A query of nothing but filters is returned whole, without filters.
    """
    if not isinstance(query, And):
        return query, ()
    filters = tuple([child for child in query.children if is_filter(child)])
    rest = tuple([child for child in query.children if not is_filter(child)]) if filters else ()
    if not rest:
        return query, ()
    return (rest[0] if len(rest) == 1 else And(rest)), filters


class FacetColumns:
    """Several facets of a segment, in the form in which one loop counts them together."""

    def __init__(self, segment: SegmentReader, facets: Sequence[Facet]) -> None:
        columns = [_facet_column(segment, facet) for facet in facets]
        self.names = [names for names, _ in columns]
        """The values of each facet."""
        self.offsets = starts(np.array([1, *map(len, self.names)], np.int64))[1:]
        """`(n_facets + 1,) int64`: the first counter of each facet, and the number of all counters. Counter 0 is for
        articles that have no value of a facet."""
        counters = [
            np.where(ords < 0, 0, ords + offset) for (_, ords), offset in zip(columns, self.offsets, strict=False)
        ]
        self.counters = np.ascontiguousarray(np.stack(counters, axis=1), np.int32)
        """`(n_articles, n_facets) int32`: the counter of each article's value of each facet."""

    def counts(self, segment: SegmentReader, bits: Array) -> list[list[int]]:
        """Return, facet by facet, how many docs of a `(n_blocks,) uint64` bitmap have each value."""
        from search.kernels.core.bitmap import histograms

        counts = np.zeros(int(self.offsets[-1]), np.int64)
        histograms(bits, segment.last_docs, self.counters, counts)
        numbers, offsets = counts.tolist(), self.offsets.tolist()
        return [numbers[low:high] for low, high in pairwise(offsets)]


def _facet_column(segment: SegmentReader, facet: Facet) -> tuple[list[str], Array]:
    """Return the values of a facet, and `(n_articles,)` the index of each article's value among them, -1 for none."""
    if facet in {"source", "lang"}:
        return segment.names(facet), segment.column(facet)
    unit, longest = ("Y", YEAR) if facet == "year" else ("M", MONTH)
    known = segment.dated & (segment.column("date_end") - segment.column("date_start") <= longest)
    periods = segment.column("date_start")[known].astype("datetime64[s]").astype(f"datetime64[{unit}]")
    values, inverse = np.unique(periods, return_inverse=True)
    ords = np.full(segment.articles, -1, np.int32)
    ords[known] = inverse
    return np.datetime_as_string(values).tolist(), ords


def _facet_columns(_segment: SegmentReader) -> dict[tuple[Facet, ...], FacetColumns]:
    """Return an empty cache of a segment's facets, for `SegmentReader.derived`."""
    return {}


class FacetCounter:
    """Counts facets over the segments of a search."""

    def __init__(self, facets: Sequence[Facet]) -> None:
        # Sorted, for segments cache FacetColumns by this tuple: each set of facets is cached once.
        self.facets = tuple(sorted(facets)) if facets else ()
        self._counters: list[Counter[str]] = [Counter() for _ in self.facets]

    def add(self, segment: SegmentReader, bits: Array) -> None:
        """Count the docs of a segment that match, given as a `(n_blocks,) uint64` bitmap."""
        if not self.facets:
            return
        cached = segment.derived(_facet_columns)
        if self.facets not in cached:
            cached[self.facets] = FacetColumns(segment, self.facets)
        columns = cached[self.facets]
        for counter, names, counts in zip(self._counters, columns.names, columns.counts(segment, bits), strict=True):
            counter.update({name: count for name, count in zip(names, counts, strict=True) if count})

    def result(self) -> FacetCounts:
        """Return the values of each facet by count, descending, then by name."""
        result: FacetCounts = {}
        for facet, counter in zip(self.facets, self._counters, strict=True):
            by_name = sorted(counter.items())
            result[facet] = tuple(
                map(counted, sorted(by_name, key=itemgetter(1), reverse=True))
            )  # equal counts stay sorted by name
        return result
