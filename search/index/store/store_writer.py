"""Writes the stored texts of a segment: compresses them in volumes while they come.

Texts keep the order in which they were added, whatever the ids of their articles: a column says where each article's
begin. So nothing waits uncompressed for the last article, and a merge copies most volumes as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor, Future

import numpy as np

from search.index.storage.column_file import Array
from search.index.store.compression import VOLUME, TrainedDictionary, Volume, compress_volume, decompress_volume

MAX_PENDING = 2
"""Volumes that can wait to be compressed."""


class StoreWriter:
    """Collects texts as compressed volumes; an executor of one thread compresses them, one after the other."""

    def __init__(self, executor: Executor) -> None:
        self.executor = executor
        self._volumes: list[Volume] = []
        self._compressed_size = 0
        self._texts: list[bytes] = []
        self._texts_size = 0
        self._in_progress: list[Future[Volume]] = []
        self._dictionary: TrainedDictionary | None = None
        """The dictionary of the volume that was compressed last."""

    @property
    def size(self) -> int:
        """The bytes of memory that the texts take, about."""
        return self._compressed_size + self._texts_size + len(self._in_progress) * VOLUME

    def add(self, texts: Sequence[bytes]) -> None:
        """Add texts, as UTF-8."""
        self._texts += texts
        self._texts_size += sum(map(len, texts))
        if self._texts_size >= VOLUME:
            self._submit()

    def add_volumes(self, volumes: Sequence[Volume]) -> None:
        """Add the volumes of another segment, whose bytes stay in its file until they are written."""
        self._flush()
        self._volumes += volumes

    def finish(self, dead: Array | None = None) -> None:
        """Compress the last texts, drop those that are `dead`, `(n_texts,) bool`, and join small volumes.

        A volume with dead texts is compressed anew with another dictionary, as the old one may hold pieces of them.
        So is each volume that shares a dictionary with one that is compressed anew: later nothing would tell that the
        dictionary has pieces of the other's texts.
        """
        self._submit()
        if dead is None and sum(volume.is_small for volume in self._volumes) < 2:  # the last one mostly is
            return
        self._collect(len(self._in_progress))
        self._dictionary = None
        volumes = self._volumes
        self._volumes, self._compressed_size = [], 0
        ends = np.cumsum([sum(volume.counts) for volume in volumes])
        deaths = np.split(np.zeros(int(ends[-1]), bool) if dead is None else dead, ends[:-1]) if volumes else []
        anew = _select_recompressed(volumes, [bool(one.any()) for one in deaths])
        for volume, one, is_anew in zip(volumes, deaths, anew, strict=True):
            if is_anew:
                self._add_live(volume, one)
            else:
                self.add_volumes([volume])
        self._submit()

    def _add_live(self, volume: Volume, dead: Array) -> None:
        """Add the texts of a volume that are not dead."""
        at = 0
        for texts in decompress_volume(volume):
            self.add([text for text, is_dead in zip(texts, dead[at : at + len(texts)], strict=True) if not is_dead])
            at += len(texts)

    def volumes(self) -> list[Volume]:
        """Return all volumes, compressed. Nothing can be added then."""
        self._flush()
        return self._volumes

    def _submit(self) -> None:
        """Have the texts that wait compressed as a volume, some time before `volumes` returns."""
        if not self._texts:
            return
        if len(self._in_progress) >= MAX_PENDING:
            self._collect(1)
        self._in_progress.append(self.executor.submit(self._compress, self._texts))
        self._texts, self._texts_size = [], 0

    def _compress(self, texts: Sequence[bytes]) -> Volume:
        """Compress texts as a volume, in the thread of the executor."""
        volume, self._dictionary = compress_volume(texts, self._dictionary)
        return volume

    def _flush(self) -> None:
        """Have all texts that wait compressed, and wait for it."""
        self._submit()
        self._collect(len(self._in_progress))

    def _collect(self, count: int) -> None:
        """Wait for the `count` oldest volumes that are being compressed, and add them to the finished ones."""
        for future in self._in_progress[:count]:
            volume = future.result()
            self._volumes.append(volume)
            self._compressed_size += sum(map(len, volume.blocks)) + 100 * len(volume.blocks)
        del self._in_progress[:count]


def _select_recompressed(volumes: Sequence[Volume], with_dead: Sequence[bool]) -> list[bool]:
    """Return for each volume whether to compress it anew.

    Those are compressed anew that have dead texts, those that share a dictionary with one that is compressed anew, and
    small ones beside one that is, or beside another small one.
    """
    small = [volume.is_small for volume in volumes]
    anew = list(with_dead)
    while True:
        before = list(anew)
        for i in range(len(volumes)):
            # a small one only becomes larger beside another one that is compressed anew
            anew[i] |= small[i] and (any(anew[i - 1 : i]) or any(anew[i + 1 : i + 2]) or any(small[i + 1 : i + 2]))
        shared = {id(volume.dictionary) for volume, one in zip(volumes, anew, strict=True) if one}
        anew = [
            one or (len(v.dictionary) > 0 and id(v.dictionary) in shared) for v, one in zip(volumes, anew, strict=True)
        ]
        if anew == before:
            return anew
