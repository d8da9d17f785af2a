"""A cache that is bounded in bytes, and drops what was used least recently."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

V = TypeVar("V")


class LruCache(Generic[V]):
    """The values used last, up to `room` bytes as counted by `size`. Thread-safe; a value may be made twice."""

    def __init__(self, room: int, size: Callable[[V], int]) -> None:
        self._left = room
        self._size = size
        self._values: OrderedDict[Hashable, V] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], V]) -> V:
        """Return the value of a key; call `make` for it when it is not in the cache."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key]
        value = make()
        with self._lock:
            if key not in self._values:
                self._values[key] = value
                self._left -= self._size(value)
                while self._left < 0:
                    _, oldest = self._values.popitem(last=False)
                    self._left += self._size(oldest)
        return value
