"""Memory and locks that forked processes share, so that a table which one of them fills serves all."""

from __future__ import annotations

import fcntl
import math
import mmap
import os
import sys
import tempfile
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

import numpy as np
import numpy.typing as npt

from search.index.storage.column_file import Array

NO_RESERVE = getattr(mmap, "MAP_NORESERVE", 0x4000 if sys.platform == "linux" else 0)
"""The flag of mmap(2) not to reserve swap space: most of what is mapped is never touched."""


def zeros(shape: int | tuple[int, ...], kind: npt.DTypeLike) -> Array:
    """Return an array of zeros that this process and those forked from it share and write to.

    Pages that are never touched take no memory.
    """
    shape = (shape,) if isinstance(shape, int) else shape
    count = math.prod(shape)
    size = max(count * np.dtype(kind).itemsize, 1)
    memory = mmap.mmap(-1, size, flags=mmap.MAP_SHARED | mmap.MAP_ANONYMOUS | NO_RESERVE)
    return np.frombuffer(memory, kind, count).reshape(shape)


class SharedLock:
    """A lock between all threads of this process and those forked from it; a process that dies releases it."""

    def __init__(self) -> None:
        self._threads = Lock()
        self._file = _nameless_file()
        weakref.finalize(self, os.close, self._file)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the lock in a `with` block."""
        with self._threads:
            fcntl.lockf(self._file, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.lockf(self._file, fcntl.LOCK_UN)


def _nameless_file() -> int:
    """Return the descriptor of an empty file without a name, in memory if the system can, else on disk."""
    if hasattr(os, "memfd_create"):
        return os.memfd_create("stemma-lock")
    descriptor, path = tempfile.mkstemp()
    Path(path).unlink()
    return descriptor
