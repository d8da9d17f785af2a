"""What fills the slots of phrases in a segment."""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple

import numpy as np

from search.index.segment.segment_reader import Segment
from search.index.storage.column_file import Array
from search.kernels.core.token_stream import FORM_LEAD, MARKER_LEAD, decode_stream
from search.kernels.jit.argument_types import read_only
from search.kernels.phrase.nextword import ALL_FORMS, ANY_FORM, MAIN_FORM, filter_bit
from search.kernels.phrase.scan_vectorized import TokenStreams
from search.query import Slot

REMEMBERED = 1 << 14
"""Slots of a segment that are remembered."""
BLOCK = 64
"""Units that are read at a time."""
NOWHERE, NOBODY = np.zeros(0, np.uint64), np.zeros(0, np.int32)


class ResolvedSlot(NamedTuple):
    """What fills a slot: `entries`, ascending, of which `lead_units` are the distinct first units.

    `stems` are those of the slot's that occur, `kinds` those of the heads in a filter of neighbours (see
    `search.kernels.phrase.nextword`), `titled` the articles whose title has one of the entries. Where all entries are
    single words of one and the same stem, `stem` is that, else -1; `words` says which of its words they are.
    """

    stems: tuple[int, ...]
    entries: list[int]
    lead_units: list[int]
    width: int
    kinds: int
    stem: int
    words: int
    titled: Array


class PhraseSlots:
    """The slots of a segment, looked up when asked for, and where they are looked for."""

    def __init__(self, segment: Segment) -> None:
        self.segment = segment
        self.known: dict[Slot, ResolvedSlot] = {}

    @cached_property
    def texts(self) -> TokenStreams:
        """The paragraphs' texts."""
        return TokenStreams(*_long(*self.segment.stream("texts")), read_only(NOBODY), read_only(NOWHERE))

    @cached_property
    def titles(self) -> TokenStreams:
        """The titles, of first paragraphs."""
        segment = self.segment
        article_of, openings = read_only(segment.article_of), read_only(segment.openings)
        return TokenStreams(*_long(*segment.stream("titles")), article_of, openings)

    @cached_property
    def in_titles(self) -> tuple[Array, Array]:
        """The entries of all titles, ascending, and the article of each: an inverted index of the titles."""
        segment = self.segment
        units, first = segment.stream("titles")
        entries = np.empty(int(first[-1]), np.int32)
        entries = entries[: decode_stream(units, first[0], first[-1], segment.plain, entries)]
        sizes = np.where(entries >= min(segment.plain, FORM_LEAD), 2, 1)
        articles = np.searchsorted(first, np.cumsum(sizes) - sizes, "right") - 1
        order = np.argsort(entries, kind="stable")
        return entries[order], articles[order].astype(np.int32)

    def titled(self, entries: Array) -> Array:
        """The articles whose title has one of some entries, ascending."""
        known, articles = self.in_titles
        lows, highs = np.searchsorted(known, entries), np.searchsorted(known, entries, "right")
        found = [articles[low:high] for low, high in zip(lows.tolist(), highs.tolist(), strict=True) if low < high]
        return np.unique(np.concatenate(found)) if found else NOBODY

    def resolved(self, slot: Slot) -> ResolvedSlot:
        """What fills a slot; without entries when nothing does."""
        try:
            return self.known[slot]
        except KeyError:
            if len(self.known) >= REMEMBERED:
                self.known = {}
            resolved = self.known[slot] = self._looked_up(slot)
            return resolved

    def _looked_up(self, slot: Slot) -> ResolvedSlot:
        segment, find = self.segment, self.segment.strings("stem").find
        stems = tuple(number for stem in slot.stems if (number := find(stem)) >= 0)
        entries = self._entries(slot)
        stem, words = -1, ANY_FORM
        if len(stems) == 1 and not segment.widths[entries].any():
            every = segment.entries_of_stem(stems[0])
            stem = stems[0] if np.isin(entries, every).all() else -1
            words = (
                ALL_FORMS if len(entries) == len(every) else MAIN_FORM if entries.tolist() == [every[0]] else ANY_FORM
            )
        lead_units = lead_units_of(entries, segment.plain)
        kinds = sum({1 << filter_bit(lead_unit) for lead_unit in lead_units})
        return ResolvedSlot(stems, entries.tolist(), lead_units, slot.width, kinds, stem, words, self.titled(entries))

    def _entries(self, slot: Slot) -> Array:
        segment = self.segment
        if slot.stemmed:
            numbers = map(segment.strings("stem").find, slot.terms)
            found = [segment.entries_of_stem(number) for number in numbers if number >= 0]
        else:
            found = list(map(self._entries_of_word, slot.terms))
        entries = np.unique(np.concatenate([np.zeros(0, np.int32), *found]))
        return np.asarray(entries[np.maximum(segment.widths[entries], 1) == slot.width], np.int32)

    def _entries_of_word(self, word: str) -> Array:
        """The entries of a word as written."""
        words, wanted = self.segment.strings("word"), word.encode("utf-8", "surrogatepass")
        low = high = words.lower_bound(wanted)
        while high < len(words) and words[high] == wanted:
            high += 1
        return self.segment.column("word_entry")[low:high]


def _long(units: Array, first: Array) -> tuple[Array, Array]:
    """A stream of 64 units at least."""
    return read_only(units if len(units) >= BLOCK else np.pad(units, (0, BLOCK - len(units)))), read_only(first)


def lead_units_of(entries: Array, plain: int) -> list[int]:
    """The distinct first units of entries, ascending."""
    lead_units = {
        MARKER_LEAD + (entry - plain >> 12)
        if entry >= plain
        else FORM_LEAD + (entry - FORM_LEAD >> 12)
        if entry >= FORM_LEAD
        else entry
        for entry in entries.tolist()
    }
    return sorted(lead_units)
