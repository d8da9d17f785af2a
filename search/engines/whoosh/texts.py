"""The paragraphs' texts, compressed in blocks while they come.

They are kept in the order in which they came, whatever the ids of their articles: a column says where each article's
begin. So nothing waits uncompressed for the last article, and a merge takes blocks as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor, Future

import numpy as np
import zstandard

from search.engines.whoosh.arrays import Array
from search.errors import IndexDamaged

BLOCK = 96 << 10
"""Bytes of paragraphs that are compressed together: larger is smaller, but slower to show a hit from."""
LEVEL = 6
"""Of zstandard: 5 % less than at 3 for three times the time, some 7 s a gigabyte and core; 9 is 2 % less again."""
AHEAD = 32
"""Blocks that wait to be compressed at most."""

Data = bytes | memoryview


class Texts:
    """Texts as UTF-8; an executor of one thread compresses them."""

    def __init__(self, executor: Executor) -> None:
        self.executor = executor
        self.blocks: list[Data] = []
        self.counts: list[int] = []
        self.size = 0
        """About how many bytes of memory the blocks take."""
        self._waiting: list[bytes] = []
        self._waiting_size = 0
        self._going: list[Future[bytes]] = []
        self._compressor = zstandard.ZstdCompressor(level=LEVEL, write_checksum=True)

    def add(self, paragraphs: Sequence[bytes]) -> None:
        """Take in the next paragraphs."""
        for text in paragraphs:
            self._waiting.append(text)
            self._waiting_size += len(text)
            if self._waiting_size >= BLOCK:
                self._cut()

    def adopt(self, blocks: Sequence[memoryview], counts: Sequence[int]) -> None:
        """Take in blocks of another segment, which stay in its file until they are written."""
        self._settle()
        self.blocks += blocks
        self.counts += counts

    def finish(self, dead: Array | None = None) -> None:
        """Compress what waits; leave out the paragraphs that are `dead`, a flag each, and make small blocks larger."""
        self._settle()
        blocks, counts, begin = self.blocks, self.counts, 0
        small = [zstandard.frame_content_size(bytes(block[:32])) < BLOCK // 2 for block in blocks]
        if dead is None and sum(small) < 2:  # the last one mostly is
            return
        self.blocks, self.counts = [], []
        for block, count, is_small in zip(blocks, counts, small, strict=True):
            gone = dead[begin : begin + count] if dead is not None else np.zeros(count, bool)
            begin += count
            if gone.any() or is_small:
                texts = _texts(block, count)
                self.add([texts[t] for t in np.flatnonzero(~gone).tolist()])
            else:
                self._settle()
                self.blocks.append(block)
                self.counts.append(count)
        self._settle()

    def _cut(self) -> None:
        """Compress what waits as a block."""
        if len(self._going) >= AHEAD:
            self._collect(AHEAD // 2)
        self._going.append(self.executor.submit(self._compressed, self._waiting))
        self.counts.append(len(self._waiting))
        self._waiting, self._waiting_size = [], 0

    def _settle(self) -> None:
        if self._waiting:
            self._cut()
        self._collect(len(self._going))

    def _collect(self, count: int) -> None:
        """Wait for the oldest blocks."""
        for future in self._going[:count]:
            block = future.result()
            self.blocks.append(block)
            self.size += len(block) + 100
        del self._going[:count]

    def _compressed(self, texts: list[bytes]) -> bytes:
        lengths = np.fromiter(map(len, texts), np.uint32, len(texts)).tobytes()
        return self._compressor.compress(b"".join((lengths, *texts)))


def _texts(block: Data, count: int) -> list[bytes]:
    """The texts of a block, that many."""
    try:
        data = zstandard.ZstdDecompressor().decompress(block)
    except zstandard.ZstdError as error:
        message = "a block of texts cannot be read"
        raise IndexDamaged(message) from error
    ends = np.cumsum(np.frombuffer(data, np.uint32, count), dtype=np.int64) + 4 * count
    starts = [4 * count, *ends[:-1].tolist()]
    return [data[a:b] for a, b in zip(starts, ends.tolist(), strict=True)]
