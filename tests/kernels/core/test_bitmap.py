"""Bitmaps of groups, word by word, are what they are bit by bit."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numba
import numpy as np
import numpy.typing as npt
from hypothesis import given
from hypothesis import strategies as st

from search.kernels.core.bitmap import groups_with_bits, histograms, set_groups
from search.kernels.jit import intrinsics

groups = st.lists(
    st.tuples(st.sampled_from([1, 1, 2, 3, 62, 63, 64, 65, 127, 128, 130]), st.booleans(), st.integers(-1, 3)),
    min_size=1,
    max_size=20,
)


@given(groups)
def test_set_groups(drawn: list[tuple[int, bool, int]]) -> None:
    """Filters and titles give all paragraphs of an article or none, wherever its borders fall in a word."""
    sizes, chosen, _ = zip(*drawn, strict=True)
    first = np.cumsum([0, *sizes]).astype(np.uint32)
    bits = np.zeros(-(-int(first[-1]) // 64), np.uint64)
    set_groups(first, np.flatnonzero(chosen).astype(np.int32), bits)
    expected = np.repeat(chosen, sizes)
    assert np.unpackbits(bits.view(np.uint8), bitorder="little")[: len(expected)].tolist() == expected.tolist()
    assert int(np.bitwise_count(bits).sum()) == int(expected.sum())


@given(groups, st.randoms(use_true_random=False), st.sampled_from([0.0, 0.02, 0.5, 1.0]))
def test_groups_with_bits(drawn: list[tuple[int, bool, int]], random: np.random.Generator, share: float) -> None:
    """An article has a word if any of its paragraphs has, the last one of the segment too."""
    sizes = [size for size, _, _ in drawn]
    first = np.cumsum([0, *sizes]).astype(np.uint32)
    bits = np.array([random.random() < share for _ in range(int(first[-1]))])
    group_of = np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)
    ends = np.zeros(len(bits), bool)
    ends[first[1:].astype(np.int64) - 1] = True
    found = np.zeros(-(-len(sizes) // 64), np.uint64)
    groups_with_bits(packed(bits), packed(ends), found)
    assert np.flatnonzero(np.unpackbits(found.view(np.uint8), bitorder="little")).tolist() == sorted(
        set(group_of[bits])
    )


def packed(flags: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    padded = np.zeros(-(-len(flags) // 64) * 64, bool)
    padded[: len(flags)] = flags
    return np.packbits(padded, bitorder="little").view(np.uint64)


@given(groups, st.randoms(use_true_random=False), st.sampled_from([0.0, 0.02, 0.5, 1.0]))
def test_histograms(drawn: list[tuple[int, bool, int]], random: np.random.Generator, share: float) -> None:
    """The counts of facets are those of their paragraphs one by one, whichever facets are counted together."""
    sizes, chosen, others = zip(*drawn, strict=True)
    first = np.cumsum([0, *sizes]).astype(np.uint32)
    wanted = np.array([random.random() < share for _ in range(int(first[-1]))])
    ends = np.zeros(len(wanted), bool)
    ends[first[1:].astype(np.int64) - 1] = True
    bits = packed(wanted)
    group_of = np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)
    values = np.stack([np.array(others) + 1, np.array(chosen) + 5], axis=1).astype(np.int32)
    for columns in (values, np.ascontiguousarray(values[:, :1])):
        counts = np.zeros(7, np.int64)
        histograms(bits, packed(ends), columns, counts)
        each = columns[group_of[wanted]]
        assert counts.tolist() == [int((each == value).sum()) for value in range(7)]


@given(st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1))
def test_pdep(bits: int, mask: int) -> None:
    """Where a processor lacks the instruction a loop takes its place, with the same result."""
    places = [k for k in range(64) if mask >> k & 1]
    expected = sum(1 << place for k, place in enumerate(places) if bits >> k & 1)
    for way in (intrinsics.pdep_instruction, intrinsics.pdep_loop) if intrinsics.HAS_PDEP else (intrinsics.pdep,):
        found = np.zeros(1, np.uint64)
        _deposited(way)(np.uint64(bits), np.uint64(mask), found)
        assert int(found[0]) == expected


@cache
def _deposited(way: Callable[..., Any]) -> Callable[..., Any]:
    """An intrinsic can be called from compiled code only."""

    @numba.njit
    def call(bits: np.uint64, mask: np.uint64, found: npt.NDArray[np.uint64]) -> None:
        found[0] = way(bits, mask)

    return call
