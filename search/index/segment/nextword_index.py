"""What stands beside the frequent terms of a segment: see `search.kernels.phrase.nextword`."""

from __future__ import annotations

import numpy as np

from search.index.segment.phrase_slots import PhraseSlots, lead_units_of
from search.index.segment.segment_reader import Segment
from search.index.storage.column_file import Array
from search.index.storage.shared_memory import SharedLock, zeros
from search.index.tuning import Tuning
from search.kernels.jit.argument_types import read_only
from search.kernels.phrase.nextword import NextwordTables, fill_neighbours

BLOCK = 64
"""Postings that are looked at together: so many have to be there after the last."""


class NextwordIndex:
    """The neighbours of each posting of the frequent terms, noted when first asked for.

    Room is reserved for all of them, in small pages, which costs address space only. Dense terms come first, in the
    order of their tables, whose payloads are numbered alike.
    """

    def __init__(self, segment: Segment, dense: Array, lock: SharedLock, tuning: Tuning) -> None:
        frequencies = segment.frequencies
        others = np.flatnonzero(frequencies > segment.paragraphs // tuning.nextword_share) if len(dense) else dense
        stems = np.concatenate([dense, np.setdiff1d(others, dense)])
        firsts = np.concatenate([[0], np.cumsum(frequencies[stems], dtype=np.int64)])
        self.segment = segment
        self.base_of: dict[int, int] = dict(zip(stems.tolist(), firsts.tolist(), strict=False))
        self.neighbours = zeros((2, int(firsts[-1]) + BLOCK), np.uint16)
        self.main_form_only = zeros(int(firsts[-1]) // BLOCK + 2, np.uint64)
        self.tables = NextwordTables(read_only(self.neighbours), read_only(self.main_form_only))
        self.lock = lock
        self._number_of = {stem: number for number, stem in enumerate(self.base_of)}
        self._noted = zeros(len(stems), np.uint8)

    def is_noted(self, stem: int) -> bool:
        """Tell whether the neighbours of a stem, which has to be among the frequent ones, are known."""
        return bool(self._noted[self._number_of[stem]])

    def note(self, stem: int, docs: Array) -> None:
        """Note what stands beside a stem in these paragraphs, all it has, once."""
        with self.lock.held():
            if self.is_noted(stem):
                return
            segment = self.segment
            texts, entries = segment.derived(PhraseSlots).texts, segment.entries_of_stem(stem)
            lead_units = np.array(lead_units_of(entries, segment.plain), np.uint16)
            fill_neighbours(
                docs, self.base_of[stem], texts.units, texts.first, segment.plain, lead_units, entries, self.neighbours,
                self.main_form_only,
            )  # fmt: skip
            self._noted[self._number_of[stem]] = 1
