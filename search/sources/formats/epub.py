"""Reader of EPUB files: a book is one article, with the paragraphs of its chapters in the order of reading."""

from __future__ import annotations

import posixpath
from collections.abc import Container, Iterator
from urllib.parse import unquote
from zipfile import ZipFile

from lxml import etree

from search.errors import UnreadableArticle
from search.sources.formats.html import decode_page
from search.sources.formats.html_blocks import HIDDEN, block_texts, clean_text, page_numbers, parse_html
from search.sources.formats.zip_document import DAMAGE, open_zip_document, read_xml
from search.sources.records import Options, Record
from search.sources.text.boilerplate import is_made_up_title
from search.sources.text.languages import language_code
from search.sources.text.stated_dates import first_date

_CONTAINER = "META-INF/container.xml"
_EVENT = "{http://www.idpf.org/2007/opf}event"
"""Attribute of a date in EPUB 2: `publication`, `modification` and others."""
_ENCRYPTION = "META-INF/encryption.xml"
_NO_DATE = "0101-01-01"
"""Date that Calibre writes into books without a date."""
_OF_PAGES = ("html", "x-oeb1-document")
"""Parts of the types of pages; the second one is that of the Open eBook format, which EPUB came from."""
_LINKS = 3
"""Fewest links to other pages that make a page one of contents."""
_BESIDE = 200
"""Letters beside the table of contents that make a page of EPUB 3 more than that."""
_AGAIN = "Get or make the book again; an EPUB checker says what is wrong."


def read_epub(data: bytes, name: str, options: Options) -> tuple[Record, str]:
    """Return the article that a book is, and "" as encoding, which the format prescribes. Raise UnreadableArticle."""
    with open_zip_document(data, options) as book:
        package_path = next(map(str, _xml(book, _CONTAINER).xpath("//*[local-name()='rootfile']/@full-path")), "")
        package = _xml(book, package_path)
        paragraphs: list[str] = []
        encrypted = _encrypted_paths(book)
        folder = posixpath.dirname(package_path)
        guide = package.iterfind("{*}guide/{*}reference[@type='toc']")
        toc = frozenset(_path(place.get("href") or "", folder, book) for place in guide)
        pages, nav, missing = _pages(package, folder, book, toc)
        for path, kind in pages.items():
            if path in encrypted:
                message = "The book is locked (DRM)."
                raise UnreadableArticle(message, "Get it without a lock, or take it out of the folder.")
            if path not in book.NameToInfo or not _is_page(kind):
                missing.append(f"{path}: it is {'missing' if path not in book.NameToInfo else kind}, and was not read.")
                continue
            try:
                page = decode_page(book.read(path), options.languages)
            except (*DAMAGE, UnreadableArticle) as error:
                missing.append(f"{path}: it was not read, for it is damaged ({str(error).rstrip('.')}).")
                continue
            tree, cut = parse_html(page.text)
            missing += [f"{path}: {sentence}" for sentence in (*page.missing, *cut)]
            if tree is not None and not _is_contents(tree, path, pages, 1 if path in toc else _LINKS):
                texts = block_texts(tree, HIDDEN, page_numbers(tree, page.text))
                paragraphs += texts if path != nav or sum(map(len, texts)) > _BESIDE else ()
    if not paragraphs and missing:
        raise UnreadableArticle(f"The book is damaged: {missing[0]}", _AGAIN)
    if not paragraphs:
        raise UnreadableArticle("The book has no text.", "It may hold pictures only; take it out of the folder.")
    title = _title(package)
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


def _is_page(kind: str) -> bool:
    """Return whether a file of this type is a page with text."""
    return any(part in kind for part in _OF_PAGES)


def _is_contents(tree: etree._Element, path: str, pages: Container[str], least: int) -> bool:
    """Return whether a page is a table of contents: two thirds of its letters are links to other pages of the book.

    Headings do not count; there have to be at least so many links. EPUB 2 has no other mark of it that can be relied
    on, for the guide may name a page that holds text as well.
    """
    links = letters = 0
    for link in tree.iter("a"):
        target = posixpath.normpath(posixpath.join(posixpath.dirname(path), (link.get("href") or "").partition("#")[0]))
        if target != path and (target in pages or unquote(target) in pages):
            links += 1
            letters += _letters(link)
    if links < least:
        return False
    body = tree.find("body")
    text = tree if body is None else body
    headings = sum(map(_letters, text.iter("h1", "h2", "h3", "h4", "h5", "h6")))
    return letters * 3 >= (_letters(text) - headings) * 2


