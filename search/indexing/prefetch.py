"""Reading ahead of heavy files on other cores, while the files before them are indexed."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from search.sources import FoundFile, Options, SourceFile, interrupt, is_heavy, open_source, release

WINDOW = 2
"""Files that are read ahead for each reader: what is read and not yet indexed takes memory."""


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0))


class Prefetcher:
    """Opens files, of which `jobs` processes read the heavy ones ahead.

    `files` are the heavy ones that will probably be opened, in that order.
    """

    def __init__(self, files: Iterable[FoundFile], options: Options, jobs: int) -> None:
        self.options = options
        self.jobs = jobs
        self.waiting = iter(files)
        self.begun: deque[tuple[str, Future[SourceFile]]] = deque()
        self.pool: ThreadPoolExecutor | None = None

    def open(self, path: Path, *, look_ahead: bool = False) -> SourceFile:
        """Open a file, with `look_ahead` as open_source does, or return it as it was read ahead.

        Raise UnreadableArticle.
        """
        if look_ahead:
            return open_source(path, self.options, look_ahead=True)
        if self.jobs < 2 or not is_heavy(path.name):
            return open_source(path, self.options)
        while self.begun and self.begun[0][0] != str(path):
            self.begun.popleft()[1].cancel()  # it turned out not to be needed
        self._fill()
        if self.begun and self.begun[0][0] == str(path):
            file = self.begun.popleft()[1]
            self._fill()
            return file.result()
        return open_source(path, self.options)

    def _fill(self) -> None:
        """Begin to read files until the window is full."""
        if self.pool is None:
            self.pool = ThreadPoolExecutor(self.jobs)
        while len(self.begun) < WINDOW * self.jobs and (file := next(self.waiting, None)):
            self.begun.append((file.place, self.pool.submit(open_source, file.location, self.options)))

    def close(self) -> None:
        """Stop reading ahead, also in the middle of a file, and end the sandbox processes."""
        if self.pool is not None:
            self.pool.shutdown(wait=False, cancel_futures=True)
            interrupt()
            self.pool.shutdown()
        release()
