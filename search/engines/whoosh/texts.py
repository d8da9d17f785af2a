"""The paragraphs of a segment, compressed in blocks."""

from __future__ import annotations

from functools import cached_property, partial

import numpy as np
import zstandard

from search.engines.whoosh.arrays import Array, ArrayFile
from search.engines.whoosh.remembered import Remembered
from search.errors import IndexDamaged

REMEMBERED = 8 << 20
"""Bytes of blocks that are kept as they were read last: rows of one article come from a few."""


class Texts:
    """The texts of a file of arrays."""

    def __init__(self, file: ArrayFile) -> None:
        self.file = file
        self._remembered = Remembered[bytes](REMEMBERED)

    @cached_property
    def first(self) -> Array:
        """The first paragraph of each block."""
        return self.file.whole("block_first")

    @cached_property
    def at(self) -> Array:
        """Where each block's bytes begin."""
        return self.file.whole("block_at")

    def of(self, low: int, high: int) -> list[bytes]:
        """The texts of paragraphs as UTF-8."""
        first, at = self.first, self.at
        found: list[bytes] = []
        block = int(np.searchsorted(first, low, side="right")) - 1
        while low < high:
            begin, end = int(first[block]), int(first[block + 1])
            data = self._remembered.get(block, partial(self._block, int(at[block]), int(at[block + 1])))
            found += _slices(data, end - begin, max(low - begin, 0), min(high, end) - begin)
            low, block = min(end, high), block + 1
        return found

    def _block(self, low: int, high: int) -> bytes:
        self.file.check("blocks", low, high)
        try:
            return zstandard.ZstdDecompressor().decompress(self.file.unchecked("blocks")[low:high].tobytes())
        except zstandard.ZstdError as error:
            raise IndexDamaged(f"a block of texts in {self.file.path.name} cannot be read") from error


def _slices(data: bytes, count: int, low: int, high: int) -> list[bytes]:
    """Texts from low up to high of a block of so many, which begins with their lengths."""
    lengths = np.frombuffer(data, np.uint32, high)
    end = 4 * count + int(lengths[:low].sum())
    found = []
    for length in lengths[low:].tolist():
        found.append(data[end : end + length])
        end += length
    return found
