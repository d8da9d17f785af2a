"""Reader of DOCX files. The only importer of docx."""

from __future__ import annotations

import io
from collections import Counter

from docx import Document
from docx.document import Document as Opened
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml.parser import parse_xml
from lxml import etree

from search.dates import parse_date
from search.errors import UnreadableArticle
from search.sources.formats.html_blocks import clean_text
from search.sources.formats.zip_document import open_zip_document
from search.sources.records import Options, Record
from search.sources.text.languages import language_code

_ENCRYPTED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""First bytes of the container that encrypted documents and old .doc files are in."""

_NOTES = (RELATIONSHIP_TYPE.FOOTNOTES, RELATIONSHIP_TYPE.ENDNOTES, RELATIONSHIP_TYPE.COMMENTS)
"""Parts of a document that are read after its body, in this order."""

_LEFT_OUT = frozenset(
    "del moveFrom delText instrText delInstrText fldData pPr rPr tblPr tblGrid sectPr sdtPr sdtEndPr rt rubyPr "
    "footnoteRef endnoteRef annotationRef".split()
)
"""Elements that are not read: deleted text, codes of fields, ruby readings, and properties."""

_SIGNS = {"tab": " ", "ptab": " ", "br": " ", "cr": " ", "noBreakHyphen": "-"}
"""Elements that stand for a character; a soft hyphen shows nothing."""

_STRICT = b"http://purl.oclc.org/ooxml/"
"""The beginning of the names of relations in Strict Open XML."""

_NOT_READ = {
    "altChunk": "embedded file",
    "subDoc": "subdocument",
    "OLEObject": "embedded object",
    "control": "ActiveX control",
    "contentPart": "ink drawing",
}
"""Elements that show what is kept in another file of the package, and what each is called."""

_GRAPHICS = {"chart": "chart", "chartex": "chart", "diagram": "diagram"}
"""Graphics that hold text in another file of the package, by the last part of their URI."""


def read_docx(data: bytes, name: str, options: Options) -> tuple[Record, str]:
    """Return the article of a document, and "" as encoding, which the format prescribes.

    The date is that of creation, so it is marked as guessed. Raise UnreadableArticle.
    """
    if data.startswith(_ENCRYPTED):
        message = "The document is encrypted, or in the old format of Word."
        raise UnreadableArticle(message, "Save it as DOCX without a password.")
    with open_zip_document(data, options) as package:
        if "_rels/.rels" in package.NameToInfo and _STRICT in package.read("_rels/.rels"):
            message = "The document is in the format Strict Open XML."
            raise UnreadableArticle(message, "Save it as an ordinary DOCX.")
    try:
        document = Document(io.BytesIO(data))
    except ValueError:
        message = "The file is another one of Word's, such as a template or one with macros."
        raise UnreadableArticle(message, "Save it as an ordinary DOCX.") from None
    text = _read_parts(document)
    stated = any(part.reltype == RELATIONSHIP_TYPE.CORE_PROPERTIES for part in document.part.package.rels.values())
    properties = document.core_properties  # where a document has none, these are the library's own
    title = clean_text(properties.title or "") if stated else ""
    paragraphs: list[str] = []
    heading = ""
    for block, style in text.blocks:
        if not heading and style in {"Title", "Heading 1"}:
            heading = block
            if not title or title == block:
                continue
        paragraphs.append(block)
    title = title or heading
    if not title and len(paragraphs) > 1:
        title = paragraphs.pop(0)
    if not paragraphs:
        message = "The document has no paragraphs."
        raise UnreadableArticle(message, "An article has a title and at least one paragraph after it.")
    try:
        made = properties.created if stated else None
        date = parse_date(made.replace(microsecond=0).isoformat(" ")) if made else None
    except ValueError:
        date = None
    lang = language_code(properties.language or "")
    counts = text.not_read.items()
    missing = tuple(f"{n:,} {what}s were not read." if n > 1 else f"1 {what} was not read." for what, n in counts)
    guessed = date is not None
    return Record(title or name, date, tuple(paragraphs), lang, date_guessed=guessed, missing=missing), ""


def _read_parts(document: Opened) -> _Text:
    """Read the body of a document, then its notes and comments."""
    text = _Text({style.style_id: style.name or "" for style in document.styles})
    text.read_blocks(document.element.body)
    for kind in _NOTES:
        for relation in document.part.rels.values():
            if relation.reltype == kind and not relation.is_external:
                text.read_blocks(parse_xml(relation.target_part.blob))
    return text


class _Text:
    """The visible text of WordprocessingML (ECMA-376, part 1, chapter 17), block by block.

    Elements are known by their local names, and those that are not known are looked into: so text is found in whatever
    it is wrapped. What is left out is left out by name.
    """

    def __init__(self, styles: dict[str, str]) -> None:
        self.blocks: list[tuple[str, str]] = []
        """The text of each paragraph and the name of its style; a row of a table is one paragraph without style."""
        self.not_read: Counter[str] = Counter()
        """How many there are of each kind of thing that cannot be read."""
        self._styles = styles
        self._pieces: list[str] = []
        self._style = ""
        self._boxes: list[etree._Element] = []

    def read_blocks(self, parent: etree._Element) -> None:
        """Read the paragraphs and tables in an element."""
        for child in parent.iterchildren("{*}*"):
            name = _name(child)
            if name == "p":
                self._read_paragraph(child)
            elif name == "tbl":
                self._read_table(child)
            elif (inner := self._visible(child, name)) is not None:
                self.read_blocks(inner)
        self._end_block()

    def _read_paragraph(self, paragraph: etree._Element) -> None:
        """Read one paragraph, then the text boxes in it. One whose end was deleted goes on in the next."""
        properties = paragraph.find("{*}pPr")
        style = properties.find("{*}pStyle") if properties is not None else None
        self._style = self._style or self._styles.get(_value(style), "")
        self._read_inline(paragraph)
        mark = properties.find("{*}rPr") if properties is not None else None
        if mark is None or (mark.find("{*}del") is None and mark.find("{*}moveFrom") is None):
            self._end_block()

    def _end_block(self) -> None:
        """End the paragraph, and read the text boxes that were met in it."""
        if text := clean_text("".join(self._pieces)):
            self.blocks.append((text, self._style))
        self._pieces, self._style = [], ""
        boxes, self._boxes = self._boxes, []
        for box in boxes:
            self.read_blocks(box)

    def _read_inline(self, parent: etree._Element) -> None:
        """Read the text in a paragraph or in a part of one."""
        for child in parent.iterchildren("{*}*"):
            name = _name(child)
            if name == "t":
                self._pieces.append("".join(child.itertext()) if len(child) else child.text or "")
            elif name in _SIGNS:
                self._pieces.append(_SIGNS[name])
            elif name == "sym":
                self._pieces.append(_symbol(child))
            elif name == "textpath":
                self._pieces.append(f" {child.get('string') or ''} ")
            elif name == "txbxContent":
                self._boxes.append(child)
            elif (inner := self._visible(child, name)) is not None:
                self._read_inline(inner)

    def _visible(self, element: etree._Element, name: str) -> etree._Element | None:
        """Return what is to be read of an element; None for nothing. What cannot be read is counted."""
        if name == "AlternateContent":
            return _alternative(element)
        kind = _NOT_READ.get(name, "")
        if name == "graphicData":
            kind = _GRAPHICS.get((element.get("uri") or "").rpartition("/")[2], "")
        if kind:
            self.not_read[kind] += 1
            return None
        hidden = (name == "r" and _is_hidden(element)) or (name == "sdt" and _is_generated(element))
        return None if hidden or name in _LEFT_OUT else element

    def _read_table(self, table: etree._Element) -> None:
        """Read each row as one paragraph; a cell that goes on from the row above has its text again."""
        self._end_block()
        above: dict[int, str] = {}
        for row in _parts_of(table, "tr"):
            if row.find("{*}trPr/{*}del") is not None:
                continue
            texts, column = [], 0
            for cell in _parts_of(row, "tc"):
                span, merged = cell.find("{*}tcPr/{*}gridSpan"), cell.find("{*}tcPr/{*}vMerge")
                texts.append(self._read_cell(cell))
                if merged is not None:
                    above[column] = texts[-1] = texts[-1] or above.get(column, "")
                column += int(_value(span) or 1) if span is not None else 1
            if text := clean_text(" ".join(texts)):
                self.blocks.append((text, ""))

    def _read_cell(self, cell: etree._Element) -> str:
        """Return the text of a cell, with that of the tables in it."""
        outer, self.blocks = self.blocks, []
        self.read_blocks(cell)
        inner, self.blocks = self.blocks, outer
        return " ".join(text for text, _ in inner)


def _name(element: etree._Element) -> str:
    """Return the name of an element without its namespace."""
    return str(element.tag).rpartition("}")[2]


def _value(element: etree._Element | None) -> str:
    """Return the attribute `val` of an element, "" if there is none."""
    return next((v for k, v in element.items() if k.endswith("}val")), "") if element is not None else ""


def _parts_of(parent: etree._Element, name: str) -> list[etree._Element]:
    """Return the rows of a table or the cells of a row, those in content controls and the like among them."""
    found: list[etree._Element] = []
    for child in parent.iterchildren("{*}*"):
        kind = _name(child)
        if kind == name:
            found.append(child)
        elif kind in {"sdt", "sdtContent", "customXml", "ins", "moveTo"}:
            found += _parts_of(child, name)
    return found


def _is_hidden(run: etree._Element) -> bool:
    """Return whether a run is formatted as hidden text."""
    mark = run.find("{*}rPr/{*}vanish")
    return mark is not None and _value(mark) not in {"0", "false", "off"}


def _is_generated(control: etree._Element) -> bool:
    """Return whether a content control holds the table of contents, or the prompt of one that is empty."""
    gallery = _value(control.find("{*}sdtPr/{*}docPartObj/{*}docPartGallery"))
    return gallery == "Table of Contents" or control.find("{*}sdtPr/{*}showingPlcHdr") is not None


def _alternative(element: etree._Element) -> etree._Element | None:
    """Return the first alternative that holds text or a graphic, else the last; the others show the same again."""
    chosen = None
    for chosen in element.iterchildren("{*}*"):
        if next(chosen.iter("{*}t", "{*}graphicData", "{*}contentPart"), None) is not None:
            break
    return chosen


def _symbol(element: etree._Element) -> str:
    """Return a character given by its number, "" for a picture in a font of symbols."""
    code = next((v for k, v in element.items() if k.endswith("}char")), "")
    try:
        letter = chr(int(code, 16))
    except (ValueError, OverflowError):
        return ""
    return "" if "\ue000" <= letter <= "\uf8ff" else letter
