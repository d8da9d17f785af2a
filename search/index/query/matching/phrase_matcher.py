"""Finds a phrase, or two words or phrases near each other, in the token streams of one segment."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate
from typing import Any

import numpy as np

from search.budget import QueryBudget
from search.index.segment.phrase_slots import PhraseSlots, ResolvedSlot
from search.index.segment.posting_lists import DenseTerms
from search.index.segment.segment_reader import NO_BITMAP, SegmentReader, bitmap_of
from search.index.storage.column_file import Array
from search.kernels.core.token_stream import FORM_LEAD
from search.kernels.jit.argument_types import read_only
from search.kernels.phrase.nextword import filter_by_neighbours
from search.kernels.phrase.scan import scan_near, scan_phrase
from search.kernels.phrase.scan_vectorized import SlotArrays, TokenStreams, find_near, find_phrases
from search.query.tree import Near, Phrase

CHUNK = 1 << 15
"""Texts that are read between two looks at the clock."""
MAX_LEAD_UNITS = 24
"""Maximum number of lead units for which texts are read 64 units at a time, each compared with every lead unit; with
more lead units, each unit of a text is looked up in a bitmap."""
MAX_LAYOUTS = 1 << 10
"""Maximum number of results of `_layout` that are cached: nearly all slots have one form, or two."""
MAX_VECTORIZED = 128
"""Maximum distance of two words for which texts are read 64 units at a time."""
UNITS_PER_STREAM = 1 << 16
"""Number of different units, each of 16 bits."""

PROVED_COST = 5, 0.05
"""Units of work for a candidate, and for each 16-bit unit of a text of average length: if the neighbours of two dense
terms decide."""
FILTERED_COST = 12, 0.4
"""Units of work for a candidate, and for each 16-bit unit of a text of average length: if neighbours decide for nearly
all candidates."""
CLOSE_BY_COST = 25, 0.6
"""Units of work for a candidate, and for each 16-bit unit of a text of average length: if texts are read 64 units at a
time, for NEAR of two words."""
SIDE_BY_SIDE_COST = 40, 1.0
"""Units of work for a candidate, and for each 16-bit unit of a text of average length: if texts are read 64 units at a
time, for a phrase."""
ONE_BY_ONE_COST = 30, 12.0
"""Units of work for a candidate, and for each 16-bit unit of a text of average length: if texts are read unit by unit.
"""
TITLE_COST, TITLE_COST_ONE_BY_ONE = 60, 200
"""Units of work to read a title: 64 units of its stream at a time, and unit by unit."""
_ONE = np.uint64(1)


@lru_cache(MAX_LAYOUTS)
def _layout(sizes: tuple[tuple[int, int, int], ...]) -> tuple[Array, Array, Array]:
    """Return the offsets of the slots' forms, those of their lead units, and their widths; each int32, read-only.

    `sizes` has the numbers of forms and of lead units, and the width, of each slot.
    """
    n_forms, n_lead_units, widths = zip(*sizes, strict=True)
    arrays = [0, *accumulate(n_forms)], [0, *accumulate(n_lead_units)], widths
    slot_first, lead_first, all_widths = (read_only(np.array(numbers, np.int32)) for numbers in arrays)
    return slot_first, lead_first, all_widths


class PhraseMatcher:
    """A phrase or NEAR in one segment, in the arrays that the loops of `search.kernels.phrase` take."""

    def __init__(self, segment: SegmentReader, leaf: Phrase | Near, resolved: Sequence[ResolvedSlot]) -> None:
        self.segment = segment
        self.leaf = leaf
        self.resolved = resolved
        sizes = tuple([(len(slot.form_ids), len(slot.lead_units), slot.width) for slot in resolved])
        slot_first, lead_first, widths = _layout(sizes)
        form_ids = np.array([form_id for slot in resolved for form_id in slot.form_ids], np.int32)
        lead_units = np.array([unit for slot in resolved for unit in slot.lead_units], np.uint16)
        self.is_adjacent = isinstance(leaf, Phrase) and leaf.slop == 1
        """Whether it is a phrase without slop: the slots are side by side."""
        self.title_articles = min([slot.title_articles for slot in resolved], key=len)
        """`(n,) int32`: the articles whose title may match: those that have the slot that is in the fewest titles."""
        self.may_match_titles = len(self.title_articles) > 0
        """Whether every slot is filled by a form of some title."""
        distance = leaf.distance if isinstance(leaf, Near) else 0
        two_words = 0 < distance <= MAX_VECTORIZED and [slot.width for slot in resolved] == [1, 1]
        self.is_vectorized = len(lead_units) <= MAX_LEAD_UNITS and (self.is_adjacent or two_words)
        """Whether texts are read 64 units at a time: for phrases without slop, and for NEAR of two words."""
        exact = max([slot.lead_units[-1] for slot in resolved]) < FORM_LEAD
        self.slots = SlotArrays(
            lead_first, read_only(lead_units), exact, slot_first, read_only(form_ids), widths, distance
        )

    def cost(self, dense: DenseTerms) -> int:
        """Return the units of work for a candidate, as if the nextword index were filled."""
        base, per_unit = self._cost_class(dense)
        texts = self.segment.derived(PhraseSlots).texts
        length = len(texts.units) / max(1, self.segment.paragraphs)
        if not self.is_vectorized:  # a phrase that repeats its first word is tried at all places of that word
            length *= sum(slot.lead_units == self.resolved[0].lead_units for slot in self.resolved)
        return base + int(per_unit * length)

    def _cost_class(self, dense: DenseTerms) -> tuple[int, float]:
        if self._has_neighbours(dense):
            both_dense = len(self.resolved) == 2 and all(slot.term_id in dense.row_of for slot in self.resolved)
            return PROVED_COST if self.slots.exact and both_dense else FILTERED_COST
        if self.is_vectorized:
            return CLOSE_BY_COST if self.slots.distance else SIDE_BY_SIDE_COST
        return ONE_BY_ONE_COST

    @property
    def title_cost(self) -> int:
        """The units of work to read a title."""
        return TITLE_COST if self.is_vectorized else TITLE_COST_ONE_BY_ONE

    def _has_neighbours(self, dense: DenseTerms) -> bool:
        """Tell whether the nextword index has a term of two adjacent slots."""
        indexed = dense.nextword.offset_of
        pairs = zip(self.resolved, self.resolved[1:], strict=False)
        return self.is_adjacent and any(
            left.term_id >= 0 and (left.term_id in indexed or right.term_id in indexed) for left, right in pairs
        )

    def checks(self, dense: DenseTerms, columns: Sequence[int], budget: QueryBudget | None = None) -> Array:
        """Return what to check of the neighbours of the phrase's terms, `(n_checks, 7) int64`, the rarest term first.

        `search.kernels.phrase.nextword` names the columns of a check. Only dense terms are checked, and those of
        `columns`, the term_ids of the sparse terms whose postings the loop decodes. Neighbours that are not in the
        tables yet are put there only in the first `Tuning.nextword_seconds` of a request; later, texts are read.
        """
        checks: list[tuple[int, ...]] = []
        for left, right in zip(self.resolved, self.resolved[1:], strict=False) if self.is_adjacent else ():
            if left.term_id < 0:
                continue
            for side, (slot, other) in enumerate(((left, right), (right, left))):
                row = dense.row_of.get(slot.term_id, -1)
                if slot.term_id < 0 or (row < 0 and slot.term_id not in columns):
                    continue
                in_time = budget is None or budget.seconds < dense.tuning.nextword_seconds
                offset = dense.neighbours_offset(slot.term_id, fill=in_time)
                if offset < 0:
                    continue
                unit = other.lead_units[0] if len(other.lead_units) == 1 else -1
                column = -1 if row >= 0 else columns.index(slot.term_id)
                checks.append((row, side, other.neighbour_filter, unit, slot.form_set, column, offset))
        if len(checks) > 1:
            checks.sort(key=lambda check: dense.doc_freqs[check[0]] if check[0] >= 0 else 0)
        return np.array(checks, np.int64).reshape(-1, 7)

    def filter_by_neighbours(self, docs: Array, dense: DenseTerms, budget: QueryBudget, bits: Array) -> Array:
        """Return those of `docs`, `(n,) int32`, whose text has to be read, judging by the neighbours of dense terms.

        Sets in `bits`, `(n_blocks,) uint64`, the bits of docs that are proved to match. Overwrites `docs`.
        """
        checks = self.checks(dense, (), budget)
        if not len(checks):
            return docs
        can_prove = self.slots.exact and len(self.resolved) == 2
        proofs = np.zeros(len(docs), np.int8)
        n = filter_by_neighbours(docs, proofs, checks, can_prove, dense.tables, dense.nextword.tables, NO_BITMAP, bits)
        return docs[:n]

    def match(self, docs: Array, streams: TokenStreams, budget: QueryBudget, bits: Array) -> None:
        """Set in `bits`, `(n_blocks,) uint64`, the bits of those of `docs`, `(n,) int32`, whose text matches.

        The texts are those of `streams`. In the streams of titles, the text of the first doc of an article is the
        title, and other docs have none: they are skipped. When time is up, the docs that are left are skipped too.
        """
        for low in range(0, len(docs), CHUNK):
            if budget.late():
                break
            chunk = docs[low : low + CHUNK]
            if self.is_vectorized:
                scan: Any = find_near if self.slots.distance else find_phrases
                scan(chunk, streams, self.segment.first_marker, self.slots, bits)
            else:
                self._match_one_by_one(chunk, streams, bits)

    def _match_one_by_one(self, docs: Array, streams: TokenStreams, bits: Array) -> None:
        """Set in `bits`, `(n_blocks,) uint64`, the bits of those of `docs`, `(n,) int32`, that match.

        The texts in `streams` are read unit by unit.
        """
        leaf, slots, rows = self.leaf, self.slots, docs
        if len(streams.text_of):
            docs = docs[(streams.with_text[docs >> 6] >> (docs & 63).astype(np.uint64) & _ONE).astype(bool)]
            rows = streams.text_of[docs]
        matches = np.zeros(len(rows), bool)
        lead_units = slots.lead_units[: slots.lead_first[1]] if self.is_adjacent else slots.lead_units
        common = (
            *(rows, streams.units, streams.first, self.segment.first_marker),
            *(slots.slot_first, slots.form_ids, slots.widths, bitmap_of(lead_units, UNITS_PER_STREAM // 64)),
        )
        if self.is_adjacent:
            scan_phrase(*common, matches)
        elif isinstance(leaf, Phrase):
            scan_near(*common, len(slots.widths), leaf.slop, 0, 0, matches)
        else:
            scan_near(*common, len(leaf.left.slots), leaf.left.slop, leaf.right.slop, leaf.distance, matches)
        docs = docs[matches]
        np.bitwise_or.at(bits, docs >> 6, _ONE << (docs & 63).astype(np.uint64))
