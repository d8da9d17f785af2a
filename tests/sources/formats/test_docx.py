"""DOCX: paragraphs, tables and properties."""

from __future__ import annotations

import io
import re
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from docx import Document
from hypothesis import given, settings
from hypothesis import strategies as st

from search.dates import parse_date
from search.errors import UnreadableArticle
from search.sources import Options, Record
from search.sources.formats.docx import read_docx
from tests.sources.character_counts import character_data, check_all_accounted
from tests.sources.reader_helpers import article, refusal

SPACE = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"

STRICT = b"http://purl.oclc.org/ooxml/officeDocument"


def docx(*blocks: tuple[str, str], title: str = "", lang: str = "", dated: bool = True) -> bytes:
    document = Document()
    document.core_properties.title = title
    document.core_properties.language = lang
    if dated:
        document.core_properties.created = datetime(2025, 7, 23, 8, 15, 11, tzinfo=UTC)
    for text, style in blocks:
        document.add_paragraph(text, style or None)
    table = document.add_table(2, 2)
    table.cell(0, 0).merge(table.cell(0, 1)).text = "wide"
    table.cell(1, 0).text, table.cell(1, 1).text = "a", "b"
    document.save(data := io.BytesIO())
    return data.getvalue()


def test_reads(tmp_path: Path) -> None:
    """The title is the one in the properties; a cell over two columns is there once; the date is the file's own."""
    data = docx(("T", "Title"), ("One\ttwo.", ""), ("Three", "List Bullet"), title="T", lang="fr-FR")
    expected = ("One two.", "Three", "wide", "a b")
    date = parse_date("2025-07-23 08:15:11")
    found = article(tmp_path, "a.docx", data)
    assert (found.title, found.paragraphs, found.lang, found.date_guessed) == ("T", expected, "fr", True)
    assert found.date is not None
    assert found.date.start == date.start


def test_titles(tmp_path: Path) -> None:
    """A heading, or the first paragraph, where the properties have none."""
    assert article(tmp_path, "a.docx", docx(("Head", "Heading 1"), ("One.", ""))).title == "Head"
    found = article(tmp_path, "a.docx", docx(("First", ""), ("One.", "")))
    assert (found.title, found.paragraphs[0]) == ("First", "One.")


def changed(data: bytes, name: str, content: bytes | None) -> bytes:
    target = io.BytesIO()
    with ZipFile(io.BytesIO(data)) as source, ZipFile(target, "w", ZIP_DEFLATED) as box:
        for member in source.namelist():
            if member != name or content is not None:
                box.writestr(member, content if content is not None and member == name else source.read(member))
    return target.getvalue()


