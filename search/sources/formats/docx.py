"""Reader of DOCX files."""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Iterator
from zipfile import ZipFile

from lxml import etree

from search.errors import UnreadableArticle
from search.sources.formats.html_blocks import clean_text
from search.sources.formats.zip_document import open_zip_document, read_xml
from search.sources.records import Options, Record
from search.sources.text.boilerplate import is_made_up_title
from search.sources.text.languages import language_code
from search.sources.text.stated_dates import first_date

_ENCRYPTED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""First bytes of the container that encrypted documents and old .doc files are in."""

_USUAL = {
    "officeDocument": "word/document.xml",
    "core-properties": "docProps/core.xml",
    "styles": "word/styles.xml",
    "footnotes": "word/footnotes.xml",
    "endnotes": "word/endnotes.xml",
    "comments": "word/comments.xml",
}
"""Where the parts of a document usually are, by the kind of the relation that refers to them."""
_NOTES = ("footnotes", "endnotes", "comments")
"""Parts of a document that are read after its body, in this order."""
_MAIN = "wordprocessingml.document.main+xml"
"""The end of the content type of a document, which is none of Word's other files."""
_TITLES = {"Title": "title", "Heading1": "heading 1"}
"""Names of the styles of a title by the ids that Word gives them."""
_CONTENTS = {"TOCHeading": "toc heading", **{f"TOC{level}": f"toc {level}" for level in range(1, 10)}}
"""Names of the styles of a generated table of contents by the ids that Word gives them."""
_OF_CONTENTS = frozenset(_CONTENTS.values())
_LONGEST = 200
"""Characters of the longest first paragraph that is a title."""
_NO_DATES = frozenset({"2013-12-23T23:15:00Z", "1601-01-01T00:00:00Z", "1970-01-01T00:00:00Z"})
"""Dates that programs write where they know none: that of the template of python-docx, and where clocks begin."""

_LEFT_OUT = frozenset(
    "del moveFrom delText instrText delInstrText fldData pPr rPr tblPr tblGrid sectPr sdtPr sdtEndPr rt rubyPr "
    "footnoteRef endnoteRef annotationRef".split()
)
"""Elements that are not read: deleted text, codes of fields, ruby readings, and properties."""

_WIDTH = re.compile(r"[1-9]\d{0,3}", re.ASCII)
"""A number of columns that a cell is wide."""

_PLACE = re.compile(r"\d{1,3}", re.ASCII)
"""The place of an entry in a list to choose from, from 0."""

_SIGNS = {"tab": " ", "ptab": " ", "br": " ", "cr": " ", "noBreakHyphen": "-"}
"""Elements that stand for a character; a soft hyphen shows nothing."""

_LOOSE = frozenset({"oMathPara", "oMath", "r"})
"""Elements that stand in paragraphs, and now and then between them."""

_SYMBOLS = dict(
    enumerate("!∀#∃%&∋()∗+,−./0123456789:;<=>?≅ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ[∴]⊥_‾αβχδεφγηιϕκλμνοπθρστυϖωξψζ{|}∼", 0x21)
) | dict(enumerate("€ϒ′≤⁄∞ƒ♣♦♥♠↔←↑→↓°±″≥×∝∂•÷≠≡≈…⏐⎯↵ℵℑℜ℘⊗⊕∅∩∪⊃⊇⊄⊂⊆∈∉∠∇®©™∏√⋅¬∧∨⇔⇐⇑⇒⇓◊〈®©™∑", 0xA0))
"""Characters of the font Symbol, in which Word writes Greek letters, by the last byte of their numbers."""

_OFF = frozenset({"0", "false", "off"})
"""Values of a property that is there and does not hold."""

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
        missing: list[str] = []
        text, properties = _read_parts(package, missing)
    title = clean_text(properties.findtext("{*}title") or "")
    title = "" if is_made_up_title(title) else title
    paragraphs: list[str] = []
    heading = ""
    for block, style in text.blocks:
        if not heading and style in _TITLES.values():
            heading = block
            if not title or title == block:
                continue
        paragraphs.append(block)
    title = title or heading
    if not title and len(paragraphs) > 1 and len(paragraphs[0]) <= _LONGEST:
        title = paragraphs.pop(0)
    if not paragraphs:
        message = " ".join(["The document has no paragraphs.", *missing])
        raise UnreadableArticle(message, "An article has a title and at least one paragraph after it.")
    made = clean_text(properties.findtext("{*}created") or "")
    date = first_date([made] if made and made not in _NO_DATES else [], options.languages)
    lang = language_code(clean_text(properties.findtext("{*}language") or ""))
    counts = text.not_read.items()
    missing += (f"{n:,} {what}s were not read." if n > 1 else f"1 {what} was not read." for what, n in counts)
    missing += date.missing
    guessed = date.date is not None
    return Record(title or name, date.date, tuple(paragraphs), lang, date_guessed=guessed, missing=tuple(missing)), ""


