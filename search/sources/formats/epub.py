"""Reader of EPUB files: a book is one article, with the paragraphs of its chapters in the order of reading."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from urllib.parse import unquote
from zipfile import ZipFile

from lxml import etree

from search.errors import UnreadableArticle
from search.sources.formats.html import decode_page
from search.sources.formats.html_blocks import block_texts, clean_text, parse_html
from search.sources.formats.zip_document import open_zip_document
from search.sources.records import Options, Record
from search.sources.text.languages import language_code
from search.sources.text.stated_dates import first_date

_CONTAINER = "META-INF/container.xml"
_EVENT = "{http://www.idpf.org/2007/opf}event"
"""Attribute of a date in EPUB 2: `publication`, `modification` and others."""
_ENCRYPTION = "META-INF/encryption.xml"
_NO_DATE = "0101-01-01"
"""Date that Calibre writes into books without a date."""
_AGAIN = "Get or make the book again; an EPUB checker says what is wrong."


def read_epub(data: bytes, name: str, options: Options) -> tuple[Record, str]:
    """Return the article that a book is, and "" as encoding, which the format prescribes. Raise UnreadableArticle."""
    with open_zip_document(data, options) as book:
        package_path = next(map(str, _xml(book, _CONTAINER).xpath("//*[local-name()='rootfile']/@full-path")), "")
        package = _xml(book, package_path)
        paragraphs: list[str] = []
        encrypted = _encrypted_paths(book)
        for path in _chapters(package, posixpath.dirname(package_path)):
            if path in encrypted:
                message = "The book is locked (DRM)."
                raise UnreadableArticle(message, "Get it without a lock, or take it out of the folder.")
            tree = parse_html(decode_page(_bytes(book, path), options.languages)[0])
            if tree is not None:
                paragraphs += block_texts(tree)
    if not paragraphs:
        raise UnreadableArticle("The book has no text.", "It may hold pictures only; take it out of the folder.")
    title = next(_metadata(package, "title"), "")
    lang = language_code(next(_metadata(package, "language"), ""))
    dates = (date for date in _metadata(package, "date") if not date.startswith(_NO_DATE))
    date, guessed = first_date(dates, options.languages, "The book's date")
    return Record(title or name, date, tuple(paragraphs), lang, date_guessed=guessed), ""


def _bytes(book: ZipFile, path: str) -> bytes:
    """Return a file in a book. Raise UnreadableArticle when it is missing."""
    try:
        return book.read(path)
    except KeyError:
        raise UnreadableArticle(f"The book is damaged: {path!r} is missing.", _AGAIN) from None


def _xml(book: ZipFile, path: str) -> etree._Element:
    """Return the tree of an XML file in a book. For safety entities are not expanded, and nothing is fetched."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
    try:
        return etree.fromstring(_bytes(book, path), parser)
    except etree.XMLSyntaxError as error:
        raise UnreadableArticle(f"The book is damaged: {path!r} is not XML: {error.msg}.", _AGAIN) from None


def _chapters(package: etree._Element, folder: str) -> Iterator[str]:
    """Yield the paths of the pages in the order of reading, without the table of contents."""
    items = {item.get("id"): item for item in package.iterfind("{*}manifest/{*}item")}
    for place in package.iterfind("{*}spine/{*}itemref"):
        item = items.get(place.get("idref"))
        if (
            item is not None
            and "html" in (item.get("media-type") or "")
            and "nav" not in (item.get("properties") or "")
        ):
            yield posixpath.normpath(posixpath.join(folder, unquote(item.get("href") or "")))


def _encrypted_paths(book: ZipFile) -> frozenset[str]:
    """Return the paths of all encrypted files in a book, fonts among them."""
    if _ENCRYPTION not in book.namelist():
        return frozenset()
    found = _xml(book, _ENCRYPTION).xpath("//*[local-name()='CipherReference']/@URI")
    return frozenset(posixpath.normpath(unquote(str(path))) for path in found)


def _metadata(package: etree._Element, name: str) -> Iterator[str]:
    """Yield the values of one element of Dublin Core in a book's metadata, such as `title`.

    Of several dates only that of publication is given.
    """
    for element in package.iterfind("{*}metadata/{http://purl.org/dc/elements/1.1/}" + name):
        if element.get(_EVENT, "publication") == "publication" and (
            text := clean_text("".join(str(piece) for piece in element.itertext(with_tail=False)))
        ):
            yield text
