"""The engine: opens the newest generation, and hands out its writer."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from search.engine import CheckReport, Damage
from search.errors import IndexDamaged, IndexMissing, IndexOutdated
from search.index.snapshot import WhooshSnapshot
from search.index.storage.directory import (
    collect_garbage,
    latest_generation,
    locked,
    not_a_folder,
    read_manifest,
    storage_errors,
)
from search.index.storage.staging import staged_bytes
from search.index.tuning import MEASURED, Tuning

if TYPE_CHECKING:
    from search.index.writing.index_writer import IndexWriter

MEMORY = 1 << 30
"""Bytes that a writer fills before it writes down what it has."""
TICK = 2_000_000_000
"""Nanoseconds of the coarsest clock of a file system."""
RETRIES = 10
"""How often opening starts over when a commit removes the generation it was opening."""


class WhooshEngine:
    """An index in a folder."""

    name = "whoosh"

    def __init__(self, folder: Path, memory: int = MEMORY, jobs: int = 0, tuning: Tuning = MEASURED) -> None:
        self.folder = folder
        self.tuning = tuning
        self.memory = memory
        self.jobs = jobs
        self.where = str(folder)
        self._lock = threading.Lock()
        self._listed: tuple[int, int | None] = (-1, None)
        """When the folder had changed last as it was listed, and the newest generation that there was."""
        self._open: WhooshSnapshot | None = None

    def snapshot(self) -> WhooshSnapshot:
        """The newest generation, opened once; segments that it shares with the one before stay open."""
        for attempt in range(RETRIES):
            generation = self._newest()
            if generation is None:
                raise IndexMissing(self.where)
            before = self._open
            if before is not None and before.generation == generation:
                return before
            with self._lock:
                if self._open is None or self._open.generation != generation:
                    try:
                        self._open = WhooshSnapshot(
                            self.folder, read_manifest(self.folder, generation), self._open, self.tuning
                        )
                    except (IndexDamaged, IndexOutdated):
                        if attempt + 1 < RETRIES and latest_generation(self.folder) != generation:
                            continue
                        raise
                return self._open
        raise IndexDamaged("every generation vanished while it was being opened")

    def _newest(self) -> int | None:
        """The newest generation; the folder is listed again when it has changed since, or may have."""
        try:
            changed = os.stat(self.where).st_mtime_ns  # noqa: PTH116 - each request asks: a path takes twice as long
        except OSError:
            return latest_generation(self.folder)
        if changed == self._listed[0]:
            return self._listed[1]
        now = time.time_ns()
        generation = latest_generation(self.folder)
        # what happens within one tick of the file system's clock does not show in the time
        if generation is not None and changed < now - TICK:
            self._listed = changed, generation
        return generation

    @contextmanager
    def write(self, *, anew: bool = False, run: str = "") -> Iterator[IndexWriter]:
        """Hold the lock, and write the generation after the newest."""
        with storage_errors(self.folder):
            try:
                self.folder.mkdir(parents=True, exist_ok=True)
            except (FileExistsError, NotADirectoryError):
                raise not_a_folder(self.folder) from None
        with locked(self.folder):
            newest = latest_generation(self.folder)
            base = None if anew or newest is None else self.snapshot()
            with storage_errors(self.folder):
                self._clear_away(newest)
            from search.index.writing.index_writer import IndexWriter

            with IndexWriter(self.folder, newest or 0, base, run, memory=self.memory, jobs=self.jobs) as writer:
                yield writer

    def _clear_away(self, newest: int | None) -> None:
        """Remove what runs that died have left. A generation that cannot be opened is nobody's to remove."""
        try:
            kept = set() if newest is None else read_manifest(self.folder, newest).names()
        except (IndexDamaged, IndexOutdated):
            return
        collect_garbage(self.folder, kept)

    def check(self, progress: Callable[[int, int], None]) -> CheckReport:
        """Every byte of the newest generation."""
        from search.index.maintenance import check_index

        try:
            return check_index.check(self.snapshot(), progress)
        except IndexDamaged as error:  # it cannot even be opened
            damage = Damage(self.where, error.message, check_index.REBUILD)
            return CheckReport(latest_generation(self.folder) or 0, 0, 0, None, None, (damage,))

    def backup(self, target: Path, progress: Callable[[int, int], None]) -> int:
        """Copied file by file."""
        from search.index.maintenance import backup

        return backup.backup(self.folder, target, progress)

    def restore(self, source: Path, progress: Callable[[int, int], None]) -> int:
        """Copied file by file, under the lock."""
        from search.index.maintenance import backup

        with storage_errors(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
        with locked(self.folder):
            return backup.restore(self.folder, source, progress)

    def unfinished(self) -> int:
        """What is staged."""
        return staged_bytes(self.folder)

    def close(self) -> None:
        """Let go of what is open."""
        with self._lock:
            self._open = None