def _read_parts(package: ZipFile, missing: list[str]) -> tuple[_Text, etree._Element]:
    """Read the body of a document, then its notes and comments; return the text and the document's properties.

    What cannot be read of the other parts is added to `missing`. Raise UnreadableArticle when the body cannot be read.
    """
    outer = _related(package, "", missing)
    usual = _USUAL["officeDocument"]
    main = next((path for path in outer.get("officeDocument", []) if path in package.NameToInfo), usual)
    _check_kind(package, main)
    try:
        document = read_xml(package, main)
    except ValueError as error:
        raise UnreadableArticle(f"The document is damaged: {error}.", "Get or save the file again.") from None
    inner = _related(package, main, missing)
    properties = etree.Element("none")
    what = "The properties (title, date, language)"
    for tree in _side_parts(package, outer.get("core-properties", []), what, missing):
        properties = tree
    styles, what = _TITLES | _CONTENTS, "The styles, which tell a title from other paragraphs,"
    hidden: set[str] = set()
    told = [] if properties.findtext("{*}title") else missing
    for tree in _side_parts(package, inner.get("styles", []), what, told):
        found = {_attribute(style, "styleId"): style for style in tree.iter("{*}style")}
        styles = {style_id: _value(style.find("{*}name")).lower() for style_id, style in found.items()}
        hidden = {style_id for style_id, style in found.items() if style_id and _is_hidden(style)}
    text = _Text(styles, hidden)
    if (body := document.find("{*}body")) is not None:
        text.read_blocks(body)
    for kind in _NOTES:
        for tree in _side_parts(package, inner.get(kind, []), f"The {kind}", missing):
            text.read_blocks(tree)
    return text, properties


def _related(package: ZipFile, part: str, missing: list[str]) -> dict[str, list[str]]:
    """Return the paths of the files in a package that a part refers to, by the kind of relation.

    The part "" stands for the package. Where the list of relations is not there, or cannot be read, which is added to
    `missing`, these are the usual paths.
    """
    folder, name = posixpath.split(part)
    path = posixpath.join(folder, "_rels", f"{name}.rels")
    found: dict[str, list[str]] = {}
    try:
        relations = read_xml(package, path)
    except ValueError as error:
        if path in package.NameToInfo:
            missing.append(f"{error}; notes and properties were looked for where they usually are.")
        return {kind: [usual] for kind, usual in _USUAL.items() if usual in package.NameToInfo}
    for relation in relations.iterfind("{*}Relationship"):
        if relation.get("TargetMode") != "External":
            target = posixpath.normpath(posixpath.join("/", folder, relation.get("Target") or ""))
            found.setdefault((relation.get("Type") or "").rpartition("/")[2], []).append(target.lstrip("/"))
    return found


def _check_kind(package: ZipFile, main: str) -> None:
    """Raise UnreadableArticle when the package says that its main part is not that of a document."""
    try:
        types = read_xml(package, "[Content_Types].xml")
    except ValueError:
        return  # the part itself will tell
    for kind in types.iterfind("{*}Override"):
        if kind.get("PartName") == f"/{main}" and not (kind.get("ContentType") or "").endswith(_MAIN):
            message = "The file is another one of Word's, such as a template or one with macros."
            raise UnreadableArticle(message, "Save it as an ordinary DOCX.")


def _side_parts(package: ZipFile, paths: list[str], what: str, missing: list[str]) -> Iterator[etree._Element]:
    """Yield the trees of parts beside the text. Of one that cannot be read `missing` gets `what` it is, and why."""
    for path in paths:
        try:
            yield read_xml(package, path)
        except ValueError as error:
            missing.append(f"{what} were not read: {error}.")


