"""Loops are compiled anew when anything that is in them has changed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from search.kernels import caching

HELPER = "from search.kernels.compiling import inlined\n\n@inlined\ndef helper():\n    return {value}\n"
LOOP = """\
from search.kernels.compiling import compiled, i64
from search.kernels.helper import helper

@compiled(i64())
def loop():
    return helper()

if __name__ == "__main__":
    print(loop(), sum(loop.stats.cache_hits.values()))
"""


def test_a_loop_has_the_helpers_of_now(tmp_path: Path) -> None:
    """After an update, a loop whose own file is the same would otherwise run with old helpers: on wrong memory."""
    kernels = tmp_path / "search" / "kernels"
    kernels.mkdir(parents=True)
    (tmp_path / "search" / "__init__.py").touch()
    (kernels / "__init__.py").touch()
    for name in ("caching.py", "compiling.py"):
        shutil.copy(caching.HERE / name, kernels)
    (kernels / "loop.py").write_text(LOOP)

    def said(value: int) -> list[str]:
        (kernels / "helper.py").write_text(HELPER.format(value=value))
        environment = {key: text for key, text in os.environ.items() if key != "NUMBA_CACHE_DIR"}
        command = [sys.executable, "-m", "search.kernels.loop"]
        done = subprocess.run(command, cwd=tmp_path, env=environment, check=True, capture_output=True, text=True)
        return done.stdout.split()

    assert said(1) == ["1", "0"]
    assert said(1) == ["1", "1"]
    assert said(2) == ["2", "0"]
