"""The texts of a segment's paragraphs, as they are stored: in volumes of blocks, in the order in which they came."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property, partial

import numpy as np

from search.engines.whoosh.arrays import Array, ArrayFile
from search.engines.whoosh.remembered import Remembered
from search.engines.whoosh.volumes import Unpacker, Volume

BLOCKS = 1 << 20
"""Bytes of blocks that are kept as they were read last: rows of one article come from a few."""
UNPACKERS = 64 << 20
"""Bytes of dictionaries, and of what reads with them, that are kept: those of some gigabytes of texts."""


class StoredTexts:
    """The texts of a file of arrays, by their place in it."""

    def __init__(self, file: ArrayFile) -> None:
        self.file = file
        self._blocks = Remembered[list[bytes]](BLOCKS, lambda texts: sum(map(len, texts)))
        self._unpackers = Remembered[Unpacker](UNPACKERS, lambda unpacker: unpacker.size)

    @cached_property
    def first(self) -> Array:
        """The first text of each block."""
        return self.file.whole("block_first")

    @cached_property
    def at(self) -> Array:
        """Where each block's bytes begin."""
        return self.file.whole("block_at")

    @cached_property
    def volume_first(self) -> Array:
        """The first block of each volume."""
        return self.file.whole("volume_first")

    @cached_property
    def dictionary_at(self) -> Array:
        """Where each volume's dictionary begins."""
        return self.file.whole("dictionary_at")

    def of(self, low: int, high: int) -> list[bytes]:
        """The texts from place low up to high, as UTF-8."""
        found: list[bytes] = []
        block = int(self.first.searchsorted(low, side="right")) - 1
        while low < high:
            begin, end = int(self.first[block]), int(self.first[block + 1])
            texts = self._blocks.get(block, partial(self._texts, block))
            found += texts[low - begin : high - begin]
            low, block = min(end, high), block + 1
        return found

    def volumes(self) -> Iterator[Volume]:
        """The volumes, compressed as they are."""
        counts, edges = np.diff(self.first).tolist(), self.volume_first.tolist()
        for number, (low, high) in enumerate(zip(edges, edges[1:], strict=False)):
            yield Volume(self._dictionary(number), [self._block(b) for b in range(low, high)], counts[low:high])

    def _texts(self, block: int) -> list[bytes]:
        volume = int(self.volume_first.searchsorted(block, side="right")) - 1
        unpacker = self._unpackers.get(volume, lambda: Unpacker(self._dictionary(volume)))
        return unpacker.texts(self._block(block))

    def _block(self, number: int) -> memoryview:
        return self._extent("blocks", *self.at[number : number + 2].tolist())

    def _dictionary(self, volume: int) -> memoryview:
        return self._extent("dictionaries", *self.dictionary_at[volume : volume + 2].tolist())

    def _extent(self, name: str, low: int, high: int) -> memoryview:
        """Bytes, checked."""
        self.file.check(name, low, high)
        return self.file.unchecked(name)[low:high].data
