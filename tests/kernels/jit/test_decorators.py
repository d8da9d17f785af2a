"""Compiling the loops: each when it is first called, or all of them before anybody waits."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from search import kernels
from search.errors import LoopsCompiling
from search.kernels.jit import cache
from search.kernels.jit.argument_types import i64
from search.kernels.jit.decorators import Loop, compiled
from search.kernels.jit.warming import all_loops
from tests.processes.commands import ROOT, STEMMA, environment


def test_all_loops_are_warmed() -> None:
    """A loop that is not among them is compiled when the first search needs it, which then takes seconds."""
    folder = Path(kernels.__file__).parent
    text = "".join(path.read_text("utf-8") for path in folder.rglob("*.py"))
    assert len(all_loops()) == text.count("\n@compiled(")


def test_a_loop_is_not_waited_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A server whose loops another process compiles says so at once; compiling it itself, it would answer nobody."""
    monkeypatch.setattr(cache, "_chosen", tmp_path)
    monkeypatch.setattr(cache, "_waits", False)

    @compiled(i64(i64))
    def twice(number: int) -> int:
        return 2 * number

    assert isinstance(twice, Loop)
    with pytest.raises(LoopsCompiling):
        twice(21)
    cache.set_ready(twice.name)
    assert twice(21) == 42


def test_a_loop_that_another_process_compiles_is_waited_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Two commands that start together on a new machine would each compile all for itself."""
    monkeypatch.setattr(cache, "_chosen", tmp_path)
    looks = []

    def look(_seconds: float) -> None:
        looks.append(cache.is_compiling_elsewhere())
        cache.set_ready("a.loop")

    monkeypatch.setattr("search.kernels.jit.cache.time.sleep", look)
    with cache.sole_compiler() as alone:
        assert alone
        with cache.sole_compiler() as second:
            assert not second
        cache.wait_for("a.loop")
    assert looks == [True]
    cache.wait_for("another.loop")  # which nobody compiles


WARM = """
from search.kernels.jit import cache as caching, warming
caching.COMPLETE = "complete-for-this-test"  # what was compiled at installation is not taken over
two = warming.all_loops()[-2:]
warming.all_loops = lambda: two
told = []
print(warming.warm(lambda done, whole: told.append((done, whole)), jobs=2), caching.is_complete(), told[0], told[-1])
"""


def test_warming_tells_how_far_it_is(tmp_path: Path) -> None:
    """A first start that says nothing for a minute looks like a program that hangs."""
    variables = environment(NUMBA_CACHE_DIR=str(tmp_path))
    done = subprocess.run(
        [sys.executable, "-c", WARM], cwd=ROOT, env=variables, capture_output=True, text=True, check=True
    )
    assert done.stdout == "True True (0, 2) (2, 2)\n"


def test_warm_says_where_loops_are(tmp_path: Path) -> None:
    """Whoever installs wants to know that it is done, and may run it twice."""
    done = subprocess.run(
        [*STEMMA, "warm"], cwd=tmp_path, env=environment(), capture_output=True, text=True, check=True
    )
    assert cache.NAME in done.stdout


def test_loops_are_compiled_by_who_is_to_compile_them(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A process that compiles for itself searches by the loops: tests would else compare the texts with themselves."""
    monkeypatch.setattr(cache, "_chosen", tmp_path)
    assert not cache.is_left_to_others()
    monkeypatch.setattr(cache, "_waits", False)
    assert cache.is_left_to_others()
    (tmp_path / cache.COMPLETE).touch()
    assert not cache.is_left_to_others()
