"""A phrase, or two near each other, in the streams of one segment."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate

import numpy as np

from search.budget import QueryBudget
from search.index.segment.phrase_slots import NOWHERE, PhraseSlots, ResolvedSlot
from search.index.segment.posting_lists import DenseTerms
from search.index.segment.segment_reader import Segment
from search.index.storage.column_file import Array
from search.kernels.core.token_stream import FORM_LEAD
from search.kernels.jit.argument_types import read_only
from search.kernels.phrase.nextword import filter_by_neighbours
from search.kernels.phrase.scan import scan_near, scan_phrase
from search.kernels.phrase.scan_vectorized import SlotArrays, TokenStreams, find_near, find_phrases
from search.query import Near, Phrase, Slot

CHUNK = 1 << 15
"""Texts that are read between two looks at the clock."""
PAIRED, SIFTED, APART, READ, WALKED = (5, 0.05), (12, 0.4), (25, 0.6), (40, 1.0), (30, 12.0)
"""Units of a candidate, and of each unit of a text as long as most: where neighbours tell of two frequent words, where
they tell nearly all, where texts are read 64 units at a time for two words, or for more, and where unit by unit."""
TITLE = 60, 200
"""Units of a title that is read 64 units at a time, or one after the other."""
MANY = 24
"""First units from which on to look each unit up beats comparing 64 units with each of them."""
LAYOUTS = 1 << 10
"""Layouts that are remembered: nearly all slots have one entry, or two."""
_ONE = np.uint64(1)


def slots_of(leaf: Phrase | Near) -> tuple[Slot, ...]:
    """The slots of both sides."""
    return leaf.slots if isinstance(leaf, Phrase) else (*leaf.left.slots, *leaf.right.slots)


@lru_cache(LAYOUTS)
def _layout(sizes: tuple[tuple[int, int, int], ...]) -> tuple[Array, Array, Array]:
    """Return where the entries of each slot begin, where its lead units do, and its width, given how many each has."""
    entries, lead_units, widths = zip(*sizes, strict=True)
    arrays = [0, *accumulate(entries)], [0, *accumulate(lead_units)], widths
    slot_first, lead_first, all_widths = (read_only(np.array(numbers, np.int32)) for numbers in arrays)
    return slot_first, lead_first, all_widths


class PhraseMatcher:
    """A phrase or NEAR as the kernels of `search.kernels.phrase` take it, which describe the arrays."""

    def __init__(self, segment: Segment, leaf: Phrase | Near, resolved: Sequence[ResolvedSlot]) -> None:
        self.segment = segment
        self.leaf = leaf
        self.resolved = resolved
        sizes = tuple([(len(slot.entries), len(slot.lead_units), slot.width) for slot in resolved])
        slot_first, lead_first, widths = _layout(sizes)
        entries = np.array([entry for slot in resolved for entry in slot.entries], np.int32)
        lead_units = np.array([unit for slot in resolved for unit in slot.lead_units], np.uint16)
        self.together = isinstance(leaf, Phrase) and leaf.slop == 1
        """Whether its slots stand side by side."""
        self.titles = min([slot.titled for slot in resolved], key=len)
        """Articles whose title may have it: those with the word that fewest titles have."""
        self.titled = len(self.titles) > 0
        """Whether all slots are filled by words that stand in titles."""
        distance = leaf.distance if isinstance(leaf, Near) else 0
        apart = distance > 0 and [slot.width for slot in resolved] == [1, 1]
        self.quick = len(lead_units) <= MANY and (self.together or apart)
        """Whether it is a phrase, or two words near each other, that texts are read 64 units at a time for."""
        exact = max([slot.lead_units[-1] for slot in resolved]) < FORM_LEAD
        self.slots = SlotArrays(
            lead_first, read_only(lead_units), exact, slot_first, read_only(entries), widths, distance
        )  # fmt: skip

    def price(self, dense: DenseTerms) -> int:
        """The units of a candidate, as if all neighbours were noted that can be."""
        each, unit = self._kind_of_price(dense)
        texts = self.segment.derived(PhraseSlots).texts
        length = len(texts.units) / max(1, self.segment.paragraphs)
        # where the words of a phrase repeat, each place where it can begin is read on from
        begins = 1 if self.quick else sum(slot.lead_units == self.resolved[0].lead_units for slot in self.resolved)
        return each + int(unit * length * begins)

    def _kind_of_price(self, dense: DenseTerms) -> tuple[int, float]:
        if self._can_sift(dense):
            paired = (
                self.slots.exact
                and len(self.resolved) == 2
                and all(slot.stem in dense.row_of for slot in self.resolved)
            )
            return PAIRED if paired else SIFTED
        if self.quick:
            return APART if self.slots.distance else READ
        return WALKED

    @property
    def title_price(self) -> int:
        """The units of a title that is read."""
        return TITLE[0 if self.quick else 1]

    def _can_sift(self, dense: DenseTerms) -> bool:
        """Whether neighbours of frequent words can tell."""
        known = dense.nextword.base_of
        pairs = zip(self.resolved, self.resolved[1:], strict=False)
        return self.together and any(
            left.stem >= 0 and (left.stem in known or right.stem in known) for left, right in pairs
        )

    def checks(self, dense: DenseTerms, columns: Sequence[int], budget: QueryBudget | None = None) -> Array:
        """What the neighbours of terms are checked for (see `search.kernels.phrase.nextword`), the rarest first.

        `columns` are the stems that the kernel has, whose postings it will look into; of others only dense ones are.
        Neighbours that are not known yet are noted in the first moments only: texts can be read without.
        """
        checks: list[tuple[int, ...]] = []
        for left, right in zip(self.resolved, self.resolved[1:], strict=False) if self.together else ():
            if left.stem < 0:
                continue
            for side, (term, other) in enumerate(((left, right), (right, left))):
                row = dense.row_of.get(term.stem, -1)
                if term.stem < 0 or (row < 0 and term.stem not in columns):
                    continue
                base = dense.note(term.stem, now=budget is None or budget.seconds < dense.tuning.nextword_seconds)
                if base < 0:
                    continue
                unit = other.lead_units[0] if len(other.lead_units) == 1 else -1
                column = -1 if row >= 0 else columns.index(term.stem)
                checks.append((row, side, other.kinds, unit, term.words, column, base))
        if len(checks) > 1:
            checks.sort(key=lambda check: dense.frequencies[check[0]] if check[0] >= 0 else 0)
        return np.array(checks, np.int64).reshape(-1, 7)

    def sifted(self, docs: Array, dense: DenseTerms, budget: QueryBudget, found: Array) -> Array:
        """Those of some paragraphs whose text has to be read, by the neighbours of dense terms.

        Those whose text is sure to have it get their bit in `found`. Overwrites `docs`.
        """
        checks = self.checks(dense, (), budget)
        if not len(checks):
            return docs
        alone = self.slots.exact and len(self.resolved) == 2
        proofs = np.zeros(len(docs), np.int8)
        n = filter_by_neighbours(docs, proofs, checks, alone, dense.tables, dense.nextword.tables, NOWHERE, found)
        return docs[:n]

    def in_texts(self, docs: Array, budget: QueryBudget, found: Array) -> None:
        """Set the bits of those of some paragraphs whose text has it; past the last resort they count as none."""
        self._among(docs, self.segment.derived(PhraseSlots).texts, budget, found)

    def in_titles(self, docs: Array, budget: QueryBudget, found: Array) -> None:
        """Set the bits of those of some first paragraphs whose article's title has it; others are left alone."""
        self._among(docs, self.segment.derived(PhraseSlots).titles, budget, found)

    def _among(self, docs: Array, streams: TokenStreams, budget: QueryBudget, found: Array) -> None:
        for low in range(0, len(docs), CHUNK):
            if budget.late():
                break
            chunk = docs[low : low + CHUNK]
            if not self.quick:
                self._verify(chunk, streams, found)
                continue
            if self.slots.distance:
                find_near(chunk, streams, self.segment.plain, self.slots, found)
            else:
                find_phrases(chunk, streams, self.segment.plain, self.slots, found)

    def _verify(self, docs: Array, streams: TokenStreams, bits: Array) -> None:
        """Set the bits of those of some documents whose texts, read one unit after the other, have it."""
        leaf, rows = self.leaf, docs
        if len(streams.text_of):
            docs = docs[(streams.with_text[docs >> 6] >> (docs & 63).astype(np.uint64) & _ONE).astype(bool)]
            rows = streams.text_of[docs]
        found = np.zeros(len(rows), bool)
        slots = self.slots
        opening = _bitmap(slots.lead_units[: slots.lead_first[1]] if self.together else slots.lead_units)
        texts = rows, streams.units, streams.first, self.segment.plain
        common = (*texts, slots.slot_first, slots.form_ids, slots.widths, opening)
        if self.together:
            scan_phrase(*common, found)
        elif isinstance(leaf, Phrase):
            scan_near(*common, len(slots.widths), leaf.slop, 0, 0, found)
        else:
            scan_near(*common, len(leaf.left.slots), leaf.left.slop, leaf.right.slop, leaf.distance, found)
        held = docs[found]
        np.bitwise_or.at(bits, held >> 6, _ONE << (held & 63).astype(np.uint64))


def _bitmap(units: Array) -> Array:
    """A bitmap over all units there can be, of these."""
    bits = np.zeros(1 << 16, bool)
    bits[units] = True
    return np.packbits(bits, bitorder="little").view(np.uint64)
