"""Which of some forms a few texts have."""

from __future__ import annotations

from search.kernels.core.token_stream import form_at, n_units_at
from search.kernels.jit.argument_types import i32, i64, read, types, u8, u16, write
from search.kernels.jit.decorators import compiled


@compiled(types.void(read(u16), read(i64), i64, read(i64), read(i32), read(i64), write(u8, 2)))
def mark_forms(units, first, first_marker, texts, form_ids, words, found):
    """Set found[i, words[f]] to 1 where text texts[i] has form form_ids[f], and leave all others as they are.

    Text t is units[first[t]:first[t + 1]] of a token stream. `form_ids`, `(n,) int32`, are ascending and distinct;
    `found` is `(n_texts, n_words) uint8`.
    """
    for i in range(len(texts)):
        at = first[texts[i]]
        while at < first[texts[i] + 1]:
            form_id = form_at(units, at, first_marker)
            at += n_units_at(units, at)
            low, high = 0, len(form_ids)
            while low < high:
                middle = (low + high) >> 1
                if form_ids[middle] < form_id:
                    low = middle + 1
                else:
                    high = middle
            if low < len(form_ids) and form_ids[low] == form_id:
                found[i, words[low]] = 1
