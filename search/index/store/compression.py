"""The compression of texts: in small blocks, so that a hit is read from a few kilobytes, with a dictionary for many.

The dictionary has pieces that come often, which zstandard chooses from a sample of the texts (after Liao, Petri, Moffat
and Wirth, "Effective Construction of Relative Lempel-Ziv Dictionaries", WWW 2016). With it blocks of 3 KiB take less
room than blocks of thirty times their size without.

The texts of a block are UTF-8, with a byte between two of them that UTF-8 does not have.
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
"""Bytes of texts in a volume, whose blocks have one dictionary."""
BLOCK = 3 << 10
"""Bytes of texts in a block: twice as many take 3 % less room, and twice the time to read a text."""
SEPARATOR = b"\xff"
"""The byte between two texts of a block."""

DICTIONARY = 256 << 10
"""Bytes of the dictionary of a full volume. It is stored uncompressed, to be used at once."""
DICTIONARY_SHARE = 64
"""A dictionary has at most one byte for this many bytes of its volume's texts."""
DICTIONARY_FROM = 64 << 10
"""Minimum number of bytes of texts for which a dictionary saves more than it takes."""
SAMPLE = 4 << 10
"""Bytes of each sample of texts that a dictionary is trained on."""
MAX_SAMPLES = 1_024
"""Maximum number of samples of a volume: to train with them takes a fifth of the time to compress."""
SAMPLE_EVERY = 8
"""Two samples begin at least SAMPLE_EVERY * SAMPLE bytes of texts apart."""
COVER_K, COVER_D = 128, 6
"""Parameters of zstandard's COVER algorithm: bytes of a segment, and of the strings that it counts."""
LEVEL, SEARCH_LOG = 5, 4
"""The compression level of zstandard, and the logarithm of how many places it looks at for a match, one more than that
level has. Level 6 takes 2 % less room and half as much time again; 5 as it is 1 % more room and a tenth less time."""
PROBED = 128
"""Blocks of a volume, about, that are compressed to see how much a dictionary saves."""
SHARED_FROM = 0.9
"""The dictionary of the previous volume is used again if the share of bytes that it saves is at least this part of the
share that it saved in the volume that it was trained on."""
FORMAT = zstandard.FORMAT_ZSTD1_MAGICLESS
"""Frames without the magic number, four bytes that would be half a percent of a block."""
SMALL = 6
"""A volume is small if its blocks have fewer bytes than VOLUME divided by this."""
DECOMPRESSOR = 160 << 10
"""Bytes of memory that a decompressor takes besides its dictionary."""

Data = bytes | memoryview


class Volume(NamedTuple):
    """Compressed blocks, the number of texts in each, and their dictionary, which is empty if there is none.

    Volumes that share a dictionary refer to one object: an equal one counts as another dictionary.
    """

    dictionary: Data
    blocks: Sequence[Data]
    counts: Sequence[int]

    @property
    def is_small(self) -> bool:
        """Whether a merge should make it part of a larger volume."""
        return sum(map(len, self.blocks)) < VOLUME // SMALL


class TrainedDictionary(NamedTuple):
    """A dictionary, and the share of the compressed bytes that it saves in the volume that it was trained on."""

    data: bytes
    saving: float


class Decompressor:
    """Decompresses the blocks of volumes that share a dictionary. Thread-safe."""

    def __init__(self, dictionary: Data) -> None:
        shared = zstandard.ZstdCompressionDict(bytes(dictionary)) if len(dictionary) else None
        self._decompressor = zstandard.ZstdDecompressor(dict_data=shared, format=FORMAT)
        self._lock = Lock()
        self.size = len(dictionary) + DECOMPRESSOR

    def decompress(self, block: Data) -> bytes:
        """Return the texts of a block, with SEPARATOR between two of them. Raises IndexDamaged."""
        try:
            with self._lock:
                return self._decompressor.decompress(block)
        except zstandard.ZstdError as error:
            raise IndexDamaged("a block of texts cannot be read") from error


