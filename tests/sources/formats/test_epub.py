"""EPUB: a book is one article, its chapters in the order of reading."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from zipfile import ZipFile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.dates import parse_date
from search.sources import Options, Record
from search.sources.formats.epub import read_epub
from tests.sources.character_counts import character_data, check_all_accounted
from tests.sources.reader_helpers import article, refusal

CONTAINER = (
    '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
    '<rootfile full-path="OEBPS/book.opf"/></rootfiles></container>'
)
PACKAGE = """<?xml version="1.0"?>
<package xmlns="http://www.idpf.org/2007/opf"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:title>A book</dc:title><dc:date>1969-07</dc:date><dc:language>en-GB</dc:language></metadata>
<manifest><item id="b" href="two%20b.xhtml" media-type="application/xhtml+xml"/>
<item id="a" href="one.xhtml" media-type="application/xhtml+xml"/>
<item id="n" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>
<item id="c" href="cover.png" media-type="image/png"/></manifest>
<spine><itemref idref="n"/><itemref idref="c"/><itemref idref="a"/><itemref idref="b"/></spine>
</package>"""
BOOK = {
    "META-INF/container.xml": CONTAINER,
    "OEBPS/book.opf": PACKAGE,
    "OEBPS/one.xhtml": '<html xmlns="http://www.w3.org/1999/xhtml"><head><title>x</title></head>'
    "<body><h1>One</h1><p>A &nbsp; b<br/>c.</p></body></html>",
    "OEBPS/two b.xhtml": "<?xml version='1.0' encoding='utf-8'?><!DOCTYPE html><html><body><p>Zwölf.</p></body></html>",
    "OEBPS/nav.xhtml": "<html><body><p>Contents</p></body></html>",
}


def epub(**changes: str | None) -> bytes:
    """The book, with parts changed (by the end of their names, without dots) or, where None, left out."""
    with ZipFile(data := io.BytesIO(), "w") as box:
        for name, content in BOOK.items():
            key = name.rpartition("/")[2].partition(".")[0].replace(" ", "_")
            if (new := changes.pop(key, content)) is not None:
                box.writestr(name, str(new))
        for name, added in changes.items():
            box.writestr(f"META-INF/{name}.xml", added or "")
    return data.getvalue()


def test_reads(tmp_path: Path) -> None:
    """The spine gives the order, not the manifest; the table of contents is no text."""
    assert article(tmp_path, "a.epub", epub()) == Record(
        "A book", parse_date("1969-07"), ("One", "A b c.", "Zwölf."), "en"
    )


def test_pages_outside_of_the_order_of_reading(tmp_path: Path) -> None:
    """Links lead to notes there, which people read; the contents of EPUB 2 and another form of a page are not read."""
    item = '<item id="{0}" href="{0}.xhtml" media-type="application/xhtml+xml" {1}/>'
    more = item.format("notes", "") + item.format("toc", "") + item.format("again", "") + item.format("away", "")
    package = PACKAGE.replace("</manifest>", more + "</manifest>").replace(
        '<item id="a"', '<item id="a" fallback="again"'
    )
    package = package.replace("</package>", '<guide><reference type="toc" href="toc.xhtml"/></guide></package>')
    with ZipFile(data := io.BytesIO(epub(book=package)), "a") as box:
        for name in ("notes", "toc", "again"):
            box.writestr(f"OEBPS/{name}.xhtml", f"<p>{name}</p>")
    found = article(tmp_path, "a.epub", data.getvalue())
    assert (found.paragraphs, found.missing) == (("One", "A b c.", "Zwölf.", "notes"), ())


def test_contents_of_epub_2_in_the_order_of_reading(tmp_path: Path) -> None:
    """Every chapter would be found twice; a page of text with links, such as an index or notes, stays."""
    links = "".join(
        f'<p><a href="{page}#{n}">Chapter {n}</a></p>' for n, page in enumerate(("one.xhtml", "two%20b.xhtml"))
    )
    guide = PACKAGE.replace("</package>", '<guide><reference type="toc" href="one.xhtml"/></guide></package>')
    several = f"<html><body><h1>Contents</h1>{links}{links}</body></html>"
    text = several.replace("</h1>", f"</h1><p>{'Words of the text. ' * 9}</p>")
    for package, page, left_out in (
        (PACKAGE, several.replace("one.xhtml", "two%20b.xhtml"), True),
        (PACKAGE, f"<html><body>{links}</body></html>", False),
        (guide, f"<html><body><p>Contents</p>{links.replace('one', 'three')}</body></html>", False),
        (guide, f"<html><body><h2>Contents</h2>{links.replace('one.xhtml', 'two%20b.xhtml')}</body></html>", True),
        (guide, text.replace("one.xhtml", "two%20b.xhtml"), False),
    ):
        found = article(tmp_path, "a.epub", epub(book=package, one=page))
        assert (found.paragraphs == ("Zwölf.",)) == left_out


def test_a_page_that_holds_contents_and_text(tmp_path: Path) -> None:
    """A short book is one page with a list of its chapters; what else stands there was lost in silence."""
    page = "<html><body><nav><ol><li>Contents</li></ol></nav><p>{}</p></body></html>"
    assert article(tmp_path, "a.epub", epub(nav=page.format("Text. " * 50))).paragraphs[0].startswith("Text. Text.")
    assert article(tmp_path, "a.epub", epub(nav=page.format("Contents"))).paragraphs[0] == "One"


def test_the_main_title(tmp_path: Path) -> None:
    """A subtitle may come first, and programs write a title where they know none."""
    titles = '<dc:title id="s">Tales</dc:title><dc:title id="m">Harbour</dc:title>'
    kinds = (
        '<meta refines="#s" property="title-type">subtitle</meta><meta refines="#m" property="title-type">main</meta>'
    )
    package = PACKAGE.replace("<dc:title>A book</dc:title>", titles + kinds)
    assert article(tmp_path, "a.epub", epub(book=package)).title == "Harbour"
    assert article(tmp_path, "a.epub", epub(book=PACKAGE.replace("A book", "Unknown"))).title == "a"


def test_books_made_on_windows(tmp_path: Path) -> None:
    """There capitals in names do not matter, and both strokes part folders; the oldest books wrap their metadata."""
    package = PACKAGE.replace("one.xhtml", "ONE.xhtml").replace("two%20b", ".\\two%20b")
    package = package.replace("application/xhtml+xml", "text/x-oeb1-document")
    package = package.replace("<dc:title", "<dc-metadata><dc:title").replace("</metadata>", "</dc-metadata></metadata>")
    found = article(tmp_path, "a.epub", epub(book=package))
    assert (found.title, found.paragraphs, found.missing) == ("A book", ("One", "A b c.", "Zwölf."), ())


@pytest.mark.parametrize("number", ["[3]", "[Pg 12]", "xiv", "p. 7"])
def test_numbers_of_printed_pages(tmp_path: Path, number: str) -> None:
    """Project Gutenberg has them within words, at the side of the text; a word of that class is none."""
    page = f'<html><body><p>Har<span class="pagenum"><a id="p">{number}</a></span>bour <i class="pagenum">words</i></p>'
    assert article(tmp_path, "a.epub", epub(two_b=page)).paragraphs[-1] == "Harbour words"
    assert article(tmp_path, "a.html", page).paragraphs[-1] == "Harbour words"


def test_pages_named_in_other_ways(tmp_path: Path) -> None:
    """A place in a page, a page twice, a name that is percent-encoded in the zip as well: each page is read, once."""
    package = PACKAGE.replace('href="one.xhtml"', 'href="one.xhtml#start"')
    package = package.replace("</spine>", '<itemref idref="a"/><itemref idref="x"/></spine>')
    found = article(tmp_path, "a.epub", epub(book=package))
    assert (found.paragraphs, found.missing) == (
        ("One", "A b c.", "Zwölf."),
        ("The order of reading names 'x', which is nowhere.",),
    )
    with ZipFile(data := io.BytesIO(epub(book=PACKAGE.replace("two%20b", "t%20c"))), "a") as box:
        box.writestr("OEBPS/t%20c.xhtml", "<p>Drei.</p>")
    assert article(tmp_path, "a.epub", data.getvalue()).paragraphs[-1] == "Drei."


def test_a_chapter_that_defines_names(tmp_path: Path) -> None:
    """Its declarations are no text, and the publisher's name is one."""
    chapter = BOOK["OEBPS/one.xhtml"].replace("A &nbsp; b", "By &pub; and &ext;")
    declared = '<!DOCTYPE html [<!ENTITY pub "Harbour Press"><!ENTITY ext SYSTEM "x.txt">]>'
    found = article(tmp_path, "a.epub", epub(one=f"<?xml version='1.0'?>{declared}{chapter}"))
    assert found.paragraphs == ("One", "By Harbour Press and &ext; c.", "Zwölf.")
    assert found.missing == ("OEBPS/one.xhtml: Names that the page defines were not read, in 1 place: &ext;.",)


