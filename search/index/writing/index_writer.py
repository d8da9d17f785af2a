"""One run that changes the index: new segments, deletions in old ones, merges; then the manifest and the commit."""

from __future__ import annotations

import json
import secrets
import time
import zlib
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from search.errors import IndexDamaged
from search.index.segment.segment_reader import SegmentReader
from search.index.snapshot import WhooshSnapshot
from search.index.storage.column_file import Array
from search.index.storage.directory import (
    Manifest,
    SegmentFiles,
    collect_garbage,
    commit,
    ledger_name,
    storage_errors,
    write_manifest,
    write_synced,
)
from search.index.storage.staging import Batch, Staging
from search.index.whoosh_compat.toc import toc_bytes
from search.index.writing.executors import WriterPool
from search.index.writing.merge import MergeCandidate, merge_into, select_merges
from search.index.writing.segment_builder import SegmentBuilder
from search.ledger import Ledger, Progress
from search.model import Article

AROUND = 150 << 20
"""Bytes of memory that a run takes besides what it writes: a process that helps, pieces that are under way."""
BATCH_SECONDS = 60.0
"""How long a run reads before it puts on disk what it has: that much is lost when it is interrupted."""


class IndexWriter:
    """Writes one generation. What is added is nowhere to be seen before the commit."""

    def __init__(  # noqa: PLR0913 - what its engine knows
        self, folder: Path, newest: int, base: WhooshSnapshot | None, run: str, *, memory: int, jobs: int
    ) -> None:
        self.folder = folder
        self.memory = max(memory - AROUND, memory // 2)
        self.generation = newest + 1
        self.staging = Staging(folder, newest, run, anew=base is None)
        self.kept: list[MergeCandidate] = []
        self.lengths: dict[str, int] = {}
        if base is not None:
            self.kept = [MergeCandidate(part.segment, dead) for part, dead in zip(base.views, base.dead, strict=True)]
            self.lengths = {files.name: files.length for files in base.manifest.segments}
        self.dead: list[list[Array]] = [[kept.dead] for kept in self.kept]
        self.pool = WriterPool(jobs or None)
        self.builder = SegmentBuilder(self.pool)
        self.written: list[Path] = []
        self.removed: list[str] = []
        self.began = time.monotonic()
        self.staged = Progress()

    def __enter__(self) -> Self:
        with storage_errors(self.folder):
            for batch in self.staging.found():
                try:
                    segment = SegmentReader(self.staging.folder / batch.segment)
                    segment.file.check_all()
                except IndexDamaged:
                    self.staging.drop_from(batch)
                    break
                for file_id in batch.removed:
                    self.remove(file_id)
                self._adopt(segment, batch.length)
                progress = Progress.from_json(batch.progress)
                self.staged = Progress(self.staged.entries + progress.entries, progress.partial)
        self.removed.clear()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.pool.close()
        for path in self.written:  # of a run that was given up
            path.unlink(missing_ok=True)
        if kind is None:  # it came to its end, with a commit or without
            with storage_errors(self.folder):
                self.staging.clear()

    @property
    def full(self) -> bool:
        """Whether it is time to stage."""
        late = time.monotonic() - self.began > BATCH_SECONDS
        return self.builder.memory > self.memory or (late and not self.builder.empty)

    def add(self, article: Article) -> None:
        """Add an article in place of the one of its id."""
        for kept, dead in zip(self.kept, self.dead, strict=True):
            found = kept.segment.find_article(article.id)
            if found >= 0:
                dead.append(np.arange(*kept.segment.span(found), dtype=np.int32))
                self.removed.append(article.id)
        self.builder.add(article)

    def remove(self, file_id: str) -> None:
        """Remove the articles of a file, whichever run added them."""
        self.builder.drop(file_id)
        for kept, dead in zip(self.kept, self.dead, strict=True):
            for low, high in kept.segment.spans_of_file(file_id):
                dead.append(np.arange(low, high, dtype=np.int32))
                self.removed.append(file_id)

    def stage(self, progress: Progress) -> None:
        """Write what was added as a segment, where the next run finds it should this one be interrupted."""
        with storage_errors(self.folder):
            self.staging.begin()
            path = self.staging.folder / _segment_name()
            length = self.builder.write(self.staging.folder, path.name).length
            self.staging.add(Batch(path.name, length, tuple(self.removed), progress.to_json()))
        self._adopt(SegmentReader(path), length)
        self.builder = SegmentBuilder(self.pool)
        self.removed.clear()
        self.began = time.monotonic()

    def commit(self, ledger: Ledger) -> int:
        """Write what is left, merge what is due, and make it the newest generation."""
        with storage_errors(self.folder):
            if not self.builder.empty:
                self._write(self.builder)
            self.builder = SegmentBuilder(self.pool)
            self.kept = [
                MergeCandidate(kept.segment, np.unique(np.concatenate(dead)))
                for kept, dead in zip(self.kept, self.dead, strict=True)
            ]
            self._merge()
            live = [kept for kept in self.kept if kept.live]
            for kept in live:
                self._move_in(kept.segment.path)
            segments = tuple(self._files(kept) for kept in live)
            text = json.dumps(ledger.to_json()).encode()
            write_synced(self.folder / ledger_name(self.generation), text)
            toc = toc_bytes(segments, self.folder, self.generation)
            updated_at = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
            manifest = Manifest(self.generation, updated_at, segments, zlib.crc32(text), zlib.crc32(toc))
            write_manifest(self.folder, manifest)
            commit(self.folder, self.generation, toc)
            self.written = []
        with storage_errors(self.folder):
            collect_garbage(self.folder, manifest.names())
        return self.generation

    def _adopt(self, segment: SegmentReader, length: int) -> None:
        """Go on with a segment that is on disk."""
        self.lengths[segment.path.name] = length
        self.kept.append(MergeCandidate(segment, np.zeros(0, np.int32)))
        self.dead.append([np.zeros(0, np.int32)])

    def _write(self, builder: SegmentBuilder) -> None:
        """Write a segment for the commit that follows."""
        path = self.folder / _segment_name()
        self.written.append(path)
        length = builder.write(self.folder, path.name).length
        self._adopt(SegmentReader(path), length)

    def _merge(self) -> None:
        """Make larger segments of those that are due."""
        for group in select_merges(self.kept, self.memory):
            builder = SegmentBuilder(self.pool)
            for kept in group:
                merge_into(builder, kept)
            self.kept = [kept for kept in self.kept if kept not in group]
            if not builder.empty:
                self._write(builder)

    def _move_in(self, path: Path) -> None:
        """Bring a staged segment among the others; without the commit it is left over, and read anew."""
        if path.parent != self.folder:
            self.written.append(path.rename(self.folder / path.name))

    def _files(self, kept: MergeCandidate) -> SegmentFiles:
        """What the manifest says of a segment; its deletions are written."""
        name, dead = kept.segment.path.name, ""
        data = kept.dead.astype(np.int32).tobytes()
        if data:
            dead = f"{name.removesuffix('.arrays')}.{self.generation}.dead"
            write_synced(self.folder / dead, data)
        return SegmentFiles(
            name=name,
            bytes=(self.folder / name).stat().st_size,
            articles=kept.segment.articles,
            paragraphs=kept.segment.paragraphs,
            length=self.lengths[name],
            dead=dead,
            dead_sum=zlib.crc32(data),
            dead_count=len(kept.dead),
        )


def _segment_name() -> str:
    return f"MAIN_{secrets.token_hex(8)}.arrays"
