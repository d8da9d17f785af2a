"""EPUB: a book as one article, the paragraphs of its chapters in the order of reading."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from urllib.parse import unquote
from zipfile import ZipFile

from lxml import etree

from search.errors import UnreadableArticle
from search.model import Date
from search.sources.formats.html import page_text
from search.sources.formats.html_blocks import paragraphs_of, parsed, tidy
from search.sources.formats.zip_document import opened_box
from search.sources.records import Options, Record
from search.sources.text.languages import code_of
from search.sources.text.stated_dates import ADVICE, read_date

_CONTAINER = "META-INF/container.xml"
_EVENT = "{http://www.idpf.org/2007/opf}event"
"""An attribute by which dates of publication and of changes are told apart in older books."""
_LOCKS = "META-INF/encryption.xml"
_NO_DATE = "0101-01-01"
"""What a well-known program for books writes where it knows of no date."""
_AGAIN = "Get or make the book again; an EPUB checker says what is wrong."


def read_epub(data: bytes, name: str, options: Options) -> tuple[Record, str]:
    """The article that a book is."""
    with opened_box(data, options) as box:
        package_path = next(
            (str(path) for path in _xml(box, _CONTAINER).xpath("//*[local-name()='rootfile']/@full-path")), ""
        )
        package = _xml(box, package_path)
        paragraphs: list[str] = []
        locked = _locked(box)
        for path in _chapters(package, posixpath.dirname(package_path)):
            if path in locked:
                message = "The book is locked (DRM)."
                raise UnreadableArticle(message, "Get it without a lock, or take it out of the folder.")
            tree = parsed(page_text(_bytes(box, path), options.languages)[0])
            if tree is not None:
                paragraphs += paragraphs_of(tree)
    if not paragraphs:
        raise UnreadableArticle("The book has no text.", "It may hold pictures only; take it out of the folder.")
    title = next(_metadata(package, "title"), "")
    lang = code_of(next(_metadata(package, "language"), ""))
    date, guessed = _date(package, options.languages)
    return Record(title or name, date, tuple(paragraphs), lang, date_guessed=guessed), ""


def _bytes(box: ZipFile, path: str) -> bytes:
    try:
        return box.read(path)
    except KeyError:
        raise UnreadableArticle(f"The book is damaged: {path!r} is missing.", _AGAIN) from None


def _xml(box: ZipFile, path: str) -> etree._Element:
    """A tree of XML. Entities stay as they are, and nothing is fetched: both are doors for attacks."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
    try:
        return etree.fromstring(_bytes(box, path), parser)
    except etree.XMLSyntaxError as error:
        raise UnreadableArticle(f"The book is damaged: {path!r} is not XML: {error.msg}.", _AGAIN) from None


def _chapters(package: etree._Element, folder: str) -> Iterator[str]:
    """The paths of the pages in the order of reading, without the table of contents."""
    items = {item.get("id"): item for item in package.iterfind("{*}manifest/{*}item")}
    for place in package.iterfind("{*}spine/{*}itemref"):
        item = items.get(place.get("idref"))
        if (
            item is not None
            and "html" in (item.get("media-type") or "")
            and "nav" not in (item.get("properties") or "")
        ):
            yield posixpath.normpath(posixpath.join(folder, unquote(item.get("href") or "")))


def _locked(box: ZipFile) -> frozenset[str]:
    """The paths of what is encrypted; fonts often are, and do not matter."""
    if _LOCKS not in box.namelist():
        return frozenset()
    found = _xml(box, _LOCKS).xpath("//*[local-name()='CipherReference']/@URI")
    return frozenset(posixpath.normpath(unquote(str(path))) for path in found)


def _metadata(package: etree._Element, name: str) -> Iterator[str]:
    """What the book's metadata say of this."""
    for element in package.iterfind("{*}metadata/{http://purl.org/dc/elements/1.1/}" + name):
        if element.get(_EVENT, "publication") == "publication" and (
            text := tidy("".join(str(piece) for piece in element.itertext(with_tail=False)))
        ):
            yield text


def _date(package: etree._Element, languages: tuple[str, ...]) -> tuple[Date | None, bool]:
    """The date of publication. Raises UnreadableArticle when it is stated and none."""
    for stated in _metadata(package, "date"):
        if stated.startswith(_NO_DATE):
            continue
        try:
            return read_date(stated, languages)
        except ValueError as error:
            raise UnreadableArticle(f"The book's date: {error}.", f"{ADVICE[:-1]}, or leave it out.") from None
    return None, False
