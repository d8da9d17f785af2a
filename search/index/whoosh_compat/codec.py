"""The codec with which Whoosh reads our segments: `whoosh.index.open_dir` opens the index, for Whoosh's own searcher.

The table of contents is a pickle that names this module and its classes: these names are permanent. Our own searches do
not use it, as Whoosh goes posting by posting.

A document has two fields of stems: `text`, those of the paragraph, and `title`, those of its article's title. Positions
come from the token streams.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from whoosh.codec import base
from whoosh.fields import STORED, TEXT, Schema

from search.index.segment.segment_reader import SegmentReader
from search.index.whoosh_compat.terms_reader import FIELDS, TermsReader, field_length

SCHEMA = Schema(
    text=TEXT(analyzer=None), title=TEXT(analyzer=None), article=STORED, number=STORED, paragraph=STORED, heading=STORED
)


class StemmaCodec(base.Codec):
    """Reads our segments for Whoosh. It writes none: `SegmentBuilder` does."""

    def terms_reader(self, storage: Any, segment: StemmaSegment) -> TermsReader:
        """Return the reader of terms and postings of a segment."""
        return TermsReader(segment.open(storage))

    def per_document_reader(self, storage: Any, segment: StemmaSegment) -> PerDocumentReader:
        """Return the reader of lengths, stored fields and deletions of a segment."""
        return PerDocumentReader(segment.open(storage), segment)

    def _refuse(self, *_arguments: object) -> Any:
        """Raise TypeError: Whoosh cannot write this index."""
        raise TypeError("Only `stemma reindex` writes this index.")

    field_writer = per_document_writer = postings_writer = postings_reader = new_segment = _refuse

    def automata(self, storage: Any, segment: StemmaSegment) -> base.Automata:  # noqa: ARG002 - Whoosh's
        """Return Whoosh's own automata, which ask the terms reader for terms."""
        return base.Automata()


class StemmaSegment(base.Segment):
    """A segment in the table of contents. `dead` holds its deleted documents: ascending doc_ids, int32."""

    def __init__(self, name: str, paragraphs: int, dead: bytes) -> None:
        super().__init__("MAIN")  # type: ignore[no-untyped-call]  # the constructor of Whoosh has no annotations
        self.segid = name.removeprefix("MAIN_").removesuffix(".arrays")
        self.paragraphs = paragraphs
        self.dead = dead

    def open(self, storage: Any) -> SegmentReader:
        """Open the segment's file in the folder of Whoosh's storage."""
        return SegmentReader(Path(storage.folder) / f"MAIN_{self.segid}.arrays")

    def codec(self) -> StemmaCodec:
        """Return the codec that reads the segment."""
        return StemmaCodec()

    def doc_count_all(self) -> int:
        """Return the number of documents, deleted ones included."""
        return self.paragraphs

    def deleted_count(self) -> int:
        """Return the number of deleted documents."""
        return len(self.dead) // 4

    def deleted_docs(self) -> Iterator[int]:
        """Return the doc_ids of the deleted documents, ascending."""
        return iter(np.frombuffer(self.dead, np.int32).tolist())

    def is_deleted(self, docnum: int) -> bool:
        """Return whether a document is deleted."""
        dead = np.frombuffer(self.dead, np.int32)
        at = int(np.searchsorted(dead, docnum))
        return at < len(dead) and int(dead[at]) == docnum

    def delete_document(self, docnum: int, delete: bool = True) -> None:  # noqa: ARG002, FBT001, FBT002 - Whoosh's
        """Raise TypeError: only `stemma reindex` changes an index."""
        raise TypeError("Only `stemma reindex` changes this index.")


class PerDocumentReader(base.PerDocumentReader):
    """Lengths, stored fields and deletions of the documents of a segment."""

    def __init__(self, segment: SegmentReader, whoosh_segment: StemmaSegment) -> None:
        self.segment = segment
        self.whoosh_segment = whoosh_segment

    def doc_count(self) -> int:
        """Return the number of documents that are not deleted."""
        return self.whoosh_segment.doc_count_all() - self.whoosh_segment.deleted_count()

    def doc_count_all(self) -> int:
        """Return the number of documents, deleted ones included."""
        return self.whoosh_segment.doc_count_all()

    def has_deletions(self) -> bool:
        """Return whether any document is deleted."""
        return self.whoosh_segment.deleted_count() > 0

    def is_deleted(self, docnum: int) -> bool:
        """Return whether a document is deleted."""
        return self.whoosh_segment.is_deleted(docnum)

    def deleted_docs(self) -> set[int]:
        """Return the doc_ids of the deleted documents."""
        return set(self.whoosh_segment.deleted_docs())

    def doc_field_length(self, docnum: int, fieldname: str, default: int = 0) -> int:
        """Return the number of positions of a field in a document."""
        return int(self._lengths[fieldname][docnum]) if fieldname in FIELDS else default

    def field_length(self, fieldname: str) -> int:
        """Return the number of positions of a field in all documents."""
        return int(self._lengths[fieldname].sum()) if fieldname in FIELDS else 0

    def min_field_length(self, fieldname: str) -> int:
        """Return the fewest positions that a field has in a document."""
        return int(self._lengths[fieldname].min(initial=1 << 30)) if fieldname in FIELDS else 0

    def max_field_length(self, fieldname: str) -> int:
        """Return the most positions that a field has in a document."""
        return int(self._lengths[fieldname].max(initial=0)) if fieldname in FIELDS else 0

    @cached_property
    def _lengths(self) -> dict[str, np.ndarray[Any, Any]]:
        segment = self.segment
        docs = {"text": range(segment.paragraphs), "title": segment.column("article_first")[:-1].tolist()}
        lengths = {field: np.array([field_length(segment, field, d) for d in docs[field]], np.int64) for field in docs}
        return {"text": lengths["text"], "title": lengths["title"][segment.article_of]}

    def stored_fields(self, docnum: int) -> dict[str, Any]:
        """Return a document's article id, number from 1 in the article, text and title."""
        article = int(self.segment.article_of[docnum])
        heading = self.segment.heading(article)
        number = docnum - self.segment.span(article)[0] + 1
        return {
            "article": heading.id,
            "number": number,
            "paragraph": self.segment.texts_at([article], [number])[0],
            "heading": heading.title,
        }
