"""The slots of phrases in a segment: which forms fill a slot, and in which token streams to look for them."""

from __future__ import annotations

from functools import cached_property, lru_cache, partial
from typing import NamedTuple

import numpy as np

from search.index.segment.segment_reader import NO_BITMAP, SegmentReader
from search.index.storage.column_file import Array
from search.index.storage.lru_cache import LruCache
from search.kernels.core.token_stream import FORM_LEAD, MARKER_LEAD, decode_stream
from search.kernels.jit.argument_types import read_only
from search.kernels.phrase.nextword import ALL_FORMS, ANY_FORM, MAIN_FORM, filter_bit
from search.kernels.phrase.scan_vectorized import TokenStreams
from search.query.tree import Slot

MAX_CACHED_SLOTS = 1 << 14
BLOCK = 64
"""Units that loops read at a time: no stream may be shorter."""
NO_NUMBERS = np.zeros(0, np.int32)
"""No docs, articles or forms."""


class ResolvedSlot(NamedTuple):
    """A slot of a phrase, looked up in one segment: the forms that fill it, and what loops have to know of them."""

    term_ids: tuple[int, ...]
    """The terms of the slot that occur in the segment."""
    form_ids: list[int]
    """The forms that fill the slot, ascending; empty if none does."""
    lead_units: list[int]
    """The distinct first units of these forms in a token stream, ascending."""
    width: int
    """How many positions the slot takes."""
    neighbour_filter: int
    """The filter of neighbours that has the bits of all lead units (see `search.kernels.phrase.nextword`)."""
    term_id: int
    """The term of the slot, if it is the only one and all forms are single words that have it; else -1."""
    form_set: int
    """Which forms of `term_id` fill the slot: ANY_FORM, MAIN_FORM or ALL_FORMS of `search.kernels.phrase.nextword`."""
    title_articles: Array
    """`(n,) int32`: the articles whose title has one of the forms, ascending."""


