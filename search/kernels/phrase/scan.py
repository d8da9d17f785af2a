"""Phrases in token streams, token by token.

A stream (see `core.token_stream`) holds a text's words in order. A compound is a marker, which takes no position,
before its parts, which take one each. Numbers from `first_marker` on are markers.

Slot s of a phrase accepts form_ids[slot_first[s]:slot_first[s + 1]], ascending, and takes widths[s] positions.
"""

from __future__ import annotations

import numpy as np

from search.kernels.core.bitmap import has_bit
from search.kernels.core.token_stream import MARKER_LEAD, form_at, n_units_at
from search.kernels.jit.argument_types import boolean, i32, i64, read, types, u16, u64, write
from search.kernels.jit.decorators import compiled, inlined

ENDS, BEGINS = range(2)
"""The two edges of a phrase."""


@inlined
def contains(form_ids, low, high, form_id):
    """Tell whether form_ids[low:high], ascending, has a form."""
    while high - low > 4:
        middle = (low + high) >> 1
        if form_ids[middle] <= form_id:
            low = middle
        else:
            high = middle
    for i in range(low, high):
        if form_ids[i] == form_id:
            return True
    return False


@inlined
def matches_at(units, i, end, first_marker, slot_first, form_ids, widths):
    """Tell whether the slots match the tokens from units[i] on, up to units[end]."""
    for s in range(len(slot_first) - 1):
        if i >= end:
            return False
        low = np.int64(slot_first[s])
        high = np.int64(slot_first[s + 1])
        form_id = form_at(units, i, first_marker)
        if form_id >= first_marker:
            i += 2
            if contains(form_ids, low, high, form_id):
                for _ in range(widths[s]):
                    i += n_units_at(units, i)
                continue
            form_id = form_at(units, i, first_marker)
        if not contains(form_ids, low, high, form_id):
            return False
        i += n_units_at(units, i)
    return True


@compiled(
    types.void(
        read(i32), read(u16), read(i64), i64, read(i32), read(i32), read(i32), read(u64), write(boolean)
    )
)  # fmt: skip
def scan_phrase(docs, units, first, first_marker, slot_first, form_ids, widths, opening, found):
    """Tell in `found`, `(n_docs,) bool`, of each text whether it has the slots side by side.

    `opening` is a bitmap of the first units of the first slot's forms: most words fail it, in a nanosecond.
    """
    for k in range(len(docs)):
        end = first[docs[k] + 1]
        for i in range(first[docs[k]], end):
            u = np.int64(units[i])
            if has_bit(opening[u >> 6], u) and matches_at(units, i, end, first_marker, slot_first, form_ids, widths):
                found[k] = True
                break


@compiled(
    types.void(
        read(i32), read(u16), read(i64), i64, read(i32), read(i32), read(i32), read(u64), i64, write(boolean)
    )
)  # fmt: skip
def scan_count(docs, units, first, first_marker, slot_first, form_ids, widths, opening, least, found):
    """Tell in `found`, `(n_docs,) bool`, of each text whether the slots stand side by side at `least` positions of it.

    Takes what `scan_phrase` takes.
    """
    for k in range(len(docs)):
        end = first[docs[k] + 1]
        i = first[docs[k]]
        position = 0
        last = -1
        n = 0
        while i < end:
            u = np.int64(units[i])
            # a marker shares its position with its first part, which may match as well
            if (
                has_bit(opening[u >> 6], u)
                and position != last
                and matches_at(units, i, end, first_marker, slot_first, form_ids, widths)
            ):
                last = position
                n += 1
                if n == least:
                    found[k] = True
                    break
            position += u < MARKER_LEAD
            i += n_units_at(units, i)


@inlined
def chain_slots(places, counts, widths, low, high, slop, forward, out):
    """List the positions, ascending, where a phrase of slots from `low` up to `high` ends, or begins if not `forward`.

    Slot s begins at places[s, :counts[s]], and each slot begins at most `slop` positions after the one before ends.
    Fills `out`, int64, and changes `places`; returns how many positions there are.
    """
    edge = low if forward else high - 1
    n = counts[edge]
    for i in range(n):
        out[i] = places[edge, i] + (widths[edge] if forward else 0)
    for step in range(1, high - low):
        s = low + step if forward else high - 1 - step
        kept = 0
        at = 0
        for i in range(counts[s]):
            # Forward: some end e of the slot before has 1 <= begin - e + 1 <= slop. Backward: likewise from behind.
            begin = places[s, i]
            value = begin if forward else begin + widths[s]
            while at < n and (value - out[at] + 1 > slop if forward else out[at] < value):
                at += 1
            if at < n and (out[at] <= value if forward else out[at] - value + 1 <= slop):
                places[s, kept] = begin
                kept += 1
        for i in range(kept):
            out[i] = places[s, i] + (widths[s] if forward else 0)
        n = kept
    return n


@compiled(
    types.void(
        read(i32), read(u16), read(i64), i64, read(i32), read(i32), read(i32), read(u64),
        i64, i64, i64, i64, write(boolean)
    )
)  # fmt: skip
def scan_near(
    docs, units, first, first_marker, slot_first, form_ids, widths, any_unit, split, slop, right_slop, distance, found
):
    """Tell in `found`, `(n_docs,) bool`, whether each text has two phrases within `distance` of each other.

    The phrases may come in either order. The slots before `split` are one phrase, with `slop` as in `chain_slots`;
    those from `split` on are the other, with `right_slop`. If there is no slot from `split` on, the loop tells whether
    the one phrase is in the text. `any_unit` is a bitmap of the first units of all forms. Linear in the text and in
    what matches.
    """
    slots = len(slot_first) - 1
    longest = 1
    for k in range(len(docs)):
        longest = max(longest, first[docs[k] + 1] - first[docs[k]])
    places = np.empty((slots, longest), np.int64)
    spare = np.empty((slots, longest), np.int64)
    counts = np.empty(slots, np.int64)
    edges = np.empty((2, 2, longest), np.int64)
    n_edges = np.empty((2, 2), np.int64)
    for k in range(len(docs)):
        counts[:] = 0
        position = 0
        i = first[docs[k]]
        while i < first[docs[k] + 1]:
            u = np.int64(units[i])
            if not has_bit(any_unit[u >> 6], u):
                position += u < MARKER_LEAD
                i += n_units_at(units, i)
                continue
            form_id = form_at(units, i, first_marker)
            for s in range(slots):
                if contains(form_ids, np.int64(slot_first[s]), np.int64(slot_first[s + 1]), form_id):
                    if counts[s] == 0 or places[s, counts[s] - 1] != position:
                        places[s, counts[s]] = position
                        counts[s] += 1
            if form_id < first_marker:
                position += 1
            i += n_units_at(units, i)
        parts = 2 if split < slots else 1
        for part in range(parts):
            low = 0 if part == 0 else split
            high = split if part == 0 else slots
            limit = slop if part == 0 else right_slop
            for way in range(parts):
                for s in range(low, high):
                    for j in range(counts[s]):
                        spare[s, j] = places[s, j]
                n_edges[way, part] = chain_slots(spare, counts, widths, low, high, limit, way == ENDS, edges[way, part])
        if parts == 1:
            found[k] = n_edges[ENDS, 0] > 0
            continue
        for before in range(2):
            after = 1 - before
            at = 0
            for j in range(n_edges[BEGINS, after]):
                value = edges[BEGINS, after, j]
                while at < n_edges[ENDS, before] and value - edges[ENDS, before, at] + 1 > distance:
                    at += 1
                if at < n_edges[ENDS, before] and edges[ENDS, before, at] <= value:
                    found[k] = True
                    break
