"""Segments into a builder: how deleted paragraphs are got rid of, and small segments become a large one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from search.engines.whoosh.arrays import Array
from search.engines.whoosh.builder import SegmentBuilder
from search.engines.whoosh.layout import Rows, starts
from search.engines.whoosh.segment import Segment
from search.engines.whoosh.vocabulary import Entry
from search.kernels.streams import TRAIL, decode_stream

DEAD = 0.2
"""The share of deleted paragraphs from which on a segment is written anew."""
SMALL = 20_000
"""Paragraphs of a segment that is written anew for any deletion: that takes a moment, and keeps statistics exact."""
SIMILAR = 3
"""A segment is merged with all smaller ones when it is at most so many times as large as they are together."""
LARGEST = 2_000_000
"""Paragraphs of a segment that merging makes at most."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A segment, and which of its paragraphs are deleted."""

    segment: Segment
    dead: Array

    @property
    def live(self) -> int:
        """How many paragraphs are not deleted."""
        return self.segment.paragraphs - len(self.dead)


def to_merge(segments: Sequence[Kept]) -> list[Kept]:
    """The segments that are due to become one: those with many deletions, and smaller ones of similar size.

    Sizes of what stays grow in steps, so that an index of n paragraphs has about log(n) segments, and each paragraph is
    merged about log(n) times (as in Lucene's tiered merging).
    """
    due = [
        s
        for s in segments
        if len(s.dead) and (s.segment.paragraphs < SMALL or len(s.dead) >= DEAD * s.segment.paragraphs)
    ]
    rest = sorted((s for s in segments if s not in due), key=lambda s: s.live)
    total = sum(s.live for s in due)
    group: list[Kept] = []
    for candidate in rest:
        if total and candidate.live > SIMILAR * total:
            break
        if total + candidate.live > LARGEST:
            break
        group.append(candidate)
        total += candidate.live
    if len(group) == 1 and not any(s.live for s in due):
        group = []  # it would only be copied
    return due + group


def feed(builder: SegmentBuilder, kept: Kept) -> None:
    """Give a builder the live articles of a segment; their words are not analysed again."""
    segment = kept.segment
    first = segment.column("article_first").astype(np.int64)
    dead = np.zeros(segment.paragraphs, bool)
    dead[kept.dead] = True
    live = np.flatnonzero(~dead[first[:-1]])
    if not len(live):
        return
    paragraphs = np.concatenate([np.arange(first[a], first[a + 1]) for a in live])
    builder.add_analysed(
        [segment.heading(a) for a in live.tolist()],
        [segment.texts(*segment.span(a)) for a in live.tolist()],
        entries_of(segment),
        rows_of(segment, "titles").gathered(live),
        rows_of(segment, "texts").gathered(paragraphs),
    )


def rows_of(segment: Segment, name: str) -> Rows:
    """All titles or texts of a segment as entries."""
    units, at = segment.stream(name)
    leads = units < TRAIL
    entries = np.empty(int(leads.sum()), np.int32)
    decode_stream(units, 0, len(units), segment.plain, entries)
    return Rows(entries, starts(leads)[at])


def entries_of(segment: Segment) -> list[Entry]:
    """The vocabulary by number."""
    words = segment.strings("word")
    by_entry = [""] * segment.entries
    for place, entry in enumerate(segment.column("word_entry").tolist()):
        by_entry[entry] = words.text(place)
    stems = [segment.strings("stem").text(i) for i in range(len(segment.strings("stem")))]
    first, numbers = segment.stems_first.tolist(), segment.column("entry_stems").tolist()
    widths, via = segment.widths.tolist(), segment.via.tolist()
    return [
        Entry(by_entry[e], tuple(stems[n] for n in numbers[first[e] : first[e + 1]]), widths[e], stems[via[e]])
        for e in range(segment.entries)
    ]
