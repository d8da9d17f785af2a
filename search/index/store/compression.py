"""Texts compressed together: in small blocks, so that a hit is shown from a few kilobytes, with what they share apart.

That is a dictionary of pieces that come often, which zstandard chooses from a part of the texts (after Liao, Petri,
Moffat and Wirth, "Effective Construction of Relative Lempel-Ziv Dictionaries", WWW 2016). With it blocks of 3 KiB
take less room than blocks of thirty times their size without.

The texts of a block are UTF-8 with a byte between them that UTF-8 does not have.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from threading import Lock
from typing import NamedTuple

import numpy as np
import zstandard

from search.errors import IndexDamaged
from search.index.storage.column_file import Array, starts

VOLUME = 32 << 20
"""Bytes of texts that share a dictionary."""
BLOCK = 3 << 10
"""Bytes of texts that are compressed together: twice as many take 3 % less room, and twice the time to read from."""
BETWEEN = b"\xff"
"""What is between two texts of a block."""

DICTIONARY = 256 << 10
"""Bytes of a whole volume's dictionary. It is stored as it is, so that it can be used at once."""
SHARE = 64
"""A smaller volume has a smaller one: a byte of so many."""
WORTH = 64 << 10
"""Bytes of texts from which on a dictionary is worth its room."""
PIECE = 4 << 10
"""Bytes of texts that are looked at together when it is chosen."""
PIECES = 1_024
"""How many of them at most, and no more than every `APART`th: to choose takes a fifth of the time to compress."""
APART = 8
SEGMENT, GRAM = 128, 6
"""Bytes that go into it together, and bytes that count as the same wherever they stand: `k` and `d` of COVER."""
LEVEL = 6
"""Of zstandard: 5 takes 1.3 % more room and two thirds of the time."""
TRIED = 32
"""Of so many blocks one tells whether the dictionary of the volume before will do."""
FORMAT = zstandard.FORMAT_ZSTD1_MAGICLESS
"""Frames without the four bytes that say that they are some: of small ones that would be half a percent."""
SMALL = 6
"""A volume is small when it has fewer compressed bytes than VOLUME divided by this."""
DECOMPRESSOR = 160 << 10
"""Bytes of memory that a decompressor takes."""

Data = bytes | memoryview


class Volume(NamedTuple):
    """Blocks, how many texts each has, and the dictionary that they were compressed with; an empty one is none.

    Volumes that share a dictionary have one and the same object: a copy would count as another one.
    """

    dictionary: Data
    blocks: Sequence[Data]
    counts: Sequence[int]

    @property
    def is_small(self) -> bool:
        """Whether it should become part of a larger one."""
        return sum(map(len, self.blocks)) < VOLUME // SMALL


class Decompressor:
    """Reads the blocks of a volume. For all threads, one at a time."""

    def __init__(self, dictionary: Data) -> None:
        shared = zstandard.ZstdCompressionDict(bytes(dictionary)) if len(dictionary) else None
        self._decompressor = zstandard.ZstdDecompressor(dict_data=shared, format=FORMAT)
        self._lock = Lock()
        self.size = len(dictionary) + DECOMPRESSOR

    def unpacked(self, block: Data) -> bytes:
        """The texts of a block, with BETWEEN between them. Raises IndexDamaged."""
        try:
            with self._lock:
                return self._decompressor.decompress(block)
        except zstandard.ZstdError as error:
            message = "a block of texts cannot be read"
            raise IndexDamaged(message) from error


def packed(texts: Sequence[bytes], before: bytes = b"") -> Volume:
    """Texts, of which there is one at least, as a volume.

    It shares the dictionary of the volume before, unless one of its own would save twice what it takes: what reads the
    texts is quicker when it has read with the same dictionary a moment ago.
    """
    cuts = list(_cuts(starts(np.fromiter(map(len, texts), np.int64, len(texts)))))
    joined = [BETWEEN.join(texts[low:high]) for low, high in cuts]
    dictionary = chosen(b"".join(texts))
    compressor = _compressor(dictionary)
    matches_itself = dictionary.as_bytes() if dictionary else b""
    if matches_itself and before:
        shared = zstandard.ZstdCompressionDict(before)
        some = joined[::TRIED]
        saved = sum(map(len, map(_compressor(shared).compress, some))) - sum(map(len, map(compressor.compress, some)))
        if saved * TRIED < 2 * len(matches_itself):
            compressor, matches_itself = _compressor(shared), before
    return Volume(matches_itself, [*map(compressor.compress, joined)], [high - low for low, high in cuts])


def _compressor(dictionary: zstandard.ZstdCompressionDict | None) -> zstandard.ZstdCompressor:
    """What compresses blocks as is best for their size, with a checksum."""
    parameters = zstandard.ZstdCompressionParameters.from_level(
        LEVEL,
        source_size=BLOCK,
        dict_size=len(dictionary) if dictionary else 0,
        format=FORMAT,
        write_checksum=True,
        write_dict_id=False,
    )
    return zstandard.ZstdCompressor(dict_data=dictionary, compression_params=parameters)


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
    unpacked = Decompressor(volume.dictionary).unpacked
    return (unpacked(block).split(BETWEEN) for block in volume.blocks)
