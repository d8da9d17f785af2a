"""The table of contents of a generation, by which Whoosh finds its segments."""

from __future__ import annotations

from pathlib import Path

from whoosh.filedb.filestore import RamStorage
from whoosh.index import TOC

from search.index.storage.directory import SegmentFiles, toc_name
from search.index.whoosh_compat.codec import SCHEMA, StemmaSegment


def toc_bytes(segments: tuple[SegmentFiles, ...], folder: Path, generation: int) -> bytes:
    """Return the bytes of a generation's table of contents, in Whoosh's format."""
    named = [
        StemmaSegment(files.name, files.paragraphs, (folder / files.dead).read_bytes() if files.dead else b"")
        for files in segments
    ]
    storage = RamStorage()
    TOC(SCHEMA, named, generation).write(storage, "MAIN")
    with storage.open_file(toc_name(generation)) as file:
        return bytes(file.read())