class _Text:
    """The visible text of WordprocessingML (ECMA-376, part 1, chapter 17), block by block.

    Elements are known by their local names, and those that are not known are looked into: so text is found in whatever
    it is wrapped. What is left out is left out by name.
    """

    def __init__(self, styles: dict[str, str], hidden: set[str]) -> None:
        self.blocks: list[tuple[str, str]] = []
        """The text of each paragraph and the name of its style; a row of a table is one paragraph without style."""
        self.not_read: Counter[str] = Counter()
        """How many there are of each kind of thing that cannot be read."""
        self._styles = styles
        self._hidden = hidden
        """Ids of the styles of hidden text."""
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
                if name in _LOOSE:
                    self._read_inline(inner)
                    self._end_block()
                else:
                    self.read_blocks(inner)
        self._end_block()

    def _read_paragraph(self, paragraph: etree._Element) -> None:
        """Read one paragraph, then the text boxes in it.

        One whose end was deleted goes on in the next, as does a large first letter, which is a paragraph of its own.
        """
        properties = paragraph.find("{*}pPr")
        if properties is None:
            self._read_inline(paragraph)
            self._end_block()
            return
        style = _value(properties.find("{*}pStyle"))
        name = self._styles.get(style, "")
        if name in _OF_CONTENTS or style in self._hidden:
            return
        self._style = self._style or name
        self._read_inline(paragraph)
        mark, frame = properties.find("{*}rPr"), properties.find("{*}framePr")
        goes_on = mark is not None and (mark.find("{*}del") is not None or mark.find("{*}moveFrom") is not None)
        if not goes_on and (frame is None or _attribute(frame, "dropCap") not in {"drop", "margin"}):
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
            elif name == "ddList":
                self._pieces.append(_chosen(child))
            elif name == "txbxContent":
                self._boxes.append(child)
            elif name == "p":  # of a drawing
                self._pieces.append(" ")
                self._read_inline(child)
                self._pieces.append(" ")
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
        if name == "r":
            return None if _is_hidden(element) or (self._hidden and self._has_hidden_style(element)) else element
        return None if name in _LEFT_OUT or (name == "sdt" and _is_generated(element)) else element

    def _has_hidden_style(self, run: etree._Element) -> bool:
        """Return whether the style of a run is one of hidden text."""
        return _value(run.find("{*}rPr/{*}rStyle")) in self._hidden

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
                    goes_on = not texts[-1] and _value(merged) != "restart"
                    above[column] = texts[-1] = above.get(column, "") if goes_on else texts[-1]
                width = _value(span)
                column += int(width) if _WIDTH.fullmatch(width) else 1
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
    return _attribute(element, "val") if element is not None else ""


def _attribute(element: etree._Element, name: str) -> str:
    """Return an attribute of an element, in whatever namespace; "" if there is none."""
    return next((str(value) for key, value in element.items() if key.endswith(f"}}{name}")), "")


def _parts_of(parent: etree._Element, name: str) -> list[etree._Element]:
    """Return the rows of a table or the cells of a row, those in content controls and the like among them."""
    found: list[etree._Element] = []
    for child in parent.iterchildren("{*}*"):
        kind = _name(child)
        if kind == name:
            found.append(child)
        elif kind == "AlternateContent" and (chosen := _alternative(child)) is not None:
            found += _parts_of(chosen, name)
        elif kind in {"sdt", "sdtContent", "customXml", "ins", "moveTo"}:
            found += _parts_of(child, name)
    return found


def _is_hidden(element: etree._Element) -> bool:
    """Return whether a run, or a style, is formatted as hidden text."""
    mark = element.find("{*}rPr/{*}vanish")
    return mark is not None and _value(mark) not in _OFF


def _is_generated(control: etree._Element) -> bool:
    """Return whether a content control holds the table of contents, or the prompt of one that is empty."""
    gallery = _value(control.find("{*}sdtPr/{*}docPartObj/{*}docPartGallery"))
    prompt = control.find("{*}sdtPr/{*}showingPlcHdr")
    return gallery == "Table of Contents" or (prompt is not None and _value(prompt) not in _OFF)


def _alternative(element: etree._Element) -> etree._Element | None:
    """Return the first alternative that holds text or a graphic, else the last; the others show the same again."""
    chosen = None
    for chosen in element.iterchildren("{*}*"):
        if next(chosen.iter("{*}t", "{*}graphicData", "{*}contentPart"), None) is not None:
            break
    return chosen


def _chosen(choices: etree._Element) -> str:
    """Return what a list to choose from shows, in a form of old Word."""
    entries = choices.findall("{*}listEntry")
    chosen = _value(choices.find("{*}result")) or _value(choices.find("{*}default")) or "0"
    return _value(entries[int(chosen)]) if _PLACE.fullmatch(chosen) and int(chosen) < len(entries) else ""


def _symbol(element: etree._Element) -> str:
    """Return a character given by its number, "" for a picture in a font of symbols; that called Symbol has letters."""
    try:
        letter = chr(int(_attribute(element, "char"), 16))
    except (ValueError, OverflowError):
        return ""
    if _attribute(element, "font") == "Symbol":
        return _SYMBOLS.get(ord(letter) & 0xFF, "")
    return "" if "\ue000" <= letter <= "\uf8ff" else letter
