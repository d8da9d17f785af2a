"""The groups of articles that are copies of one another, over all segments of a generation: see `search.copies`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np

from search.index.segment.segment_reader import SegmentReader
from search.index.storage.column_file import Array, ArrayFile, narrowest, new_array_file, starts


class GroupMembers(NamedTuple):
    """The members of groups of copies, group by group, in order."""

    group: Array
    """`(n_members,) int64`: the number of each member's group."""
    of_segments: list[tuple[Array, Array]]
    """For each segment its members: their indexes in `group`, and their article numbers in the segment, both int64."""


class CopyGroups:
    """The groups of copies of a generation, open for reading.

    Members of a group follow one another, in the order of `search.copies.order`: the first one is the main article.
    """

    def __init__(self, path: Path, segments: Sequence[SegmentReader]) -> None:
        self.file = ArrayFile(path)
        self.file.check_all()  # it is small, and most searches do not read it
        self.first = starts(np.array([segment.articles for segment in segments], np.int64))
        """`(n_segments + 1,) int64`: the number of the first article of each segment, counted over all segments."""
        self._segments = segments

    @property
    def sizes(self) -> Array:
        """`(n_groups,) int64`: how many members each group has."""
        return self.file.whole("group_sizes").astype(np.int64)

    @property
    def articles(self) -> Array:
        """`(n_members,) int64`: the members, group by group, as numbers counted over all segments."""
        return self.file.whole("group_articles")

    @cached_property
    def members(self) -> GroupMembers:
        """The members of all groups."""
        segments = np.searchsorted(self.first, self.articles, side="right") - 1
        places = [np.flatnonzero(segments == number) for number in range(len(self._segments))]
        of_segments = [(at, self.articles[at] - self.first[number]) for number, at in enumerate(places)]
        return GroupMembers(np.repeat(np.arange(len(self.sizes)), self.sizes), of_segments)

    def others(self, segment: SegmentReader, article: int) -> list[tuple[SegmentReader, int]]:
        """Return the segment and the number of each other article in the group of an article, in order.

        Empty if the article has no copies and is no copy itself.
        """
        number = int(self.first[self._segments.index(segment)]) + article
        found = np.flatnonzero(self.articles == number)
        if not len(found):
            return []
        ends = np.cumsum(self.sizes)
        group = int(np.searchsorted(ends, found[0], side="right"))
        members = self.articles[ends[group] - self.sizes[group] : ends[group]].tolist()
        segments = np.searchsorted(self.first, members, side="right") - 1
        return [
            (self._segments[at], one - int(self.first[at]))
            for at, one in zip(segments.tolist(), members, strict=True)
            if one != number
        ]


def write_groups(path: Path, sizes: Array, articles: Array) -> None:
    """Write the file of the groups of copies, synced: `sizes` and `articles` of `CopyGroups`, both int64."""
    with new_array_file(path) as writer:
        writer.add("group_sizes", narrowest(sizes))
        writer.add("group_articles", articles.astype(np.int64))