def test_what_cannot_be_read(tmp_path: Path) -> None:
    """Damaged, encrypted, or no document at all: each says so."""
    good = docx(("One.", ""))
    assert "not the zip" in refusal(tmp_path, "a.docx", b"hello")
    assert "not the zip" in refusal(tmp_path, "a.docx", good[:-100])
    assert "encrypted" in refusal(tmp_path, "a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100)
    assert "damaged" in refusal(tmp_path, "a.docx", changed(good, "word/document.xml", b"<broken"))
    ZipFile(empty := io.BytesIO(), "w").close()
    assert "damaged" in refusal(tmp_path, "a.docx", empty.getvalue())


def test_bombs(tmp_path: Path) -> None:
    """A document of a few kilobytes must not fill the memory, nor read other files."""
    good = docx(("One.", ""))
    big = changed(good, "word/document.xml", b"\0" * (64 << 20))
    assert "unpacks to more than 8 MB" in refusal(tmp_path, "a.docx", big, Options(unpacked=8 << 20))
    lol = '<!DOCTYPE x [<!ENTITY a "ha">' + "".join(
        f'<!ENTITY {new} "{f"&{old};" * 10}">' for old, new in zip("abcdefgh", "bcdefghi", strict=True)
    )
    secret = tmp_path / "secret"
    secret.write_text("SECRET")
    lol += f'<!ENTITY s SYSTEM "file://{secret}">]>'
    xml = f'{lol}<w:document xmlns:w="{SPACE}"><w:body><w:p><w:r><w:t>&i;&s;x</w:t></w:r></w:p></w:body></w:document>'
    with suppress(UnreadableArticle):
        found = str(article(tmp_path, "a.docx", changed(good, "word/document.xml", xml.encode())))
        assert "SECRET" not in found
        assert len(found) < 10_000


def test_memory(tmp_path: Path) -> None:
    """What takes too much is refused, and the next file is read."""
    good = docx(("One.", ""))
    head, tail = f'<w:document xmlns:w="{SPACE}"><w:body>', "</w:body></w:document>"
    large = changed(good, "word/document.xml", (head + "<w:p/>" * 8_000_000 + tail).encode())
    options = Options(memory=256 << 20)
    found = refusal(tmp_path, "a.docx", large, options)
    assert any(word in found for word in ("memory", "damaged", "broke down"))
    assert isinstance(article(tmp_path, "b.docx", good, options), Record)


WRAPPED = (
    "<w:ins>{}</w:ins>",
    "<w:moveTo>{}</w:moveTo>",
    "<w:sdt><w:sdtPr><w:tag/></w:sdtPr><w:sdtContent>{}</w:sdtContent></w:sdt>",
    "<w:smartTag>{}</w:smartTag>",
    '<w:fldSimple w:instr="REF A">{}</w:fldSimple>',
    "<w:hyperlink>{}</w:hyperlink>",
    "<w:customXml>{}</w:customXml>",
    "<w:dir>{}</w:dir>",
    "<w:del>{}</w:del>",
    "<w:moveFrom>{}</w:moveFrom>",
)
RUNS = (
    "<w:r><w:t>{}</w:t></w:r>",
    "<w:r><w:rPr><w:b/></w:rPr><w:tab/><w:t>{}</w:t><w:br/></w:r>",
    "<w:r><w:rPr><w:vanish/></w:rPr><w:t>{}</w:t></w:r>",
    '<w:r><w:rPr><w:vanish w:val="0"/></w:rPr><w:t>{}</w:t></w:r>',
    "<w:r><w:instrText>{}</w:instrText></w:r>",
    "<w:r><w:delText>{}</w:delText></w:r>",
    "<w:r><w:ruby><w:rt><w:r><w:t>{}</w:t></w:r></w:rt><w:rubyBase/></w:ruby></w:r>",
    "<w:r><w:ruby><w:rt/><w:rubyBase><w:r><w:t>{}</w:t></w:r></w:rubyBase></w:ruby></w:r>",
    "<m:oMath><m:r><m:t>{}</m:t></m:r></m:oMath>",
    (
        "<w:r><w:pict><v:shape><v:textbox><w:txbxContent><w:p><w:r><w:t>{}</w:t></w:r></w:p></w:txbxContent>"
        "</v:textbox></v:shape></w:pict></w:r>"
    ),
)
LEFT_OUT = ("<w:del>", "<w:moveFrom>", "<w:vanish/>", "instrText", "delText", "<w:rt><w:r>")
BLOCKS = (
    "<w:p>{}</w:p>",
    "<w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr>{}</w:p>",
    "<w:sdt><w:sdtContent><w:p>{}</w:p></w:sdtContent></w:sdt>",
    "<w:tbl><w:tr><w:tc><w:p>{}</w:p></w:tc></w:tr></w:tbl>",
    (
        "<w:tbl><w:sdt><w:sdtContent><w:tr><w:tc><w:p/><w:tbl><w:tr><w:tc><w:p>{}</w:p></w:tc></w:tr></w:tbl></w:tc></w:tr>"
        "</w:sdtContent></w:sdt></w:tbl>"
    ),
    "<w:tbl><w:tr><w:sdt><w:sdtContent><w:tc><w:p>{}</w:p></w:tc></w:sdtContent></w:sdt></w:tr></w:tbl>",
)
LEFT_OUT_BLOCKS = (
    (
        '<w:sdt><w:sdtPr><w:docPartObj><w:docPartGallery w:val="Table of Contents"/></w:docPartObj></w:sdtPr>'
        "<w:sdtContent><w:p>{}</w:p></w:sdtContent></w:sdt>"
    ),
    "<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent><w:p>{}</w:p></w:sdtContent></w:sdt>",
    "<w:tbl><w:tr><w:trPr><w:del/></w:trPr><w:tc><w:p>{}</w:p></w:tc></w:tr></w:tbl>",
)


WORD = "<w:r><w:t>a</w:t></w:r>"
CELL = f"<w:tr><w:tc>{{}}<w:p>{WORD}</w:p></w:tc></w:tr>"
CHOICES = '<w:listEntry w:val="no"/><w:listEntry w:val="yes"/>'
MERGED = '<w:tcPr><w:vMerge w:val="restart"/></w:tcPr>'


@pytest.mark.parametrize(
    ("block", "texts"),
    [
        ("<m:oMathPara><m:oMath><m:r><m:t>a=</m:t></m:r><m:r><m:t>b</m:t></m:r></m:oMath></m:oMathPara>", ["a=b"]),
        (f"<w:hyperlink>{WORD}</w:hyperlink><w:p>{WORD}</w:p>", ["a", "a"]),
        (f'<w:sdt><w:sdtPr><w:showingPlcHdr w:val="0"/></w:sdtPr><w:p>{WORD}</w:p></w:sdt>', ["a"]),
        ("<w:tbl>" + CELL.format('<w:tcPr><w:gridSpan w:val="1.5"/></w:tcPr>') + "</w:tbl>", ["a"]),
        (f"<w:tbl><mc:AlternateContent><mc:Choice>{CELL.format('')}</mc:Choice></mc:AlternateContent></w:tbl>", ["a"]),
        ("<w:p><w:r><a:p><a:t>a</a:t></a:p><a:p><a:t>b</a:t></a:p></w:r></w:p>", ["a b"]),
        (f"<w:p><w:fldChar><w:ffData><w:ddList>{CHOICES}</w:ddList></w:ffData></w:fldChar></w:p>", ["no"]),
        (f'<w:p><w:ffData><w:ddList><w:result w:val="1"/>{CHOICES}</w:ddList></w:ffData></w:p>', ["yes"]),
        (f'<w:p><w:ffData><w:ddList><w:default w:val="²"/>{CHOICES}</w:ddList></w:ffData>{WORD}</w:p>', ["a"]),
        (f"<w:tbl>{CELL.format(MERGED)}{CELL.format(MERGED).replace(WORD, '')}</w:tbl>", ["a"]),
    ],
)
def test_what_other_programs_write(block: str, texts: list[str]) -> None:
    """Formulas between paragraphs, properties that are off or no numbers, cells that begin anew: no word is lost."""
    xml = body(f"<w:p>{WORD.replace('a<', 'title<')}</w:p>", block)
    record, _ = read_docx(changed(EMPTY, "word/document.xml", xml.encode()), "a", Options())
    assert list(record.paragraphs) == texts


def body(*blocks: str) -> str:
    spaces = "".join(f' xmlns:{name}="urn:{name}"' for name in ("m", "v", "wp", "a", "mc", "o"))
    return f'<w:document xmlns:w="{SPACE}"{spaces}><w:body>{"".join(blocks)}</w:body></w:document>'


def empty_document() -> bytes:
    document = Document()
    document.core_properties.title = ""
    document.add_paragraph("title")
    document.add_paragraph("first")
    document.save(data := io.BytesIO())
    return data.getvalue()


EMPTY = empty_document()


@st.composite
def documents(draw: st.DrawFn) -> str:
    """The XML of a document: runs in wrappers in blocks, small letters where the text is visible, else capitals."""
    blocks = ["<w:p><w:r><w:t>title</w:t></w:r></w:p>", "<w:p><w:r><w:t>first</w:t></w:r></w:p>"]
    for block in draw(st.lists(st.sampled_from(BLOCKS + LEFT_OUT_BLOCKS), min_size=1, max_size=6)):
        runs = []
        for word in draw(st.lists(st.text("abc", min_size=1, max_size=3), max_size=4)):
            run = draw(st.sampled_from(RUNS))
            for wrapper in draw(st.lists(st.sampled_from(WRAPPED), max_size=3)):
                run = wrapper.format(run)
            hidden = block in LEFT_OUT_BLOCKS or any(mark in run for mark in LEFT_OUT)
            runs.append(run.format(word.upper() if hidden else word))
        blocks.append(block.format("".join(runs)))
    return body(*blocks)


@settings(max_examples=200)
@given(documents())
def test_every_character_is_accounted_for(xml: str) -> None:
    """A word in a wrapper that the reader does not know would be lost, and nobody would be told."""
    data = changed(EMPTY, "word/document.xml", xml.encode())
    record, _ = read_docx(data, "a", Options())
    check_all_accounted(character_data(xml), record)


def noted(kind: str, xml: str) -> bytes:
    """A document with a part of notes or comments, or a header."""
    relation = f'<Relationship Id="x" Type="{RELATIONS}/{kind}" Target="{kind}.xml"/></Relationships>'
    with ZipFile(io.BytesIO(EMPTY)) as box:
        relations = box.read("word/_rels/document.xml.rels").decode().replace("</Relationships>", relation)
        types = box.read("[Content_Types].xml").decode()
    data = changed(EMPTY, "word/_rels/document.xml.rels", relations.encode())
    part = f'<Override PartName="/word/{kind}.xml" ContentType="application/vnd.x.{kind}+xml"/></Types>'
    data = changed(data, "[Content_Types].xml", types.replace("</Types>", part).encode())
    with ZipFile(buffer := io.BytesIO(data), "a") as box:
        box.writestr(f"word/{kind}.xml", f'<w:{kind} xmlns:w="{SPACE}">{xml}</w:{kind}>')
    return buffer.getvalue()


@pytest.mark.parametrize("kind", ["footnotes", "endnotes", "comments"])
def test_notes_come_after_the_text(tmp_path: Path, kind: str) -> None:
    """Sources of a study stand in its footnotes, and are searched for."""
    found = article(tmp_path, "a.docx", noted(kind, "<w:footnote><w:p><w:r><w:t>kepler</w:t></w:r></w:p></w:footnote>"))
    assert found.paragraphs == ("first", "kepler")


def test_headers_and_footers_are_left_out(tmp_path: Path) -> None:
    """They would be found once for every page."""
    found = article(tmp_path, "a.docx", noted("header", "<w:p><w:r><w:t>HEADER</w:t></w:r></w:p>"))
    assert found.paragraphs == ("first",)


@pytest.mark.parametrize(
    ("xml", "missing"),
    [
        ('<w:altChunk r="x"/>', "1 embedded file was not read."),
        ("<w:p><w:r><w:object><o:OLEObject/></w:object></w:r></w:p>" * 2, "2 embedded objects were not read."),
        ('<w:p><w:r><a:graphicData uri="http://x/drawingml/2006/chart"/></w:r></w:p>', "1 chart was not read."),
        (
            (
                '<w:p><mc:AlternateContent><mc:Choice><a:graphicData uri="http://x/2006/diagram"/></mc:Choice>'
                "<mc:Fallback><w:r><w:t>not available</w:t></w:r></mc:Fallback></mc:AlternateContent></w:p>"
            ),
            "1 diagram was not read.",
        ),
        ("<w:p><w:subDoc/></w:p>", "1 subdocument was not read."),
    ],
)
def test_what_is_kept_elsewhere_is_said(tmp_path: Path, xml: str, missing: str) -> None:
    """A chart's words are in a file of their own; that they were not read must not go unsaid."""
    data = changed(EMPTY, "word/document.xml", body("<w:p><w:r><w:t>a</w:t></w:r></w:p>" * 2, xml).encode())
    found = article(tmp_path, "a.docx", data)
    assert (found.paragraphs, found.missing) == (("a",), (missing,))


def test_alternatives_are_read_once(tmp_path: Path) -> None:
    """A text box stands in a document twice, for old programs and for new ones."""
    box = "<w:txbxContent><w:p><w:r><w:t>{}</w:t></w:r></w:p></w:txbxContent>"
    choices = f"<mc:Choice>{box.format('new')}</mc:Choice><mc:Fallback>{box.format('old')}</mc:Fallback>"
    xml = f"<w:p><w:r><w:t>anchor</w:t><mc:AlternateContent>{choices}</mc:AlternateContent></w:r></w:p>"
    found = article(tmp_path, "a.docx", changed(EMPTY, "word/document.xml", body(xml, xml).encode()))
    assert (found.title, found.paragraphs) == ("anchor", ("new", "anchor", "new"))


def related(data: bytes, kind: str, target: str) -> bytes:
    """A document that refers to another part."""
    with ZipFile(io.BytesIO(data)) as box:
        relations = box.read("word/_rels/document.xml.rels").decode()
    relation = f'<Relationship Id="y" Type="{RELATIONS}/{kind}" Target="{target}"/></Relationships>'
    return changed(data, "word/_rels/document.xml.rels", relations.replace("</Relationships>", relation).encode())


BROKEN = b"<broken"
SIDE_PARTS: dict[str, tuple[bytes, str]] = {
    "picture NULL": (related(EMPTY, "image", "NULL"), ""),
    "picture that is not there": (related(EMPTY, "image", "media/image1.png"), ""),
    "theme that is not there": (changed(EMPTY, "word/theme/theme1.xml", None), ""),
    "theme": (changed(EMPTY, "word/theme/theme1.xml", BROKEN), ""),
    "numbering": (changed(EMPTY, "word/numbering.xml", BROKEN), ""),
    "settings": (changed(EMPTY, "word/settings.xml", BROKEN), ""),
    "list of types": (changed(EMPTY, "[Content_Types].xml", BROKEN), ""),
    "list of parts that is not there": (changed(EMPTY, "word/_rels/document.xml.rels", None), ""),
    "list of files that is not there": (changed(EMPTY, "_rels/.rels", None), ""),
    "notes that are not there": (related(EMPTY, "footnotes", "footnotes.xml"), "The footnotes were not read"),
    "notes": (changed(noted("endnotes", ""), "word/endnotes.xml", b""), "The endnotes were not read"),
    "comments": (changed(noted("comments", ""), "word/comments.xml", BROKEN), "The comments were not read"),
    "styles that are not there": (changed(EMPTY, "word/styles.xml", None), "The styles, which tell a title"),
    "styles": (changed(EMPTY, "word/styles.xml", BROKEN), "The styles, which tell a title"),
    "properties": (changed(EMPTY, "docProps/core.xml", BROKEN), "The properties (title, date, language) were not"),
    "no properties": (changed(EMPTY, "docProps/core.xml", b""), "The properties (title, date, language) were not"),
    "list of parts": (changed(EMPTY, "word/_rels/document.xml.rels", BROKEN), "where they usually are"),
    "list of files": (changed(EMPTY, "_rels/.rels", BROKEN), "where they usually are"),
}


@pytest.mark.parametrize("what", SIDE_PARTS)
def test_a_part_beside_the_text_does_not_cost_it(tmp_path: Path, what: str) -> None:
    """Converters write relations to pictures that are not there; Word opens such a file, and the text is whole."""
    data, missing = SIDE_PARTS[what]
    found = article(tmp_path, "a.docx", data)
    assert (found.title, found.paragraphs, len(found.missing)) == ("title", ("first",), bool(missing))
    assert missing in " ".join(found.missing)


def test_notes_are_found_without_the_list_of_parts(tmp_path: Path) -> None:
    """They nearly always have the same name."""
    data = noted("footnotes", "<w:footnote><w:p><w:r><w:t>kepler</w:t></w:r></w:p></w:footnote>")
    for content in (BROKEN, None):
        data = changed(data, "word/_rels/document.xml.rels", content)
        assert article(tmp_path, "a.docx", data).paragraphs == ("first", "kepler")


def test_a_title_without_the_styles(tmp_path: Path) -> None:
    """Word's own names of styles are known."""
    data = docx(("Above", ""), ("Head", "Heading 1"), ("One.", ""))
    found = article(tmp_path, "a.docx", changed(data, "word/styles.xml", BROKEN))
    assert (found.title, found.paragraphs[:2]) == ("Head", ("Above", "One."))
    found = article(tmp_path, "a.docx", changed(docx(("One.", ""), title="T"), "word/styles.xml", BROKEN))
    assert (found.title, found.missing) == ("T", ())


def test_a_date_that_cannot_be_read(tmp_path: Path) -> None:
    """Whoever misses the date of a document has to be told."""
    with ZipFile(io.BytesIO(docx(("One.", "")))) as box:
        core = re.sub(rb"2025-07-23T08:15:11Z", b"soon", box.read("docProps/core.xml"))
    found = article(tmp_path, "a.docx", changed(docx(("One.", "")), "docProps/core.xml", core))
    assert (found.date, found.date_guessed, found.missing) == (
        None,
        False,
        ("Date: 'soon' is not a date that can be read.",),
    )


def test_a_deleted_end_joins_two_paragraphs(tmp_path: Path) -> None:
    """Otherwise a word that was cut by it is found in neither."""
    cut = "<w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr><w:r><w:t>har</w:t></w:r></w:p>"
    xml = body("<w:p><w:r><w:t>a</w:t></w:r></w:p>", cut, "<w:p><w:r><w:t>bour</w:t></w:r></w:p>")
    assert article(tmp_path, "a.docx", changed(EMPTY, "word/document.xml", xml.encode())).paragraphs == ("harbour",)


def test_a_document_without_properties(tmp_path: Path) -> None:
    """The library makes up a title, "Word Document", and today's date."""
    xml = body("<w:p><w:r><w:t>letter</w:t></w:r></w:p>", "<w:p><w:r><w:t>text</w:t></w:r></w:p>")
    data = changed(changed(EMPTY, "word/document.xml", xml.encode()), "docProps/core.xml", None)
    data = changed(data, "_rels/.rels", re.sub(rb"<Relationship [^>]*core-properties[^>]*>", b"", relations_of(data)))
    found = article(tmp_path, "a.docx", data)
    assert (found.title, found.paragraphs, found.date) == ("letter", ("text",), None)


def relations_of(data: bytes) -> bytes:
    with ZipFile(io.BytesIO(data)) as box:
        return box.read("_rels/.rels")


def test_strict_open_xml(tmp_path: Path) -> None:
    """Word can save it, with other names of what is otherwise the same."""
    data = changed(EMPTY, "_rels/.rels", relations_of(EMPTY).replace(RELATIONS.encode(), STRICT + b"/relationships"))
    with ZipFile(io.BytesIO(data)) as box:
        text = box.read("word/document.xml").replace(SPACE.encode(), STRICT.replace(b"officeDocument", b"") + b"main")
    assert article(tmp_path, "a.docx", changed(data, "word/document.xml", text)).paragraphs == ("first",)


def test_another_file_of_word(tmp_path: Path) -> None:
    """The library's message names a place in memory, which differs from run to run."""
    with ZipFile(io.BytesIO(EMPTY)) as box:
        types = box.read("[Content_Types].xml").replace(b"document.main+xml", b"template.main+xml")
    assert "template" in refusal(tmp_path, "a.docx", changed(EMPTY, "[Content_Types].xml", types))


def test_a_reference_within_a_text(tmp_path: Path) -> None:
    """It is not expanded, for it could be another file or a gigabyte; the words around it are text all the same."""
    texts = "<w:p><w:r><w:t>a</w:t></w:r></w:p>", "<w:p><w:r><w:t>before &amp;e; after</w:t></w:r></w:p>"
    xml = f'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>{body(*texts).replace("&amp;", "&")}'
    found = article(tmp_path, "a.docx", changed(EMPTY, "word/document.xml", xml.encode()))
    assert found.paragraphs == ("before &e; after",)
