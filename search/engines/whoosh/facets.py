"""Facets: how many of the paragraphs that match have each source, language, year or month."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from operator import itemgetter
from typing import TYPE_CHECKING

import numpy as np

from search.engines.whoosh.arrays import Array, starts
from search.kernels.bits import histograms
from search.model import Facet, FacetCount

if TYPE_CHECKING:
    from search.engines.whoosh.segment import Segment

MONTH, YEAR = 31 * 86_400, 366 * 86_400
"""Seconds of the longest ones: a date that covers more is of no one month, or year."""


class FacetTable:
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
        counts = np.zeros(int(self.first[-1]), np.int64)
        histograms(bits, segment.ends, self.values, counts)
        return [part.tolist() for part in np.split(counts, self.first[:-1])[1:]]


class Facets:
    """Counts facets over the segments of a search."""

    def __init__(self, facets: Sequence[Facet]) -> None:
        self.facets = tuple(sorted(facets))  # in one order, as a segment keeps tables for each
        self._counted: list[Counter[str]] = [Counter() for _ in self.facets]

    def add(self, segment: Segment, bits: Array) -> None:
        """Count what matches in a segment."""
        if not self.facets:
            return
        table = segment.facets(self.facets)
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
