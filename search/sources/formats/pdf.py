"""Reader of PDF files: the lines of the pages are joined to paragraphs. The only importer of pypdf."""

from __future__ import annotations

import io
import re
import time
from collections.abc import Sequence
from datetime import datetime
from typing import cast

from pypdf import PageObject, PdfReader
from pypdf.errors import DependencyError, FileNotDecryptedError, PdfReadError
from pypdf.generic import DictionaryObject

from search.dates import parse_date
from search.errors import UnreadableArticle
from search.model import Date
from search.sources.formats.html_blocks import clean_text
from search.sources.formats.pdf_layout import (
    has_aligned_starts,
    in_reading_order,
    is_right_to_left,
    join_lines,
    read_columns,
)
from search.sources.records import Options, Record
from search.sources.text.boilerplate import is_made_up_title
from search.sources.text.fields import TITLE
from search.sources.text.languages import language_code

_UNLOCK = "Save it without a password, or take it out of the folder."
_CATALOG = re.compile(
    rb"(\d{1,10})\s{1,9}(\d{1,5})\s{1,9}obj\b(?:(?!endobj).){0,500}?/Type\s{0,9}/Catalog\b", re.DOTALL
)
"""The beginning of the object that leads to all pages, with its number and generation."""

_OBJECT = re.compile(rb"\d\s{1,9}\d{1,5}(?:\s{1,9}(?:obj\b|o?b?\Z)|\Z)")
"""The beginning of an object, which may be cut off."""

_END = b"%%EOF"
_CUT = "The end of the file is missing; pages, or what was changed last, may be missing too."

_LITTLE = 100
"""Letters on a page that holds hardly any text."""

_SHOWS = frozenset({b"Tj", b"TJ", b"'", b'"'})
"""Operators that show text."""

_IMAGES = frozenset({b"Do", b"INLINE IMAGE"})
_PAINTS = _IMAGES | {b"f", b"F", b"f*", b"B", b"B*", b"b", b"b*", b"S", b"s", b"sh"}
"""Operators that draw something that is no text."""

_HIDDEN = 2
"""Flag of an annotation that is not shown."""

_MARKUP = frozenset("/Text /FreeText /Highlight /Underline /StrikeOut /Squiggly /Stamp /Caret /Square /Circle".split())
"""Kinds of annotations whose contents are notes of readers."""


_SHARE = 0.8
"""Share of the time for a file in which pages are read; the rest is for putting their lines together."""


class _Pages:
    """The lines of the pages of a PDF, and what could not be read of them."""

    def __init__(self) -> None:
        self.lines: list[list[str]] = []
        self.notes: list[str] = []
        """Values of fields, and notes, in the order of the pages."""
        self.pictures = 0
        """Pages that hold hardly any text, but a picture of about their size."""
        self.failed: list[Exception] = []
        """An error for each page that cannot be read."""
        self.attached = 0
        self.late = ""
        """A sentence about the pages that there was no time for."""
        self._fields: set[int] = set()

    def read_all(self, pages: Sequence[PageObject], seconds: float) -> None:
        """Read the pages, at least one, until so many seconds have passed."""
        deadline = time.monotonic() + seconds
        for number, page in enumerate(pages, 1):
            self.read(page)
            if time.monotonic() > deadline and number < len(pages):
                self.late = (
                    f"Only the first {number:,} of {len(pages):,} pages were read in the time for one file; split it."
                )
                break

    def read(self, page: PageObject) -> None:
        """Read one page; one that is damaged must not cost the others, nor its notes the page."""
        lines: list[str] = []
        try:
            lines = self._lines_of(page)
            self._read_annotations(page)
        except (DependencyError, FileNotDecryptedError, MemoryError):
            raise
        except Exception as error:  # noqa: BLE001 - on damaged pages the library raises whatever comes up
            self.failed.append(error)
        self.lines.append(lines)

    def missing(self) -> tuple[str, ...]:
        """Return sentences that say what was not read."""
        total = len(self.lines)
        found = [self.late] if self.late else []
        if self.pictures:
            found.append(f"{self.pictures:,} of {total:,} pages hold no text, only pictures.")
        if self.failed:
            found.append(f"{len(self.failed):,} of {total:,} pages are damaged, and read in part at most.")
        if self.attached:
            found.append(f"{self.attached:,} attached files were not read.")
        if unknown := sum(line.count("\ufffd") for lines in self.lines for line in lines):
            found.append(f"{unknown:,} characters are in a font that does not say which they are.")
        return tuple(found)

    def _lines_of(self, page: PageObject) -> list[str]:
        """Return the lines of a page in the order of reading."""
        starts: list[tuple[float, float]] = []
        area, pictures, painted = abs(float(page.mediabox.width * page.mediabox.height)), 0.0, False

        def look(operator: bytes, _operands: object, at: list[float], text: list[float]) -> None:
            nonlocal pictures, painted
            if operator in _SHOWS:
                starts.append((at[0] * text[4] + at[2] * text[5] + at[4], at[1] * text[4] + at[3] * text[5] + at[5]))
            elif operator in _PAINTS:
                painted = True
                if operator in _IMAGES:
                    pictures += abs(at[0] * at[3] - at[1] * at[2])

        text = page.extract_text(visitor_operand_before=look)
        if leftwards := is_right_to_left(text):
            text = _read_leftwards(page, text)
        lines = text.splitlines()
        letters = sum(map(len, map(str.strip, lines)))
        if (painted and not letters) or (letters < _LITTLE and pictures * 2 > area):
            self.pictures += 1
        if has_aligned_starts(starts) and not leftwards:  # the library's layout has words from right to left backwards
            across = page.extract_text(extraction_mode="layout").splitlines()
            columns = read_columns(across)
            return lines if columns == across else list(map(clean_text, columns))
        return lines

    def _read_annotations(self, page: PageObject) -> None:
        """Read the values of fields, and notes, on a page."""
        for reference in page.get("/Annots") or ():
            annotation = reference.get_object()
            kind = annotation.get("/Subtype")
            if int(annotation.get("/F", 0)) & _HIDDEN:
                continue
            if kind == "/Widget":
                self._read_field(annotation)
            elif kind == "/FileAttachment":
                self.attached += 1
            elif kind in _MARKUP:
                self.notes.append(clean_text(str(annotation.get("/Contents") or "")))

    def _read_field(self, field: DictionaryObject) -> None:
        """Read the value of a field, once however often it is shown; one of text, or a choice."""
        if "/V" not in field and "/Parent" in field:
            field = cast("DictionaryObject", field["/Parent"])
        value = field.get("/V")
        value = value.get_object() if value is not None else ""
        if field.get("/FT") in {"/Tx", "/Ch"} and id(field) not in self._fields:
            self._fields.add(id(field))
            self.notes.append(clean_text(" ".join(map(str, value)) if isinstance(value, list) else str(value)))


