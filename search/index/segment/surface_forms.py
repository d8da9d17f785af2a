"""The forms of each term, and lists of the docs of those forms that postings do not tell apart.

Postings are of terms. The *main form* of a term is its most frequent one and needs no list; every other form has a
list, encoded as in `search.kernels.core.surface_forms_codec`.
"""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple

import numpy as np

from search.index.segment.segment_reader import SegmentReader
from search.index.storage.column_file import Array, Rows, narrowed, starts, widened
from search.kernels.core.surface_forms_codec import collect_forms, encode_forms
from search.kernels.terms.fuzzy import STEP, fill_bloom_filter
from search.kernels.terms.multi_term_plan import LISTED, STEMMED
from search.kernels.terms.word_statistics import count_paragraphs


class FormRoles(NamedTuple):
    """How the docs of each form are found from the postings of terms."""

    carrier_stem: Array
    """`(n_forms,) int32`: a term whose postings have all docs of the form."""
    stemmed: Array
    """`(n_forms,) bool`: whether the form has a term of its own; few compounds do."""
    listed: Array
    """`(n_forms,) bool`: whether the form has a list of docs; all but main forms do."""
    main_form: Array
    """`(n_terms,) int32`: the main form of each term, -1 if it has none."""


def form_roles(terms: Array, offsets: Array, marker_carriers: Array, n_terms: int) -> FormRoles:
    """Return the roles of all forms.

    Form f has the terms `terms[offsets[f]:offsets[f + 1]]`; both arrays are int32. The last forms are markers, and
    `marker_carriers`, `(n_markers,) int32`, has the carrier stem of each marker, a term_id.

    Forms are numbered by falling frequency, so the main form of a term is the first form that has the term. Some forms
    have two terms, as bigrams do; such a form is listed by the last one only, its carrier stem, unless it is the main
    form of that. The other term gets no main form (-1): the docs of a main form are those of its term that the lists of
    the other forms do not account for, and the list of this form, by ranks among the postings of another term, could
    not be used.
    """
    sizes = np.diff(offsets)
    last_terms = terms[np.maximum(offsets[1 : len(sizes) - len(marker_carriers) + 1] - 1, 0)]
    carrier_stem = np.concatenate([last_terms, marker_carriers]).astype(np.int32)
    stemmed = sizes > 0
    main_form = np.full(n_terms, -1, np.int32)
    candidates = np.flatnonzero(stemmed)[::-1]
    main_form[carrier_stem[candidates]] = candidates
    main_form[terms[terms != np.repeat(carrier_stem, sizes)]] = -1
    listed = np.ones(len(sizes), bool)
    listed[main_form[main_form >= 0]] = False
    return FormRoles(carrier_stem, stemmed, listed, main_form)


def form_lists(titles: Rows, bodies: Rows, terms: Rows, roles: FormRoles, article_of: Array) -> dict[str, Array]:
    """Return the columns `forms`, `form_sizes` and `form_large`: the encoded lists of all forms that have one.

    `titles` has the form_ids of each article's title, `bodies` those of each doc, `terms` the terms of each form;
    `article_of` is `(n_docs,) int32`.
    """
    doc_counts = np.bincount(article_of, minlength=len(titles.first) - 1)
    of_title = np.repeat(doc_counts, np.diff(titles.first))
    room = int(roles.listed[bodies.stream].sum()) + int(of_title[roles.listed[titles.stream]].sum())
    form_ids, ranks, payloads = np.empty(room, np.int32), np.empty(room, np.int32), np.empty(room, np.uint8)
    n = collect_forms(
        bodies.stream, bodies.first, titles.stream, titles.first, article_of, starts(doc_counts).astype(np.uint32),
        terms.first, terms.stream, roles.carrier_stem, roles.main_form, form_ids, ranks, payloads,
    )  # fmt: skip
    blob, at = np.empty(6 * n, np.uint8), np.empty(len(roles.carrier_stem) + 1, np.int64)
    used = encode_forms(form_ids[:n], ranks[:n], payloads[:n], len(roles.carrier_stem), blob, at)
    small, large = narrowed(np.diff(at))
    return {"forms": blob[:used].copy(), "form_sizes": small, "form_large": large}


