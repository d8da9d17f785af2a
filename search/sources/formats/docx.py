"""Reader of DOCX files. The only importer of docx."""

from __future__ import annotations

import io
from collections.abc import Iterator
from itertools import groupby

from docx import Document
from docx.document import Document as Opened
from docx.table import Table
from docx.text.paragraph import Paragraph

from search.dates import parse_date
from search.errors import UnreadableArticle
from search.sources.formats.html_blocks import clean_text
from search.sources.formats.zip_document import open_zip_document
from search.sources.records import Options, Record
from search.sources.text.languages import language_code

_ENCRYPTED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""First bytes of the container that encrypted documents and old .doc files are in."""


def read_docx(data: bytes, name: str, options: Options) -> tuple[Record, str]:
    """Return the article of a document, and "" as encoding, which the format prescribes.

    The date is that of creation, so it is marked as guessed. Raise UnreadableArticle.
    """
    if data.startswith(_ENCRYPTED):
        message = "The document is encrypted, or in the old format of Word."
        raise UnreadableArticle(message, "Save it as DOCX without a password.")
    open_zip_document(data, options).close()
    document = Document(io.BytesIO(data))
    properties = document.core_properties
    title = clean_text(properties.title or "")
    paragraphs: list[str] = []
    heading = ""
    for text, style in _blocks(document):
        if not heading and style in {"Title", "Heading 1"}:
            heading = text
            if not title or title == text:
                continue
        paragraphs.append(text)
    title = title or heading
    if not title and len(paragraphs) > 1:
        title = paragraphs.pop(0)
    if not paragraphs:
        message = "The document has no paragraphs."
        raise UnreadableArticle(message, "An article has a title and at least one paragraph after it.")
    try:
        made = properties.created
        date = parse_date(made.replace(microsecond=0).isoformat(" ")) if made else None
    except ValueError:
        date = None
    lang = language_code(properties.language or "")
    return Record(title or name, date, tuple(paragraphs), lang, date_guessed=date is not None), ""


def _blocks(document: Opened) -> Iterator[tuple[str, str]]:
    """Yield the text of each paragraph and the name of its style; a row of a table is one paragraph without style."""
    for block in document.iter_inner_content():
        if isinstance(block, Paragraph):
            if text := clean_text(block.text):
                yield text, (block.style.name or "") if block.style is not None else ""
        elif isinstance(block, Table):
            for row in block.rows:
                # a cell that spans several columns is given for each of them
                cells = groupby(row.cells, key=lambda cell: cell._tc)  # noqa: SLF001 - nothing else tells them apart
                if text := clean_text(" ".join(next(same).text for _, same in cells)):
                    yield text, ""