def _letters(element: etree._Element) -> int:
    """Return how many letters and digits an element holds."""
    return sum(map(str.isalnum, "".join(map(str, element.itertext()))))


def _pages(
    package: etree._Element, folder: str, book: ZipFile, toc: frozenset[str]
) -> tuple[dict[str, str], str, list[str]]:
    """Return the types of a book's pages by their paths, in the order of reading, each once, without pictures.

    Return the path of the page that EPUB 3 has its table of contents in, too, if that is in the order of reading; and
    sentences about what this order names in vain. Pages outside of it, such as notes that links lead to, follow at the
    end, without tables of contents (`toc`).
    """
    items = {item.get("id"): item for item in package.iterfind("{*}manifest/{*}item")}
    order = dict.fromkeys(place.get("idref") for place in package.iterfind("{*}spine/{*}itemref"))
    missing = [f"The order of reading names {name!r}, which is nowhere." for name in order if name not in items]
    others = {item.get("fallback") for item in items.values() if _is_page(item.get("media-type") or "")}
    pages: dict[str, str] = {}
    nav = ""
    for name in [*order, *(name for name in items if name not in others)]:
        item = items.get(name)
        if item is None:
            continue
        path, kind = _path(item.get("href") or "", folder, book), item.get("media-type") or "of no type"
        if "nav" in (item.get("properties") or "").split():
            if name not in order or path not in book.NameToInfo:
                continue
            nav = path
        outside = _is_page(kind) and path in book.NameToInfo and path not in toc
        if outside or (name in order and not kind.startswith("image/")):
            pages.setdefault(path, kind)
    return pages, nav, missing


def _path(href: str, folder: str, book: ZipFile) -> str:
    r"""Return the path of the file that the manifest of a book in a folder of the zip names.

    Programs on Windows take capitals for small letters, and `\\` for `/`.
    """
    address = href.partition("#")[0].replace("\\", "/")
    plain, decoded = (posixpath.normpath(posixpath.join(folder, path)) for path in (address, unquote(address)))
    if plain in book.NameToInfo or decoded in book.NameToInfo:
        return plain if plain in book.NameToInfo else decoded
    return next((name for name in book.NameToInfo if name.lower() == decoded.lower()), decoded)


def _encrypted_paths(book: ZipFile) -> frozenset[str]:
    """Return the paths of all encrypted files in a book, fonts among them."""
    if _ENCRYPTION not in book.namelist():
        return frozenset()
    found = _xml(book, _ENCRYPTION).xpath("//*[local-name()='CipherReference']/@URI")
    return frozenset(posixpath.normpath(unquote(str(path))) for path in found)


def _title(package: etree._Element) -> str:
    """Return the title of a book, "" for none: of several the one that is said to be the main one, else the first."""
    types = {
        meta.get("refines", "").removeprefix("#"): clean_text(meta.text or "")
        for meta in package.iterfind("{*}metadata/{*}meta[@property='title-type']")
    }
    titles = package.iterfind("{*}metadata//{http://purl.org/dc/elements/1.1/}title")
    of_type = ((types.get(title.get("id")), "".join(map(str, title.itertext()))) for title in titles)
    main = (clean_text(text) for kind, text in of_type if kind == "main")
    title = next(main, "") or next(_metadata(package, "title"), "")
    return "" if is_made_up_title(title) else title


def _metadata(package: etree._Element, name: str) -> Iterator[str]:
    """Yield the values of one element of Dublin Core in a book's metadata, such as `title`.

    Of several dates only that of publication is given.
    """
    for element in package.iterfind("{*}metadata//{http://purl.org/dc/elements/1.1/}" + name):
        if element.get(_EVENT, "publication") == "publication" and (
            text := clean_text("".join(str(piece) for piece in element.itertext(with_tail=False)))
        ):
            yield text
