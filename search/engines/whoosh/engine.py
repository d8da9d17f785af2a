"""The engine: opens the newest generation, and hands out its writer."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from whoosh.index import TOC, FileIndex

from search.engines.whoosh.disk import (
    INDEX_NAME,
    DurableStorage,
    latest_generation,
    locked,
    read_manifest,
    storage_errors,
)
from search.engines.whoosh.schema import SCHEMA
from search.engines.whoosh.snapshot import WhooshSnapshot
from search.engines.whoosh.writer import WhooshWriter
from search.errors import IndexDamaged, IndexMissing, IndexOutdated

RETRIES = 10
"""How often opening starts over when a commit removes the generation it was opening."""


class WhooshEngine:
    """An index in a folder."""

    name = "whoosh"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.where = str(folder)
        self._lock = threading.Lock()
        self._open: WhooshSnapshot | None = None

    def snapshot(self) -> WhooshSnapshot:
        """The newest generation, opened once."""
        for attempt in range(RETRIES):
            generation = latest_generation(self.folder)
            if generation is None:
                raise IndexMissing(self.where)
            with self._lock:
                if self._open is None or self._open.generation != generation:
                    try:
                        self._open = WhooshSnapshot(self.folder, generation)
                    except (IndexDamaged, IndexMissing):
                        if attempt + 1 < RETRIES and latest_generation(self.folder) != generation:
                            continue
                        raise
                return self._open
        raise IndexDamaged("every generation vanished while it was being opened")

    @contextmanager
    def write(self, *, anew: bool = False) -> Iterator[WhooshWriter]:
        """Hold the lock, and write the generation after the newest."""
        with storage_errors(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
        with locked(self.folder):
            with storage_errors(self.folder):
                index = self._index(anew=anew)
            with WhooshWriter(self.folder, index, anew=anew) as writer:
                yield writer

    def _index(self, *, anew: bool) -> FileIndex:
        """Whoosh's index to write upon; an empty one where there is none that can be read."""
        storage = DurableStorage(self.where)
        generation = latest_generation(self.folder)
        if generation is not None:
            try:
                read_manifest(self.folder, generation)
                return FileIndex(storage, indexname=INDEX_NAME)
            except (IndexOutdated, IndexDamaged, IndexMissing):
                if not anew:
                    raise
            # Nothing of it can be read: an empty table of contents takes its place, without a manifest, so that
            # readers see what they saw, an index that cannot be read, until the new one is committed.
            TOC(SCHEMA, [], generation + 1).write(storage, INDEX_NAME)
        else:
            TOC(SCHEMA, [], 0).write(storage, INDEX_NAME)
        return FileIndex(storage, indexname=INDEX_NAME)

    def close(self) -> None:
        """Nothing is held between calls but the open snapshot."""
        with self._lock:
            self._open = None
