"""Reads the terms, postings and positions of a segment for Whoosh."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from typing import Any

import numpy as np
from whoosh.codec import base
from whoosh.matching.mcore import ListMatcher
from whoosh.reading import TermInfo, TermNotFound

from search.index.segment.posting_lists import decode_postings
from search.index.segment.segment_reader import SegmentReader
from search.kernels.core.postings_codec import IN_TITLE
from search.kernels.core.token_stream import decode_stream

FIELDS = ("text", "title")


class TermsReader(base.TermsReader):
    """The terms of a segment, which are stems, and their postings in each of the two fields."""

    def __init__(self, segment: SegmentReader) -> None:
        self.segment = segment
        self.stems = segment.strings("stem")

    def __contains__(self, term: tuple[str, bytes]) -> bool:
        return bool(self._postings(*term))

    def indexed_field_names(self) -> tuple[str, ...]:
        """Return the names of the fields that have terms."""
        return FIELDS

    def cursor(self, fieldname: str, fieldobj: object) -> ListCursor:  # noqa: ARG002 - Whoosh's signature
        """Return a cursor over the terms of a field."""
        return ListCursor([text for field, text in self.terms_from(fieldname, b"") if field == fieldname])

    def terms(self) -> Iterator[tuple[str, bytes]]:
        """Yield every term of every field, in ascending order."""
        for field in FIELDS:
            yield from self.terms_from(field, b"")

    def terms_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[str, bytes]]:
        """Yield the terms from (fieldname, prefix) on, in ascending order: the rest of the field, then later fields."""
        for field in FIELDS[FIELDS.index(fieldname) :]:
            for i in range(self.stems.lower_bound(prefix if field == fieldname else b""), len(self.stems)):
                if (field, self.stems[i]) in self:
                    yield field, self.stems[i]

    def items(self) -> Iterator[tuple[tuple[str, bytes], TermInfo]]:
        """Return every term of every field with its statistics."""
        return ((term, self.term_info(*term)) for term in self.terms())

    def items_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[tuple[str, bytes], TermInfo]]:
        """Return the terms of `terms_from`, each with its statistics."""
        return ((term, self.term_info(*term)) for term in self.terms_from(fieldname, prefix))

    def term_info(self, fieldname: str, text: bytes) -> TermInfo:
        """Return the statistics of a term. Raises TermNotFound."""
        found = self._postings(fieldname, text)
        if not found:
            raise TermNotFound(f"No term {fieldname}:{text!r}")
        weights = [len(positions) for positions in found.values()]
        lengths = [field_length(self.segment, fieldname, doc) for doc in found]
        return TermInfo(sum(weights), len(found), min(lengths), max(lengths), max(weights), min(found), max(found))

    def frequency(self, fieldname: str, text: bytes) -> float:
        """Return how often a term occurs."""
        return float(sum(map(len, self._postings(fieldname, text).values())))

    def doc_frequency(self, fieldname: str, text: bytes) -> int:
        """Return how many documents have a term."""
        return len(self._postings(fieldname, text))

    def matcher(self, fieldname: str, text: bytes, format_: Any, scorer: Any = None) -> ListMatcher:
        """Return the postings of a term as a matcher of Whoosh. Raises TermNotFound."""
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
        """Return the positions of a stem in each document that has it in a field."""
        i = self.stems.lower_bound(text)
        if field not in FIELDS or i == len(self.stems) or self.stems[i] != text:
            return {}
        postings = decode_postings(self.segment, i)
        found: dict[int, list[int]] = {}
        for doc, payload in zip(postings.docs.tolist(), postings.payloads.tolist(), strict=True):
            if field == "title" and not payload & IN_TITLE:
                continue
            if positions := self._positions(field, doc, i):
                found[doc] = positions
        return found

    def _positions(self, field: str, doc: int, stem: int) -> list[int]:
        first, term_ids = self.segment.term_offsets, self.segment.column("entry_stems")
        position, found = 0, []
        for form_id in _form_ids(self.segment, field, doc):
            if stem in term_ids[first[form_id] : first[form_id + 1]].tolist():
                found.append(position)
            position += form_id < self.segment.first_marker
        return found


class ListCursor(base.FieldCursor):
    """A cursor over a list of terms."""

    def __init__(self, terms: list[bytes]) -> None:
        self.texts = [term.decode("utf-8", "surrogatepass") for term in terms]
        self.at = 0

    def first(self) -> str | None:
        """Move to the first term and return it."""
        self.at = 0
        return self.text()

    def find(self, term: bytes | str) -> str | None:
        """Move to the first term that is not before this one, and return it."""
        text = term if isinstance(term, str) else term.decode("utf-8", "surrogatepass")
        self.at = bisect_left(self.texts, text)
        return self.text()

    def next(self) -> str | None:
        """Move to the next term and return it."""
        self.at += 1
        return self.text()

    def text(self) -> str | None:
        """Return the term at the cursor, None behind the last one."""
        return self.texts[self.at] if self.at < len(self.texts) else None

    def is_valid(self) -> bool:
        """Return whether the cursor is at a term."""
        return self.at < len(self.texts)


def field_length(segment: SegmentReader, field: str, doc: int) -> int:
    """Return the number of positions of a field, `text` or `title`, in a document."""
    return sum(form_id < segment.first_marker for form_id in _form_ids(segment, field, doc))


def _form_ids(segment: SegmentReader, field: str, doc: int) -> list[int]:
    """Return the form ids in a field of a document, in their order; compounds take no position of their own."""
    name, row = ("texts", doc) if field == "text" else ("titles", int(segment.article_of[doc]))
    units, at = segment.stream(name)
    form_ids = np.empty(int(at[row + 1] - at[row]), np.int32)
    n = decode_stream(units, at[row], at[row + 1], segment.first_marker, form_ids)
    found: list[int] = form_ids[:n].tolist()
    return found
