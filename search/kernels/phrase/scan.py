"""Where phrases stand, in streams of entries.

A stream (`search.kernels.core.token_stream`) holds a text's words in order; a compound comes as a marker, which takes
no position, before its parts, which take one each. Entries from `plain` on are markers.

The slots of a phrase: slot s accepts entries[slot_first[s]:slot_first[s + 1]], ascending, and takes widths[s]
positions.
"""

from __future__ import annotations

import numpy as np

from search.kernels.core.token_stream import MARKER, entry_at, size_at
from search.kernels.jit.argument_types import boolean, i32, i64, read, types, u16, u64, write
from search.kernels.jit.decorators import compiled, inlined

ENDS, BEGINS = range(2)
"""Edges of a phrase."""


@inlined
def contains(entries, low, high, entry):
    """Whether entries[low:high], ascending, holds an entry."""
    while high - low > 4:
        middle = (low + high) >> 1
        if entries[middle] <= entry:
            low = middle
        else:
            high = middle
    for i in range(low, high):
        if entries[i] == entry:
            return True
    return False


@inlined
def stands(units, i, end, plain, slot_first, entries, widths):
    """Whether the slots are filled side by side from unit i on."""
    for s in range(len(slot_first) - 1):
        if i >= end:
            return False
        low = np.int64(slot_first[s])
        high = np.int64(slot_first[s + 1])
        entry = entry_at(units, i, plain)
        if entry >= plain:
            i += 2
            if contains(entries, low, high, entry):
                for _ in range(widths[s]):
                    i += size_at(units, i)
                continue
            entry = entry_at(units, i, plain)
        if not contains(entries, low, high, entry):
            return False
        i += size_at(units, i)
    return True


@compiled(
    types.void(
        read(i32), read(u16), read(i64), i64, read(i32), read(i32), read(i32), read(u64), write(boolean)
    )
)  # fmt: skip
def adjacent(docs, units, first, plain, slot_first, entries, widths, opening, found):
    """Whether the slots stand side by side somewhere in each of these texts.

    `opening` is a bitmap of the first units of the first slot's entries: most words fail it, in a nanosecond.
    """
    for k in range(len(docs)):
        end = first[docs[k] + 1]
        for i in range(first[docs[k]], end):
            u = np.int64(units[i])
            if (opening[u >> 6] >> np.uint64(u & 63)) & np.uint64(1) and stands(
                units, i, end, plain, slot_first, entries, widths
            ):
                found[k] = True
                break


@inlined
def chain(places, counts, widths, low, high, slop, forward, out):
    """Where the phrase of slots low up to high ends (or, not `forward`, begins), ascending; returns how many places.

    places[s, :counts[s]] is where slot s begins; each slot begins at most `slop` positions after the one before ends.
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
def near(docs, units, first, plain, slot_first, entries, widths, any_unit, split, slop, right_slop, distance, found):
    """Whether the phrases of the slots before `split` and from it on stand within `distance`, in either order.

    Without slots from `split` on: whether the one phrase stands there. `any_unit` is a bitmap of the first units of all
    entries. Linear in the text and in what it matches.
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
            if (any_unit[u >> 6] >> np.uint64(u & 63)) & np.uint64(1) == 0:
                position += u < MARKER
                i += size_at(units, i)
                continue
            entry = entry_at(units, i, plain)
            for s in range(slots):
                if contains(entries, np.int64(slot_first[s]), np.int64(slot_first[s + 1]), entry):
                    if counts[s] == 0 or places[s, counts[s] - 1] != position:
                        places[s, counts[s]] = position
                        counts[s] += 1
            if entry < plain:
                position += 1
            i += size_at(units, i)
        parts = 2 if split < slots else 1
        for part in range(parts):
            low = 0 if part == 0 else split
            high = split if part == 0 else slots
            limit = slop if part == 0 else right_slop
            for way in range(parts):
                for s in range(low, high):
                    for j in range(counts[s]):
                        spare[s, j] = places[s, j]
                n_edges[way, part] = chain(spare, counts, widths, low, high, limit, way == ENDS, edges[way, part])
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
