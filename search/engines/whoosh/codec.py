"""What Whoosh reads our segments with: `whoosh.index.open_dir` opens the index, and Whoosh's own searcher answers.

The names of this module and of its classes stand in the table of contents, which is a pickle: they are permanent.
It is for those who know Whoosh; our own searches take another way (`evaluation`), which does not go posting by posting.

The fields are `text`, the stems of a paragraph, and `title`, those of its article's title; positions come from streams.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from whoosh.codec import base
from whoosh.fields import STORED, TEXT, Schema
from whoosh.matching.mcore import ListMatcher
from whoosh.reading import TermInfo, TermNotFound

from search.engines.whoosh.postings import decoded
from search.engines.whoosh.segment import Segment
from search.kernels.postings import IN_TITLE
from search.kernels.streams import decode_stream

FIELDS = ("text", "title")
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
        super().__init__("MAIN")
        self.segid = name.removeprefix("MAIN_").removesuffix(".arrays")
        self.paragraphs = paragraphs
        self.dead = dead

    def open(self, storage: Any) -> Segment:  # noqa: ANN401 - Whoosh's
        """The segment's file, in the folder of Whoosh's storage."""
        return Segment(Path(storage.folder) / self.make_filename(".arrays"))

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

    def __init__(self, segment: Segment, whoosh_segment: StemmaSegment) -> None:
        self.segment = segment
        self.whoosh_segment = whoosh_segment

    def doc_count(self) -> int:
        """Paragraphs that are not deleted."""
        return int(self.whoosh_segment.doc_count())

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
        rows = {name: [len(_entries(self.segment, name, row)) for row in range(n)] for name, n in _rows(self.segment)}
        title = np.array(rows["titles"], np.int64)
        return {"text": np.array(rows["texts"], np.int64), "title": title[self.segment.article_of]}

    def stored_fields(self, docnum: int) -> dict[str, Any]:
        """The paragraph."""
        article = int(self.segment.article_of[docnum])
        heading = self.segment.heading(article)
        return {
            "article": heading.id,
            "number": docnum - self.segment.span(article)[0] + 1,
            "paragraph": self.segment.texts(docnum, docnum + 1)[0].decode("utf-8", "surrogatepass"),
            "heading": heading.title,
        }


class TermsReader(base.TermsReader):
    """What Whoosh asks of terms: stems, in either field."""

    def __init__(self, segment: Segment) -> None:
        self.segment = segment
        self.stems = segment.strings("stem")

    def __contains__(self, term: tuple[str, bytes]) -> bool:
        return bool(self._postings(*term))

    def indexed_field_names(self) -> tuple[str, ...]:
        """The fields with terms."""
        return FIELDS

    def cursor(self, fieldname: str, fieldobj: object) -> ListCursor:  # noqa: ARG002 - Whoosh's signature
        """A cursor over the terms of a field."""
        return ListCursor([text for field, text in self.terms_from(fieldname, b"") if field == fieldname])

    def terms(self) -> Iterator[tuple[str, bytes]]:
        """Every term of every field, in order."""
        for field in FIELDS:
            yield from self.terms_from(field, b"")

    def terms_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[str, bytes]]:
        """The terms from one on."""
        for field in FIELDS[FIELDS.index(fieldname) :]:
            for i in range(self.stems.lower_bound(prefix if field == fieldname else b""), len(self.stems)):
                if (field, self.stems[i]) in self:
                    yield field, self.stems[i]

    def items(self) -> Iterator[tuple[tuple[str, bytes], TermInfo]]:
        """Terms with their statistics."""
        return ((term, self.term_info(*term)) for term in self.terms())

    def items_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[tuple[str, bytes], TermInfo]]:
        """The same from one on."""
        return ((term, self.term_info(*term)) for term in self.terms_from(fieldname, prefix))

    def term_info(self, fieldname: str, text: bytes) -> TermInfo:
        """Statistics of a term. Raises TermNotFound."""
        found = self._postings(fieldname, text)
        if not found:
            message = f"No term {fieldname}:{text!r}"
            raise TermNotFound(message)
        weights = [len(positions) for positions in found.values()]
        lengths = [self._length(fieldname, doc) for doc in found]
        return TermInfo(sum(weights), len(found), min(lengths), max(lengths), max(weights), min(found), max(found))

    def frequency(self, fieldname: str, text: bytes) -> float:
        """Occurrences of a term."""
        return float(sum(map(len, self._postings(fieldname, text).values())))

    def doc_frequency(self, fieldname: str, text: bytes) -> int:
        """Documents with a term."""
        return len(self._postings(fieldname, text))

    def matcher(self, fieldname: str, text: bytes, format_: Any, scorer: Any = None) -> ListMatcher:  # noqa: ANN401
        """The postings of a term, as Whoosh walks them."""
        found = self._postings(fieldname, text)
        return ListMatcher(
            list(found),
            [float(len(positions)) for positions in found.values()],
            [format_.encode(positions) for positions in found.values()],
            format_,
            scorer=scorer,
            term=(fieldname, text),
            terminfo=self.term_info(fieldname, text),
        )

    def _postings(self, field: str, text: bytes) -> dict[int, list[int]]:
        """Documents with the positions of a stem."""
        i = self.stems.lower_bound(text)
        if field not in FIELDS or i == len(self.stems) or self.stems[i] != text:
            return {}
        postings = decoded(self.segment, i)
        found: dict[int, list[int]] = {}
        for doc, payload in zip(postings.docs.tolist(), postings.payloads.tolist(), strict=True):
            if field == "title" and not payload & IN_TITLE:
                continue
            if positions := self._positions(field, doc, i):
                found[doc] = positions
        return found

    def _positions(self, field: str, doc: int, stem: int) -> list[int]:
        segment = self.segment
        name, row = ("texts", doc) if field == "text" else ("titles", int(segment.article_of[doc]))
        units, at = segment.stream(name)
        entries = np.empty(int(at[row + 1] - at[row]), np.int32)
        n = decode_stream(units, at[row], at[row + 1], segment.plain, entries)
        position, found = 0, []
        for entry in entries[:n].tolist():
            first = segment.stems_first
            if stem in segment.column("entry_stems")[first[entry] : first[entry + 1]].tolist():
                found.append(position)
            position += entry < segment.plain
        return found

    def _length(self, field: str, doc: int) -> int:
        name, row = ("texts", doc) if field == "text" else ("titles", int(self.segment.article_of[doc]))
        return len(_entries(self.segment, name, row))

    def close(self) -> None:
        """Nothing to close."""


class ListCursor(base.FieldCursor):
    """A cursor over terms in a list."""

    def __init__(self, terms: list[bytes]) -> None:
        self.texts = [term.decode("utf-8", "surrogatepass") for term in terms]
        self.at = 0

    def first(self) -> str | None:
        """The first term."""
        self.at = 0
        return self.text()

    def find(self, term: bytes | str) -> str | None:
        """The first term that is not before this one."""
        text = term if isinstance(term, str) else term.decode("utf-8", "surrogatepass")
        self.at = bisect_left(self.texts, text)
        return self.text()

    def next(self) -> str | None:
        """The term after."""
        self.at += 1
        return self.text()

    def text(self) -> str | None:
        """The term here, None behind the last."""
        return self.texts[self.at] if self.at < len(self.texts) else None

    def is_valid(self) -> bool:
        """Whether there is a term here."""
        return self.at < len(self.texts)


def _rows(segment: Segment) -> tuple[tuple[str, int], ...]:
    return ("texts", segment.paragraphs), ("titles", segment.articles)


def _entries(segment: Segment, name: str, row: int) -> list[int]:
    """The entries of one text that take a position."""
    units, at = segment.stream(name)
    entries = np.empty(int(at[row + 1] - at[row]), np.int32)
    n = decode_stream(units, at[row], at[row + 1], segment.plain, entries)
    return [entry for entry in entries[:n].tolist() if entry < segment.plain]
