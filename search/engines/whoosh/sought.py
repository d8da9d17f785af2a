"""A phrase, or two near each other, in the streams of one segment."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from search.engines.whoosh.arrays import Array
from search.engines.whoosh.deadline import Deadline
from search.engines.whoosh.postings import Terms
from search.engines.whoosh.segment import Segment
from search.kernels.bits import count, list_bits
from search.kernels.phrases import adjacent, near
from search.kernels.sequences import close_by, side_by_side
from search.kernels.streams import MARKER, RARE
from search.query import Near, Phrase, Slot

CHUNK = 1 << 15
"""Texts that are read between two looks at the clock."""
BLOCK = 64
"""Units that are read at a time, and that a stream has at least."""
MANY = 24
"""First units from which on to look each unit up beats comparing 64 units with each of them."""


@dataclass(frozen=True)
class Sought:
    """What the kernels look for: see `search.kernels.phrases` and `search.kernels.sequences` for the arrays."""

    segment: Segment
    leaf: Phrase | Near
    slot_first: Array
    entries: Array
    widths: Array
    head_first: Array
    heads: Array

    @classmethod
    def of(cls, segment: Segment, terms: Terms, slots: tuple[Slot, ...], leaf: Phrase | Near) -> Sought | None:
        """The entries that fill the slots; None when one of them cannot be filled."""
        filled = [_entries(segment, terms, slot) for slot in slots]
        if not all(map(len, filled)):
            return None
        heads = [heads_of(entries, segment.plain) for entries in filled]
        return cls(
            segment,
            leaf,
            firsts(filled),
            np.concatenate(filled),
            np.array([slot.width for slot in slots], np.int32),
            firsts(heads),
            np.array([head for each in heads for head in each], np.uint16),
        )

    @property
    def together(self) -> bool:
        """Whether its slots stand side by side."""
        return isinstance(self.leaf, Phrase) and self.leaf.slop == 1

    @property
    def apart(self) -> bool:
        """Whether it is two words near each other."""
        return isinstance(self.leaf, Near) and self.widths.tolist() == [1, 1]

    def in_texts(self, candidates: Array, deadline: Deadline) -> Array:
        """The paragraphs of a bitmap whose text has it, as a bitmap; those that time did not allow count as none."""
        return self._among(_listed(candidates), "texts", self.segment.blocks, deadline)

    def in_titles(self, candidates: Array, deadline: Deadline) -> Array | None:
        """The paragraphs of the articles of a bitmap whose title has it; None for none."""
        segment = self.segment
        if not all(segment.in_titles[self.entries[low:high]].any() for low, high in self._spans()):
            return None
        articles = segment.article_of[_listed(candidates & segment.openings)]
        found = self._among(articles, "titles", -(-segment.articles // BLOCK), deadline)
        if not found.any():
            return None
        chosen = np.unpackbits(found.view(np.uint8), bitorder="little")[: segment.articles]
        return segment.of_articles(chosen.view(bool))

    def _among(self, rows: Array, name: str, blocks: int, deadline: Deadline) -> Array:
        """The bitmap of those of some texts, or titles, that have it."""
        units, first = self.segment.stream(name)
        found = np.zeros(blocks, np.uint64)
        if len(self.heads) > MANY or not (self.together or self.apart):
            self._verify(rows, units, first, deadline, found)
            return found
        if len(units) < BLOCK:
            units = np.pad(units, (0, BLOCK - len(units)))
        exact = int(self.heads.max()) < RARE
        for low in range(0, len(rows), CHUNK):
            if deadline.passed():
                break
            common = rows[low : low + CHUNK], units, first, self.segment.plain, self.head_first, self.heads, exact
            if self.together:
                side_by_side(*common, self.slot_first, self.entries, self.widths, found)
            elif isinstance(self.leaf, Near):
                close_by(*common, self.slot_first, self.entries, self.leaf.distance, found)
        return found

    def _spans(self) -> list[tuple[int, int]]:
        return list(zip(self.slot_first[:-1].tolist(), self.slot_first[1:].tolist(), strict=True))

    def _verify(self, rows: Array, units: Array, first: Array, deadline: Deadline, bits: Array) -> None:
        """Set the bits of those that have it, read one unit after the other."""
        leaf, found = self.leaf, np.zeros(len(rows), bool)
        if isinstance(leaf, Phrase):
            split, slop, right, distance = len(self.widths), leaf.slop, 0, 0
        else:
            split, slop, right, distance = len(leaf.left.slots), leaf.left.slop, leaf.right.slop, leaf.distance
        opening = _bitmap(self.heads[: self.head_first[1]] if self.together else self.heads)
        for low in range(0, len(rows), CHUNK):
            if deadline.passed():
                break
            chunk = slice(low, low + CHUNK)
            common = (
                rows[chunk], units, first, self.segment.plain, self.slot_first, self.entries, self.widths, opening
            )  # fmt: skip
            if self.together:
                adjacent(*common, found[chunk])
            else:
                near(*common, split, slop, right, distance, found[chunk])
        held = rows[found]
        np.bitwise_or.at(bits, held >> 6, np.uint64(1) << (held & 63).astype(np.uint64))


def _entries(segment: Segment, terms: Terms, slot: Slot) -> Array:
    """The entries that fill a slot, ascending."""
    if slot.stemmed:
        numbers = [number for term in slot.terms if (number := terms.number(term)) >= 0]
        found = [segment.entries_of_stem(number) for number in numbers]
    else:
        found = [segment.entries_of_word(term) for term in slot.terms]
    entries = found[0] if len(found) == 1 else np.concatenate(found) if found else np.zeros(0, np.int32)
    if len(entries) > 1:
        entries = np.unique(entries)
    widths = segment.widths[entries]
    return np.asarray(entries[np.maximum(widths, 1) == slot.width], np.int32)


def heads_of(entries: Array, plain: int) -> list[int]:
    """The distinct first units of entries, ascending."""
    heads = {
        MARKER + (entry - plain >> 12) if entry >= plain else RARE + (entry - RARE >> 12) if entry >= RARE else entry
        for entry in entries.tolist()
    }
    return sorted(heads)


def _bitmap(units: Array) -> Array:
    """A bitmap over all units there can be, of these."""
    bits = np.zeros(1 << 16, bool)
    bits[units] = True
    return np.packbits(bits, bitorder="little").view(np.uint64)


def firsts(rows: list[Array] | list[list[int]]) -> Array:
    """Where each row begins in all of them, one after the other."""
    return np.array([0, *np.cumsum([len(row) for row in rows]).tolist()], np.int32)


def _listed(bits: Array) -> Array:
    docs = np.empty(count(bits), np.int32)
    list_bits(bits, docs)
    return docs
