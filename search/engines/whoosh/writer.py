"""One run that changes the index: new segments, deletions in old ones, merges; then the manifest and the commit."""

from __future__ import annotations

import json
import os
import secrets
import zlib
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from search.engines.whoosh.arrays import Array
from search.engines.whoosh.builder import SegmentBuilder
from search.engines.whoosh.disk import (
    Manifest,
    SegmentFiles,
    collect_garbage,
    commit,
    ledger_name,
    storage_errors,
    write_manifest,
    write_synced,
)
from search.engines.whoosh.merging import Kept, feed, to_merge
from search.engines.whoosh.segment import Segment
from search.engines.whoosh.snapshot import WhooshSnapshot
from search.engines.whoosh.toc import toc_bytes
from search.ledger import Ledger
from search.model import Article

MOST_TOKENS = 1 << 26
"""Tokens of a segment that is written: they bound the memory that a run takes, whatever the corpus."""


class WhooshWriter:
    """Writes one generation. What is added is nowhere to be seen before the commit."""

    def __init__(self, folder: Path, generation: int, base: WhooshSnapshot | None) -> None:
        self.folder = folder
        self.generation = generation
        self.kept: list[Kept] = []
        self.lengths: dict[str, int] = {}
        if base is not None:
            self.kept = [Kept(part.segment, dead) for part, dead in zip(base.parts, base.dead, strict=True)]
            self.lengths = {files.name: files.length for files in base.manifest.segments}
        self.dead: list[list[Array]] = [[kept.dead] for kept in self.kept]
        self.pool = ProcessPoolExecutor(1, get_context("spawn")) if len(os.sched_getaffinity(0)) > 1 else None
        self.builder = SegmentBuilder(self.pool)
        self.written: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.pool is not None:
            self.pool.shutdown(cancel_futures=True)
        for name in self.written:  # of a run that was given up
            (self.folder / name).unlink(missing_ok=True)

    def add(self, article: Article) -> None:
        """Add an article in place of the one of its id."""
        self.remove(article.id)
        self.builder.add(article)
        if self.builder.tokens > MOST_TOKENS:
            self._flush()

    def remove(self, article_id: str) -> None:
        """Remove an article if an earlier run added it."""
        for kept, dead in zip(self.kept, self.dead, strict=True):
            article = kept.segment.article(article_id)
            if article >= 0:
                dead.append(np.arange(*kept.segment.span(article), dtype=np.int32))

    def commit(self, ledger: Ledger) -> int:
        """Write what is left, merge what is due, and make it the newest generation."""
        with storage_errors(self.folder):
            self.kept = [
                Kept(kept.segment, np.unique(np.concatenate(dead)))
                for kept, dead in zip(self.kept, self.dead, strict=True)
            ]
            self._flush()
            self._merge()
            segments = tuple(self._files(kept) for kept in self.kept if kept.live)
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

    def _flush(self) -> None:
        """Write what was added as a segment."""
        if self.builder.headings:
            with storage_errors(self.folder):
                self._adopt(self.builder)
            self.builder = SegmentBuilder(self.pool)
            self.dead.append([np.zeros(0, np.int32)])

    def _adopt(self, builder: SegmentBuilder) -> None:
        name = f"MAIN_{secrets.token_hex(8)}.arrays"
        self.written.append(name)
        self.lengths[name] = builder.write(self.folder, name).length
        self.kept.append(Kept(Segment(self.folder / name), np.zeros(0, np.int32)))

    def _merge(self) -> None:
        """Make one segment of those that are due."""
        due = to_merge(self.kept)
        if not due:
            return
        builder = SegmentBuilder(self.pool)
        for kept in due:
            feed(builder, kept)
        self.kept = [kept for kept in self.kept if kept not in due]
        if builder.headings:
            self._adopt(builder)

    def _files(self, kept: Kept) -> SegmentFiles:
        """What the manifest says of a segment; its deletions are written."""
        name, dead = kept.segment.path.name, ""
        data = kept.dead.astype(np.int32).tobytes()
        if data:
            dead = f"{name.removesuffix('.arrays')}.{self.generation}.dead"
            write_synced(self.folder / dead, data)
        return SegmentFiles(
            name=name,
            bytes=kept.segment.path.stat().st_size,
            articles=kept.segment.articles,
            paragraphs=kept.segment.paragraphs,
            length=self.lengths[name],
            dead=dead,
            dead_sum=zlib.crc32(data),
            dead_count=len(kept.dead),
        )