class PhraseSlots:
    """Resolves slots of phrases to the forms of a segment, and gives the token streams that phrases are read in."""

    def __init__(self, segment: SegmentReader) -> None:
        self.segment = segment
        # Not a method: its cache would refer to `self`, a cycle that keeps the files of the segment mapped.
        self.forms_of_word = lru_cache(MAX_CACHED_SLOTS)(partial(_forms_of_word, segment))
        """Returns the form_ids of a word: see `_forms_of_word`."""
        self._resolved: LruCache[ResolvedSlot] = LruCache(MAX_CACHED_SLOTS, size=lambda _: 1)

    @cached_property
    def texts(self) -> TokenStreams:
        """The token streams of all texts, by doc."""
        return TokenStreams(*_padded(*self.segment.stream("texts")), read_only(NO_NUMBERS), read_only(NO_BITMAP))

    @cached_property
    def streams(self) -> tuple[Array, Array, Array, Array, int]:
        """The arrays by which a loop finds the tokens of a doc and of the title of its article.

        They are, in this order: the token streams of all texts and the offset at which each doc's text begins; the
        token streams of all titles and the offset at which each article's title begins; and the form_id of the first
        marker.
        """
        texts, titles = self.texts, self.titles
        return texts.units, texts.first, titles.units, titles.first, self.segment.first_marker

    @cached_property
    def titles(self) -> TokenStreams:
        """The token streams of all titles, by the first doc of the article."""
        segment = self.segment
        article_of, first_docs = read_only(segment.article_of), read_only(segment.first_docs)
        return TokenStreams(*_padded(*segment.stream("titles")), article_of, first_docs)

    @cached_property
    def title_postings(self) -> tuple[Array, Array]:
        """The inverted index of titles: form_ids, ascending, and the article of each, both `(n_tokens,) int32`."""
        segment = self.segment
        units, first = segment.stream("titles")
        form_ids = np.empty(int(first[-1]), np.int32)
        form_ids = form_ids[: decode_stream(units, first[0], first[-1], segment.first_marker, form_ids)]
        sizes = np.where(form_ids >= min(segment.first_marker, FORM_LEAD), 2, 1)
        articles = np.searchsorted(first, np.cumsum(sizes) - sizes, "right") - 1
        order = np.argsort(form_ids, kind="stable")
        return form_ids[order], articles[order].astype(np.int32)

    def title_articles(self, form_ids: Array) -> Array:
        """Return the numbers of the articles whose title has any of some forms, `(n,) int32`, ascending."""
        tokens, articles = self.title_postings
        lows, highs = np.searchsorted(tokens, form_ids), np.searchsorted(tokens, form_ids, "right")
        parts = [articles[low:high] for low, high in zip(lows.tolist(), highs.tolist(), strict=True) if low < high]
        return np.unique(np.concatenate(parts)) if parts else NO_NUMBERS

    def resolve(self, slot: Slot) -> ResolvedSlot:
        """Return the forms that fill a slot; cached."""
        return self._resolved.get(slot, partial(self._resolve, slot))

    def _resolve(self, slot: Slot) -> ResolvedSlot:
        segment = self.segment
        term_ids = self._term_ids(slot.stems)
        form_ids = self._form_ids(slot)
        term_id, form_set = -1, ANY_FORM
        if len(term_ids) == 1 and not segment.widths[form_ids].any():
            every = segment.forms_of_term(term_ids[0])
            term_id = term_ids[0] if np.isin(form_ids, every).all() else -1
            form_set = (
                ALL_FORMS if len(form_ids) == len(every) else MAIN_FORM if form_ids.tolist() == [every[0]] else ANY_FORM
            )
        lead_units = lead_units_of(form_ids, segment.first_marker)
        neighbours = sum({1 << filter_bit(lead_unit) for lead_unit in lead_units})
        titles = self.title_articles(form_ids)
        return ResolvedSlot(term_ids, form_ids.tolist(), lead_units, slot.width, neighbours, term_id, form_set, titles)

    def _term_ids(self, stems: tuple[str, ...]) -> tuple[int, ...]:
        find = self.segment.strings("stem").find
        return tuple([term_id for stem in stems if (term_id := find(stem)) >= 0])

    def _form_ids(self, slot: Slot) -> Array:
        segment = self.segment
        if slot.stemmed:
            parts = [segment.forms_of_term(term_id) for term_id in self._term_ids(slot.terms)]
        else:
            parts = [np.array(self.forms_of_word(term), np.int32) for term in slot.terms]
        form_ids = np.unique(np.concatenate([NO_NUMBERS, *parts]))
        return np.asarray(form_ids[np.maximum(segment.widths[form_ids], 1) == slot.width], np.int32)


def _forms_of_word(segment: SegmentReader, word: str) -> list[int]:
    """Return the form_ids of a word, ascending: several, where it was stemmed in several ways."""
    words, key = segment.strings("word"), word.encode("utf-8", "surrogatepass")
    low = high = words.lower_bound(key)
    while high < len(words) and words[high] == key:
        high += 1
    return list(map(int, segment.column("word_entry")[low:high]))


def _padded(units: Array, first: Array) -> tuple[Array, Array]:
    """Return a token stream that is at least BLOCK units long, and its offsets, both read-only."""
    return read_only(units if len(units) >= BLOCK else np.pad(units, (0, BLOCK - len(units)))), read_only(first)


def lead_units_of(form_ids: Array, first_marker: int) -> list[int]:
    """Return the distinct first units that forms have in a token stream, ascending (see `token_stream`)."""
    lead_units = {
        MARKER_LEAD + (form_id - first_marker >> 12)
        if form_id >= first_marker
        else FORM_LEAD + (form_id - FORM_LEAD >> 12)
        if form_id >= FORM_LEAD
        else form_id
        for form_id in form_ids.tolist()
    }
    return sorted(lead_units)
