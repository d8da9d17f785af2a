"""Whoosh's table of contents of a generation."""

from __future__ import annotations

from pathlib import Path

from whoosh.filedb.filestore import RamStorage
from whoosh.index import TOC

from search.engines.whoosh.codec import SCHEMA, StemmaSegment
from search.engines.whoosh.disk import SegmentFiles, toc_name


def toc_bytes(segments: tuple[SegmentFiles, ...], folder: Path, generation: int) -> bytes:
    """The table of contents, as Whoosh writes it."""
    named = [
        StemmaSegment(files.name, files.paragraphs, (folder / files.dead).read_bytes() if files.dead else b"")
        for files in segments
    ]
    storage = RamStorage()
    TOC(SCHEMA, named, generation).write(storage, "MAIN")
    with storage.open_file(toc_name(generation)) as file:
        return bytes(file.read())