def _read_leftwards(page: PageObject, text: str) -> str:
    """Return the text of a page that is written from right to left, with the words of each line as they are read."""
    pieces: list[tuple[str, float]] = []

    def hear(piece: str, at: list[float], place: list[float], _font: object, _size: float) -> None:
        pieces.append((piece, at[0] * place[4] + at[2] * place[5] + at[4]))

    page.extract_text(visitor_text=hear)
    return in_reading_order(text, pieces)


def read_pdf(data: bytes, name: str, options: Options) -> tuple[Record, str]:
    """Return the article of a PDF, and "" as encoding, which the format prescribes.

    The date is that of creation, so it is marked as guessed. Raise UnreadableArticle.
    """
    is_cut = _goes_on(data)
    try:
        reader = PdfReader(io.BytesIO(data), strict=False)
    except PdfReadError:
        reader = PdfReader(io.BytesIO(data + _end_of(data)), strict=False)
        is_cut = True
    pages = _Pages()
    try:
        if reader.is_encrypted and not reader.decrypt(""):
            raise UnreadableArticle("The PDF is encrypted.", _UNLOCK)
        pages.read_all(reader.pages, options.seconds * _SHARE)
    except (DependencyError, FileNotDecryptedError):
        raise UnreadableArticle("The PDF is encrypted.", _UNLOCK) from None
    paragraphs = [*join_lines(pages.lines), *filter(None, pages.notes)]
    if not paragraphs and pages.failed:
        raise pages.failed[0]
    if not paragraphs:
        message = "The PDF holds no text, only pictures of it."
        raise UnreadableArticle(message, "Let a program for text recognition (OCR) add the text.")
    title = clean_text((reader.metadata and reader.metadata.title) or "")
    title = "" if is_made_up_title(title) else title
    if len(paragraphs) > 1 and (paragraphs[0] == title or (not title and len(paragraphs[0]) <= TITLE)):
        title = paragraphs.pop(0)
    root = reader.trailer.get("/Root", {})
    lang = language_code(str(root.get_object().get("/Lang", "") or "")) if root else None
    made = _creation_date(reader)
    missing = (*([_CUT] if is_cut else []), *pages.missing())
    return Record(title or name, made, tuple(paragraphs), lang, "", made is not None, missing), ""


def _goes_on(data: bytes) -> bool:
    """Tell whether objects follow the last mark of an end.

    A file that was changed, or is made for slow networks, has several such marks. If it is cut, the library takes the
    last one that is left for the end of the file.
    """
    end = data.rfind(_END)
    return end >= 0 and _OBJECT.search(data, end) is not None


def _end_of(data: bytes) -> bytes:
    """Return an end for a PDF that has none, such as a download that broke off: it makes the library look for objects.

    It names the last catalog of pages that there is, where that is not compressed.
    """
    catalogs = [*_CATALOG.finditer(data)]
    root = b"/Root %s %s R" % catalogs[-1].groups() if catalogs else b""
    return b"\nendobj\ntrailer\n<< /Size 1 %s >>\nstartxref\n0\n%%%%EOF\n" % root


def _creation_date(reader: PdfReader) -> Date | None:
    """Return the stated date of creation; None when there is none that can be read."""
    try:
        made = reader.metadata and reader.metadata.creation_date
        return parse_date(made.replace(microsecond=0).isoformat(" ")) if isinstance(made, datetime) else None
    except ValueError:
        return None
