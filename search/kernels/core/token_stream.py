"""Streams: texts as entries of the vocabulary, in units of 16 bits.

Entries are numbered by falling frequency, so that nearly all of them are one unit, the number itself. Entries from RARE
on are two units, a lead and a trail; so are markers of compounds, whose leads begin at MARKER. No unit of one sort can
be taken for one of another, wherever one begins to read.
"""

from __future__ import annotations

import numpy as np

from search.kernels.jit.argument_types import i32, i64, read, u16, write
from search.kernels.jit.decorators import compiled, inlined

RARE, MARKER, TRAIL = 0xE000, 0xE800, 0xF000
MOST = (MARKER - RARE) << 12
"""How many entries of two units, and how many markers, there can be."""


@inlined
def entry_at(units, i, plain):
    """The entry whose first unit is i; markers are numbered from `plain` on."""
    u = np.int64(units[i])
    if u < RARE:
        return u
    low = np.int64(units[i + 1]) - TRAIL
    if u < MARKER:
        return RARE + ((u - RARE) << 12) + low
    return plain + ((u - MARKER) << 12) + low


@inlined
def size_at(units, i):
    """How many units the entry takes whose first unit is i."""
    return 1 if units[i] < RARE else 2


@compiled(i64(read(i32), read(i64), i64, write(u16), write(i64)))
def encode_stream(stream, first, plain, units, at):
    """Entries to units; returns how many. Text t is stream[first[t]:first[t + 1]], and `at` gets where its units begin.

    `units` has room for two an entry.
    """
    n = 0
    for d in range(len(first) - 1):
        at[d] = n
        for i in range(first[d], first[d + 1]):
            e = np.int64(stream[i])
            if e < plain and e < RARE:
                units[n] = e
                n += 1
                continue
            lead = RARE
            e -= RARE
            if e + RARE >= plain:
                lead = MARKER
                e += RARE - plain
            units[n] = lead + (e >> 12)
            units[n + 1] = TRAIL + (e & 0xFFF)
            n += 2
    at[len(first) - 1] = n
    return n


@compiled(i64(read(u16), i64, i64, i64, write(i32)))
def decode_stream(units, start, end, plain, entries):
    """Units units[start:end] to entries; returns how many."""
    n = 0
    i = start
    while i < end:
        entries[n] = entry_at(units, i, plain)
        i += size_at(units, i)
        n += 1
    return n


@compiled(i64[::1](read(i32), read(i64), i64))
def positions(stream, first, plain):
    """How many positions each text of entries has: markers take none."""
    found = np.zeros(len(first) - 1, np.int64)
    for d in range(len(first) - 1):
        for i in range(first[d], first[d + 1]):
            found[d] += stream[i] < plain
    return found