class SurfaceForms:
    """A segment's forms, in the arrays that expanding a pattern and gathering its docs take. Each is computed once."""

    def __init__(self, segment: SegmentReader) -> None:
        self.segment = segment
        self.n_terms = len(segment.strings("stem"))

    @property
    def roles(self) -> FormRoles:
        """The roles of all forms."""
        column = self.segment.column
        return form_roles(column("entry_stems"), self.segment.term_offsets, column("marker_via"), self.n_terms)

    @cached_property
    def packed_roles(self) -> Array:
        """`(n_forms,) int32`: 4 * carrier stem + LISTED + STEMMED (see `search.kernels.terms.multi_term_plan`)."""
        roles = self.roles
        return roles.carrier_stem << 2 | roles.listed * np.int32(LISTED) | roles.stemmed * np.int32(STEMMED)

    @cached_property
    def form_counts(self) -> Array:
        """`(n_terms,) int32`: how many forms each term has."""
        return np.bincount(self.segment.column("entry_stems"), minlength=self.n_terms).astype(np.int32)

    @cached_property
    def other_forms(self) -> tuple[Array, Array]:
        """The forms of each term but its main one: `(n_terms + 1,) int32` offsets, and the form_ids, int32."""
        form_ids = np.flatnonzero(self.packed_roles & 3 == STEMMED | LISTED).astype(np.int32)
        term_ids = self.packed_roles[form_ids] >> 2
        offsets = starts(np.bincount(term_ids, minlength=self.n_terms))
        return offsets.astype(np.int32), form_ids[np.argsort(term_ids, kind="stable")]

    @cached_property
    def lists(self) -> tuple[Array, Array]:
        """The bytes of all lists, uint8, and the offsets of each form's list, `(n_forms + 1,) int64`."""
        sizes = widened(self.segment.column("form_sizes"), self.segment.column("form_large"))
        return self.segment.column("forms"), starts(sizes)

    @cached_property
    def first_letters(self) -> Array:
        """`(n + 1, 2) int32`: a row for each distinct first character of the words, in the order of the words.

        A row has the first word that begins with the character, and the code point of the character. The last row has
        the number of words and 0.
        """
        words = self.segment.strings("word")
        first = np.flatnonzero(self.segment.column("word_shared") < 1).tolist()
        return np.array([*((w, ord(words.text(w)[0])) for w in first), (len(words), 0)], np.int32)

    @cached_property
    def min_shared(self) -> Array:
        """`(ceil(n_words / STEP),) uint8`: the minimum of each STEP values of the column `word_shared`.

        That column has the length of the prefix that a word shares with the word before it.
        """
        shared = self.segment.column("word_shared")
        return np.minimum.reduceat(shared, np.arange(0, len(shared), STEP)) if len(shared) else shared

    @cached_property
    def word_filter(self) -> Array:
        """A Bloom filter of all words, uint64: about a byte a word; a power of two long."""
        words = self.segment.strings("word")
        bits = np.zeros(1 << max(0, (len(words) * 8 - 1).bit_length() - 6), np.uint64)
        fill_bloom_filter(words.blob, words.at, bits)
        return bits

    @cached_property
    def paragraph_counts(self) -> Array:
        """`(n_forms,) int32`: how many docs have each form, in text or title; deleted ones count, too."""
        counts = np.empty(self.segment.n_forms, np.int32)
        frequencies = np.asarray(self.segment.doc_freqs, np.uint32)
        count_paragraphs(*self.lists, *self.other_forms, self.roles.main_form, frequencies, counts)
        return counts

    def prepare(self) -> None:
        """Compute all arrays, so that forked processes share them."""
        _ = self.packed_roles, self.form_counts, self.other_forms, self.lists
        _ = self.first_letters, self.min_shared, self.word_filter
