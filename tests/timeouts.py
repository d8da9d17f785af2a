"""How tests catch work that grows out of proportion, without measuring: how fast we are is a benchmark's business."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

PATIENCE = 30.0
"""Seconds of CPU. The inputs are such that what is right takes a hundredth of it even on a loaded machine, and what
tries every division, or every pair, takes minutes."""


@contextmanager
def in_proportion() -> Iterator[None]:
    """Fail when the body uses more of the processor than anything linear could."""
    started = time.process_time()
    yield
    spent = time.process_time() - started
    assert spent < PATIENCE, f"{spent:.0f} s of CPU: the work is not in proportion to the input"
