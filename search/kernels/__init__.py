"""The compiled loops: arrays in, arrays out. They know no Whoosh, no articles, no HTTP.

Everything here is numba: compiled once, kept in a cache, run without the GIL. Arrays from disk are read-only maps, so
signatures take read-only arrays, which writable ones fit too.
"""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path

from search.kernels import caching

ELSEWHERE = ("conjunction", "disjunction", "neighbours", "sequences", "standing")
HERE = (
    *("bits", "candidates", "choosing", "dense", "forms", "inverting", "misspellings", "patterns", "phrases"),
    *("postings", "ranking", "streams", "tokens", "words"),
)
"""All modules with loops, in two halves by the time that they take to compile."""


def compile_on_two_cores() -> None:
    """Fill the cache in half of the time. Where there is none, loops are compiled when they are imported."""
    if caching.FOLDER is None:
        return
    caching.forget_others()
    with _elsewhere():
        for module in HERE:
            import_module(f"{__name__}.{module}")


def _elsewhere() -> subprocess.Popen[bytes]:
    """Compile half of the loops in another process."""
    program = "import sys; sys.path.insert(0, sys.argv[1])\n" + "".join(
        f"import {__name__}.{module}\n" for module in ELSEWHERE
    )
    return subprocess.Popen([sys.executable, "-c", program, str(Path(__file__).parents[2])])  # noqa: S603 - our own
