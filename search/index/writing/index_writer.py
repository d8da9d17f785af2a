"""The writer: one run that adds segments, deletes documents of others and merges, and then commits a generation."""

from __future__ import annotations

import json
import secrets
import time
import zlib
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from search.errors import IndexDamaged
from search.index.segment.copy_groups import write_groups
from search.index.segment.segment_reader import SegmentReader
from search.index.snapshot import WhooshSnapshot
from search.index.storage import earlier
from search.index.storage.column_file import Array
from search.index.storage.directory import (
    CleanupErrors,
    Manifest,
    SegmentFiles,
    collect_garbage,
    commit,
    copies_name,
    discard,
    ledger_name,
    storage_errors,
    write_manifest,
    write_synced,
)
from search.index.storage.staging import StagedSegment, Staging
from search.index.whoosh_compat.toc import toc_bytes
from search.index.writing.copy_linker import link_copies
from search.index.writing.executors import WriterPool
from search.index.writing.merge import MergeCandidate, merge_into, select_merges
from search.index.writing.segment_builder import SegmentBuilder
from search.ledger import Ledger, Progress
from search.model import Article

OVERHEAD = 150 << 20
"""Bytes of memory that a run takes besides what it writes: the lexicon process, articles that are being tokenized."""
BATCH_SECONDS = 60.0
"""The seconds after which a run stages what it has read: that much is lost when it is interrupted."""


