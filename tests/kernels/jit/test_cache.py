"""Compiled loops are kept where they can be, are those of the code of now, and are nobody else's."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from search.kernels.jit import cache
from tests.processes.commands import ROOT

HELPER = "from search.kernels.jit.decorators import inlined\n\n@inlined\ndef helper():\n    return {value}\n"
LOOP = """\
from search.kernels.jit.argument_types import i64
from search.kernels.jit.decorators import compiled
from search.kernels.helper import helper

@compiled(i64())
def loop():
    return helper()

if __name__ == "__main__":
    print(loop(), sum(loop.compiled().stats.cache_hits.values()))
"""
WHERE = (
    "from search.kernels.jit import cache; import sys; from pathlib import Path; print(cache.choose(Path(sys.argv[1])))"
)


@pytest.fixture
def anywhere() -> Iterator[Path]:
    """A folder that every user may look into; the folders of tests are one user's."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture
def code(anywhere: Path) -> Path:
    """A copy of what compiles loops, with no loop in it."""
    kernels = anywhere / "code" / "search" / "kernels"
    kernels.mkdir(parents=True)
    (kernels.parent / "__init__.py").touch()
    for name in ("errors.py", "budget.py"):
        shutil.copy(cache.PACKAGE.parent / name, kernels.parent)
    (kernels / "__init__.py").touch()
    (kernels / "jit").mkdir()
    for name in ("__init__.py", "argument_types.py", "cache.py", "decorators.py"):
        shutil.copy(cache.PACKAGE / "jit" / name, kernels / "jit")
    return anywhere / "code"


def asked(code: Path, *command: str, user: int = 0, **variables: str) -> list[str]:
    """What a program of that code prints, run by a user without an entry in the list of users unless it is root."""
    prefix = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"] if user else []
    environment = {"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1", **variables}
    done = subprocess.run(
        [*prefix, sys.executable, *command], cwd=code, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def place(code: Path, index: Path, user: int = 0, **variables: str) -> Path:
    """The folder that is chosen, without the part of its name that changes with the code."""
    (found,) = asked(code, "-c", WHERE, str(index), user=user, **variables)
    assert Path(found).name.startswith("loops-")
    return Path(found).parent


needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user: run it as root")


def test_a_loop_has_the_helpers_of_now(code: Path) -> None:
    """After an update, a loop whose own file is the same would otherwise run with old helpers: on wrong memory."""
    kernels = code / "search" / "kernels"
    (kernels / "loop.py").write_text(LOOP)

    def said(value: int) -> list[str]:
        (kernels / "helper.py").write_text(HELPER.format(value=value))
        return asked(code, "-m", "search.kernels.loop")

    assert said(1) == ["1", "0"]
    assert said(1) == ["1", "1"]
    assert said(2) == ["2", "0"]


def test_kept_beside_the_code(code: Path, tmp_path: Path) -> None:
    """Whoever installs compiles for all who run it; NUMBA_CACHE_DIR is the way to say otherwise."""
    assert place(code, tmp_path) == code / "search" / "kernels" / "__pycache__"
    assert place(code, tmp_path, NUMBA_CACHE_DIR=str(tmp_path / "given")) == tmp_path / "given"


@needs_root
def test_a_user_without_a_home(code: Path, anywhere: Path) -> None:
    """A container's user often has no name, no home and nothing to write to but the index."""
    index, other = anywhere / "index", anywhere / "other"
    for folder in (index, other):
        folder.mkdir()
        os.chown(folder, 12345, 12345)
    assert place(code, index, user=12345) == index
    other.chmod(0o777)
    private = place(code, other, user=12345)
    assert private.name.startswith("stemma-"), "code is loaded from there, and anybody could have put some there"
    assert not private.exists(), "a temporary folder goes with its process"


@needs_root
def test_a_users_cache_folder(code: Path, anywhere: Path) -> None:
    """Elsewhere loops are kept where a user's caches are, in a folder that is the user's alone."""
    anywhere.chmod(0o777)
    assert (
        place(code, anywhere / "none", user=12345, XDG_CACHE_HOME=str(anywhere / "caches"))
        == anywhere / "caches" / "stemma"
    )
    assert (
        place(code, anywhere / "none", user=12345, HOME=str(anywhere / "home"))
        == anywhere / "home" / ".cache" / "stemma"
    )
    assert stat.S_IMODE((anywhere / "caches" / "stemma").stat().st_mode) == 0o700
    assert (
        place(code, anywhere / "none", user=54321, XDG_CACHE_HOME=str(anywhere / "caches"))
        != anywhere / "caches" / "stemma"
    )


@needs_root
def test_what_was_compiled_at_installation_serves_all_users(code: Path, anywhere: Path) -> None:
    """`stemma warm` by the administrator is for those who cannot write beside the code: they must not compile again."""
    anywhere.chmod(0o777)
    kernels = code / "search" / "kernels"
    (kernels / "helper.py").write_text(HELPER.format(value=1))
    (kernels / "loop.py").write_text(LOOP)
    for path in (code, *code.rglob("*")):
        os.chown(path, 11111, 11111)
    asked(code, "-m", "search.kernels.loop", user=11111)
    (folder,) = (kernels / "__pycache__").glob("loops-*")
    (folder / cache.COMPLETE).touch()
    caches = anywhere / "caches"
    caches.mkdir(mode=0o777)
    caches.chmod(0o777)
    run = partial(asked, code, "-m", "search.kernels.loop", user=12345, XDG_CACHE_HOME=str(caches))
    assert run() == ["1", "1"]
    shutil.rmtree(kernels / "__pycache__")  # and what was taken over is the user's own
    assert run() == ["1", "1"]


def test_nothing_is_loaded_to_read_a_line_of_help() -> None:
    """Commands that run no loop would wait for a compiler to be loaded."""
    program = "import sys, search.cli, search.cli.reports, search.index.snapshot; print('numba' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
