"""A segment's tables of strings: words, stems, ids, titles."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np

from search.index.storage.column_file import ArrayFile, starts


class StringTable:
    """Strings in one blob, read when asked for. `find` and `span` want them in ascending order."""

    def __init__(self, file: ArrayFile, name: str) -> None:
        self.at = starts(file.whole(f"{name}_lengths")).astype(np.uint32)
        self.blob = file.whole(f"{name}_bytes")
        self._map, base = file.map, file.places[f"{name}_bytes"][0]
        self._places = (self.at + np.int64(base)).data

    def __len__(self) -> int:
        return len(self.at) - 1

    def __getitem__(self, i: int) -> bytes:
        return self._map[self._places[i] : self._places[i + 1]]

    def text(self, i: int) -> str:
        """String i."""
        return self._map[self._places[i] : self._places[i + 1]].decode("utf-8", "surrogatepass")

    def lower_bound(self, wanted: bytes) -> int:
        """The first string that is not before this one."""
        return int(self._lower_bound(self.blob, self.at, np.frombuffer(wanted, np.uint8)))

    @cached_property
    def _lower_bound(self) -> Any:  # noqa: ANN401 - a loop has no types
        from search.kernels.terms.dictionary import lower_bound

        return lower_bound

    def find(self, string: str) -> int:
        """The number of a string; -1 when it is not there."""
        wanted = string.encode("utf-8", "surrogatepass")
        i = self.lower_bound(wanted)
        return i if i < len(self) and self[i] == wanted else -1

    def span(self, prefix: bytes) -> tuple[int, int]:
        """The strings that begin with a prefix: from the first up to the second number."""
        return self.lower_bound(prefix), self.lower_bound(prefix + b"\xff" * 4)
