"""A query that is one phrase, or two words near each other, answered in one go: what other loops do, one after another.

Each of them alone would do, but between two the interpreter takes as long as they.
"""

from __future__ import annotations

import numpy as np

from search.kernels.jit.decorators import (
    as_read,
    boolean,
    compiled,
    f32,
    f64,
    i32,
    i64,
    read,
    types,
    u8,
    u16,
    u32,
    u64,
    write,
)
from search.kernels.phrase.candidates import END, START, TABLES, candidates, dense_candidates
from search.kernels.phrase.nextword import sift
from search.kernels.phrase.scan_vectorized import close_by, side_by_side
from search.kernels.topk.rank_bitmap import best_listed, collect_matches, collect_matches_among


@compiled(
    types.void(
        write(i64, 2), read(i64), read(i64, 2),
        read(i32), read(u16), boolean, read(i32), read(i32), read(i32), i64, boolean,
        read(u8), read(u64, 2), read(i64, 2), read(u16, 2), read(u16, 2), read(u64), read(u64), read(i32),
        i64, read(u16), read(i64), read(u16), read(i64), read(u64),
        write(u64), write(u64), write(i32), write(u8), write(types.int8), write(types.int8), write(i32),
    )
)  # fmt: skip
def standing(
    terms, order, checks,
    lead_first, lead_units, exact, slot_first, entries, widths, distance, titled,
    blob, bits, superblock_rank, block_rank, neighbours, main_form_only, live, article_of,
    plain, units, unit_first, titles, title_first, openings,
    scratch, matching, docs, flags, proofs, proved, found,
):  # fmt: skip
    """Set the bits of the documents where slots stand side by side (`distance` 0) or two of them at most so far apart.

    `terms` and `order` as `candidates` takes them, `checks` as `sift` does, the slots as `side_by_side` and `close_by`
    do; `titled` says whether they may stand in a title, that of an opening document. Only documents with a bit in
    `live`, if it has any. If a term is sparse, both `matching` and `scratch` are zero before, and `scratch` is after.
    """
    nobody = article_of[:0]
    nowhere = openings[:0]
    some = openings if titled else nowhere
    alone = exact and len(widths) == 2
    if len(order) == 0:
        n = dense_candidates(
            terms,
            checks,
            alone,
            bits,
            superblock_rank,
            block_rank,
            neighbours,
            main_form_only,
            live,
            some,
            matching,
            found,
        )
    else:
        n = candidates(
            terms, order, checks, blob, bits, neighbours, main_form_only, live, some, scratch, docs, flags, proofs,
            proved, found
        )  # fmt: skip
        if len(checks) > 0:
            n = sift(
                found[:n],
                proved,
                checks,
                alone,
                bits,
                superblock_rank,
                block_rank,
                neighbours,
                main_form_only,
                some,
                matching,
            )
    left = found[:n]
    slots = lead_first, lead_units, exact, slot_first, entries
    for title in range(2 if titled else 1):
        texts = (titles, title_first, article_of, some) if title else (units, unit_first, nobody, nowhere)
        if distance > 0:
            close_by(left, *texts, plain, *slots, distance, matching)
        else:
            side_by_side(left, *texts, plain, *slots, widths, matching)


@compiled(
    types.UniTuple(i64, 3)(
        write(i64, 2), read(i64), read(f64), read(i64, 2),
        read(i32), read(u16), boolean, read(i32), read(i32), read(i32), i64, boolean,
        read(u8), read(u64, 2), read(i64, 2), read(u16, 2), read(u8), read(u16, 2), read(u64),
        read(u8, 2), read(u8, 2), read(f32), f64,
        read(f64), read(u8), read(u64), read(u64), read(i32), read(u32),
        i64, read(u16), read(i64), read(u16), read(i64), read(u64),
        i64, i64, write(u64), write(u64), boolean, write(i32), write(u8), write(types.int8), write(types.int8),
        write(i32), write(f64), write(i32, 2),
    )
)  # fmt: skip
def best_standing(
    terms, order, weights, checks,
    lead_first, lead_units, exact, slot_first, entries, widths, distance, titled,
    blob, bits, superblock_rank, block_rank, payloads, neighbours, main_form_only,
    block_max, cell_max, scales, bound_scale,
    impacts, lengths, live, last, article_of, first,
    plain, units, unit_first, titles, title_first, openings,
    many, promising, scratch, matching, cleared, docs, flags, proofs, proved, found, scores, out,
):  # fmt: skip
    """Find the best documents where slots stand as `standing` says, and describe them.

    Arguments as `standing` takes them. Fills `scores` and `out`, and returns what `ranked` does.

    `matching` is filled. If a term is sparse, it is cleared after, if it is to be `cleared`: its few documents are
    known, and to look at all takes as long as the rest.
    """
    standing(
        terms, order, checks, lead_first, lead_units, exact, slot_first, entries, widths, distance, titled,
        blob, bits, superblock_rank, block_rank, neighbours, main_form_only, live, article_of, plain, units, unit_first,
        titles, title_first, openings, scratch, matching, docs, flags, proofs, proved, found,
    )  # fmt: skip
    listed = np.empty(min(many, (len(matching) << 6) + 1), np.int32)
    known = docs[:0]
    if len(order) > 0:
        last_of_them = order[-1]
        known = docs[terms[START, last_of_them] : terms[END, last_of_them]]
    if 0 < len(order) and len(known) < len(listed):
        total, articles = collect_matches_among(known, as_read(matching), article_of, listed)
    else:
        total, articles = collect_matches(as_read(matching), last, listed)
    rows = as_read(terms)
    n = best_listed(
        as_read(matching), listed, total, promising, rows[TABLES], rows[START], rows[END], weights,
        as_read(docs), as_read(flags), bits, superblock_rank, block_rank, payloads, block_max, cell_max, scales,
        bound_scale,
        impacts, lengths, article_of, first, scores, out,
    )  # fmt: skip
    if cleared:
        for i in range(len(known)):
            matching[known[i] >> 6] = 0
    return n, total, articles
