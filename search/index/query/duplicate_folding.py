"""Leaves copies out of the matches: of each group of copies only the first article that matches is shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from search.index.query.segment_searcher import Generation
from search.index.storage.column_file import Array
from search.kernels.core.bitmap import count, groups_with_bits
from search.model import NOTHING_FOLDED, Folded


class Folding(NamedTuple):
    """The matches of a search that are shown, and how many others are left out as copies."""

    shown: list[Array]
    """The bitmap of the docs of each segment that are shown, `(n_blocks,) uint64`."""
    folded: Folded


def fold_copies(generation: Generation, matches: Sequence[Array]) -> Folding:
    """Leave copies out of matches, given as a `(n_blocks,) uint64` bitmap of docs for each segment.

    All docs of an article are left out if an earlier article of its group has a match.
    """
    members = generation.copies.members
    matching = np.zeros(len(members.group), bool)
    for segment, bits, (places, articles) in zip(generation.segments, matches, members.of_segments, strict=True):
        found = np.zeros(-(-segment.segment.articles // 64), np.uint64)
        groups_with_bits(bits, segment.segment.last_docs, found)
        matching[places] = (found[articles >> 6] >> (articles & 63).astype(np.uint64)) & np.uint64(1)
    group = members.group[matching]
    is_later = np.zeros(len(group), bool)
    is_later[1:] = group[1:] == group[:-1]
    matching[matching] = is_later
    if not matching.any():
        return Folding(list(matches), NOTHING_FOLDED)
    shown = []
    for segment, bits, (places, articles) in zip(generation.segments, matches, members.of_segments, strict=True):
        shown.append(bits & ~segment.segment.docs_of_articles(articles[matching[places]]))
    paragraphs = sum(int(count(bits)) for bits in matches) - sum(int(count(bits)) for bits in shown)
    return Folding(shown, Folded(paragraphs, int(matching.sum())))
