"""Reads the stored texts of a segment, which lie in volumes of blocks in the order in which they were added."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import pairwise

from search.index.storage.column_file import ArrayFile, starts
from search.index.storage.lru_cache import LruCache
from search.index.store.compression import SEPARATOR, Decompressor, Volume

DECOMPRESSORS = 64 << 20
"""Bytes of decompressors with their dictionaries that a segment keeps: those of some gigabytes of texts."""


class StoreReader:
    """The stored texts of a segment, by their place: their number from 0 in the order in which they were added."""

    def __init__(self, file: ArrayFile) -> None:
        self.file = file
        self._decompressors = LruCache[Decompressor](DECOMPRESSORS, lambda decompressor: decompressor.size)

    @cached_property
    def first(self) -> memoryview:
        """The place of each block's first text, and the number of texts: `(n_blocks + 1,) int64`."""
        return starts(self.file.whole("block_texts")).data

    @cached_property
    def at(self) -> memoryview:
        """Where each block begins in the column `blocks`, and where the last one ends: `(n_blocks + 1,) int64`."""
        return starts(self.file.whole("block_sizes")).data

    @cached_property
    def volume_first(self) -> memoryview:
        """The first block of each volume, and the number of blocks: `(n_volumes + 1,) int64`."""
        return self.file.whole("volume_first").data

    @cached_property
    def dictionary_of(self) -> memoryview:
        """The number of each volume's dictionary, from 1; 0 for none: `(n_volumes,) int32`."""
        return self.file.whole("volume_dictionary").data

    @cached_property
    def dictionary_at(self) -> memoryview:
        """Where each dictionary begins in its column, and where the last one ends: `(n_dictionaries + 1,) int64`."""
        return self.file.whole("dictionary_at").data

    def prepare(self) -> None:
        """Load where each text is, so that forked processes share it; decompressors are made when they are needed."""
        _ = self.first, self.at, self.volume_first, self.dictionary_of, self.dictionary_at

    def of(self, low: int, high: int) -> list[bytes]:
        """Return the texts from place low up to high, as UTF-8. Raises IndexDamaged."""
        found: list[bytes] = []
        block = bisect_right(self.first, low) - 1
        while low < high:
            begin, end = self.first[block], self.first[block + 1]
            found += self._decompressed(block).split(SEPARATOR)[low - begin : high - begin]
            low, block = min(end, high), block + 1
        return found

    def each(self, places: Sequence[int]) -> list[bytes]:
        """Return the texts at these places, as UTF-8; each block of them is read once. Raises IndexDamaged."""
        found = [b""] * len(places)
        first = self.first
        before, texts = -1, b""
        for place, i in sorted(zip(places, range(len(places)), strict=True)):
            block = bisect_right(first, place) - 1
            if block != before:
                before, texts = block, self._decompressed(block)
            number = place - first[block]
            found[i] = texts.split(SEPARATOR, number + 1)[number]
        return found

    def volumes(self) -> Iterator[Volume]:
        """Yield the volumes of the segment, compressed."""
        counts = self.file.whole("block_texts").tolist()
        dictionaries = [self._dictionary(number) for number in range(len(self.dictionary_at))]
        for number, (low, high) in zip(self.dictionary_of, pairwise(self.volume_first), strict=True):
            blocks = [self._extent("blocks", self.at[b], self.at[b + 1]) for b in range(low, high)]
            yield Volume(dictionaries[number], blocks, counts[low:high])

    def _decompressed(self, block: int) -> bytes:
        """Return the texts of a block with SEPARATOR between them. Raises IndexDamaged."""
        number = self.dictionary_of[bisect_right(self.volume_first, block) - 1]
        decompressor = self._decompressors.get(number, lambda: Decompressor(self._dictionary(number)))
        return decompressor.decompress(self.file.read("blocks", self.at[block], self.at[block + 1]))

    def _dictionary(self, number: int) -> memoryview:
        if not number:
            return memoryview(b"")
        return self._extent("dictionaries", self.dictionary_at[number - 1], self.dictionary_at[number])

    def _extent(self, name: str, low: int, high: int) -> memoryview:
        """Return the bytes of a column from low up to high, checked."""
        self.file.check(name, low, high)
        return self.file.unchecked(name)[low:high].data
