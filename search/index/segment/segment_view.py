"""A segment as part of a generation, and what ranking has to know of the whole of it. Needs no compiled loop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from search.index.segment.doc_values import Filter, FilterCache
from search.index.segment.segment_reader import Segment
from search.index.storage.column_file import Array
from search.index.tuning import Tuning
from search.ranking import impact_table

if TYPE_CHECKING:
    from search.index.segment.posting_lists import DenseTerms

NOWHERE = np.zeros(0, np.uint64)
"""In place of a bitmap: it restricts nothing."""


@dataclass(frozen=True, slots=True)
class CollectionStatistics:
    """What ranking has to know of the whole generation; deleted paragraphs count until a merge."""

    paragraphs: int
    average: float
    impacts: Array

    @classmethod
    def of(cls, paragraphs: int, average: float) -> CollectionStatistics:
        """Make one with the table of impacts at this average length."""
        return cls(paragraphs, average, impact_table(average))


class SegmentTables:
    """The tables of a segment's dense terms, made when first asked for and kept from generation to generation.

    Their ceilings hold for paragraphs of this average length.
    """

    def __init__(self, segment: Segment, average: float, tuning: Tuning) -> None:
        self.segment = segment
        self.average = average
        self.tuning = tuning

    @cached_property
    def dense(self) -> DenseTerms:
        """The tables themselves."""
        from search.index.segment.posting_lists import DenseTerms

        return DenseTerms(self.segment, self.average, self.tuning)


@dataclass(frozen=True, slots=True)
class SegmentView:
    """A segment of a generation. `live` is the bitmap of its paragraphs that are not deleted, None for all."""

    segment: Segment
    live: Array | None
    tables: SegmentTables

    @property
    def dense(self) -> DenseTerms:
        """The tables of its dense terms."""
        return self.tables.dense

    def among(self, filters: Sequence[Filter]) -> Array:
        """Return the bitmap of its paragraphs that are not deleted and meet all filters; NOWHERE for all there are."""
        found = NOWHERE if self.live is None else self.live
        for node in filters:
            met = self.segment.derived(FilterCache).bitmap(node)
            found = found & met if len(found) else met
        return found
