"""The texts of a segment's paragraphs, as they are stored: in volumes of blocks, in the order in which they came."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from functools import cached_property
from itertools import pairwise

import numpy as np

from search.engines.whoosh.arrays import ArrayFile
from search.engines.whoosh.remembered import Remembered
from search.engines.whoosh.volumes import Unpacker, Volume
from search.errors import IndexDamaged

UNPACKERS = 64 << 20
"""Bytes of dictionaries, and of what reads with them, that a segment keeps: those of some gigabytes of texts."""


class StoredTexts:
    """The texts of a file of arrays, by their place in it."""

    def __init__(self, file: ArrayFile) -> None:
        self.file = file
        self._unpackers = Remembered[Unpacker](UNPACKERS, lambda unpacker: unpacker.size)

    @cached_property
    def first(self) -> memoryview:
        """The first text of each block, and how many there are."""
        return self.file.whole("block_first").data

    @cached_property
    def at(self) -> memoryview:
        """Where each block's bytes begin, and where those of the last one end."""
        return self.file.whole("block_at").data

    @cached_property
    def volume_first(self) -> memoryview:
        """The first block of each volume, and how many there are."""
        return self.file.whole("volume_first").data

    @cached_property
    def dictionary_at(self) -> memoryview:
        """Where each volume's dictionary begins, and where the last one ends."""
        return self.file.whole("dictionary_at").data

    def of(self, low: int, high: int) -> list[bytes]:
        """The texts from place low up to high, as UTF-8."""
        found: list[bytes] = []
        block = bisect_right(self.first, low) - 1
        while low < high:
            begin, end = self.first[block : block + 2]
            found += self._texts(block)[low - begin : high - begin]
            low, block = min(end, high), block + 1
        return found

    def volumes(self) -> Iterator[Volume]:
        """The volumes, compressed as they are."""
        counts = np.diff(self.first).tolist()
        for number, (low, high) in enumerate(pairwise(self.volume_first)):
            yield Volume(self._dictionary(number), [self._block(b) for b in range(low, high)], counts[low:high])

    def _texts(self, block: int) -> list[bytes]:
        volume = bisect_right(self.volume_first, block) - 1
        unpacker = self._unpackers.get(volume, lambda: Unpacker(self._dictionary(volume)))
        try:
            return unpacker.texts(self._block(block))
        except IndexDamaged as error:
            raise IndexDamaged(f"{error} in {self.file.path.name}") from error

    def _block(self, number: int) -> memoryview:
        return self._extent("blocks", *self.at[number : number + 2])

    def _dictionary(self, volume: int) -> memoryview:
        return self._extent("dictionaries", *self.dictionary_at[volume : volume + 2])

    def _extent(self, name: str, low: int, high: int) -> memoryview:
        """Bytes, checked."""
        self.file.check(name, low, high)
        return self.file.unchecked(name)[low:high].data
