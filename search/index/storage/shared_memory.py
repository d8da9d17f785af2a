"""Memory that processes share which are forked from one another: tables that one of them fills serve all."""

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
"""Asks the system for no promise of memory: most of what is mapped is never touched (mmap(2))."""


def zeros(shape: int | tuple[int, ...], kind: npt.DTypeLike) -> Array:
    """Return zeros that processes forked from this one share, and write to. What is not touched takes no memory."""
    shape = (shape,) if isinstance(shape, int) else shape
    count = math.prod(shape)
    size = max(count * np.dtype(kind).itemsize, 1)
    memory = mmap.mmap(-1, size, flags=mmap.MAP_SHARED | mmap.MAP_ANONYMOUS | NO_RESERVE)
    return np.frombuffer(memory, kind, count).reshape(shape)


class SharedLock:
    """A lock among the threads of all processes forked from this one; a process that dies lets go of it."""

    def __init__(self) -> None:
        self._threads = Lock()
        self._file = _nameless_file()
        weakref.finalize(self, os.close, self._file)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Be the only one meanwhile."""
        with self._threads:
            fcntl.lockf(self._file, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.lockf(self._file, fcntl.LOCK_UN)


def _nameless_file() -> int:
    """Open an empty file that is gone when it is closed: of memory where the system has such, else on disk."""
    if hasattr(os, "memfd_create"):
        return os.memfd_create("stemma-lock")
    descriptor, path = tempfile.mkstemp()
    Path(path).unlink()
    return descriptor
