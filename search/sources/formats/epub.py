"""Reader of EPUB files: a book is one article, with the paragraphs of its chapters in the order of reading."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from urllib.parse import unquote
from zipfile import ZipFile

from lxml import etree

from search.errors import UnreadableArticle
from search.sources.formats.html import decode_page
from search.sources.formats.html_blocks import HIDDEN, block_texts, clean_text, parse_html
from search.sources.formats.zip_document import DAMAGE, open_zip_document, read_xml
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
        pages, missing = _pages(package, posixpath.dirname(package_path), book)
        for path, kind in pages.items():
            if path in encrypted:
                message = "The book is locked (DRM)."
                raise UnreadableArticle(message, "Get it without a lock, or take it out of the folder.")
            if path not in book.NameToInfo or "html" not in kind:
                missing.append(f"{path}: it is {'missing' if path not in book.NameToInfo else kind}, and was not read.")
                continue
            try:
                page = decode_page(book.read(path), options.languages)
            except (*DAMAGE, UnreadableArticle) as error:
                missing.append(f"{path}: it was not read, for it is damaged ({str(error).rstrip('.')}).")
                continue
            tree, cut = parse_html(page.text)
            missing += [f"{path}: {sentence}" for sentence in (*page.missing, *cut)]
            if tree is not None:
                numbers = filter(_is_page_number, tree.iter()) if "pagebreak" in page.text else ()
                paragraphs += block_texts(tree, HIDDEN, frozenset(numbers))
    if not paragraphs and missing:
        raise UnreadableArticle(f"The book is damaged: {missing[0]}", _AGAIN)
    if not paragraphs:
        raise UnreadableArticle("The book has no text.", "It may hold pictures only; take it out of the folder.")
    title = next(_metadata(package, "title"), "")
    lang = language_code(next(_metadata(package, "language"), ""))
    dates = (date for date in _metadata(package, "date") if not date.startswith(_NO_DATE))
    date = first_date(dates, options.languages)
    return Record(title or name, date.date, tuple(paragraphs), lang, "", date.guessed, (*missing, *date.missing)), ""


def _xml(book: ZipFile, path: str) -> etree._Element:
    """Return the tree of an XML file in a book. Raise UnreadableArticle."""
    try:
        return read_xml(book, path)
    except ValueError as error:
        raise UnreadableArticle(f"The book is damaged: {error}.", _AGAIN) from None


def _is_page_number(element: etree._Element) -> bool:
    """Return whether an element is the number that a page of the printed book has, which may stand within a word."""
    return "pagebreak" in (element.get("epub:type"), str(element.get("role")).removeprefix("doc-"))


def _pages(package: etree._Element, folder: str, book: ZipFile) -> tuple[dict[str, str], list[str]]:
    """Return the types of a book's pages by their paths, and sentences about what the order of reading names in vain.

    The pages stand in the order of reading, each once, without the table of contents and pictures. Those that stand
    outside of that order, such as notes that links lead to, follow at the end.
    """
    items = {item.get("id"): item for item in package.iterfind("{*}manifest/{*}item")}
    order = dict.fromkeys(place.get("idref") for place in package.iterfind("{*}spine/{*}itemref"))
    missing = [f"The order of reading names {name!r}, which is nowhere." for name in order if name not in items]
    contents = {
        _path(place.get("href") or "", folder, book) for place in package.iterfind("{*}guide/{*}reference[@type='toc']")
    }
    others = {item.get("fallback") for item in items.values() if "html" in (item.get("media-type") or "")}
    pages: dict[str, str] = {}
    for name in [*order, *(name for name in items if name not in others)]:
        item = items.get(name)
        if item is None or "nav" in (item.get("properties") or ""):
            continue
        path, kind = _path(item.get("href") or "", folder, book), item.get("media-type") or "of no type"
        outside = "html" in kind and path in book.NameToInfo and path not in contents
        if outside or (name in order and not kind.startswith("image/")):
            pages.setdefault(path, kind)
    return pages, missing


def _path(href: str, folder: str, book: ZipFile) -> str:
    """Return the path of the file that the manifest of a book in a folder of the zip names."""
    address = href.partition("#")[0]
    plain, decoded = (posixpath.normpath(posixpath.join(folder, path)) for path in (address, unquote(address)))
    return plain if plain in book.NameToInfo else decoded


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
