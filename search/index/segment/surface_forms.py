"""Words as written beside stems: which word of a stem is its chief, and the lists of all others."""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple

import numpy as np

from search.index.segment.segment_reader import Segment
from search.index.storage.column_file import Array, Rows, narrowed, starts, widened
from search.kernels.core.surface_forms_codec import collect_forms, encode_forms
from search.kernels.terms.fuzzy import STEP, note_words
from search.kernels.terms.multi_term_plan import LISTED, STEMMED


class Roles(NamedTuple):
    """What each entry is to its stems.

    `via` is a stem of each entry whose postings hold all of its paragraphs; `stemmed` says whether it is its own, which
    a compound has seldom; `listed` whether the entry has a list. `chief` is the entry of each stem that needs none, -1
    where all have one.
    """

    via: Array
    stemmed: Array
    listed: Array
    chief: Array


def roles(stems: Array, first: Array, marker_via: Array, count: int) -> Roles:
    """The roles of entries: e has stems[first[e]:first[e + 1]], `count` stems exist, the last entries are markers.

    Entries come by falling frequency, so the chief of a stem is the first that has it. A stem of a word that goes by
    another stem (few words have two) has no chief: nobody would say where that word alone makes the stem.
    """
    sizes = np.diff(first)
    plain = len(sizes) - len(marker_via)
    via = np.concatenate([stems[np.maximum(first[1 : plain + 1] - 1, 0)], marker_via]).astype(np.int32)
    stemmed = sizes > 0
    chief = np.full(count, -1, np.int32)
    candidates = np.flatnonzero(stemmed)[::-1]
    chief[via[candidates]] = candidates
    chief[stems[stems != np.repeat(via, sizes)]] = -1
    listed = np.ones(len(sizes), bool)
    listed[chief[chief >= 0]] = False
    return Roles(via, stemmed, listed, chief)


def forms_of(titles: Rows, bodies: Rows, stems: Rows, known: Roles, article_of: Array) -> dict[str, Array]:
    """The lists of the lesser words, from the streams of entries."""
    lent = np.bincount(article_of, minlength=len(titles.first) - 1)
    of_title = np.repeat(lent, np.diff(titles.first))
    room = int(known.listed[bodies.stream].sum()) + int(of_title[known.listed[titles.stream]].sum())
    entry, rank, payload = np.empty(room, np.int32), np.empty(room, np.int32), np.empty(room, np.uint8)
    opening = np.concatenate([[0], np.cumsum(lent)]).astype(np.uint32)
    n = collect_forms(
        bodies.stream, bodies.first, titles.stream, titles.first, article_of, opening,
        stems.first, stems.stream, known.via, known.chief, entry, rank, payload,
    )  # fmt: skip
    blob, at = np.empty(6 * n, np.uint8), np.empty(len(known.via) + 1, np.int64)
    used = encode_forms(entry[:n], rank[:n], payload[:n], len(known.via), blob, at)
    small, large = narrowed(np.diff(at))
    return {"forms": blob[:used].copy(), "form_sizes": small, "form_large": large}


class Forms:
    """What a segment says of its words as written; worked out once."""

    def __init__(self, segment: Segment) -> None:
        self.segment = segment
        self.stems = len(segment.strings("stem"))

    @property
    def roles(self) -> Roles:
        """What each entry is to its stems."""
        column = self.segment.column
        return roles(column("entry_stems"), self.segment.stems_first, column("marker_via"), self.stems)

    @cached_property
    def role_of(self) -> Array:
        """The same as `search.kernels.terms.multi_term_plan` takes it, a number an entry."""
        known = self.roles
        return known.via << 2 | known.listed * np.int32(LISTED) | known.stemmed * np.int32(STEMMED)

    @cached_property
    def words_of_stem(self) -> Array:
        """How many entries each stem has."""
        return np.bincount(self.segment.column("entry_stems"), minlength=self.stems).astype(np.int32)

    @cached_property
    def lesser_of_stem(self) -> tuple[Array, Array]:
        """The entries of each stem but its chief: where those of each stem begin, and they themselves."""
        lesser = np.flatnonzero(self.role_of & 3 == STEMMED | LISTED).astype(np.int32)
        via = self.role_of[lesser] >> 2
        first = np.concatenate([[0], np.cumsum(np.bincount(via, minlength=self.stems))])
        return first.astype(np.int32), lesser[np.argsort(via, kind="stable")]

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
        note_words(words.blob, words.at, known)
        return known

    def prepare(self) -> None:
        """Work out all that is worked out once."""
        _ = self.role_of, self.words_of_stem, self.lesser_of_stem, self.lists
        _ = self.letters, self.least_shared, self.known_words
