"""The folder in which the worker processes of a server add up their counts of requests: see `web.metrics.share_in`.

A server that was killed cannot remove its folder. The next one does: a server holds a lock on its folder, and the
kernel releases that when its last process ends.
"""

from __future__ import annotations

import fcntl
import os
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from shutil import rmtree

PREFIX = "stemma-metrics-"
"""How the names of these folders begin, in the folder of temporary files."""
NEW = 60.0
"""Seconds after the last change in a folder without a lock until it is removed: its server may be about to lock it."""


class MetricsFolder:
    """A new folder with a lock on it, which the processes that are forked from this one hold too."""

    def __init__(self) -> None:
        _remove_abandoned(Path(tempfile.gettempdir()))
        self.path = Path(tempfile.mkdtemp(prefix=PREFIX))
        self._lock = os.open(self.path, os.O_RDONLY)
        fcntl.flock(self._lock, fcntl.LOCK_EX)

    def remove(self) -> None:
        """Remove the folder, with all that is in it."""
        rmtree(self.path, ignore_errors=True)
        os.close(self._lock)


def _remove_abandoned(parent: Path) -> None:
    """Remove the folders of this user whose servers are gone."""
    for path in parent.glob(f"{PREFIX}*"):
        with suppress(OSError):  # a server runs that has it, or another one removed it, or it is another user's
            folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                state = os.fstat(folder)
                if state.st_uid == os.geteuid() and state.st_mtime < time.time() - NEW:
                    fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    rmtree(path, ignore_errors=True)
            finally:
                os.close(folder)
