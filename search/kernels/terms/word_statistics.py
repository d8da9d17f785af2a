"""Counts the paragraphs that have each word, and the forms that stand after a word."""

from __future__ import annotations

import numpy as np

from search.kernels.core.postings_codec import IN_TITLE, MATCHES_ITSELF
from search.kernels.core.surface_forms_codec import MAIN_FORM_SHIFT, decode_forms
from search.kernels.core.token_stream import form_at, n_units_at
from search.kernels.jit.argument_types import i32, i64, read, types, u8, u16, u32, write
from search.kernels.jit.decorators import compiled

_MAIN_FORM_FLAGS = (MATCHES_ITSELF | IN_TITLE) >> MAIN_FORM_SHIFT
"""The flags of a payload that say that the main form occurs in the paragraph, too."""


@compiled(types.void(read(u8), read(i64), read(i32), read(i32), read(i32), read(u32), write(i32)))
def count_paragraphs(blob, at, other_first, other_forms, main_form, doc_freqs, counts):
    """Count the paragraphs that have each form, in text or title; fills `counts`, `(n_forms,) int32`.

    The list of form e is blob[at[e]:at[e + 1]] (see `core.surface_forms_codec`). Term t has the forms
    other_forms[other_first[t]:other_first[t + 1]] besides its main form, main_form[t], or -1, and doc_freqs[t]
    paragraphs. The main form is in all of these paragraphs, but for those that a list names without a flag of the main
    form.
    """
    most = 1
    for n in doc_freqs:
        most = max(most, n)
    ranks = np.empty(most, np.int32)
    payloads = np.empty(most, np.uint8)
    without = np.full(most, -1, np.int32)
    for e in range(len(counts)):
        counts[e] = decode_forms(blob, at[e], at[e + 1], ranks, payloads)
    for t in range(len(main_form)):
        if main_form[t] < 0:
            continue
        n = np.int64(doc_freqs[t])
        for k in range(other_first[t], other_first[t + 1]):
            e = other_forms[k]
            for i in range(decode_forms(blob, at[e], at[e + 1], ranks, payloads)):
                if payloads[i] & _MAIN_FORM_FLAGS == 0 and without[ranks[i]] != t:
                    without[ranks[i]] = t
                    n -= 1
        counts[main_form[t]] = n


@compiled(types.void(read(u8), read(u32), write(i32)))
def add_up_equal_words(blob, offsets, counts):
    """Make the count of each of several equal words, which are neighbours, the sum of their counts.

    Word w is blob[offsets[w]:offsets[w + 1]]; `counts` is `(n_words,) int32`.
    """
    first = 0
    for w in range(1, len(counts) + 1):
        equal = w < len(counts) and offsets[w + 1] - offsets[w] == offsets[first + 1] - offsets[first]
        if equal:
            for i in range(offsets[w + 1] - offsets[w]):
                if blob[offsets[w] + i] != blob[offsets[first] + i]:
                    equal = False
                    break
        if not equal:
            for k in range(first + 1, w):
                counts[first] += counts[k]
            for k in range(first + 1, w):
                counts[k] = counts[first]
            first = w


@compiled(i64(read(u16), read(i64), i64, read(i32), read(i32), read(i32), write(i32)))
def forms_after(units, first, first_marker, widths, docs, form_ids, found):
    """List the forms that stand right after one of `form_ids` in the texts of `docs`; return how many.

    `units` and `first` are the token streams of all texts (see `core.token_stream`), `widths`, `(n_forms,) int32`, has
    how many positions a compound takes and 0 for words. A compound that stands there is listed, and so is its first
    part. Fills `found`, int32, as far as it has room.
    """
    mask = np.uint64(0)  # has a bit of each of the forms, so that most others are told at one look
    for form_id in form_ids:
        mask |= np.uint64(1) << np.uint64(form_id & 63)
    n = 0
    for d in docs:
        i = first[d]
        position = 0
        after = -1
        while i < first[d + 1]:
            form_id = form_at(units, i, first_marker)
            i += n_units_at(units, i)
            if position == after and n < len(found):
                found[n] = form_id
                n += 1
            if mask >> np.uint64(form_id & 63) & np.uint64(1):
                for f in range(len(form_ids)):
                    if form_ids[f] == form_id:
                        after = position + max(widths[form_id], 1)
            position += form_id < first_marker
    return n
