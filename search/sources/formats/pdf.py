"""PDF: the text of its pages, put together into paragraphs again. The only importer of pypdf."""

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
from search.sources.formats.html_blocks import tidy
from search.sources.records import Options, Record
from search.sources.text.fields import TITLE
from search.sources.text.languages import code_of

_FORMS = re.compile("[\ufb00-\ufdcf\ufdf0-\ufdfc\ufe70-\ufefc]+")
_HYPHEN = re.compile(r"\w[-\u00ad\u2010]$")
_END = re.compile(r"[.!?:;…。؟][\"'”’»)\]]*$")
_BULLET = re.compile(r"(?:[•‣▪●◦–—*-]|\(?\d{1,3}[.)])\s")
_UNLOCK = "Save it without a password, or take it out of the folder."


def read_pdf(data: bytes, name: str, options: Options) -> tuple[Record, str]:
    """The article of a PDF. Its date is guessed: a PDF says when it was made, not when it was published."""
    del options  # nothing in a PDF depends on them
    reader = PdfReader(io.BytesIO(data), strict=False)
    try:
        if reader.is_encrypted and not reader.decrypt(""):
            raise UnreadableArticle("The PDF is encrypted.", _UNLOCK)
        pages = [page.extract_text().splitlines() for page in reader.pages]
    except (DependencyError, FileNotDecryptedError):
        raise UnreadableArticle("The PDF is encrypted.", _UNLOCK) from None
    paragraphs = list(paragraphs_of(pages))
    if not paragraphs:
        message = "The PDF holds no text, only pictures of it."
        raise UnreadableArticle(message, "Let a program for text recognition (OCR) add the text.")
    title = tidy((reader.metadata and reader.metadata.title) or "")
    if len(paragraphs) > 1 and (paragraphs[0] == title or (not title and len(paragraphs[0]) <= TITLE)):
        title = paragraphs.pop(0)
    root = reader.trailer.get("/Root", {})
    lang = code_of(str(root.get_object().get("/Lang", "") or "")) if root else None
    made = _made(reader)
    return Record(title or name, made, tuple(paragraphs), lang, date_guessed=made is not None), ""


def paragraphs_of(pages: list[list[str]]) -> Iterator[str]:
    """Paragraphs of lines: one ends at a blank line, and where a sentence ends on a line that is not filled.

    >>> pages = [["A ﬁne exam-", "ple of a text that", "ends here.", "Then a new one,"], ["which goes on."]]
    >>> list(paragraphs_of(pages))
    ['A fine example of a text that ends here.', 'Then a new one, which goes on.']
    """
    lines = [_FORMS.sub(lambda found: unicodedata.normalize("NFKC", found[0]), line) for line in _without_edges(pages)]
    widths = sorted(len(line) for line in lines if line)
    full = widths[len(widths) * 3 // 4] * 0.8 if widths else 0
    held, last = "", 0
    for line in map(tidy, lines):
        if held and (not line or _BULLET.match(line) or (_END.search(held) and last < full)):
            yield held
            held = ""
        cut = _HYPHEN.search(held) and line[:1].islower()
        held = held[:-1] + line if cut else f"{held} {line}".strip()
        last = len(line)
    if held:
        yield held


def _without_edges(pages: list[list[str]]) -> Iterator[str]:
    """The lines of all pages, without their numbers and what is printed on top or bottom of most of them."""
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
    return re.sub(r"\d+", "0", line.strip())


def _made(reader: PdfReader) -> Date | None:
    """When the PDF says that it was made; None where it does not say, or not in a way that can be read."""
    try:
        made = reader.metadata and reader.metadata.creation_date
        return parse_date(made.replace(microsecond=0).isoformat(" ")) if isinstance(made, datetime) else None
    except ValueError:
        return None
