"""The texts of a segment's paragraphs, as they are stored: in blocks, in the order in which they came."""

from __future__ import annotations

import threading
from functools import cached_property, partial

import numpy as np
import zstandard

from search.engines.whoosh.arrays import Array, ArrayFile
from search.engines.whoosh.remembered import Remembered
from search.errors import IndexDamaged

REMEMBERED = 8 << 20
"""Bytes of blocks that are kept as they were read last: rows of one article come from a few."""


class _Own(threading.local):
    """Each thread's own: making one takes a tenth of the time that a block does, and two threads cannot share it."""

    def __init__(self) -> None:
        self.decompressor = zstandard.ZstdDecompressor()


_own = _Own()


class StoredTexts:
    """The texts of a file of arrays, by their place in it."""

    def __init__(self, file: ArrayFile) -> None:
        self.file = file
        self._remembered = Remembered[bytes](REMEMBERED)

    @cached_property
    def first(self) -> Array:
        """The first text of each block."""
        return self.file.whole("block_first")

    @cached_property
    def at(self) -> Array:
        """Where each block's bytes begin."""
        return self.file.whole("block_at")

    def of(self, low: int, high: int) -> list[bytes]:
        """The texts from place low up to high, as UTF-8."""
        found: list[bytes] = []
        block = int(np.searchsorted(self.first, low, side="right")) - 1
        while low < high:
            begin, end = int(self.first[block]), int(self.first[block + 1])
            data = self._remembered.get(block, partial(self._unpacked, block))
            found += _slices(data, end - begin, low - begin, min(high, end) - begin)
            low, block = min(end, high), block + 1
        return found

    def block(self, number: int) -> memoryview:
        """A block, compressed."""
        low, high = self.at[number : number + 2].tolist()
        self.file.check("blocks", low, high)
        return self.file.unchecked("blocks")[low:high].data

    def _unpacked(self, number: int) -> bytes:
        try:
            return _own.decompressor.decompress(self.block(number))
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
