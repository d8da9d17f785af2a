"""Helpers of tests of kernels: helpers of loops that Python can call, and tables with little in them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import numba
import numpy as np
from hypothesis import strategies as st

from search.index.storage.column_file import Array
from search.kernels.core import postings_block_codec, postings_codec
from search.kernels.core.dense_terms import CELLS, RANK_BLOCK, SUPERBLOCK, DenseTables
from search.kernels.core.postings_codec import DEFAULT_PAYLOAD, IN_TITLE, MATCHES_ITSELF
from search.kernels.jit.argument_types import read_only
from search.kernels.phrase.nextword import NextwordTables

PAYLOADS = st.just(DEFAULT_PAYLOAD) | st.builds(
    lambda tf, matches_itself, title: tf | matches_itself * MATCHES_ITSELF | title * IN_TITLE,
    st.integers(1, 63),
    st.booleans(),
    st.booleans(),
)


def python_callable(helper: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a helper, which only loops can call, once more so that Python can."""
    return cast("Callable[..., Any]", numba.njit(helper.py_func))  # type: ignore[attr-defined]  # numba adds it


encode_posting = python_callable(postings_codec.encode_posting)
posting_size = python_callable(postings_codec.posting_size)
encode_blocks = python_callable(postings_block_codec.encode_blocks)


def dense_tables(n_rows: int, n_blocks: int, **arrays: Array) -> DenseTables:
    """Tables of dense terms: those given, and the others of the right type and shape, but zero."""
    superblocks, rank_blocks = -(-n_blocks // SUPERBLOCK), -(-n_blocks // RANK_BLOCK)
    empty: dict[str, Array] = {
        "bits": np.zeros((n_rows, n_blocks), np.uint64),
        "superblock_rank": np.zeros((n_rows, superblocks), np.int64),
        "block_rank": np.zeros((n_rows, rank_blocks), np.uint16),
        "payloads": np.zeros(0, np.uint8),
        "title_only_counts": np.zeros(n_rows, np.int32),
        "title_only_blocks": np.zeros((n_rows, n_blocks), np.int32),
        "title_only_words": np.zeros((n_rows, n_blocks), np.uint64),
        "block_max": np.zeros((n_rows, n_blocks), np.uint8),
        "cell_max": np.zeros((n_rows, n_blocks * CELLS), np.uint8),
        "scales": np.zeros(n_rows, np.float32),
    }
    return DenseTables(**{name: read_only(array) for name, array in (empty | arrays).items()})


def empty_nextword_tables() -> NextwordTables:
    """Return the tables of a segment whose terms have no neighbours noted."""
    return NextwordTables(read_only(np.zeros((2, 1), np.uint16)), read_only(np.zeros(0, np.uint64)))
