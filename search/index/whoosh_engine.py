"""The embedded engine: opens the newest generation of an index in a folder, and its writer."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from search.engine import CheckReport, Damage, Partition
from search.errors import GenerationGone, IndexDamaged, IndexOutdated, OperatorError
from search.index.snapshot import WhooshSnapshot
from search.index.storage import earlier
from search.index.storage.directory import (
    collect_garbage,
    latest_generation,
    ledger_name,
    locked,
    not_a_folder_error,
    open_newest,
    read_manifest,
    storage_errors,
    toc_name,
)
from search.index.storage.staging import staged_size
from search.index.tuning import MEASURED, Tuning
from search.ledger import Ledger

if TYPE_CHECKING:
    from search.index.writing.index_writer import IndexWriter

MEMORY = 1 << 30
"""Bytes of memory that a writer fills before it writes a segment."""
TICK = 2_000_000_000
"""Nanoseconds in which two changes of a folder can get the same modification time, on the coarsest file system."""


Version: TypeAlias = tuple[int, int]
"""The number of a generation, and when its table of contents was written, in ns since 1970; 0 if that is gone.

The time tells it from that of the same number in an index that was removed: one that is made anew begins again with 1.
"""


class OpenGeneration(NamedTuple):
    """A generation that is open; threads see both change at once."""

    version: Version
    snapshot: WhooshSnapshot


class WhooshEngine:
    """An index in a folder, which `whoosh.index.open_dir` opens too."""

    name = "whoosh"

    def __init__(self, folder: Path, memory: int = MEMORY, jobs: int = 0, tuning: Tuning = MEASURED) -> None:
        self.folder = folder
        self.tuning = tuning
        self.memory = memory
        self.jobs = jobs
        self.where = str(folder)
        self._lock = threading.Lock()
        self._listed: tuple[int, Version | None] = (-1, None)
        """The folder's modification time when it was last listed, in ns, and the newest generation then."""
        self._open: OpenGeneration | None = None
        self._earlier: WhooshSnapshot | None = None
        """The earlier generation that was asked for last; another one takes its place.

        After a merge it shares nothing with the newest and takes as much memory. What is shared is opened in a
        millisecond.
        """

    def snapshot(self) -> WhooshSnapshot:
        """Return the newest generation, opened once; it shares open segments with the generation before."""
        opened = self._open
        if opened is not None and opened.version == self._newest():
            return opened.snapshot
        with self._lock:
            return open_newest(self.folder, self._opened)

    def _opened(self, generation: int) -> WhooshSnapshot:
        """Return a snapshot of this generation."""
        before, version = self._open, self._version(generation)
        if before is not None and before.version == version:
            return before.snapshot
        manifest = read_manifest(self.folder, generation)
        snapshot = WhooshSnapshot(self.folder, manifest, before.snapshot if before else None, self.tuning)
        self._open = OpenGeneration(version, snapshot)
        self._forget_expired()
        return snapshot

    def _version(self, generation: int) -> Version:
        try:
            return generation, (self.folder / toc_name(generation)).stat().st_mtime_ns
        except OSError:
            return generation, 0

    def snapshot_at(self, generation: int) -> WhooshSnapshot:
        """Return a generation by its number: the newest, or one that was replaced a short while ago.

        Raises GenerationGone for any other, and what `snapshot` raises.
        """
        newest = self.snapshot()
        if generation == newest.generation:
            return newest
        with self._lock:
            self._forget_expired()
            if not earlier.can_be_opened(self.folder, generation):
                raise GenerationGone
            opened = self._earlier
            if opened is None or opened.generation != generation:
                folder = earlier.earlier_folder(self.folder, generation)
                try:
                    manifest = read_manifest(folder, generation)
                    opened = WhooshSnapshot(folder, manifest, newest, self.tuning, has_ledger=False)
                except (IndexDamaged, IndexOutdated):  # its files were removed, or never kept
                    raise GenerationGone from None
            self._earlier = opened
            return opened

    def _forget_expired(self) -> None:
        """Close the earlier generation if it can no longer be opened: open files take room on the disk."""
        if self._earlier is not None and not earlier.can_be_opened(self.folder, self._earlier.generation):
            self._earlier = None

    def _newest(self) -> Version | None:
        """Return the newest generation; list the folder for it only if its modification time has changed."""
        try:
            changed = os.stat(self.where).st_mtime_ns  # noqa: PTH116 - each request asks: a path takes twice as long
        except OSError:
            return None
        if changed == self._listed[0]:
            return self._listed[1]
        now = time.time_ns()
        if (generation := latest_generation(self.folder)) is None:
            return None
        version = self._version(generation)
        # a later change within the same tick would not show in the modification time
        if changed < now - TICK:
            self._listed = changed, version
        return version

    def last_ledger(self) -> Ledger:
        """Return the newest ledger, without a check: its checksum is in the manifest, which may be damaged.

        Returns an empty ledger if it cannot be read.
        """
        try:
            name = ledger_name(latest_generation(self.folder) or 0)
            return Ledger.from_json(json.loads((self.folder / name).read_bytes()))
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return Ledger()

    @contextmanager
    def write(self, *, anew: bool = False, run: str = "", part: Partition | None = None) -> Iterator[IndexWriter]:
        """Hold the lock, and write the generation after the newest. Raises OperatorError for a part of a run."""
        if part is not None:
            raise OperatorError("An index in a folder is written by one run at a time.", "Leave out --part.")
        with self._locked():
            newest = latest_generation(self.folder)
            base = None if anew or newest is None else self.snapshot()
            with storage_errors(self.folder):
                self._remove_leftovers(newest)
            from search.index.writing.index_writer import IndexWriter

            with IndexWriter(self.folder, newest or 0, base, run, memory=self.memory, jobs=self.jobs) as writer:
                yield writer

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Make the folder, and hold the lock of its writer."""
        with storage_errors(self.folder):
            try:
                self.folder.mkdir(parents=True, exist_ok=True)
            except (FileExistsError, NotADirectoryError):
                raise not_a_folder_error(self.folder) from None
        with locked(self.folder):
            yield

    def _remove_leftovers(self, newest: int | None) -> None:
        """Remove the files of runs that died; none if the newest generation is damaged, as they may belong to it."""
        try:
            manifest = None if newest is None else read_manifest(self.folder, newest)
        except (IndexDamaged, IndexOutdated):
            return
        earlier.remove_expired(self.folder, manifest)
        collect_garbage(self.folder, manifest.names() if manifest else set())

    def check(self, progress: Callable[[int, int], None]) -> CheckReport:
        """Check every byte of the newest generation, and that its parts agree (`check_index`)."""
        from search.index.maintenance import check_index

        try:
            return check_index.check(self.snapshot(), progress)
        except IndexDamaged as error:  # it cannot even be opened
            damage = Damage(self.where, error.message, check_index.REBUILD)
            return CheckReport(latest_generation(self.folder) or 0, 0, 0, None, None, (damage,))

    def backup(self, target: Path, progress: Callable[[int, int], None]) -> int:
        """Copy the newest generation into a new folder, file by file; return its number."""
        from search.index.maintenance import backup

        return backup.backup(self.folder, target, progress)

    def restore(self, source: Path, progress: Callable[[int, int], None]) -> int:
        """Make a backup the newest generation, under the lock of the writer; return its number."""
        from search.index.maintenance import backup

        with self._locked():
            return backup.restore(self.folder, source, progress)

    def unfinished(self) -> int:
        """Return the bytes that an interrupted run has staged."""
        return staged_size(self.folder)

    def surroundings(self) -> dict[str, str]:
        """Return nothing: a folder is all there is."""
        return {}

    def close(self) -> None:
        """Drop the open snapshot; its memory is free when nothing else refers to it."""
        with self._lock:
            self._open = None
            self._earlier = None
