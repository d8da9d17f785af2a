"""DOCX: paragraphs, tables and properties."""

from __future__ import annotations

import io
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

from docx import Document

from search.dates import parse_date
from search.errors import UnreadableArticle
from search.sources import Options, Record
from tests.sources.reader_helpers import article, refusal


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


def changed(data: bytes, name: str, content: bytes) -> bytes:
    target = io.BytesIO()
    with ZipFile(io.BytesIO(data)) as source, ZipFile(target, "w", ZIP_DEFLATED) as box:
        for member in source.namelist():
            box.writestr(member, content if member == name else source.read(member))
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
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    xml = f'{lol}<w:document xmlns:w="{space}"><w:body><w:p><w:r><w:t>&i;&s;x</w:t></w:r></w:p></w:body></w:document>'
    with suppress(UnreadableArticle):
        found = str(article(tmp_path, "a.docx", changed(good, "word/document.xml", xml.encode())))
        assert "SECRET" not in found
        assert len(found) < 10_000


def test_memory(tmp_path: Path) -> None:
    """What takes too much is refused, and the next file is read."""
    good = docx(("One.", ""))
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    head, tail = f'<w:document xmlns:w="{space}"><w:body>', "</w:body></w:document>"
    large = changed(good, "word/document.xml", (head + "<w:p/>" * 8_000_000 + tail).encode())
    options = Options(memory=256 << 20)
    found = refusal(tmp_path, "a.docx", large, options)
    assert any(word in found for word in ("memory", "damaged", "broke down"))
    assert isinstance(article(tmp_path, "b.docx", good, options), Record)
