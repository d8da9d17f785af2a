"""What Whoosh reads our segments with: `whoosh.index.open_dir` opens the index, and Whoosh's own searcher answers.

The names of this module and of its classes stand in the table of contents, which is a pickle: they are permanent. It is
for those who know Whoosh; our own searches take another way (`boolean_query`), which does not go posting by posting.

The fields are `text`, the stems of a paragraph, and `title`, those of its article's title; positions come from streams.
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
from search.index.whoosh_compat.terms_reader import FIELDS, TermsReader, plain_entries

SCHEMA = Schema(
    text=TEXT(analyzer=None), title=TEXT(analyzer=None), article=STORED, number=STORED, paragraph=STORED, heading=STORED
)


class StemmaCodec(base.Codec):
    """Reads segments. They are written by `builder`, never through Whoosh."""

    def terms_reader(self, storage: Any, segment: StemmaSegment) -> TermsReader:  # noqa: ANN401 - Whoosh's
        """The vocabulary and the postings."""
        return TermsReader(segment.open(storage))

    def per_document_reader(self, storage: Any, segment: StemmaSegment) -> PerDocumentReader:  # noqa: ANN401 - Whoosh's
        """Lengths, stored fields, deletions."""
        return PerDocumentReader(segment.open(storage), segment)

    def _refuse(self, *_arguments: object) -> Any:  # noqa: ANN401 - whatever Whoosh expects
        """Segments are written by `builder`, and postings are read through TermsReader."""
        message = "Only `stemma reindex` writes this index."
        raise TypeError(message)

    field_writer = per_document_writer = postings_writer = postings_reader = new_segment = _refuse

    def automata(self, storage: Any, segment: StemmaSegment) -> base.Automata:  # noqa: ANN401, ARG002 - Whoosh's
        """Whoosh's own, over our terms."""
        return base.Automata()


class StemmaSegment(base.Segment):
    """A segment as the table of contents names it."""

    def __init__(self, name: str, paragraphs: int, dead: bytes) -> None:
        super().__init__("MAIN")  # type: ignore[no-untyped-call]  # Whoosh has no types
        self.segid = name.removeprefix("MAIN_").removesuffix(".arrays")
        self.paragraphs = paragraphs
        self.dead = dead

    def open(self, storage: Any) -> SegmentReader:  # noqa: ANN401 - Whoosh's
        """The segment's file, in the folder of Whoosh's storage."""
        return SegmentReader(Path(storage.folder) / f"MAIN_{self.segid}.arrays")

    def codec(self) -> StemmaCodec:
        """What reads it."""
        return StemmaCodec()

    def doc_count_all(self) -> int:
        """Paragraphs, deleted ones too."""
        return self.paragraphs

    def deleted_count(self) -> int:
        """Deleted paragraphs."""
        return len(self.dead) // 4

    def deleted_docs(self) -> Iterator[int]:
        """Their numbers."""
        return iter(np.frombuffer(self.dead, np.int32).tolist())

    def is_deleted(self, docnum: int) -> bool:
        """Whether one is deleted."""
        dead = np.frombuffer(self.dead, np.int32)
        at = int(np.searchsorted(dead, docnum))
        return at < len(dead) and int(dead[at]) == docnum

    def delete_document(self, docnum: int, delete: bool = True) -> None:  # noqa: ARG002, FBT001, FBT002 - Whoosh's
        """Refused: only `stemma reindex` changes an index."""
        message = "Only `stemma reindex` changes this index."
        raise TypeError(message)


class PerDocumentReader(base.PerDocumentReader):
    """What Whoosh asks of single documents."""

    def __init__(self, segment: SegmentReader, whoosh_segment: StemmaSegment) -> None:
        self.segment = segment
        self.whoosh_segment = whoosh_segment

    def doc_count(self) -> int:
        """Paragraphs that are not deleted."""
        return self.whoosh_segment.doc_count_all() - self.whoosh_segment.deleted_count()

    def doc_count_all(self) -> int:
        """Paragraphs."""
        return self.whoosh_segment.doc_count_all()

    def has_deletions(self) -> bool:
        """Whether any are deleted."""
        return self.whoosh_segment.deleted_count() > 0

    def is_deleted(self, docnum: int) -> bool:
        """Whether one is deleted."""
        return self.whoosh_segment.is_deleted(docnum)

    def deleted_docs(self) -> set[int]:
        """The numbers of the deleted ones."""
        return set(self.whoosh_segment.deleted_docs())

    def supports_columns(self) -> bool:
        """There are none."""
        return False

    def doc_field_length(self, docnum: int, fieldname: str, default: int = 0) -> int:
        """Positions of a field in one document."""
        return int(self._lengths[fieldname][docnum]) if fieldname in FIELDS else default

    def field_length(self, fieldname: str) -> int:
        """Positions of a field in all documents."""
        return int(self._lengths[fieldname].sum()) if fieldname in FIELDS else 0

    def min_field_length(self, fieldname: str) -> int:
        """The fewest positions."""
        return int(self._lengths[fieldname].min(initial=1 << 30)) if fieldname in FIELDS else 0

    def max_field_length(self, fieldname: str) -> int:
        """The most positions."""
        return int(self._lengths[fieldname].max(initial=0)) if fieldname in FIELDS else 0

    @cached_property
    def _lengths(self) -> dict[str, np.ndarray[Any, Any]]:
        rows = {
            name: [len(plain_entries(self.segment, name, row)) for row in range(n)] for name, n in _rows(self.segment)
        }
        title = np.array(rows["titles"], np.int64)
        return {"text": np.array(rows["texts"], np.int64), "title": title[self.segment.article_of]}

    def stored_fields(self, docnum: int) -> dict[str, Any]:
        """The paragraph."""
        article = int(self.segment.article_of[docnum])
        heading = self.segment.heading(article)
        number = docnum - self.segment.span(article)[0] + 1
        return {
            "article": heading.id,
            "number": number,
            "paragraph": self.segment.texts_at([article], [number])[0],
            "heading": heading.title,
        }


def _rows(segment: SegmentReader) -> tuple[tuple[str, int], ...]:
    return ("texts", segment.paragraphs), ("titles", segment.articles)
