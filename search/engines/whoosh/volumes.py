"""Texts compressed together: in small blocks, so that a hit is shown from a few kilobytes, with what they share apart.

That is a dictionary of pieces that come often, which zstandard chooses from a part of the texts (after Liao, Petri,
Moffat and Wirth, "Effective Construction of Relative Lempel-Ziv Dictionaries", WWW 2016). With it blocks of 8 KiB take
less room than blocks of twelve times their size without.

The texts of a block are UTF-8 with a byte between them that UTF-8 does not have.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from threading import Lock
from typing import NamedTuple

import numpy as np
import zstandard

from search.engines.whoosh.arrays import Array, starts
from search.errors import IndexDamaged

VOLUME = 32 << 20
"""Bytes of texts that share a dictionary."""
BLOCK = 8 << 10
"""Bytes of texts that are compressed together: half of it takes 4 % more room, and half the time to read from."""
BETWEEN = b"\xff"
"""What is between two texts of a block."""

DICTIONARY = 128 << 10
"""Bytes of a whole volume's dictionary. It is stored as it is, so that it can be used at once."""
SHARE = 64
"""A smaller volume has a smaller one: a byte of so many."""
WORTH = 64 << 10
"""Bytes of texts from which on a dictionary is worth its room."""
PIECE = 4 << 10
"""Bytes of texts that are looked at together when it is chosen."""
PIECES = 512
"""How many of them at most, and no more than every `APART`th: to choose takes a fifth of the time to compress."""
APART = 8
SEGMENT, GRAM = 512, 6
"""Bytes that go into it together, and bytes that count as the same wherever they stand: `k` and `d` of COVER."""
LEVEL = 4
"""Of zstandard: 5 takes 2 % less room for a third more time, some 3 s a gigabyte and core."""
HEADER = 18
"""Bytes of a block that say how large it is unpacked, at most."""
DECOMPRESSOR = 160 << 10
"""Bytes of memory that a decompressor takes."""

Data = bytes | memoryview


class Volume(NamedTuple):
    """Blocks, how many texts each has, and the dictionary that they were compressed with; an empty one is none."""

    dictionary: Data
    blocks: Sequence[Data]
    counts: Sequence[int]

    @property
    def is_small(self) -> bool:
        """Whether it should become part of a larger one."""
        if len(self.blocks) * BLOCK >= VOLUME // 2:
            return False
        return sum(zstandard.frame_content_size(bytes(block[:HEADER])) for block in self.blocks) < VOLUME // 2


class Unpacker:
    """Reads the blocks of a volume. For all threads, one at a time."""

    def __init__(self, dictionary: Data) -> None:
        shared = zstandard.ZstdCompressionDict(bytes(dictionary)) if len(dictionary) else None
        self._decompressor = zstandard.ZstdDecompressor(dict_data=shared)
        self._lock = Lock()
        self.size = len(dictionary) + DECOMPRESSOR

    def texts(self, block: Data) -> list[bytes]:
        """The texts of a block. Raises IndexDamaged."""
        try:
            with self._lock:
                return self._decompressor.decompress(block).split(BETWEEN)
        except zstandard.ZstdError as error:
            message = "a block of texts cannot be read"
            raise IndexDamaged(message) from error


def packed(texts: Sequence[bytes]) -> Volume:
    """Texts, of which there is one at least, as a volume."""
    dictionary = chosen(b"".join(texts))
    if dictionary is not None:
        dictionary.precompute_compress(level=LEVEL)
    compressor = zstandard.ZstdCompressor(level=LEVEL, write_checksum=True, write_dict_id=False, dict_data=dictionary)
    cuts = list(_cuts(starts(np.fromiter(map(len, texts), np.int64, len(texts)))))
    blocks: list[Data] = [compressor.compress(BETWEEN.join(texts[low:high])) for low, high in cuts]
    return Volume(dictionary.as_bytes() if dictionary else b"", blocks, [high - low for low, high in cuts])


def _cuts(at: Array) -> Iterator[tuple[int, int]]:
    """The texts of each block, which begin at `at`: as few as fill it."""
    low, last = 0, len(at) - 1
    while low < last:
        high = min(int(at.searchsorted(at[low] + BLOCK)), last)
        yield low, high
        low = high


def chosen(data: bytes) -> zstandard.ZstdCompressionDict | None:
    """A dictionary for texts; None where it is not worth its room."""
    if len(data) < WORTH:
        return None
    step = max(APART * PIECE, len(data) // PIECES)
    pieces: list[bytes | bytearray | memoryview] = [data[at : at + PIECE] for at in range(0, len(data), step)]
    try:
        return zstandard.train_dictionary(
            min(DICTIONARY, len(data) // SHARE), pieces, k=SEGMENT, d=GRAM, split_point=1.0, level=LEVEL
        )
    except zstandard.ZstdError:  # nothing comes often
        return None


def texts_of(volume: Volume) -> Iterator[list[bytes]]:
    """The texts of a volume, block by block."""
    return map(Unpacker(volume.dictionary).texts, volume.blocks)
