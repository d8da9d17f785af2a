"""Words as written beside stems: which word of a stem is its chief, and the lists of all others."""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple

import numpy as np

from search.index.segment.segment_reader import Segment
from search.index.storage.column_file import Array, Rows, narrowed, starts, widened
from search.kernels.core.surface_forms_codec import collect_forms, encode_forms
from search.kernels.terms.fuzzy import STEP, fill_bloom_filter
from search.kernels.terms.multi_term_plan import LISTED, STEMMED


class FormRoles(NamedTuple):
    """What each entry is to its stems.

    `carrier_stem` is a stem of each entry whose postings hold all of its paragraphs; `stemmed` says whether it is its
    own, which a compound has seldom; `listed` whether the entry has a list. `main_form` is the entry of each stem that
    needs none, -1 where all have one.
    """

    carrier_stem: Array
    stemmed: Array
    listed: Array
    main_form: Array


def roles(stems: Array, first: Array, marker_carrier_stem: Array, count: int) -> FormRoles:
    """The roles of entries: e has stems[first[e]:first[e + 1]], `count` stems exist, the last entries are markers.

    Entries come by falling frequency, so the chief of a stem is the first that has it. A stem of a word that goes by
    another stem (few words have two) has no chief: nobody would say where that word alone makes the stem.
    """
    sizes = np.diff(first)
    plain = len(sizes) - len(marker_carrier_stem)
    carrier_stem = np.concatenate([stems[np.maximum(first[1 : plain + 1] - 1, 0)], marker_carrier_stem]).astype(
        np.int32
    )
    stemmed = sizes > 0
    main_form = np.full(count, -1, np.int32)
    candidates = np.flatnonzero(stemmed)[::-1]
    main_form[carrier_stem[candidates]] = candidates
    main_form[stems[stems != np.repeat(carrier_stem, sizes)]] = -1
    listed = np.ones(len(sizes), bool)
    listed[main_form[main_form >= 0]] = False
    return FormRoles(carrier_stem, stemmed, listed, main_form)


def forms_of(titles: Rows, bodies: Rows, stems: Rows, known: FormRoles, article_of: Array) -> dict[str, Array]:
    """The lists of the lesser words, from the streams of entries."""
    title_only = np.bincount(article_of, minlength=len(titles.first) - 1)
    of_title = np.repeat(title_only, np.diff(titles.first))
    room = int(known.listed[bodies.stream].sum()) + int(of_title[known.listed[titles.stream]].sum())
    entry, rank, payload = np.empty(room, np.int32), np.empty(room, np.int32), np.empty(room, np.uint8)
    opening = np.concatenate([[0], np.cumsum(title_only)]).astype(np.uint32)
    n = collect_forms(
        bodies.stream, bodies.first, titles.stream, titles.first, article_of, opening,
        stems.first, stems.stream, known.carrier_stem, known.main_form, entry, rank, payload,
    )  # fmt: skip
    blob, at = np.empty(6 * n, np.uint8), np.empty(len(known.carrier_stem) + 1, np.int64)
    used = encode_forms(entry[:n], rank[:n], payload[:n], len(known.carrier_stem), blob, at)
    small, large = narrowed(np.diff(at))
    return {"forms": blob[:used].copy(), "form_sizes": small, "form_large": large}


class SurfaceForms:
    """What a segment says of its words as written; worked out once."""

    def __init__(self, segment: Segment) -> None:
        self.segment = segment
        self.stems = len(segment.strings("stem"))

    @property
    def roles(self) -> FormRoles:
        """What each entry is to its stems."""
        column = self.segment.column
        return roles(column("entry_stems"), self.segment.stems_first, column("marker_via"), self.stems)

    @cached_property
    def role_of(self) -> Array:
        """The same as `search.kernels.terms.multi_term_plan` takes it, a number an entry."""
        known = self.roles
        return known.carrier_stem << 2 | known.listed * np.int32(LISTED) | known.stemmed * np.int32(STEMMED)

    @cached_property
    def words_of_stem(self) -> Array:
        """How many entries each stem has."""
        return np.bincount(self.segment.column("entry_stems"), minlength=self.stems).astype(np.int32)

    @cached_property
    def other_forms_of_stem(self) -> tuple[Array, Array]:
        """The entries of each stem but its chief: where those of each stem begin, and they themselves."""
        other_forms = np.flatnonzero(self.role_of & 3 == STEMMED | LISTED).astype(np.int32)
        carrier_stem = self.role_of[other_forms] >> 2
        first = np.concatenate([[0], np.cumsum(np.bincount(carrier_stem, minlength=self.stems))])
        return first.astype(np.int32), other_forms[np.argsort(carrier_stem, kind="stable")]

    @cached_property
    def lists(self) -> tuple[Array, Array]:
        """The lists of the lesser words, and where each begins and the last one ends."""
        sizes = widened(self.segment.column("form_sizes"), self.segment.column("form_large"))
        return self.segment.column("forms"), starts(sizes)

    @cached_property
    def letters(self) -> Array:
        """The words that begin unlike the one before, with their first code point; last, how many words there are."""
        words = self.segment.strings("word")
        first = np.flatnonzero(self.segment.column("word_shared") < 1).tolist()
        return np.array([*((w, ord(words.text(w)[0])) for w in first), (len(words), 0)], np.int32)

    @cached_property
    def least_shared(self) -> Array:
        """The lowest of each STEP of the prefixes that words share with the words before."""
        shared = self.segment.column("word_shared")
        return np.minimum.reduceat(shared, np.arange(0, len(shared), STEP)) if len(shared) else shared

    @cached_property
    def known_words(self) -> Array:
        """A filter that most of what is no word does not pass: about a byte a word."""
        words = self.segment.strings("word")
        known = np.zeros(1 << max(0, (len(words) * 8 - 1).bit_length() - 6), np.uint64)
        fill_bloom_filter(words.blob, words.at, known)
        return known

    def prepare(self) -> None:
        """Work out all that is worked out once."""
        _ = self.role_of, self.words_of_stem, self.other_forms_of_stem, self.lists
        _ = self.letters, self.least_shared, self.known_words
