"""Helpers that only compiled loops can call, compiled once more so that Python can."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import numba

from search.kernels.core import postings_block_codec, postings_codec


def called(helper: Callable[..., Any]) -> Callable[..., Any]:
    """A helper that can be called from Python."""
    return cast("Callable[..., Any]", numba.njit(helper.py_func))  # type: ignore[attr-defined]  # numba adds it


encode_posting, posting_size = called(postings_codec.encode_posting), called(postings_codec.posting_size)
encode_blocks = called(postings_block_codec.encode_blocks)
