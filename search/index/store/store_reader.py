"""The texts of a segment's paragraphs, as they are stored: in volumes of blocks, in the order in which they came."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import pairwise

from search.errors import IndexDamaged
from search.index.storage.column_file import ArrayFile, starts
from search.index.storage.lru_cache import LruCache
from search.index.store.compression import BETWEEN, Decompressor, Volume

UNPACKERS = 64 << 20
"""Bytes of dictionaries, and of what reads with them, that a segment keeps: those of some gigabytes of texts."""


class StoreReader:
    """The texts of a file of arrays, by their place in it."""

    def __init__(self, file: ArrayFile) -> None:
        self.file = file
        self._unpackers = LruCache[Decompressor](UNPACKERS, lambda unpacker: unpacker.size)

    @cached_property
    def first(self) -> memoryview:
        """The first text of each block, and how many there are."""
        return starts(self.file.whole("block_texts")).data

    @cached_property
    def at(self) -> memoryview:
        """Where each block's bytes begin, and where those of the last one end."""
        return starts(self.file.whole("block_sizes")).data

    @cached_property
    def volume_first(self) -> memoryview:
        """The first block of each volume, and how many there are."""
        return self.file.whole("volume_first").data

    @cached_property
    def dictionary_of(self) -> memoryview:
        """The number of each volume's dictionary, from 1; 0 for none."""
        return self.file.whole("volume_dictionary").data

    @cached_property
    def dictionary_at(self) -> memoryview:
        """Where each dictionary begins, and where the last one ends."""
        return self.file.whole("dictionary_at").data

    def prepare(self) -> None:
        """Work out where texts are; which volumes are read from shows later."""
        _ = self.first, self.at, self.volume_first, self.dictionary_of, self.dictionary_at

    def of(self, low: int, high: int) -> list[bytes]:
        """The texts from place low up to high, as UTF-8."""
        found: list[bytes] = []
        block = bisect_right(self.first, low) - 1
        while low < high:
            begin, end = self.first[block], self.first[block + 1]
            found += self._unpacked(block).split(BETWEEN)[low - begin : high - begin]
            low, block = min(end, high), block + 1
        return found

    def each(self, places: Sequence[int]) -> list[bytes]:
        """The texts at some places, as UTF-8. They are read in the order of their places, a block of several once."""
        found = [b""] * len(places)
        first = self.first
        before, texts = -1, b""
        for place, i in sorted(zip(places, range(len(places)), strict=True)):
            block = bisect_right(first, place) - 1
            if block != before:
                before, texts = block, self._unpacked(block)
            number = place - first[block]
            found[i] = texts.split(BETWEEN, number + 1)[number]
        return found

    def volumes(self) -> Iterator[Volume]:
        """The volumes, compressed as they are."""
        counts = self.file.whole("block_texts").tolist()
        dictionaries = [self._dictionary(number) for number in range(len(self.dictionary_at))]
        for number, (low, high) in zip(self.dictionary_of, pairwise(self.volume_first), strict=True):
            blocks = [self._extent("blocks", self.at[b], self.at[b + 1]) for b in range(low, high)]
            yield Volume(dictionaries[number], blocks, counts[low:high])

    def _unpacked(self, block: int) -> bytes:
        number = self.dictionary_of[bisect_right(self.volume_first, block) - 1]
        unpacker = self._unpackers.get(number, lambda: Decompressor(self._dictionary(number)))
        try:
            return unpacker.unpacked(self.file.read("blocks", self.at[block], self.at[block + 1]))
        except IndexDamaged as error:
            raise IndexDamaged(f"{error} in {self.file.path.name}") from error

    def _dictionary(self, number: int) -> memoryview:
        if not number:
            return memoryview(b"")
        return self._extent("dictionaries", self.dictionary_at[number - 1], self.dictionary_at[number])

    def _extent(self, name: str, low: int, high: int) -> memoryview:
        """Bytes, checked."""
        self.file.check(name, low, high)
        return self.file.unchecked(name)[low:high].data
