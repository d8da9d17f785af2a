"""The paragraphs' texts, compressed in volumes while they come.

They are kept in the order in which they came, whatever the ids of their articles: a column says where each article's
begin. So nothing waits uncompressed for the last article, and a merge takes most volumes as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor, Future

import numpy as np

from search.index.storage.column_file import Array
from search.index.store.compression import VOLUME, Volume, packed, texts_of

AHEAD = 2
"""Volumes that wait to be compressed at most."""


class StoreWriter:
    """Texts as UTF-8; an executor of one thread compresses them."""

    def __init__(self, executor: Executor) -> None:
        self.executor = executor
        self._done: list[Volume] = []
        self._done_size = 0
        self._waiting: list[bytes] = []
        self._waiting_size = 0
        self._going: list[Future[Volume]] = []
        self._dictionary = b""
        """That of the volume that was compressed last, which the next one may share."""

    @property
    def size(self) -> int:
        """About how many bytes of memory they take."""
        return self._done_size + self._waiting_size + len(self._going) * VOLUME

    def add(self, paragraphs: Sequence[bytes]) -> None:
        """Take in the next paragraphs."""
        self._waiting += paragraphs
        self._waiting_size += sum(map(len, paragraphs))
        if self._waiting_size >= VOLUME:
            self._cut()

    def adopt(self, volumes: Sequence[Volume]) -> None:
        """Take in volumes of another segment, which stay in its file until they are written."""
        self._flush()
        self._done += volumes

    def finish(self, dead: Array | None = None) -> None:
        """Compress what waits; leave out the paragraphs that are `dead`, a flag each, and make small volumes larger.

        A volume with dead paragraphs is made anew, dictionary and all: what was deleted is not to be found in it. So is
        each that shares a dictionary with one that is made anew, as nothing would tell later whose texts it came from.
        """
        self._cut()
        if dead is None and sum(volume.is_small for volume in self._done) < 2:  # the last one mostly is
            return
        self._collect(len(self._going))
        self._dictionary = b""
        volumes = self._done
        self._done, self._done_size = [], 0
        ends = np.cumsum([sum(volume.counts) for volume in volumes])
        gone = np.split(np.zeros(int(ends[-1]), bool) if dead is None else dead, ends[:-1]) if volumes else []
        anew = _made_anew(volumes, [bool(one.any()) for one in gone])
        for i, volume in enumerate(volumes):
            if anew[i]:
                self._add_anew(volume, gone[i])
            else:
                self._flush()
                self._done.append(volume)
        self._cut()

    def _add_anew(self, volume: Volume, gone: Array) -> None:
        """Take in what is not gone of a volume."""
        at = 0
        for texts in texts_of(volume):
            self.add([text for text, is_gone in zip(texts, gone[at : at + len(texts)], strict=True) if not is_gone])
            at += len(texts)

    def volumes(self) -> list[Volume]:
        """What was taken in, compressed; nothing can be added any more."""
        self._flush()
        return self._done

    def _cut(self) -> None:
        """Compress what waits as a volume, some time before `compression` returns."""
        if not self._waiting:
            return
        if len(self._going) >= AHEAD:
            self._collect(1)
        self._going.append(self.executor.submit(self._packed, self._waiting))
        self._waiting, self._waiting_size = [], 0

    def _packed(self, texts: Sequence[bytes]) -> Volume:
        """Texts as a volume; the executor does this, for one volume after the other."""
        volume = packed(texts, self._dictionary)
        self._dictionary = bytes(volume.dictionary)
        return volume

    def _flush(self) -> None:
        self._cut()
        self._collect(len(self._going))

    def _collect(self, count: int) -> None:
        """Wait for the oldest volumes."""
        for future in self._going[:count]:
            volume = future.result()
            self._done.append(volume)
            self._done_size += sum(map(len, volume.blocks)) + 100 * len(volume.blocks)
        del self._going[:count]


def _made_anew(volumes: Sequence[Volume], with_gone: Sequence[bool]) -> list[bool]:
    """Which volumes are made anew, where some have paragraphs that are gone."""
    small = [volume.is_small for volume in volumes]
    anew = list(with_gone)
    while True:
        before = list(anew)
        for i in range(len(volumes)):
            # a small one only becomes larger beside another one that is made anew
            anew[i] |= small[i] and (any(anew[i - 1 : i]) or any(anew[i + 1 : i + 2]) or any(small[i + 1 : i + 2]))
        shared = {id(volume.dictionary) for volume, one in zip(volumes, anew, strict=True) if one}
        anew = [
            one or (len(v.dictionary) > 0 and id(v.dictionary) in shared) for v, one in zip(volumes, anew, strict=True)
        ]
        if anew == before:
            return anew