class IndexWriter:
    """Writes one generation. Nothing of it is visible before the commit."""

    def __init__(  # noqa: PLR0913 - what its engine knows
        self, folder: Path, newest: int, base: WhooshSnapshot | None, run: str, *, memory: int, jobs: int
    ) -> None:
        self.folder = folder
        self.memory = max(memory - OVERHEAD, memory // 2)
        self.generation = newest + 1
        self.staging = Staging(folder, newest, run, anew=base is None)
        self.segments: list[MergeCandidate] = []
        self.lengths: dict[str, int] = {}
        if base is not None:
            self.segments = [MergeCandidate(p.segment, dead) for p, dead in zip(base.views, base.dead, strict=True)]
            self.lengths = {files.name: files.length for files in base.manifest.segments}
        self.dead: list[list[Array]] = [[one.dead] for one in self.segments]
        self.pool = WriterPool(jobs)
        self.builder = SegmentBuilder(self.pool)
        self.new_files: list[Path] = []
        self.removed: list[str] = []
        self.began = time.monotonic()
        self.staged = Progress()

    def __enter__(self) -> Self:
        with storage_errors(self.folder):
            for number, staged in enumerate(self.staging.load()):
                try:
                    segment = SegmentReader(self.staging.folder / staged.segment)
                    segment.file.check_all()
                except IndexDamaged:
                    self.staging.truncate(number)
                    break
                for file_id in staged.removed:
                    self.remove(file_id)
                self._add_segment(segment, staged.length)
                progress = Progress.from_json(staged.progress)
                self.staged = Progress(self.staged.entries + progress.entries, progress.partial)
        self.removed.clear()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.pool.close()
        discard(self.folder, self.generation, self.new_files)
        if kind is None:  # it came to its end, with a commit or without
            with CleanupErrors(self.folder):
                self.staging.clear()

    @property
    def full(self) -> bool:
        """Whether it is time to stage: the memory is full, or enough seconds have passed."""
        late = time.monotonic() - self.began > BATCH_SECONDS
        return self.builder.memory > self.memory or (late and not self.builder.empty)

    def add(self, article: Article) -> None:
        """Add an article, and delete the earlier one of the same id, whether it is committed or staged."""
        for one, dead in zip(self.segments, self.dead, strict=True):
            found = one.segment.find_article(article.id)
            if found >= 0:
                dead.append(np.arange(*one.segment.span(found), dtype=np.int32))
                self.removed.append(article.id)
        self.builder.add(article)

    def remove(self, file_id: str) -> None:
        """Remove the articles of a file, whichever run added them."""
        self.builder.drop(file_id)
        for one, dead in zip(self.segments, self.dead, strict=True):
            for low, high in one.segment.spans_of_file(file_id):
                dead.append(np.arange(low, high, dtype=np.int32))
                self.removed.append(file_id)

    def refused(self) -> dict[str, str]:
        """Return nothing: whatever is an article can be indexed."""
        return {}

    def stage(self, progress: Progress) -> None:
        """Write what was added as a staged segment, from which the next run continues if this one is interrupted."""
        with storage_errors(self.folder):
            self.staging.begin()
            path = self.staging.folder / _segment_name()
            length = self.builder.write(self.staging.folder, path.name)
            self.staging.add(StagedSegment(path.name, length, tuple(self.removed), progress.to_json()))
        self._add_segment(SegmentReader(path), length)
        self.builder = SegmentBuilder(self.pool)
        self.removed.clear()
        self.began = time.monotonic()

    def commit(self, ledger: Ledger) -> int:
        """Write what was added, merge segments, and make all of it the newest generation; return its number."""
        with storage_errors(self.folder):
            if not self.builder.empty:
                self._write(self.builder)
            self.builder = SegmentBuilder(self.pool)
            self.segments = [
                MergeCandidate(one.segment, np.unique(np.concatenate(dead)))
                for one, dead in zip(self.segments, self.dead, strict=True)
            ]
            self._merge()
            live = [one for one in self.segments if one.live]
            segments = tuple(self._files(one) for one in live)
            updated_at = ledger.commit_time()
            text = json.dumps(ledger.committed(self.generation, updated_at).to_columns()).encode()
            write_synced(self.folder / ledger_name(self.generation), text)
            self._write_copies(live)
            toc = toc_bytes(segments, self.folder, self.generation)
            manifest = Manifest(self.generation, updated_at, segments, zlib.crc32(text), zlib.crc32(toc))
            write_manifest(self.folder, manifest)
            earlier.retain(self.folder, self.generation - 1)
            for one in live:
                self._move_in(one.segment.path)
            commit(self.folder, self.generation, toc)
        with CleanupErrors(self.folder):
            earlier.remove_expired(self.folder, manifest)
            collect_garbage(self.folder, manifest.names())
        return self.generation

    def _add_segment(self, segment: SegmentReader, length: int) -> None:
        """Make a segment that is on disk, and the sum of its documents' lengths, part of the generation."""
        self.lengths[segment.path.name] = length
        self.segments.append(MergeCandidate(segment, np.zeros(0, np.int32)))
        self.dead.append([np.zeros(0, np.int32)])

    def _write(self, builder: SegmentBuilder) -> None:
        """Write a segment for the commit that follows."""
        path = self.folder / _segment_name()
        self.new_files.append(path)
        length = builder.write(self.folder, path.name)
        self._add_segment(SegmentReader(path), length)

    def _merge(self) -> None:
        """Merge the segments that are selected."""
        for group in select_merges(self.segments, self.memory):
            builder = SegmentBuilder(self.pool)
            for candidate in group:
                merge_into(builder, candidate)
            self.segments = [one for one in self.segments if one not in group]
            if not builder.empty:
                self._write(builder)

    def _write_copies(self, live: list[MergeCandidate]) -> None:
        """Write which articles of the generation's segments are copies. If the commit fails, the file is removed."""
        path = self.folder / copies_name(self.generation)
        self.new_files.append(path)
        write_groups(path, *link_copies([(one.segment, one.dead) for one in live]))

    def _move_in(self, path: Path) -> None:
        """Move a staged segment's file among the others, as late as can be: if the commit fails, it is removed."""
        if path.parent != self.folder:
            self.new_files.append(path.rename(self.folder / path.name))

    def _files(self, one: MergeCandidate) -> SegmentFiles:
        """Write a segment's deletions; return what the manifest says of the segment."""
        name, dead = one.segment.path.name, ""
        data = one.dead.astype(np.int32).tobytes()
        if data:
            dead = f"{name.removesuffix('.arrays')}.{self.generation}.dead"
            write_synced(self.folder / dead, data)
        return SegmentFiles(
            name=name,
            bytes=one.segment.path.stat().st_size,
            articles=one.segment.articles,
            paragraphs=one.segment.paragraphs,
            length=self.lengths[name],
            dead=dead,
            dead_sum=zlib.crc32(data),
            dead_count=len(one.dead),
        )


def _segment_name() -> str:
    return f"MAIN_{secrets.token_hex(8)}.arrays"
