"""The compiled loops: arrays in, arrays out. They know no Whoosh, no articles, no HTTP.

Everything here is numba: compiled once, kept in a cache, run without the GIL. Arrays from disk are read-only maps, so
signatures take read-only arrays, which writable ones fit too.
"""

from __future__ import annotations

from pathlib import Path


def compiled_before() -> bool:
    """Whether the cache holds loops, so that importing them takes moments and not the 20 s of compiling them all."""
    return any(Path(__file__).parent.glob("__pycache__/*.nbi"))
