"""Column files: named arrays that are written once and memory-mapped, each page checked when it is first used.

    magic | arrays, each at a multiple of 64 | a CRC-32 for each page | directory (JSON) | tail

The tail has the place of the directory, and the CRC-32 of the directory and of the checksums before it. To open a file
is to read these three.
"""

from __future__ import annotations

import json
import mmap
import os
import struct
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from search.errors import IndexDamaged

MAGIC = b"STEMMA\x01\n"
ALIGNMENT = 64
PAGE = 1 << 16
"""Bytes of a page, which has one checksum."""
SLAB = 1 << 16
"""Number of rows of `Rows`, or of elements of an array, that are processed at a time.

It bounds the memory of intermediate arrays.
"""
LARGE = 0xFF
"""The byte that stands for a size of 255 or more, which is stored apart (see `narrowed`)."""
TAIL = struct.Struct("<QQI8s")

Array = npt.NDArray[Any]


def starts(counts: Array) -> Array:
    """Return the offsets of n pieces that follow one another, given their sizes, and the end: `(n + 1,) int64`."""
    return np.concatenate([[0], np.cumsum(counts, dtype=np.int64)])


def narrowed(sizes: Array) -> tuple[Array, Array]:
    """Return sizes as bytes, `(n,) uint8`, where 255 stands for 255 or more, and the sizes of 255 or more, uint32."""
    return np.minimum(sizes, LARGE).astype(np.uint8), sizes[sizes >= LARGE].astype(np.uint32)


def widened(small: Array, large: Array) -> Array:
    """Return the sizes, `(n,) uint32`, from which `narrowed` made these two arrays."""
    sizes = small.astype(np.uint32)
    sizes[small == LARGE] = large
    return sizes


def narrowest(sizes: Array) -> Array:
    """Return sizes in the smallest unsigned type that holds the largest one."""
    return sizes.astype(np.min_scalar_type(int(sizes.max(initial=0))))


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of different lengths in one array: row r is `stream[first[r]:first[r + 1]]`; `first` is `(n_rows + 1,)`."""

    stream: Array
    first: Array

    def gathered(self, order: Array) -> Rows:
        """Return the rows whose numbers are in `order`, in this order."""
        sizes = np.diff(self.first)[order]
        target, shift = starts(sizes), self.first[:-1][order]
        stream = np.empty(target[-1], self.stream.dtype)
        for low in range(0, len(order), SLAB):  # a slice at a time, for `places` takes more memory than the elements
            at = target[low : low + SLAB + 1]
            places = np.repeat(shift[low : low + SLAB] - at[:-1], np.diff(at)) + np.arange(at[0], at[-1])
            stream[at[0] : at[-1]] = self.stream[places]
        return Rows(stream, target)


def changed_error(name: str) -> IndexDamaged:
    """Return the error for a file whose bytes are not those that were written."""
    return IndexDamaged(f"{name} is cut short or changed")


class ArrayWriter:
    """Writes a column file, array after array; `new_array_file` makes one."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.file = path.open("wb", buffering=0)  # arrays are large: a buffer would only copy them
        self.position = 0
        self.sums: list[int] = []
        self.sum = 0
        self.directory: dict[str, tuple[int, str, int]] = {}
        self._write(MAGIC)

    def add(self, name: str, array: Array) -> None:
        """Write an array."""
        self.add_pieces(name, [array])

    def add_pieces(self, name: str, pieces: Iterable[Array]) -> None:
        """Write an array that comes in pieces, all of one dtype. Without any, it is an empty array of bytes."""
        self._write(bytes(-self.position % ALIGNMENT))
        start, count, kind = self.position, 0, "|u1"
        for piece in pieces:
            self._write(np.ascontiguousarray(piece).data.cast("B") if piece.size else b"")
            count += piece.size
            kind = piece.dtype.str
        self.directory[name] = (start, kind, count)

    def add_bytes(self, name: str, chunks: Iterable[bytes | memoryview]) -> None:
        """Write an array of bytes that comes in pieces."""
        self.add_pieces(name, (np.frombuffer(chunk, np.uint8) for chunk in chunks))

    def close(self) -> None:
        """Write checksums, directory and tail, and wait until all is on disk."""
        if self.position % PAGE:
            self.sums.append(self.sum)
        sums = np.array(self.sums, np.uint32).tobytes()
        directory = json.dumps({"end": self.position, "arrays": self.directory}).encode()
        checked = sums + directory
        tail = TAIL.pack(self.position, len(directory), zlib.crc32(checked), MAGIC)
        _write_all(self.file, checked + tail)
        os.fsync(self.file.fileno())
        self.file.close()

    def _write(self, data: bytes | memoryview) -> None:
        _write_all(self.file, data)
        view = memoryview(data)
        while view:
            room = PAGE - self.position % PAGE
            self.sum = zlib.crc32(view[:room], self.sum)
            self.position += len(view[:room])
            view = view[room:]
            if self.position % PAGE == 0:
                self.sums.append(self.sum)
                self.sum = 0


