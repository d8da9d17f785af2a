"""Blocks of a stream: 64 units as bitmaps, bit k for the k-th. A stream is at least 64 units long."""

from __future__ import annotations

import numpy as np

from search.kernels.core.token_stream import MARKER, TRAIL
from search.kernels.jit.decorators import inlined
from search.kernels.jit.intrinsics import equal64, least64, prefetch, share64

FAR, NEXT = 20, 10
"""How many texts ahead their places are fetched, and their first units."""
LINE, MOST = 32, 160
"""Units that are fetched at once, and of a text: what comes after them comes by itself."""
_NONE, _ONE = np.uint64(0), np.uint64(1)


@inlined
def equal(units, i, value):
    """The bitmap of the 64 units from i on that equal a value; units past the stream's end do not."""
    base = min(i, np.int64(len(units)) - 64)
    return equal64(units, base, value) >> np.uint64(i - base)


@inlined
def least(units, i, value):
    """The bitmap of those that are at least as large."""
    base = min(i, np.int64(len(units)) - 64)
    return least64(units, base, value) >> np.uint64(i - base)


@inlined
def sharing(units, i, value):
    """The bitmap of those that share a bit with it."""
    base = min(i, np.int64(len(units)) - 64)
    return share64(units, base, value) >> np.uint64(i - base)


@inlined
def markers(units, i):
    """The bitmap of the markers' leads among the 64 units from i on."""
    return least(units, i, np.uint16(MARKER)) & ~least(units, i, np.uint16(TRAIL))


@inlined
def begins(units, i, lead_units, low, high):
    """The bitmap of the units from i on that are among heads[low:high]."""
    found = _NONE
    for h in range(low, high):
        found |= equal(units, i, lead_units[h])
    return found


@inlined
def within(bits, distance):
    """The bitmap of what follows a bit at most so far behind."""
    found = bits << _ONE
    span = 1
    while span < distance:
        step = min(span, distance - span)
        found |= found << np.uint64(step)
        span += step
    return found


@inlined
def look_ahead(docs, k, first, units):
    """Have the texts that come soon fetched: they lie far apart, and to wait takes longer than to read.

    Begin with k = -FAR, so that the first ones are too.
    """
    if k + FAR < len(docs):
        prefetch(first, np.int64(docs[k + FAR]))
    if 0 <= k + NEXT < len(docs):
        start = first[docs[k + NEXT]]
        prefetch(units, start)
        for i in range(start + LINE, min(first[docs[k + NEXT] + 1], start + MOST), LINE):
            prefetch(units, i)


@inlined
def set_bit(bits, i):
    """Set bit i."""
    bits[i >> 6] |= _ONE << np.uint64(i & 63)


@inlined
def is_set(bits, i):
    """Whether bit i is set, if there are any."""
    return len(bits) > 0 and (bits[i >> 6] >> np.uint64(i & 63)) & _ONE != 0
