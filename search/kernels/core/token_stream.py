"""Token streams: texts as form ids, in units of 16 bits.

A form id is the number of a word as written in the segment's vocabulary. Ids fall with frequency, so that nearly all
tokens take one unit, the id itself. Ids from FORM_LEAD on take two units, a lead and a trail, as surrogates in UTF-16;
so do markers of compounds, whose leads begin at MARKER_LEAD. Leads, trails and single units differ, so that reading can
begin anywhere. Markers are numbered from `first_marker` on, after all forms.
"""

from __future__ import annotations

import numpy as np

from search.kernels.jit.argument_types import i32, i64, read, u16, write
from search.kernels.jit.decorators import compiled, inlined

FORM_LEAD, MARKER_LEAD, TRAIL = 0xE000, 0xE800, 0xF000
"""The lowest lead of a form, lead of a marker, and trail. Form ids from FORM_LEAD on take two units."""
MAX_PAIRS = (MARKER_LEAD - FORM_LEAD) << 12
"""How many forms of two units, and how many markers, there can be."""


@inlined
def form_at(units, i, first_marker):
    """Return the form id, or the number of the marker, that begins at units[i]."""
    u = np.int64(units[i])
    if u < FORM_LEAD:
        return u
    low = np.int64(units[i + 1]) - TRAIL
    if u < MARKER_LEAD:
        return FORM_LEAD + ((u - FORM_LEAD) << 12) + low
    return first_marker + ((u - MARKER_LEAD) << 12) + low


@inlined
def n_units_at(units, i):
    """Return how many units the token takes that begins at units[i]."""
    return 1 if units[i] < FORM_LEAD else 2


@compiled(i64(read(i32), read(i64), i64, write(u16), write(i64)))
def encode_stream(stream, first, first_marker, units, starts):
    """Encode tokens, `(n,) int32` form ids and markers, as `units`, which has room for two a token; return how many.

    Text t has the tokens stream[first[t]:first[t + 1]]; `starts`, `(n_texts + 1,) int64`, gets where its units begin,
    and where the last one's end.
    """
    n = 0
    for d in range(len(first) - 1):
        starts[d] = n
        for i in range(first[d], first[d + 1]):
            e = np.int64(stream[i])
            if e < first_marker and e < FORM_LEAD:
                units[n] = e
                n += 1
                continue
            lead = FORM_LEAD
            e -= FORM_LEAD
            if e + FORM_LEAD >= first_marker:
                lead = MARKER_LEAD
                e += FORM_LEAD - first_marker
            units[n] = lead + (e >> 12)
            units[n + 1] = TRAIL + (e & 0xFFF)
            n += 2
    starts[len(first) - 1] = n
    return n


@compiled(i64(read(u16), i64, i64, i64, write(i32)))
def decode_stream(units, start, end, first_marker, form_ids):
    """Decode units[start:end] to `form_ids`, int32; return how many there are."""
    n = 0
    i = start
    while i < end:
        form_ids[n] = form_at(units, i, first_marker)
        i += n_units_at(units, i)
        n += 1
    return n


@compiled(i64[::1](read(i32), read(i64), i64))
def count_positions(stream, first, first_marker):
    """Return how many positions each text has, `(n_texts,) int64`: a marker takes none."""
    found = np.zeros(len(first) - 1, np.int64)
    for d in range(len(first) - 1):
        for i in range(first[d], first[d + 1]):
            found[d] += stream[i] < first_marker
    return found
