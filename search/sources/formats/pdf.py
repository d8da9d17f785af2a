"""Reader of PDF files: the lines of the pages are joined to paragraphs. The only importer of pypdf."""

from __future__ import annotations

import io
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from pypdf import PdfReader
from pypdf.errors import DependencyError, FileNotDecryptedError

from search.dates import parse_date
from search.errors import UnreadableArticle
from search.model import Date
from search.sources.formats.html_blocks import clean_text
from search.sources.records import Options, Record
from search.sources.text.fields import TITLE
from search.sources.text.languages import language_code

_FORMS = re.compile("[\ufb00-\ufdcf\ufdf0-\ufdfc\ufe70-\ufefc]+")
_HYPHEN = re.compile(r"\w[-\u00ad\u2010]$")
_END = re.compile(r"[.!?:;…。؟][\"'”’»)\]]*$")
_BULLET = re.compile(r"(?:[•‣▪●◦–—*-]|\(?\d{1,3}[.)])\s")
_UNLOCK = "Save it without a password, or take it out of the folder."


def read_pdf(data: bytes, name: str, options: Options) -> tuple[Record, str]:
    """Return the article of a PDF, and "" as encoding, which the format prescribes.

    The date is that of creation, so it is marked as guessed. Raise UnreadableArticle.
    """
    del options  # nothing in a PDF depends on them
    reader = PdfReader(io.BytesIO(data), strict=False)
    try:
        if reader.is_encrypted and not reader.decrypt(""):
            raise UnreadableArticle("The PDF is encrypted.", _UNLOCK)
        pages = [page.extract_text().splitlines() for page in reader.pages]
    except (DependencyError, FileNotDecryptedError):
        raise UnreadableArticle("The PDF is encrypted.", _UNLOCK) from None
    paragraphs = list(join_lines(pages))
    if not paragraphs:
        message = "The PDF holds no text, only pictures of it."
        raise UnreadableArticle(message, "Let a program for text recognition (OCR) add the text.")
    title = clean_text((reader.metadata and reader.metadata.title) or "")
    if len(paragraphs) > 1 and (paragraphs[0] == title or (not title and len(paragraphs[0]) <= TITLE)):
        title = paragraphs.pop(0)
    root = reader.trailer.get("/Root", {})
    lang = language_code(str(root.get_object().get("/Lang", "") or "")) if root else None
    made = _creation_date(reader)
    return Record(title or name, made, tuple(paragraphs), lang, date_guessed=made is not None), ""


def join_lines(pages: list[list[str]]) -> Iterator[str]:
    """Yield the paragraphs of pages of lines: one ends at a blank line, and at the end of a sentence on a short line.

    >>> pages = [["A ﬁne exam-", "ple of a text that", "ends here.", "Then a new one,"], ["which goes on."]]
    >>> list(join_lines(pages))
    ['A fine example of a text that ends here.', 'Then a new one, which goes on.']
    """
    lines = [_FORMS.sub(lambda found: unicodedata.normalize("NFKC", found[0]), line) for line in _without_edges(pages)]
    widths = sorted(len(line) for line in lines if line)
    full = widths[len(widths) * 3 // 4] * 0.8 if widths else 0
    held, last = "", 0
    for line in map(clean_text, lines):
        if held and (not line or _BULLET.match(line) or (_END.search(held) and last < full)):
            yield held
            held = ""
        cut = _HYPHEN.search(held) and line[:1].islower()
        held = held[:-1] + line if cut else f"{held} {line}".strip()
        last = len(line)
    if held:
        yield held


def _without_edges(pages: list[list[str]]) -> Iterator[str]:
    """Yield the lines of all pages, without page numbers and the headers and footers of most pages."""
    shapes: Counter[str] = Counter()
    for lines in pages:
        shapes.update({_shape(line) for line in (lines[:1] + lines[-1:])})
    for lines in pages:
        for place, line in enumerate(lines):
            at_edge = place in {0, len(lines) - 1}
            often = len(pages) > 2 and shapes[_shape(line)] * 2 > len(pages)
            if not (at_edge and (often or (len(pages) > 1 and line.strip().isdigit()))):
                yield line


def _shape(line: str) -> str:
    """Return a line with 0 for each number, so that lines that differ in the page number are equal."""
    return re.sub(r"\d+", "0", line.strip())


def _creation_date(reader: PdfReader) -> Date | None:
    """Return the stated date of creation; None when there is none that can be read."""
    try:
        made = reader.metadata and reader.metadata.creation_date
        return parse_date(made.replace(microsecond=0).isoformat(" ")) if isinstance(made, datetime) else None
    except ValueError:
        return None
