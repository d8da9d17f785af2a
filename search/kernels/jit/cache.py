"""Where compiled loops are kept: a folder for each state of their code, of the compiler and of the machine.

Numba compiles a loop anew when the file that it stands in has changed. It does not look at the files of the helpers
that are compiled into it, and a loop with an old helper reads memory that is none of its own. So the folder's name has
a checksum of all files of this package.

Code from the folder is loaded and run. So no folder is used that another user may write to, but for those that whoever
installed Stemma has chosen.
"""

from __future__ import annotations

import atexit
import fcntl
import os
import platform
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from hashlib import blake2b
from importlib.metadata import version
from itertools import starmap
from pathlib import Path

from search.errors import LoopsCompiling

PACKAGE = Path(__file__).parents[1]
"""The code of all loops."""
NAME = "loops-"
"""The beginning of the names of folders of compiled loops."""
READY = "ready"
"""The subfolder with an empty file for each loop that is compiled."""
COMPLETE = "complete"
"""The file that is there when all loops are compiled."""
LOCK = "lock"
"""The file that the process which compiles all loops holds a lock on."""

POLL_SECONDS = 0.05
"""Seconds between two looks at what another process has compiled."""

_chosen: Path | None = None
_waits = True


def choose(index: Path | None = None, *, wait: bool = True) -> Path:
    """Return the folder of the compiled loops; the first call chooses and makes it.

    It is the first of these that can be written: `NUMBA_CACHE_DIR`; `__pycache__` beside the code; the user's cache
    folder; the folder of the `index`; else a temporary one, which goes with this process. With `wait` false, a
    loop that is not compiled yet raises LoopsCompiling when it is called: compiling it is another process's work.
    """
    global _chosen, _waits  # noqa: PLW0603 - loops are compiled once a process, wherever they are called from
    _waits = _waits and wait
    if _chosen is None:
        _chosen = next(filter(None, starmap(_make, _candidates(index))), None) or _temporary()
        _take_over(PACKAGE / "__pycache__" / _chosen.name, _chosen)
    return _chosen


def is_complete() -> bool:
    """Tell whether all loops are compiled, so that nobody has to wait for one."""
    return (choose() / COMPLETE).exists()


def is_left_to_others() -> bool:
    """Tell whether loops are not all compiled, and this process is not to compile any: see `choose`."""
    return not _waits and not is_complete()


def is_ready(loop: str) -> bool:
    """Tell whether a loop, named `module.function`, is compiled."""
    return (choose() / READY / loop).exists()


def set_ready(loop: str) -> None:
    """Remember that a loop, named `module.function`, is compiled."""
    if not is_ready(loop):
        ready = choose() / READY
        ready.mkdir(exist_ok=True)
        (ready / loop).touch()


def wait_for(loop: str) -> None:
    """Return when a loop is compiled, or is to be compiled here. Raises LoopsCompiling: see `choose`."""
    while not is_ready(loop):
        if not _waits:
            raise LoopsCompiling
        if not is_compiling_elsewhere():
            return
        time.sleep(POLL_SECONDS)


@contextmanager
def sole_compiler() -> Iterator[bool]:
    """Hold the lock of the process that compiles all loops, and yield True; yield False if another process holds it."""
    with (choose() / LOCK).open("ab") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def is_compiling_elsewhere() -> bool:
    """Tell whether another process compiles all loops at the moment."""
    with sole_compiler() as free:
        return not free


def forget_others() -> None:
    """Remove the folders of other states beside the code; elsewhere other installations may use them."""
    folder = choose()
    if folder.parent.parent == PACKAGE:
        for path in folder.parent.glob(f"{NAME}*"):
            if path != folder:
                shutil.rmtree(path, ignore_errors=True)  # a process that runs these loops has them in memory


@cache
def name_of_state() -> str:
    """Return the folder's name: it changes with the code of the loops, with the compiler and with the processor."""
    found = blake2b(digest_size=8)
    for path in sorted(PACKAGE.rglob("*.py")):
        found.update(path.read_bytes())
    for library in ("numba", "llvmlite", "numpy"):
        found.update(version(library).encode())
    found.update(f"{sys.version} {_processor()}".encode())
    return f"{NAME}{found.hexdigest()}"


def _processor() -> str:
    """Return what tells this machine's kind of processor from others, whose code it may not be able to run."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8", "replace").partition("\n\n")[0].splitlines()
    except OSError:
        return platform.machine() + platform.processor()
    return "".join(line for line in lines if line.startswith(("model name", "flags", "Features", "CPU part")))


def _candidates(index: Path | None) -> Iterator[tuple[Path, bool]]:
    """Yield folders in which to make ours, best first, each with whether it has to be private: see `_is_private`.

    A folder need not exist or be writable. One beside the code need not be private: whoever may write there can change
    the code itself.
    """
    if given := os.environ.get("NUMBA_CACHE_DIR"):
        yield Path(given), False
    yield PACKAGE / "__pycache__", False
    user = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")  # noqa: PTH111 - Path's fails without one
    if os.path.isabs(user):  # noqa: PTH117 - it may be no path at all
        yield Path(user) / "stemma", True
    if index is not None and index.is_dir():
        yield index, True


def _make(parent: Path, private: bool) -> Path | None:  # noqa: FBT001 - starmap gives it
    """Make our folder within this one; None if it cannot be made, or is to be `private` and others may write to it."""
    folder = parent / name_of_state()
    try:
        if private:
            parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not _is_private(parent):
                return None
        folder.mkdir(mode=0o700 if private else 0o755, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
        return folder if not private or _is_private(folder) else None
    except OSError:
        return None


def _is_private(folder: Path) -> bool:
    """Tell whether a folder belongs to this user, and no other user may write to it."""
    status = folder.stat()
    return status.st_uid == os.geteuid() and not status.st_mode & 0o022


def _temporary() -> Path:
    """Make a folder that is removed when this process ends."""
    parent, owner = tempfile.mkdtemp(prefix="stemma-"), os.getpid()

    def remove() -> None:
        if os.getpid() == owner:  # workers are copies of the process that made it
            shutil.rmtree(parent, ignore_errors=True)

    atexit.register(remove)
    folder = Path(parent) / name_of_state()
    folder.mkdir()
    return folder


def _take_over(installed: Path, folder: Path) -> None:
    """Copy what was compiled when the program was installed, by a user whose folder this one cannot write to."""
    if installed == folder or (folder / COMPLETE).exists() or not (installed / COMPLETE).exists():
        return
    shutil.copytree(installed, folder, ignore=shutil.ignore_patterns(LOCK, COMPLETE), dirs_exist_ok=True)
    (folder / COMPLETE).touch()
