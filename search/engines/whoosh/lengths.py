"""The shortest paragraphs of a segment: of a pattern alone they are the best (`kernels.choosing.shortest`)."""

from __future__ import annotations

import numpy as np

from search.engines.whoosh.arrays import Array

HALVES = 8
"""How often paragraphs are halved: each takes a bit a paragraph."""


def halves(lengths: Array, blocks: int) -> tuple[Array, Array]:
    """Bitmaps of the shortest half, quarter, eighth ... of all paragraphs, and the lengths that each is below.

    Lengths are bytes, as in `search.ranking`; where many are equal, it is less than half.
    """
    upto = np.cumsum(np.bincount(lengths, minlength=256))
    limits = np.unique(np.searchsorted(upto, len(lengths) >> np.arange(1, HALVES + 1)))[::-1].astype(np.uint8)
    return np.stack([_shorter(lengths, int(limit), blocks) for limit in limits]), limits


def _shorter(lengths: Array, limit: int, blocks: int) -> Array:
    bits = np.zeros(blocks * 64, bool)
    bits[: len(lengths)] = lengths < limit
    return np.packbits(bits, bitorder="little").view(np.uint64)
