"""Which paragraphs each form has: a form is a word as written, a term the stem of several.

Postings tell of terms. The *main form* of a term is its most frequent form. Every other form, and every compound
without a term of its own, has a list. The list names paragraphs by their rank among the postings of one term, the
form's `carrier_stem`: ranks are close together, so that most take one byte. An item is a variable-byte number (see
`postings_codec`), four times the ranks that lie between it and the item before, plus a code of its payload:

    0: MATCHES_ITSELF    1: MATCHES_ITSELF and MAIN_FORM_MATCHES    2: IN_TITLE    3: a payload byte follows

A payload has the form's own flags, and those of the term's main form in that paragraph. So the main form needs no list:
in a paragraph that no list of the term names, the flags of the posting are those of the main form.
"""

from __future__ import annotations

import numpy as np

from search.kernels.core.postings_block_codec import read_vbyte, write_vbyte
from search.kernels.core.postings_codec import IN_TITLE, MATCHES_ITSELF
from search.kernels.jit.argument_types import i32, i64, read, u8, u32, write
from search.kernels.jit.decorators import compiled, inlined

FLAGS = MATCHES_ITSELF | IN_TITLE
"""The flags of a form in a payload."""
MAIN_FORM_SHIFT = 6
"""How far the flags of the main form are shifted to the right in a payload."""
MAIN_FORM_MATCHES = MATCHES_ITSELF >> MAIN_FORM_SHIFT
"""The flag of a paragraph that matches itself by the main form."""
_PAYLOADS = MATCHES_ITSELF | (MATCHES_ITSELF | MAIN_FORM_MATCHES) << 8 | IN_TITLE << 16
"""The payloads of codes 0 to 2, a byte each."""


@compiled(
    i64(
        read(i32), read(i64), read(i32), read(i64), read(i32), read(u32), read(i32), read(i32), read(i32), read(i32),
        write(i32), write(i32), write(u8),
    )
)  # fmt: skip
def collect_forms(
    stream, first, title_stream, title_first, article_of, article_first, term_first, term_ids, carrier_stem,
    main_form, out_form, out_rank, out_payload,
):  # fmt: skip
    """List the forms of each paragraph that are not main forms, paragraph after paragraph; return how many.

    Texts, titles and terms come as in `inverter.collect_postings`. `carrier_stem` has a term id for each form,
    `main_form` a form id for each term, or -1. Fills a form id, a rank and a payload for each: `out_form` and
    `out_rank` are int32, `out_payload` uint8, with room for all tokens of texts and titles.
    """
    seen = np.full(len(main_form), -1, np.int64)
    rank = np.full(len(main_form), -1, np.int32)
    main_form_flags = np.zeros(len(main_form), np.uint8)
    item_of = np.full(len(carrier_stem), -1, np.int64)
    n = 0
    for d in range(len(first) - 1):
        begin = n
        a = article_of[d]
        title_only = np.uint8(FLAGS if article_first[a] == d else IN_TITLE)
        in_text = first[d + 1] - first[d]
        for k in range(in_text + title_first[a + 1] - title_first[a]):
            if k < in_text:
                e = stream[first[d] + k]
                flags = np.uint8(MATCHES_ITSELF)
            else:
                e = title_stream[title_first[a] + k - in_text]
                flags = title_only
            v = carrier_stem[e]
            # The last `s` is the carrier stem: a compound stands before its parts, so the part that brings its carrier
            # stem, and the posting of it, is still to come.
            for j in range(term_first[e], term_first[e + 1] + 1):
                s = term_ids[j] if j < term_first[e + 1] else v
                if seen[s] != d:
                    seen[s] = d
                    rank[s] += 1
                    main_form_flags[s] = 0
            if main_form[v] == e:
                main_form_flags[v] |= flags
            elif item_of[e] < begin:
                item_of[e] = n
                out_form[n] = e
                out_rank[n] = rank[v]
                out_payload[n] = flags
                n += 1
            else:
                out_payload[item_of[e]] |= flags
        for i in range(begin, n):
            out_payload[i] |= main_form_flags[carrier_stem[out_form[i]]] >> np.uint8(MAIN_FORM_SHIFT)
    return n


@compiled(i64(read(i32), read(i32), read(u8), i64, write(u8), write(i64)))
def encode_forms(forms, ranks, payloads, n_forms, blob, starts):
    """Sort the items of `collect_forms` by form, and write the lists of all `n_forms` forms; return how many bytes.

    `blob` has room for 6 bytes an item. `starts`, `(n_forms + 1,) int64`, gets where each list begins and the last one
    ends.
    """
    first = np.zeros(n_forms + 1, np.int64)
    for e in forms:
        first[e + 1] += 1
    for e in range(n_forms):
        first[e + 1] += first[e]
    to = first[:-1].copy()
    order = np.empty(len(forms), np.int64)
    for i in range(len(forms)):
        order[to[forms[i]]] = i
        to[forms[i]] += 1
    n = 0
    for e in range(n_forms):
        starts[e] = n
        before = -1
        for k in range(first[e], first[e + 1]):
            i = order[k]
            value = np.int64(ranks[i] - before - 1) << 2
            before = ranks[i]
            code = 3
            if payloads[i] == MATCHES_ITSELF:
                code = 0
            elif payloads[i] == MATCHES_ITSELF | MAIN_FORM_MATCHES:
                code = 1
            elif payloads[i] == IN_TITLE:
                code = 2
            value |= code
            n = write_vbyte(blob, n, value)
            if code == 3:
                blob[n] = payloads[i]
                n += 1
    starts[n_forms] = n
    return n


@inlined
def decode_forms(blob, start, end, ranks, payloads):
    """Decode the list blob[start:end] to `ranks`, int32, and `payloads`, uint8; return the number of items."""
    n = 0
    i = start
    rank = -1
    while i < end:
        value, i = read_vbyte(blob, i)
        rank += 1 + (value >> 2)
        code = value & 3
        ranks[n] = rank
        payloads[n] = (_PAYLOADS >> (code << 3)) & 0xFF  # no branch: what comes next is hard to foresee
        if code == 3:
            payloads[n] = blob[i]
            i += 1
        n += 1
    return n