def compress_volume(
    texts: Sequence[bytes], previous: TrainedDictionary | None = None
) -> tuple[Volume, TrainedDictionary | None]:
    """Return texts, at least one, as a volume, and its dictionary, None if they are too few for one.

    The volume has the `previous` dictionary if that saves nearly as much as in its own volume: a new one would take
    time and room, and texts are read faster by a dictionary that was used a moment ago.
    """
    bounds = list(_block_bounds(starts(np.fromiter(map(len, texts), np.int64, len(texts)))))
    blocks = [SEPARATOR.join(texts[low:high]) for low, high in bounds]
    probed = blocks[:: max(1, len(blocks) // PROBED)]
    dictionary = None
    if sum(map(len, blocks)) >= DICTIONARY_FROM:
        without = _compressed_size(probed, b"")
        if previous and 1 - _compressed_size(probed, previous.data) / without >= SHARED_FROM * previous.saving:
            dictionary = previous
        elif data := _train(b"".join(texts)):
            dictionary = TrainedDictionary(data, 1 - _compressed_size(probed, data) / without)
    data = dictionary.data if dictionary else b""
    return Volume(data, _compress(blocks, data), [high - low for low, high in bounds]), dictionary


def decompress_volume(volume: Volume) -> Iterator[list[bytes]]:
    """Yield the texts of each block of a volume. Raises IndexDamaged."""
    decompress = Decompressor(volume.dictionary).decompress
    return (decompress(block).split(SEPARATOR) for block in volume.blocks)


def _compressed_size(blocks: Sequence[bytes], dictionary: bytes) -> int:
    """Return the bytes that blocks take when they are compressed with a dictionary."""
    return sum(map(len, _compress(blocks, dictionary)))


def _compress(blocks: Sequence[bytes], dictionary: bytes) -> list[bytes]:
    """Return blocks, compressed with a dictionary, which is none if it is empty, and with a checksum each.

    It is one call for all blocks: after each call a thread waits up to 5 ms for another one that runs Python, which is
    fifty times as long as it takes to compress a block.
    """
    parameters = zstandard.ZstdCompressionParameters.from_level(
        LEVEL,
        search_log=SEARCH_LOG,
        source_size=BLOCK,
        dict_size=len(dictionary),
        format=FORMAT,
        write_checksum=True,
        write_dict_id=False,
    )
    shared = zstandard.ZstdCompressionDict(dictionary) if dictionary else None
    compressor = zstandard.ZstdCompressor(dict_data=shared, compression_params=parameters)
    if not any(blocks):  # a single empty text, which that call refuses
        return [*map(compressor.compress, blocks)]
    sources: list[bytes | bytearray | memoryview] = [*blocks]
    found = compressor.multi_compress_to_buffer(sources, threads=1)
    return [found[block].tobytes() for block in range(len(found))]


def _block_bounds(at: Array) -> Iterator[tuple[int, int]]:
    """Yield the first text of each block and the first one after it; a block has as few texts as reach BLOCK bytes.

    Text i begins at byte `at[i]`; the last element of `at` is where the last text ends.
    """
    low, last = 0, len(at) - 1
    while low < last:
        high = min(int(at.searchsorted(at[low] + BLOCK)), last)
        yield low, high
        low = high


def _train(data: bytes) -> bytes:
    """Return a dictionary for texts, empty if nothing in them comes often."""
    step = max(SAMPLE_EVERY * SAMPLE, len(data) // MAX_SAMPLES)
    samples: list[bytes | bytearray | memoryview] = [data[at : at + SAMPLE] for at in range(0, len(data), step)]
    size = min(DICTIONARY, len(data) // DICTIONARY_SHARE)
    try:
        trained = zstandard.train_dictionary(size, samples, k=COVER_K, d=COVER_D, split_point=1.0, level=LEVEL)
    except zstandard.ZstdError:
        return b""
    return trained.as_bytes()