def _write_all(file: FileIO, data: bytes | memoryview) -> None:
    """Write all bytes to an unbuffered file, in as many calls as the system needs."""
    rest = memoryview(data)
    while rest:
        rest = rest[file.write(rest) :]


@contextmanager
def new_array_file(path: Path) -> Iterator[ArrayWriter]:
    """Give the writer of a new column file; the file is removed if the `with` block ends with an error."""
    writer = ArrayWriter(path)
    try:
        yield writer
        writer.close()
    except BaseException:
        writer.file.close()
        path.unlink(missing_ok=True)
        raise


def mapped(path: Path) -> mmap.mmap:
    """Return a file as a read-only memory map, valid even after the file is removed.

    Raises IndexDamaged when it is missing, empty or cannot be read.
    """
    try:
        with path.open("rb") as file:
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except FileNotFoundError as error:
        raise IndexDamaged(f"{path.name} is missing") from error
    except (OSError, ValueError) as error:  # ValueError: it is empty
        raise changed_error(path.name) from error


class ArrayFile:
    """A column file, memory-mapped. Every method raises IndexDamaged for a page that is not as it was written."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.map = mapped(path)
        try:
            end, length, checksum, magic = TAIL.unpack_from(self.map, len(self.map) - TAIL.size)
            checked = self.map[end : len(self.map) - TAIL.size]
            if magic != MAGIC or zlib.crc32(checked) != checksum:
                raise changed_error(path.name)
            directory = json.loads(checked[len(checked) - length :])
        except (ValueError, struct.error) as error:
            raise changed_error(path.name) from error
        self.end = end
        self.sums = np.frombuffer(checked, np.uint32, (end + PAGE - 1) // PAGE)
        self.unread = bytearray(b"\x01" * len(self.sums))
        self.places: dict[str, tuple[int, str, int]] = directory["arrays"]

    def whole(self, name: str) -> Array:
        """Return an array, all of its pages checked."""
        array = self.unchecked(name)
        self.check(name, 0, array.size)
        return array

    def unchecked(self, name: str) -> Array:
        """Return an array unchecked; call `check` before using an extent of it."""
        start, kind, count = self.places[name]
        return np.frombuffer(self.map, np.dtype(kind), count, start)

    def read(self, name: str, low: int, high: int) -> bytes:
        """Return the bytes from low up to high of an array of bytes, checked."""
        self.check(name, low, high)
        start = self.places[name][0]
        return self.map[start + low : start + high]

    def check_all(self) -> None:
        """Check all pages of the file, including those that were checked before."""
        for page in range(len(self.sums)):
            self._check_page(page)

    def check_each(self, name: str, lows: Array, highs: Array) -> None:
        """Check the pages of many extents of an array: elements lows[i] up to highs[i]. Each page is checked once."""
        start, kind, count = self.places[name]
        size = int(kind[2:])
        if not len(lows):
            return
        first = (start + lows.astype(np.int64) * size) // PAGE
        last = (start + np.maximum(highs, 1).astype(np.int64) * size - 1) // PAGE
        if self.unread.find(1, int(first.min()), int(last.max()) + 1) < 0:
            return
        pages = len(self.unread) + 1
        covered = np.cumsum(np.bincount(first, minlength=pages) - np.bincount(last + 1, minlength=pages))[:-1] > 0
        for page in np.flatnonzero(covered & (np.frombuffer(self.unread, np.uint8) > 0)).tolist():
            low = max(0, -(-(page * PAGE - start) // size))
            self.check(name, low, min(low + 1, count))

    def drop_pages(self) -> None:
        """Free the memory of the file's pages until they are read again; arrays stay valid."""
        self.map.madvise(mmap.MADV_DONTNEED)

    def check(self, name: str, low: int, high: int) -> None:
        """Check the pages of an array's elements from low up to high. Each page is checked once."""
        if high <= low:
            return
        start, kind, _ = self.places[name]
        size = int(kind[2:])
        page, last = (start + low * size) // PAGE, (start + high * size - 1) // PAGE
        while (page := self.unread.find(1, page, last + 1)) >= 0:
            self._check_page(page)
            self.unread[page] = 0

    def _check_page(self, page: int) -> None:
        begin = page * PAGE
        if zlib.crc32(memoryview(self.map)[begin : min(begin + PAGE, self.end)]) != self.sums[page]:
            raise changed_error(self.path.name)
