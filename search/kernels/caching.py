"""Where compiled loops are kept: a folder for each state of their code.

Numba compiles a loop anew when the file that it stands in has changed. It does not look at the files of the helpers
that are compiled into it, and a loop with an old helper reads memory that is none of its own. So the folder's name is a
sum of all files here.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from hashlib import blake2b
from pathlib import Path

HERE = Path(__file__).parent
NAME = "loops-"


def sum_of_sources() -> str:
    """A number for the code of all loops as it is now."""
    found = blake2b(digest_size=8)
    for path in sorted(HERE.glob("*.py")):
        found.update(path.read_bytes())
    return found.hexdigest()


def _folder() -> Path | None:
    name = f"{NAME}{sum_of_sources()}"
    if given := os.environ.get("NUMBA_CACHE_DIR"):
        return Path(given) / name
    if os.access(HERE, os.W_OK):
        return HERE / "__pycache__" / name
    try:
        with tempfile.TemporaryDirectory(dir=Path.home()):
            return Path.home() / ".cache" / "stemma" / name
    except OSError:
        return None


FOLDER = _folder()
"""The folder; None where there can be none: then loops are compiled at every start."""


def filled() -> bool:
    """Whether the cache holds loops, so that importing them takes moments and not what compiling them all takes."""
    return FOLDER is not None and any(FOLDER.rglob("*.nbi"))


def forget_others() -> None:
    """Remove what was kept beside the code of earlier states of it; whoever runs that has it in memory."""
    if FOLDER is None or FOLDER.parent.parent != HERE:
        return
    for path in (*FOLDER.parent.glob(f"{NAME}*"), *FOLDER.parent.glob("*.nb[ci]")):
        if path.is_dir() and path != FOLDER:
            shutil.rmtree(path, ignore_errors=True)
        elif path.is_file():
            path.unlink(missing_ok=True)
