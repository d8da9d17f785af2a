"""What fills the slots of phrases in a segment."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from search.engines.whoosh.arrays import Array
from search.kernels.neighbours import KINDS
from search.kernels.streams import MARKER, RARE
from search.query import Slot

if TYPE_CHECKING:  # which keeps what this makes
    from search.engines.whoosh.segment import Segment

REMEMBERED = 1 << 14
"""Slots of a segment that are remembered."""


class Filled(NamedTuple):
    """What fills a slot: `entries`, ascending, of which `heads` are the distinct first units.

    `stems` are those of the slot's that occur, `titled` says whether one of the entries stands in a title. Where all
    entries are single words of one and the same stem, `stem` is that, else -1.
    """

    stems: tuple[int, ...]
    entries: list[int]
    heads: list[int]
    stem: int
    titled: bool

    @property
    def kinds(self) -> int:
        """What they are in a filter of neighbours (`search.kernels.neighbours`)."""
        kinds = 0
        for head in self.heads:
            kinds |= 1 << head % KINDS
        return kinds


class Slots:
    """The slots of a segment, looked up when asked for."""

    def __init__(self, segment: Segment) -> None:
        self.segment = segment
        self.known: dict[Slot, Filled] = {}

    def filled(self, slot: Slot) -> Filled:
        """What fills a slot; without entries when nothing does."""
        try:
            return self.known[slot]
        except KeyError:
            if len(self.known) >= REMEMBERED:
                self.known = {}
            filled = self.known[slot] = self._looked_up(slot)
            return filled

    def _looked_up(self, slot: Slot) -> Filled:
        segment, find = self.segment, self.segment.strings("stem").find
        stems = tuple(number for stem in slot.stems if (number := find(stem)) >= 0)
        entries = self._entries(slot)
        stem = -1
        if len(stems) == 1 and not segment.widths[entries].any():
            stem = stems[0] if np.isin(entries, segment.entries_of_stem(stems[0])).all() else -1
        titled = bool(segment.in_titles[entries].any())
        return Filled(stems, entries.tolist(), heads_of(entries, segment.plain), stem, titled)

    def _entries(self, slot: Slot) -> Array:
        segment = self.segment
        if slot.stemmed:
            numbers = map(segment.strings("stem").find, slot.terms)
            found = [segment.entries_of_stem(number) for number in numbers if number >= 0]
        else:
            found = [segment.entries_of_word(term) for term in slot.terms]
        entries = np.unique(np.concatenate([np.zeros(0, np.int32), *found]))
        return np.asarray(entries[np.maximum(segment.widths[entries], 1) == slot.width], np.int32)


def heads_of(entries: Array, plain: int) -> list[int]:
    """The distinct first units of entries, ascending."""
    heads = {
        MARKER + (entry - plain >> 12) if entry >= plain else RARE + (entry - RARE >> 12) if entry >= RARE else entry
        for entry in entries.tolist()
    }
    return sorted(heads)
