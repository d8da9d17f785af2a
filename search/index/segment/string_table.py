"""Tables of strings: a segment's words, stems, ids, titles, dates."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any

import numpy as np

from search.index.storage.column_file import ArrayFile, starts


class StringTable:
    """A sequence of strings, as UTF-8 in one blob; each is decoded when asked for.

    `find`, `span` and `lower_bound` search by bisection, so the strings have to be in ascending order of their bytes.
    """

    def __init__(self, file: ArrayFile, name: str) -> None:
        self.at = starts(file.whole(f"{name}_lengths")).astype(np.uint32)
        """`(n + 1,) uint32`: the offsets in `blob` at which each string begins, and at which the last one ends."""
        self.blob = file.whole(f"{name}_bytes")
        """`(n_bytes,) uint8`: all strings, without separators."""
        self._map, base = file.map, file.places[f"{name}_bytes"][0]
        self._places = (self.at + np.int64(base)).data

    def __len__(self) -> int:
        return len(self.at) - 1

    def __getitem__(self, i: int) -> bytes:
        return self._map[self._places[i] : self._places[i + 1]]

    def text(self, i: int) -> str:
        """Return string i, decoded."""
        return self._map[self._places[i] : self._places[i + 1]].decode("utf-8", "surrogatepass")

    def texts(self, numbers: Iterable[int]) -> list[str]:
        """Return the strings of these numbers, decoded."""
        data, places = self._map, self._places
        return [data[places[i] : places[i + 1]].decode("utf-8", "surrogatepass") for i in numbers]

    def lower_bound(self, key: bytes) -> int:
        """Return the number of the first string that is not less than a key; the number of strings if all are."""
        return int(self._lower_bound(self.blob, self.at, np.frombuffer(key, np.uint8)))

    @cached_property
    def _lower_bound(self) -> Any:  # noqa: ANN401 - a loop has no types
        from search.kernels.terms.dictionary import lower_bound

        return lower_bound

    def find(self, string: str) -> int:
        """Return the number of a string; -1 if the table does not have it."""
        key = string.encode("utf-8", "surrogatepass")
        i = self.lower_bound(key)
        return i if i < len(self) and self[i] == key else -1

    def span(self, prefix: bytes) -> tuple[int, int]:
        """Return the number of the first string that begins with a prefix, and that of the string after the last."""
        return self.lower_bound(prefix), self.lower_bound(prefix + b"\xff" * 4)
