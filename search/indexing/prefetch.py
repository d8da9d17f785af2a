"""Reading ahead: files that take a process of their own to read are read on other cores, while others are indexed."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from search.sources import FoundFile, Options, Reading, is_heavy, open_source, release

WINDOW = 2
"""Files that are read ahead for each reader: what is read and not yet indexed takes memory."""


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0))


class ReadAhead:
    """Opens files; those that are heavy, ahead of their turn, in the order in which they will be asked for."""

    def __init__(self, files: Iterable[FoundFile], options: Options, jobs: int) -> None:
        self.options = options
        self.jobs = jobs
        self.waiting: Iterator[FoundFile] = (file for file in files if is_heavy(file.path))
        self.begun: deque[tuple[str, Future[Reading]]] = deque()
        self.pool: ThreadPoolExecutor | None = None

    def open(self, path: Path) -> Reading:
        """Open a file, or take it as it was read ahead. Raises UnreadableArticle."""
        if self.jobs < 2 or not is_heavy(path.name):
            return open_source(path, self.options)
        while self.begun and self.begun[0][0] != str(path):
            self.begun.popleft()[1].cancel()  # it turned out not to be needed
        self._fill()
        if self.begun and self.begun[0][0] == str(path):
            reading = self.begun.popleft()[1]
            self._fill()
            return reading.result()
        return open_source(path, self.options)

    def _fill(self) -> None:
        if self.pool is None:
            self.pool = ThreadPoolExecutor(self.jobs)
        while len(self.begun) < WINDOW * self.jobs and (file := next(self.waiting, None)):
            self.begun.append((file.place, self.pool.submit(open_source, file.location, self.options)))

    def close(self) -> None:
        """Let go of what was not asked for, and of the processes."""
        if self.pool is not None:
            self.pool.shutdown(cancel_futures=True)
        release()
