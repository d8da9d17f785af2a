"""A segment as part of a generation, and the statistics of the generation that ranking needs. Uses no compiled loop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from search.index.segment.doc_values import Filter, FilterCache
from search.index.segment.segment_reader import NO_BITMAP, SegmentReader
from search.index.storage.column_file import Array
from search.index.tuning import Tuning
from search.ranking import impact_table

if TYPE_CHECKING:
    from search.index.segment.posting_lists import DenseTerms


@dataclass(frozen=True)
class CollectionStatistics:
    """Statistics of all segments of a generation, for BM25. Deleted paragraphs count until a merge."""

    paragraphs: int
    """Number of paragraphs."""
    average_length: float
    """Average number of words of a paragraph, with its title."""

    @cached_property
    def impacts(self) -> Array:
        """`(64 * 256,) float64`: the impact of a term by frequency * 256 + length (see `search.ranking`)."""
        return impact_table(self.average_length)


class SegmentTables:
    """Tables of a segment's dense terms. They are made when first asked for, and kept by later generations.

    Their upper bounds of impacts hold for the average length of a paragraph given here.
    """

    def __init__(self, segment: SegmentReader, average_length: float, tuning: Tuning) -> None:
        self.segment = segment
        self.average_length = average_length
        self.tuning = tuning

    @cached_property
    def dense(self) -> DenseTerms:
        """The tables; made at the first access, which loads compiled loops."""
        from search.index.segment.posting_lists import DenseTerms

        return DenseTerms(self.segment, self.average_length, self.tuning)


@dataclass(frozen=True, slots=True)
class SegmentView:
    """A segment together with the deletions of one generation."""

    segment: SegmentReader
    live: Array | None
    """`(n_blocks,) uint64`: the bitmap of the docs that are not deleted; None if no doc is deleted."""
    tables: SegmentTables

    @property
    def dense(self) -> DenseTerms:
        """The tables of the segment's dense terms."""
        return self.tables.dense

    def is_live(self, article: int) -> bool:
        """Tell whether an article, by its number, is not deleted; articles are deleted as a whole."""
        doc = self.segment.span(article)[0]
        return self.live is None or bool(self.live[doc >> 6] >> np.uint64(doc & 63) & np.uint64(1))

    def live_articles(self) -> Array:
        """Return `(n_articles,) bool`: whether each article is not deleted."""
        first = self.segment.column("article_first")[:-1].astype(np.int64)
        if self.live is None:
            return np.ones(len(first), bool)
        return np.asarray(self.live[first >> 6] >> (first & 63).astype(np.uint64) & np.uint64(1), bool)

    def accept_docs(self, filters: Sequence[Filter]) -> Array:
        """Return the `(n_blocks,) uint64` bitmap of the docs that are not deleted and pass all filters.

        NO_BITMAP stands for all docs.
        """
        accepted = NO_BITMAP if self.live is None else self.live
        for node in filters:
            matches = self.segment.derived(FilterCache).bitmap(node)
            accepted = accepted & matches if len(accepted) else matches
        return accepted
