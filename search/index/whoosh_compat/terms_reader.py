"""Terms, postings and positions of a segment, as Whoosh asks for them (see `codec`)."""

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
    """What Whoosh asks of terms: stems, in either field."""

    def __init__(self, segment: SegmentReader) -> None:
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
        postings = decode_postings(self.segment, i)
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
        n = decode_stream(units, at[row], at[row + 1], segment.first_marker, entries)
        position, found = 0, []
        for entry in entries[:n].tolist():
            first = segment.term_offsets
            if stem in segment.column("entry_stems")[first[entry] : first[entry + 1]].tolist():
                found.append(position)
            position += entry < segment.first_marker
        return found

    def _length(self, field: str, doc: int) -> int:
        name, row = ("texts", doc) if field == "text" else ("titles", int(self.segment.article_of[doc]))
        return len(plain_entries(self.segment, name, row))

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


def plain_entries(segment: SegmentReader, name: str, row: int) -> list[int]:
    """The entries of one text that take a position."""
    units, at = segment.stream(name)
    entries = np.empty(int(at[row + 1] - at[row]), np.int32)
    n = decode_stream(units, at[row], at[row + 1], segment.first_marker, entries)
    return [entry for entry in entries[:n].tolist() if entry < segment.first_marker]