def test_a_damaged_chapter_does_not_cost_the_book(tmp_path: Path) -> None:
    """A byte of one of fifty chapters is wrong, or one is in no encoding: the others are read, and it is said."""
    data = epub().replace(b"Zw\xc3\xb6lf", b"Zw\xc3\xb7lf", 1)  # the checksum tells
    found = article(tmp_path, "a.epub", data)
    assert (found.paragraphs, len(found.missing)) == (("One", "A b c."), 1)
    assert "OEBPS/two b.xhtml: it was not read, for it is damaged (Bad CRC-32" in found.missing[0]


def test_dates_of_something_else(tmp_path: Path) -> None:
    """When the file was last changed says nothing of the book; programs write a date that stands for none."""
    for other, date in (
        ('<dc:date xmlns:o="http://www.idpf.org/2007/opf" o:event="modification">2025</dc:date>', "1969-07"),
        ("<dc:date>0101-01-01T00:00:00+00:00</dc:date>", "1969-07"),
    ):
        package = PACKAGE.replace("<dc:date>", other + "<dc:date>")
        assert article(tmp_path, "a.epub", epub(book=package)).date == parse_date(date)


def test_without_metadata(tmp_path: Path) -> None:
    """The file's name is better than nothing."""
    start, end = PACKAGE.index("<dc:title"), PACKAGE.index("</metadata>")
    found = article(tmp_path, "my book.epub", epub(book=PACKAGE[:start] + PACKAGE[end:]))
    assert (found.title, found.date, found.lang) == ("my book", None, None)


