"""Scores the first rows of a segment once more: by the words as they were typed, and by boosts of their dates."""

from __future__ import annotations

import numpy as np

from search.kernels.core.token_stream import form_at, n_units_at
from search.kernels.jit.argument_types import f64, i32, i64, read, types, u16, write
from search.kernels.jit.decorators import compiled, inlined
from search.kernels.jit.intrinsics import prefetch

CACHE_LINE = 32
"""How many units of a token stream the processor fetches at once."""


@inlined
def mark_forms(units, low, high, first_marker, forms, mask, row, seen):
    """Set seen[w] to `row` for each word w that has a form in units[low:high] of a token stream.

    `mask` has the bit form_id & 63 set for each form of `forms`, so that one look rules out most other forms.
    """
    at = low
    while at < high:
        form_id = form_at(units, at, first_marker)
        at += n_units_at(units, at)
        if mask >> np.uint64(form_id & 63) & np.uint64(1):
            for f in range(len(forms)):
                if forms[f, 0] == form_id:
                    seen[forms[f, 1]] = row


@inlined
def sort_rows(rows, scores, n):
    """Sort the first n rows and their scores by (score descending, document ascending), by insertion: few move."""
    for i in range(1, n):
        score, j = scores[i], i
        doc, article, number, others = rows[0, i], rows[1, i], rows[2, i], rows[3, i]
        while j > 0 and (scores[j - 1] < score or (scores[j - 1] == score and rows[0, j - 1] > doc)):
            scores[j] = scores[j - 1]
            for c in range(4):
                rows[c, j] = rows[c, j - 1]
            j -= 1
        scores[j] = score
        rows[0, j], rows[1, j], rows[2, j], rows[3, j] = doc, article, number, others


@compiled(
    types.void(
        *(read(u16), read(i64), read(u16), read(i64), i64),
        *(write(i64, 2), write(f64), i64, write(f64), write(i32, 2), write(f64)),
    )
)
def rescore(
    texts, text_first, titles, title_first, first_marker, forms, bonuses, n_by_form, boosts, rows, scores
):  # fmt: skip
    """Raise the scores of the first rows of a segment, and sort these rows anew.

    `rows` and `scores` are those of `topk.structs.TopK`. Each of the first `n_by_form` scores rises by bonuses[w] for
    each word w that has a form in the text of the row or in the title of its article. Then each of the first
    `len(boosts)` scores is multiplied by its boost. forms[f] is a form_id and the number of the word that it is a form
    of, `(n_forms, 2) int64`; `bonuses` and `boosts` are float64. `texts` and `titles` are token streams (see
    `core.token_stream`); the text of doc d is texts[text_first[d]:text_first[d + 1]], and `title_first` has likewise
    where the title of each article begins.
    """
    mask = np.uint64(0)
    for f in range(len(forms)):
        mask |= np.uint64(1) << np.uint64(forms[f, 0] & 63)
    seen = np.full(len(bonuses), -1, np.int64)
    n_read = n_by_form if len(forms) else 0
    for i in range(n_read):  # the streams lie far apart: the processor fetches them all while the first is read
        prefetch(text_first, np.int64(rows[0, i]))
        prefetch(title_first, np.int64(rows[1, i]))
    for i in range(n_read):
        prefetch(texts, text_first[rows[0, i]])
        prefetch(texts, text_first[rows[0, i]] + CACHE_LINE)
        prefetch(titles, title_first[rows[1, i]])
    for i in range(n_read):
        d, a = rows[0, i], rows[1, i]
        mark_forms(texts, text_first[d], text_first[d + 1], first_marker, forms, mask, i, seen)
        mark_forms(titles, title_first[a], title_first[a + 1], first_marker, forms, mask, i, seen)
        for w in range(len(bonuses)):
            if seen[w] == i:
                scores[i] += bonuses[w]
    for i in range(len(boosts)):
        scores[i] *= boosts[i]
    sort_rows(rows, scores, max(n_by_form, len(boosts)))
