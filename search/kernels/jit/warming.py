"""Compiles all loops once, in several processes, before anybody has to wait for one."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable
from importlib import import_module
from multiprocessing.sharedctypes import Synchronized, SynchronizedArray
from pkgutil import iter_modules

from search.errors import OperatorError
from search.kernels.jit import cache
from search.kernels.jit.decorators import Loop

PACKAGES = ("topk", "core", "terms", "phrase")
"""The packages that have loops. Loops are compiled from both ends of the list; those of one package share helpers."""
FIRST = ("dictionary.lower_bound", "postings_codec.decode", "dense_terms.make_dense")
"""Loops that come before all others: every search needs them."""
PROGRESS_SECONDS = 0.1
"""Seconds between two calls of `progress`."""


def warm(progress: Callable[[int, int], None], jobs: int = 0) -> bool:
    """Compile all loops that are not compiled yet, in as many processes as there are cores or `jobs` says.

    `progress` is called again and again, with the number of loops that are done and of all that were to do. Returns
    False if another process is compiling them already.

    Raises OperatorError if a process that compiles ends early.
    """
    with cache.sole_compiler() as alone:
        if alone and not cache.is_complete():
            cache.forget_others()
            _compile(progress, jobs or os.cpu_count() or 1)
            (cache.choose() / cache.COMPLETE).touch()
    return alone


def _compile(progress: Callable[[int, int], None], jobs: int) -> None:
    """Compile all loops that are not compiled yet in `jobs` processes, and tell `progress` how many are done.

    Raises OperatorError if one of the processes ends early.
    """
    fork = multiprocessing.get_context("fork")
    loops = [loop for loop in all_loops() if not cache.is_ready(loop.name)]
    taken, done = fork.Array("i", [0, 0]), fork.Value("i", 0)
    workers = [fork.Process(target=_work, args=(loops, job % 2, taken, done), daemon=True) for job in range(jobs)]
    for worker in workers:
        worker.start()
    while any(worker.is_alive() for worker in workers):
        progress(done.value, len(loops))
        workers[0].join(PROGRESS_SECONDS)
    progress(len(loops), len(loops))
    if any(worker.exitcode for worker in workers):
        message = "The search loops could not be compiled: a process that did so ended early."
        raise OperatorError(message, "See that there is memory and room on the disk, then run `stemma warm`.")


def all_loops() -> list[Loop]:
    """Return all loops, in the order in which they are compiled."""
    modules = [
        import_module(found.name)
        for package in PACKAGES
        for found in iter_modules([str(cache.PACKAGE / package)], f"search.kernels.{package}.")
    ]
    found = [
        value
        for module in modules
        for value in vars(module).values()
        if isinstance(value, Loop) and value.function.__module__ == module.__name__
    ]
    return sorted(found, key=lambda loop: loop.name not in FIRST)  # the order of the others stays


def _work(loops: list[Loop], end: int, taken: SynchronizedArray[int], done: Synchronized[int]) -> None:
    """Compile loops one by one from the front of the list (`end` 0) or the back (1), until all are taken.

    Loops that stand near each other share helpers, which a process compiles once.
    """
    parent = os.getppid()
    while os.getppid() == parent:
        with taken.get_lock():
            if taken[0] + taken[1] >= len(loops):
                return
            number = len(loops) - 1 - taken[1] if end else taken[0]
            taken[end] += 1
        loops[number].compiled()
        with done.get_lock():
            done.value += 1
