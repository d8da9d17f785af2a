"""Merging: which segments are written anew, to drop deleted documents and to have few segments, and how."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from search.index.segment.segment_reader import SegmentReader
from search.index.storage.column_file import Array, Rows, starts
from search.index.writing.segment_builder import A_DISTINCT_TOKEN, A_TOKEN, AN_ARTICLE, SegmentBuilder
from search.index.writing.term_dictionary import TermDictionary
from search.kernels.core.token_stream import TRAIL, decode_stream

DEAD = 0.2
"""Minimum share of deleted documents for which a segment is written anew."""
SMALL = 20_000
"""A segment of fewer documents is written anew for any deletion: that takes a moment, and keeps statistics exact."""
SIMILAR = 3
"""A segment is merged with all smaller ones if it has at most this many times as many documents as all of the smaller
ones together."""


@dataclass(frozen=True, slots=True, eq=False)
class MergeCandidate:
    """A segment, and its deleted documents: ascending doc_ids, `(n_deleted,) int32`."""

    segment: SegmentReader
    dead: Array

    @property
    def live(self) -> int:
        """The number of documents that are not deleted."""
        return self.segment.paragraphs - len(self.dead)

    @property
    def memory(self) -> int:
        """The bytes of memory that it takes to merge the segment, about: its file, and what is built from it."""
        segment = self.segment
        tokens = sum(segment.file.places[name][2] for name in ("texts", "titles"))
        built = tokens * A_TOKEN + segment.n_forms * A_DISTINCT_TOKEN + segment.articles * AN_ARTICLE
        return built + len(segment.file.map)


def select_merges(segments: Sequence[MergeCandidate], memory: int) -> list[list[MergeCandidate]]:
    """Return the segments to write anew, in groups that become one segment each.

    These are segments with many deletions, and smaller ones of similar size. The sizes of what stays grow
    geometrically: an index of n documents has about log(n) segments, and each document is merged about log(n) times (as
    in Lucene's tiered merging). A group takes at most `memory` bytes to merge. Only a segment with many deletions
    may take more, and is then alone in its group: as much was needed when it was written.
    """
    due = [
        s
        for s in segments
        if len(s.dead) and (s.segment.paragraphs < SMALL or len(s.dead) >= DEAD * s.segment.paragraphs)
    ]
    groups: list[list[MergeCandidate]] = []
    room = 0
    for candidate in sorted(due, key=lambda s: -s.memory):
        if candidate.memory > room:
            groups.append([])
            room = memory
        groups[-1].append(candidate)
        room -= candidate.memory
    group = groups[-1] if groups else []
    room = room if group else memory
    total = sum(s.live for s in group)
    for candidate in sorted((s for s in segments if s not in due), key=lambda s: s.live):
        if (total and candidate.live > SIMILAR * total) or candidate.memory > room:
            break
        group.append(candidate)
        total += candidate.live
        room -= candidate.memory
    lone = sum(s not in due for s in group) == 1 and not any(s.live for s in group if s in due)
    if lone:
        group.pop()  # it would only be copied
    return groups or ([group] if len(group) > 1 else [])


def merge_into(builder: SegmentBuilder, candidate: MergeCandidate) -> None:
    """Add the live articles of a segment to a builder.

    Words are not analysed again, and most texts are not compressed again.
    """
    segment = candidate.segment
    order = np.argsort(segment.column("text_first"), kind="stable")
    first = segment.column("article_first").astype(np.int64)
    sizes = np.diff(first)[order]
    dead = np.zeros(segment.paragraphs, bool)
    dead[candidate.dead] = True
    at = starts(sizes)
    docs = np.repeat(first[:-1][order] - at[:-1], sizes) + np.arange(at[-1])
    builder.add_analysed(
        [segment.heading(article) for article in order.tolist()],
        sizes.tolist(),
        np.flatnonzero(dead[first[:-1]][order]).tolist(),
        list(segment.stored.volumes()),
        read_dictionary(segment).forms(),
        read_stream(segment, "titles").gathered(order),
        read_stream(segment, "texts").gathered(docs),
    )
    segment.file.drop_pages()


def read_stream(segment: SegmentReader, name: str) -> Rows:
    """Return the decoded token stream of `titles` or `texts`: a row of form ids, int32, for each title or text."""
    units, at = segment.stream(name)
    leads = units < TRAIL
    form_ids = np.empty(int(leads.sum()), np.int32)
    decode_stream(units, 0, len(units), segment.first_marker, form_ids)
    return Rows(form_ids, starts(leads)[at])


def read_dictionary(segment: SegmentReader) -> TermDictionary:
    """Return the dictionary of a segment, as it was when the segment was written."""
    column = segment.column
    return TermDictionary(
        plain=segment.first_marker,
        word_lengths=column("word_lengths"),
        word_bytes=column("word_bytes"),
        word_form=column("word_entry"),
        stem_lengths=column("stem_lengths"),
        stem_bytes=column("stem_bytes"),
        stems=Rows(column("entry_stems"), segment.term_offsets),
        widths=column("marker_widths"),
        carrier_stem=column("marker_via"),
    )
