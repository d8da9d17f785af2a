"""The nextword index of a segment: the words beside its frequent terms, kept in memory and filled when first used.

`search.kernels.phrase.nextword` describes the tables.
"""

from __future__ import annotations

import numpy as np

from search.index.segment.phrase_slots import PhraseSlots, lead_units_of
from search.index.segment.segment_reader import SegmentReader
from search.index.storage.column_file import Array
from search.index.storage.shared_memory import SharedLock, zeros
from search.index.tuning import Tuning
from search.kernels.jit.argument_types import read_only
from search.kernels.phrase.nextword import NextwordTables, fill_neighbours

BLOCK = 64
"""Number of postings that loops look at together; the tables have room for as many more after the last posting."""


class NextwordIndex:
    """The neighbours of each posting of the frequent terms of a segment; those of a term are found when first used.

    Room is reserved for all frequent terms, in small pages, which costs address space only. Dense terms come first, in
    the order of their rows, so that a posting has one number here and among the payloads of `DenseTables`.
    """

    def __init__(self, segment: SegmentReader, dense: Array, lock: SharedLock, tuning: Tuning) -> None:
        doc_freqs = segment.doc_freqs
        frequent = np.flatnonzero(doc_freqs > segment.paragraphs // tuning.nextword_share) if len(dense) else dense
        term_ids = np.concatenate([dense, np.setdiff1d(frequent, dense)])
        offsets = np.concatenate([[0], np.cumsum(doc_freqs[term_ids], dtype=np.int64)])
        self.segment = segment
        self.offset_of: dict[int, int] = dict(zip(term_ids.tolist(), offsets.tolist(), strict=False))
        """The number of each frequent term's first posting in the tables, by its term_id."""
        self.neighbours = zeros((2, int(offsets[-1]) + BLOCK), np.uint16)
        self.main_form_only = zeros(int(offsets[-1]) // BLOCK + 2, np.uint64)
        self.tables = NextwordTables(read_only(self.neighbours), read_only(self.main_form_only))
        self.lock = lock
        self._ord_of = {term_id: ord_ for ord_, term_id in enumerate(self.offset_of)}
        self._ready = zeros(len(term_ids), np.uint8)

    def is_ready(self, term_id: int) -> bool:
        """Tell whether the neighbours of a term, which has to be a frequent one, are in the tables."""
        return bool(self._ready[self._ord_of[term_id]])

    def fill(self, term_id: int, docs: Array) -> None:
        """Find the neighbours of a frequent term, once; `docs`, `(doc_freq,) int32`, are all docs that have it."""
        with self.lock.held():
            if self.is_ready(term_id):
                return
            segment = self.segment
            texts, form_ids = segment.derived(PhraseSlots).texts, segment.forms_of_term(term_id)
            lead_units = np.array(lead_units_of(form_ids, segment.first_marker), np.uint16)
            fill_neighbours(
                docs, self.offset_of[term_id], texts.units, texts.first, segment.first_marker, lead_units, form_ids,
                self.neighbours, self.main_form_only,
            )  # fmt: skip
            self._ready[self._ord_of[term_id]] = 1
