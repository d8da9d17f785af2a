"""What stands beside the frequent terms of a segment: see `search.kernels.neighbours`."""

from __future__ import annotations

import mmap
import threading

import numpy as np

from search.engines.whoosh.arrays import Array
from search.engines.whoosh.segment import Segment
from search.engines.whoosh.slots import heads_of
from search.kernels.neighbours import note_neighbours

NOTED_FROM = 256
"""A term is noted if it stands in more than one of so many paragraphs: of fewer, the texts are soon read."""
PAIR = 4
"""Bytes of the neighbours of a posting."""
BLOCK = 64
"""Postings that are looked at together: so many have to be there after the last."""


class Beside:
    """The neighbours of each posting of the frequent terms, noted when first asked for.

    Room is reserved for all of them, in small pages, which costs address space only. Dense terms come first, in the
    order of their tables, whose payloads are numbered alike.
    """

    def __init__(self, segment: Segment, dense: Array) -> None:
        frequencies = segment.frequencies
        others = np.flatnonzero(frequencies > segment.paragraphs // NOTED_FROM) if len(dense) else dense
        stems = np.concatenate([dense, np.setdiff1d(others, dense)])
        firsts = np.concatenate([[0], np.cumsum(frequencies[stems], dtype=np.int64)])
        self.segment = segment
        self.base_of: dict[int, int] = dict(zip(stems.tolist(), firsts.tolist(), strict=False))
        self.neighbours = np.frombuffer(mmap.mmap(-1, PAIR * (int(firsts[-1]) + BLOCK)), np.uint16).reshape(2, -1)
        self.pure = np.frombuffer(mmap.mmap(-1, 8 * (int(firsts[-1]) // BLOCK + 2)), np.uint64)
        self.noted: set[int] = set()
        self.lock = threading.Lock()

    def note(self, stem: int, docs: Array) -> None:
        """Note what stands beside a stem in these paragraphs, all it has, once."""
        with self.lock:
            if stem in self.noted:
                return
            segment = self.segment
            texts, entries = segment.slots.texts, segment.entries_of_stem(stem)
            heads = np.array(heads_of(entries, segment.plain), np.uint16)
            note_neighbours(
                docs, self.base_of[stem], texts.units, texts.first, segment.plain, heads, entries, self.neighbours,
                self.pure,
            )  # fmt: skip
            self.noted.add(stem)