LOCK = (
    '<encryption xmlns:e="http://www.w3.org/2001/04/xmlenc#"><e:EncryptedData><e:CipherData>'
    '<e:CipherReference URI="{}"/></e:CipherData></e:EncryptedData></encryption>'
)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"container": None}, "'META-INF/container.xml' is missing"),
        ({"container": "<"}, "'META-INF/container.xml' is not XML"),
        ({"container": "<container/>"}, "missing"),
        ({"book": None}, "'OEBPS/book.opf' is missing"),
        ({"one": None, "two_b": None}, "OEBPS/one.xhtml: it is missing"),
        ({"one": "", "two_b": "<p> </p>"}, "no text"),
        ({"encryption": LOCK.format("OEBPS/one.xhtml")}, "locked (DRM)"),
    ],
)
def test_what_cannot_be_read(tmp_path: Path, changes: dict[str, str | None], reason: str) -> None:
    """A book without any text is none, and one that is locked is not for us."""
    assert reason in refusal(tmp_path, "a.epub", epub(**changes))


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({"one": None}, "OEBPS/one.xhtml: it is missing, and was not read."),
        (
            {"book": PACKAGE.replace("one.xhtml", "../../../etc/passwd")},
            "../../etc/passwd: it is missing, and was not read.",
        ),
        (
            {
                "book": PACKAGE.replace(
                    'one.xhtml" media-type="application/xhtml+xml"', 'one.xhtml" media-type="text/x"'
                )
            },
            "OEBPS/one.xhtml: it is text/x, and was not read.",
        ),
    ],
)
def test_a_chapter_that_cannot_be_read(tmp_path: Path, changes: dict[str, str | None], missing: str) -> None:
    """The other chapters are found, and it is said that one is missing."""
    found = article(tmp_path, "a.epub", epub(**changes))
    assert (found.paragraphs, found.missing) == (("Zwölf.",), (missing,))


