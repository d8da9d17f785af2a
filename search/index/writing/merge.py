"""Segments into a builder: how deleted paragraphs are got rid of, and small segments become a large one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from search.index.segment.segment_reader import SegmentReader
from search.index.segment.surface_forms import SurfaceForms
from search.index.storage.column_file import Array, Rows, starts
from search.index.writing.lexicon import LexiconEntry
from search.index.writing.segment_builder import A_DISTINCT_TOKEN, A_TOKEN, AN_ARTICLE, SegmentBuilder
from search.kernels.core.token_stream import TRAIL, decode_stream

DEAD = 0.2
"""The share of deleted paragraphs from which on a segment is written anew."""
SMALL = 20_000
"""Paragraphs of a segment that is written anew for any deletion: that takes a moment, and keeps statistics exact."""
SIMILAR = 3
"""A segment is merged with all smaller ones when it is at most so many times as large as they are together."""


@dataclass(frozen=True, slots=True)
class MergeCandidate:
    """A segment, and which of its paragraphs are deleted."""

    segment: SegmentReader
    dead: Array

    @property
    def live(self) -> int:
        """How many paragraphs are not deleted."""
        return self.segment.paragraphs - len(self.dead)

    @property
    def memory(self) -> int:
        """About how many bytes of memory it takes to merge the segment: what is made of it, and its file."""
        segment = self.segment
        tokens = sum(segment.file.places[name][2] for name in ("texts", "titles"))
        made = tokens * A_TOKEN + segment.n_forms * A_DISTINCT_TOKEN + segment.articles * AN_ARTICLE
        return made + len(segment.file.map)


def select_merges(segments: Sequence[MergeCandidate], memory: int) -> list[list[MergeCandidate]]:
    """The segments that are due, in groups that become one each: those with many deletions, and similar smaller ones.

    Sizes of what stays grow in steps, so that an index of n paragraphs has about log(n) segments, and each paragraph is
    merged about log(n) times (as in Lucene's tiered merging), up to what can be merged in `memory` bytes. A segment
    with many deletions is written anew by itself when it takes more: it took that much when it was written.
    """
    due = [
        s
        for s in segments
        if len(s.dead) and (s.segment.paragraphs < SMALL or len(s.dead) >= DEAD * s.segment.paragraphs)
    ]
    groups: list[list[MergeCandidate]] = []
    room = 0
    for kept in sorted(due, key=lambda s: -s.memory):
        if kept.memory > room:
            groups.append([])
            room = memory
        groups[-1].append(kept)
        room -= kept.memory
    rest = sorted((s for s in segments if s not in due), key=lambda s: s.live)
    group = groups[-1] if groups else []
    total = sum(s.live for s in group)
    for candidate in rest:
        if total and candidate.live > SIMILAR * total:
            break
        room = memory if not group else room
        if candidate.memory > room:
            break
        group.append(candidate)
        total += candidate.live
        room -= candidate.memory
    lone = sum(s not in due for s in group) == 1 and not any(s.live for s in group if s in due)
    if lone:
        group.pop()  # it would only be copied
    return groups or ([group] if len(group) > 1 else [])


def merge_into(builder: SegmentBuilder, kept: MergeCandidate) -> None:
    """Give a builder the live articles of a segment; words are not analysed again, and most texts not compressed."""
    segment = kept.segment
    order = np.argsort(segment.column("text_first"), kind="stable")
    first = segment.column("article_first").astype(np.int64)
    sizes = np.diff(first)[order]
    dead = np.zeros(segment.paragraphs, bool)
    dead[kept.dead] = True
    block_rank = starts(sizes)
    paragraphs = np.repeat(first[:-1][order] - block_rank[:-1], sizes) + np.arange(block_rank[-1])
    builder.add_analysed(
        [segment.heading(a) for a in order.tolist()],
        sizes.tolist(),
        np.flatnonzero(dead[first[:-1]][order]).tolist(),
        list(segment.stored.volumes()),
        entries_of(segment),
        rows_of(segment, "titles").gathered(order),
        rows_of(segment, "texts").gathered(paragraphs),
    )
    segment.file.let_go()


def rows_of(segment: SegmentReader, name: str) -> Rows:
    """All titles or texts of a segment as entries."""
    units, at = segment.stream(name)
    leads = units < TRAIL
    entries = np.empty(int(leads.sum()), np.int32)
    decode_stream(units, 0, len(units), segment.first_marker, entries)
    return Rows(entries, starts(leads)[at])


def entries_of(segment: SegmentReader) -> list[LexiconEntry]:
    """The vocabulary by number."""
    words = segment.strings("word")
    by_entry = [""] * segment.n_forms
    for place, entry in enumerate(segment.column("word_entry").tolist()):
        by_entry[entry] = words.text(place)
    stems = [segment.strings("stem").text(i) for i in range(len(segment.strings("stem")))]
    first, numbers = segment.term_offsets.tolist(), segment.column("entry_stems").tolist()
    widths, carrier_stem = segment.widths.tolist(), segment.derived(SurfaceForms).roles.carrier_stem.tolist()
    return [
        LexiconEntry(
            by_entry[e], tuple(stems[n] for n in numbers[first[e] : first[e + 1]]), widths[e], stems[carrier_stem[e]]
        )
        for e in range(segment.n_forms)
    ]
