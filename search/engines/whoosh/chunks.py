"""Rows of codes while a segment is built: they come in chunks, are joined, and become entries."""

from __future__ import annotations

from dataclasses import dataclass
from mmap import mmap

import numpy as np

from search.engines.whoosh.arrays import Array, Rows, starts
from search.kernels.tokens import expand

PIECE = 1 << 20
"""Codes that are looked up at a time: it bounds what is in memory twice."""


@dataclass(slots=True)
class Chunk:
    """Consecutive titles and paragraphs: codes of one source, and how many each has."""

    source: str | int
    titles: Array
    title_counts: Array
    bodies: Array
    body_counts: Array
    tokens: int = 0
    """For how many tokens it takes memory."""


def in_own_pages(codes: Array) -> Array:
    """A copy in pages of its own: the system gets them back when it goes, which the heap would keep."""
    copy = np.frombuffer(mmap(-1, max(codes.nbytes, 1)), codes.dtype, len(codes))
    copy[:] = codes
    return copy


def joined(chunks: list[tuple[int, Array, Array]]) -> Rows:
    """All rows of codes; each chunk's begin at an offset among all codes, and are let go when they are copied."""
    first = starts(np.concatenate([counts for _, _, counts in chunks]))
    stream, at = np.empty(int(first[-1]), np.int32), 0
    chunks.reverse()
    while chunks:
        offset, codes, _ = chunks.pop()
        np.add(codes, offset, out=stream[at : at + len(codes)])
        at += len(codes)
    return Rows(stream, first)


def expanded(rows: Rows, order: Array, code_first: Array, entries: Array) -> Rows:
    """The rows, in this order, as entries."""
    sizes = np.diff(code_first)
    room = 0
    for begin in range(0, len(rows.stream), PIECE):
        room += int(sizes[rows.stream[begin : begin + PIECE]].sum(dtype=np.int64))
    stream, at = np.empty(room, np.int32), np.empty(len(order) + 1, np.int64)
    expand(rows.stream, rows.first, order, code_first, entries, stream, at)
    return Rows(stream[: at[-1]], at)