PIECES = (
    *("<p>{}</p>", "<h2>{}</h2>", "<aside epub:type='footnote'><p>{}</p></aside>", "<div class='box'>{}</div>", "{}"),
    *("<p>{}<a epub:type='noteref' href='#n'>{}</a></p>", "<ul><li>{}</li><li><p>{}</p></li></ul>"),
    *("<figure><img/><figcaption>{}</figcaption></figure>", "<header>{}</header><footer>{}</footer>"),
    *("<table><tr><td>{}</td><td>{}</td></tr></table>", "<dl><dt>{}</dt><dd>{}</dd></dl>", "<p>{}<br/>{}</p>"),
    *("<p>{}<span epub:type='pagebreak'>P</span>{}</p>", "<ruby>{}<rt>R</rt></ruby>", "<nav><p>N</p></nav>"),
    *("<script src='x'/>", "<title/>", "<i/>", "<div/>", "<a id='x'/>", "<style>S</style>", "<!-- C -->"),
    *("<p>{}<sup>{}</sup></p>", "<blockquote>{}</blockquote>"),
)


@settings(max_examples=150)
@given(st.lists(st.tuples(st.sampled_from(PIECES), st.text("abc", min_size=1, max_size=4)), min_size=1, max_size=10))
def test_every_character_is_accounted_for(pieces: list[tuple[str, str]]) -> None:
    """Notes and boxes of a book stand in elements that on a page of the web are not its text."""
    page = "".join(piece.replace("{}", word) for piece, word in pieces)
    chapter = f'<html xmlns="http://www.w3.org/1999/xhtml"><head></head><body>{page}</body></html>'
    record, _ = read_epub(epub(one=chapter, two_b="<p>end</p>"), "x", Options())
    check_all_accounted(character_data(f"{page} end"), replace(record, title=""))


def test_a_date_that_cannot_be_read(tmp_path: Path) -> None:
    """The year of an old book is all that is known."""
    found = article(tmp_path, "a.epub", epub(book=PACKAGE.replace("1969-07", "circa 1890")))
    assert (found.date, found.date_guessed) == (parse_date("1890"), True)
    assert "circa 1890" in found.missing[0]


def test_locked_fonts_do_not_matter(tmp_path: Path) -> None:
    """Publishers lock them in books that are free to read."""
    assert article(tmp_path, "a.epub", epub(encryption=LOCK.format("OEBPS/font.otf"))).title == "A book"


def test_entities_are_not_unfolded(tmp_path: Path) -> None:
    """Neither a billion laughs nor a file of this machine gets into the index."""
    secret = tmp_path / "secret"
    secret.write_text("SECRET")
    entities = '<!ENTITY a "ha">' + "".join(
        f'<!ENTITY {new} "{f"&{old};" * 10}">' for old, new in zip("abcdefgh", "bcdefghi", strict=True)
    )
    doctype = f'<!DOCTYPE package [{entities}<!ENTITY s SYSTEM "file://{secret}">]><package'
    package = PACKAGE.replace("<package", doctype, 1).replace("A book", "A &i;&s; book")
    assert "amplification" in refusal(tmp_path, "a.epub", epub(book=package))
    found = article(tmp_path, "a.epub", epub(book=package.replace("&i;", "&a;")))
    assert "SECRET" not in found.title
