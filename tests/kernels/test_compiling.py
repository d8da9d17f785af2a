"""Compiling the loops: all of them, once, before anybody waits for an answer."""

from __future__ import annotations

from pathlib import Path

from search import kernels


def test_both_halves_are_all_that_is_compiled() -> None:
    """A loop that is in neither half is compiled alone, after the two have waited for each other."""
    folder = Path(kernels.__file__).parent
    with_loops = {path.stem for path in folder.glob("*.py") if "\n@compiled(" in path.read_text("utf-8")}
    assert with_loops - {"scoring"} == {*kernels.HERE, *kernels.ELSEWHERE}, "scoring comes with ranking"
