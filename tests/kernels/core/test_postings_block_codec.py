"""Packed lists of postings are what they were before they were pack_postings, with and without the processor's help."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.index.writing.segment_serializer import PACKED_FROM, PACKED_UP_TO, pack_postings
from search.kernels.core.postings_codec import decode
from search.kernels.jit import simd
from tests.kernels.helpers import PAYLOADS, encode_blocks, encode_posting, python_callable

NEAR = st.integers(1, 3) | st.integers(250, 260)
FAR = st.integers(65_530, 65_540) | st.integers(131_070, 131_080) | st.integers(1 << 24, (1 << 24) + 2)


@given(st.lists(NEAR | FAR, min_size=1, max_size=40), st.data())
def test_packed_postings_come_back(distances: list[int], data: st.DataObject) -> None:
    """Groups that are full or not, high bytes, jumps at any place of one, and nothing is written beyond the list."""
    docs = np.cumsum(distances) - 1
    payloads = np.array([data.draw(PAYLOADS) for _ in distances], np.uint8)
    blob = np.full(100 + 20 * len(docs), 0xAA, np.uint8)
    end = encode_blocks(docs.astype(np.int32), payloads, len(docs), blob, 7)
    assert (blob[end:] == 0xAA).all()
    found, kept = np.full(len(docs) + 1, -7, np.int32), np.full(len(docs) + 1, 77, np.uint8)
    assert decode(blob, 7, end, found, kept) == len(docs)
    assert found.tolist() == [*docs, -7]
    assert kept.tolist() == [*payloads, 77]


def test_lists_are_packed_by_their_length() -> None:
    """Short lists and those of dense terms stay small on disk; the others become quick, and there is room for all."""
    documents = 40_000
    rng = np.random.default_rng(0)
    counts = [0, 1, PACKED_FROM - 1, PACKED_FROM, documents // PACKED_UP_TO, documents // PACKED_UP_TO + 1]
    blob, at, lists = np.empty(1 << 20, np.uint8), [0], []
    for count in counts:
        docs = np.sort(rng.choice(documents, count, replace=False))
        payloads = rng.integers(1, 256, count).astype(np.uint8)
        end, before = at[-1], -1
        for doc, payload in zip(docs.tolist(), payloads, strict=True):
            end, before = encode_posting(blob, end, doc - before, payload), doc
        at.append(end)
        lists.append((docs, payloads))
    out, out_at = pack_postings(blob[: at[-1]], np.array(at), np.array(counts, np.uint32), documents)
    for (docs, payloads), count, (low, high) in zip(lists, counts, pairwise(out_at.tolist()), strict=True):
        assert (out[low] == 0) == (PACKED_FROM <= count <= documents // PACKED_UP_TO) or count == 0
        found, kept = np.empty(count, np.int32), np.empty(count, np.uint8)
        assert decode(out, low, high, found, kept) == count
        assert (found.tolist(), kept.tolist()) == (docs.tolist(), payloads.tolist())


@pytest.mark.parametrize("spread", [python_callable(simd.spread_bytes), python_callable(simd.spread_bytes_loop)])
def test_bytes_go_to_their_places(spread: Callable[[np.uint64, np.uint64], int]) -> None:
    """Whatever the processor can do, the bytes of a group are told apart alike."""
    for mask in range(256):
        word, left = 0x8070605040302010, iter(range(8))
        wanted = sum((word >> 8 * next(left) & 0xFF) << 8 * place for place in range(8) if mask >> place & 1)
        assert int(spread(np.uint64(word), np.uint64(mask))) == wanted
