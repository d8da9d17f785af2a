"""Which articles of a generation are copies, found by the signatures in its segments: see `search.copies`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from search.copies import MAX_MAINS, SLOTS
from search.index.segment.segment_reader import SegmentReader
from search.index.storage.column_file import Array, starts
from search.kernels.terms.minhash import group_copies


def link_copies(segments: Sequence[tuple[SegmentReader, Array]], max_mains: int = MAX_MAINS) -> tuple[Array, Array]:
    """Return the groups of copies among the articles that are not deleted: their sizes and their members, int64.

    `segments` are those of a generation, each with its deleted docs; members are numbers of articles counted over all
    of them. The first member of a group is the main article, and the others follow in order.
    """
    if not segments:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    first = starts(np.array([segment.articles for segment, _ in segments], np.int64))
    live = np.ones(int(first[-1]), bool)
    for begin, (segment, dead) in zip(first.tolist(), segments, strict=False):
        live[begin + segment.article_of[dead]] = False
    order = _ordered(segments)
    order = order[live[order]]
    signatures = np.concatenate([segment.column("signatures").reshape(-1, SLOTS) for segment, _ in segments])[order]
    shingles = np.concatenate([segment.column("shingles") for segment, _ in segments])[order]
    sizes, members = group_copies(signatures, shingles, max_mains)
    return sizes, order[members]


def _ordered(segments: Sequence[tuple[SegmentReader, Array]]) -> Array:
    """Return the numbers of all articles, counted over all segments, by date and id: see `search.copies.order`."""
    dates = np.concatenate([segment.column("date_start") for segment, _ in segments])
    if len(segments) == 1:  # articles of a segment are in the order of their ids
        return np.argsort(dates, kind="stable")
    ids = [segment.strings("id").text(number) for segment, _ in segments for number in range(segment.articles)]
    by_id = np.array(sorted(range(len(ids)), key=ids.__getitem__), np.int64)
    return by_id[np.argsort(dates[by_id], kind="stable")]
