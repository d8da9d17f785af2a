"""A second process for what takes long in Python. It goes when the one that it helps goes, even if that is killed."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context, parent_process


def helper() -> ProcessPoolExecutor | None:
    """A process that starts when it is first asked; None where there is no second core for it."""
    if len(os.sched_getaffinity(0)) < 2:
        return None
    return ProcessPoolExecutor(1, get_context("spawn"), initializer=_go_with_parent)


def _go_with_parent() -> None:
    """A helper waits for work at a pipe that it holds open itself, so it would wait for ever."""
    threading.Thread(target=_watch, daemon=True).start()


def _watch() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
    os._exit(1)
