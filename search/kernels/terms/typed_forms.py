"""Raises the scores of a few paragraphs that have words of the query as they were typed."""

from __future__ import annotations

import numpy as np

from search.kernels.core.token_stream import form_at, n_units_at
from search.kernels.jit.argument_types import f64, i32, i64, read, types, u16, u32, write
from search.kernels.jit.decorators import compiled, inlined


@inlined
def mark_forms(units, low, high, first_marker, form_ids, word_of, mask, row, seen):
    """Set seen[w] to `row` for each word w that has a form in units[low:high] of a token stream.

    `mask` has the bit form_id & 63 set for each of `form_ids`, so that most other forms are told at one look.
    """
    at = low
    while at < high:
        form_id = form_at(units, at, first_marker)
        at += n_units_at(units, at)
        if mask >> np.uint64(form_id & 63) & np.uint64(1):
            for f in range(len(form_ids)):
                if form_ids[f] == form_id:
                    seen[word_of[f]] = row


@compiled(
    types.void(
        *(read(u16), read(i64), read(u16), read(i64), i64, read(u32)),
        *(write(i64, 2), write(i32), write(i64), write(f64), write(f64)),
    )
)
def add_bonuses(
    texts, text_first, titles, title_first, first_marker, article_first, rows, form_ids, word_of, bonuses, scores
):  # fmt: skip
    """Add bonuses[w] to scores[i] for each word w of which row i, or its title, has a form.

    Row i is paragraph rows[1, i], counted from 1, of article rows[0, i]. `texts` and `titles` are token streams (see
    `core.token_stream`); text d is texts[text_first[d]:text_first[d + 1]], titles likewise, and article a begins with
    text article_first[a]. Form form_ids[f] is one of word word_of[f].
    """
    mask = np.uint64(0)
    for f in range(len(form_ids)):
        mask |= np.uint64(1) << np.uint64(form_ids[f] & 63)
    seen = np.full(len(bonuses), -1, np.int64)
    for i in range(len(scores)):
        a = rows[0, i]
        d = article_first[a] + rows[1, i] - 1
        mark_forms(texts, text_first[d], text_first[d + 1], first_marker, form_ids, word_of, mask, i, seen)
        mark_forms(titles, title_first[a], title_first[a + 1], first_marker, form_ids, word_of, mask, i, seen)
        for w in range(len(bonuses)):
            if seen[w] == i:
                scores[i] += bonuses[w]
