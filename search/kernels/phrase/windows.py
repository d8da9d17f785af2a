"""Comparing 64 units of a stream at a time: bit k of a word is about the k-th unit. A stream has at least 64 units."""

from __future__ import annotations

import numpy as np

from search.kernels.core.bitmap import NONE, ONE
from search.kernels.core.token_stream import MARKER_LEAD, TRAIL
from search.kernels.jit.decorators import inlined
from search.kernels.jit.intrinsics import at_least_64, equal_64, prefetch, share_bits_64

DOCS_AHEAD, TEXTS_AHEAD = 20, 10
"""Number of documents by which `prefetch_texts` is ahead: with the offset of a text, and with the text's first units.
"""
CACHE_LINE, FETCHED = 32, 160
"""Number of units in a cache line, and the maximum number of units of a text that are prefetched: the processor itself
foresees that the units after them are needed."""


@inlined
def equal(units, i, value):
    """Return a word that tells which of the 64 units from i on equal a value; units after the stream's end do not."""
    base = min(i, np.int64(len(units)) - 64)
    return equal_64(units, base, value) >> np.uint64(i - base)


@inlined
def at_least(units, i, value):
    """Return a word that tells which of the 64 units from i on are at least a value."""
    base = min(i, np.int64(len(units)) - 64)
    return at_least_64(units, base, value) >> np.uint64(i - base)


@inlined
def share_bits(units, i, value):
    """Return a word that tells which of the 64 units from i on have a bit in common with a value."""
    base = min(i, np.int64(len(units)) - 64)
    return share_bits_64(units, base, value) >> np.uint64(i - base)


@inlined
def marker_leads(units, i):
    """Return a word that tells which of the 64 units from i on are leads of markers."""
    return at_least(units, i, np.uint16(MARKER_LEAD)) & ~at_least(units, i, np.uint16(TRAIL))


@inlined
def equal_any(units, i, lead_units, low, high):
    """Return a word that tells which of the 64 units from i on are among lead_units[low:high]."""
    found = NONE
    for h in range(low, high):
        found |= equal(units, i, lead_units[h])
    return found


@inlined
def reach_after(bits, distance):
    """Return a word that has the `distance` bits after each bit of a word."""
    found = bits << ONE
    span = 1
    while span < distance:
        step = min(span, distance - span)
        found |= found << np.uint64(step)
        span += step
    return found


@inlined
def prefetch_texts(docs, k, first, units):
    """Prefetch the texts of documents that come soon after docs[k]: they lie far apart in memory.

    The first call is for k = -DOCS_AHEAD.
    """
    if k + DOCS_AHEAD < len(docs):
        prefetch(first, np.int64(docs[k + DOCS_AHEAD]))
    if 0 <= k + TEXTS_AHEAD < len(docs):
        start = first[docs[k + TEXTS_AHEAD]]
        prefetch(units, start)
        for i in range(start + CACHE_LINE, min(first[docs[k + TEXTS_AHEAD] + 1], start + FETCHED), CACHE_LINE):
            prefetch(units, i)
