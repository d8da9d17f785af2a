"""Reader of HTML files: the main text of a page, without menus and the like. The only importer of trafilatura."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from lxml import etree, html
from trafilatura.metadata import extract_metadata

from search.errors import UnreadableArticle
from search.sources.formats.html_blocks import HIDDEN, block_texts, clean_text, page_numbers, parse_html
from search.sources.formats.html_content import content_of
from search.sources.records import Options, Record
from search.sources.text.decoding import DecodedText, decode_replaced, decode_text, detect_unicode
from search.sources.text.languages import language_code
from search.sources.text.stated_dates import StatedDate, first_date, read_date
from search.sources.text.web_encodings import encoding_of_label

_DECLARED = 1 << 16
"""Bytes at the beginning of a page in which it may declare its encoding."""
_START = 4096
"""Bytes at the beginning of a page that tell whether it is in UTF-16."""
_CHARSET = re.compile(rb"""<meta[^>]{0,200}charset\s*=\s*["']?\s*([a-zA-Z0-9_:.-]{1,40})""", re.IGNORECASE)
_XML = re.compile(rb"""^\s*<\?xml[^>]{0,200}\sencoding\s*=\s*["']([a-zA-Z0-9_:.-]{1,40})""")
_ANCHORED = frozenset("h1 h2 h3 h4 h5 h6 dt caption figcaption".split())
"""Elements that programs put links to themselves into."""
_BEFORE_TITLE = 4
"""Paragraphs at the beginning of a page that may be its title: a section or a date may stand above it."""
_DATES = (
    "article:published_time og:article:published_time datepublished dc.date.issued dcterms.issued "
    "citation_publication_date dc.date dcterms.date dcterms.created pubdate publishdate date"
).split()
"""Names of `meta` elements with a date of publication, the most reliable first."""
_PUBLISHED = re.compile(r'"datePublished"\s*:\s*("[^"\\]{4,64}")')


def read_html(data: bytes, name: str, options: Options) -> tuple[Record, str]:
    """Return the article of a page and the encoding of the page. Raise UnreadableArticle."""
    text, encoding, damage = decode_page(data, options.languages)
    tree, cut = parse_html(text)
    if tree is None:
        raise UnreadableArticle("The page is empty.", "Save the page anew, or take it out of the folder.")
    date = first_date(_stated_dates(tree), options.languages)
    lang = language_code(tree.get("lang") or tree.get("xml:lang") or "")
    paragraphs, heading = _paragraphs(tree, page_numbers(tree, text))
    cheap = {"extensive_search": False, "original_date": True, "max_date": "2200-01-01"}
    metadata = extract_metadata(tree, date_config=cheap, extensive=False)
    title, stated = clean_text(metadata.title or ""), clean_text(tree.findtext(".//title") or "")
    if not title or title in _other_headings(tree, heading, stated) or (heading and title == stated):
        title = heading or stated
    if date.date is None and metadata.date:
        date = StatedDate(read_date(metadata.date, options.languages)[0], guessed=True)
    place = next((n for n, text in enumerate(paragraphs[:_BEFORE_TITLE]) if text == title), None)
    if place is not None and len(paragraphs) > 1:
        del paragraphs[place]
    if not paragraphs:
        message = " ".join(["The page has no text.", *cut])
        raise UnreadableArticle(message, "It may need a browser to show any: save the page as your browser shows it.")
    return Record(
        title or name, date.date, tuple(paragraphs), lang, "", date.guessed, (*damage, *cut, *date.missing)
    ), encoding


def _paragraphs(tree: html.HtmlElement, numbers: frozenset[etree._Element]) -> tuple[list[str], str]:
    """Return the paragraphs of a page, without numbers of pages, and the first heading in them.

    That is all that the page holds when the rules leave nothing.
    """
    body = tree.find("body")
    root = tree if body is None else body
    _leave_out_anchors(root)
    roots, left_out = content_of(root)
    paragraphs = [text for part in roots for text in block_texts(part, HIDDEN, left_out | numbers)]
    headings = (clean_text(h1.text_content()) for part in roots for h1 in part.iter("h1"))
    heading = next((text for text in headings if text in paragraphs), "")
    return paragraphs or block_texts(root, HIDDEN - {"nav"}), heading


def _other_headings(tree: html.HtmlElement, heading: str, stated: str) -> set[str]:
    """Return the first-rank headings of a page that are not its title, such as the name of the site.

    Where none stands in the text (`heading`), these are the ones that are links, or end what the page states as title.
    """
    found = {clean_text(h1.text_content()): h1 for h1 in tree.iter("h1")}
    if heading:
        return found.keys() - {heading}
    return {
        text
        for text, h1 in found.items()
        if (text != stated and stated.endswith(text)) or any(clean_text(a.text_content()) == text for a in h1.iter("a"))
    }


def _leave_out_anchors(root: html.HtmlElement) -> None:
    """Empty the links of headings to themselves, which programs put there: a sign such as `¶` or `#`."""
    for link in list(root.iter("a")):
        parent, text = link.getparent(), "".join(map(str, link.itertext())).strip()
        of_heading = parent is not None and parent.tag in _ANCHORED
        if of_heading and text and not any(map(str.isalnum, text)) and "#" in (link.get("href") or ""):
            link.clear(keep_tail=True)


def decode_page(data: bytes, languages: tuple[str, ...]) -> DecodedText:
    """Return the text of a page: by its byte order mark, as UTF-8, as it declares, or as it is guessed.

    As in a browser, labels mean what the WHATWG Encoding Standard says, and bytes that do not fit are replaced.
    """
    head = data[:_DECLARED]
    encoding, mark = detect_unicode(head[:_START])
    declared = _CHARSET.search(head) or _XML.search(head)
    label = encoding_of_label(declared[1].decode()) if declared else None
    if mark or encoding != "utf-8" or b"\0" in data or label is None:
        return decode_text(data, languages)
    if not (label.startswith("iso2022") and b"\x1b" in data):  # which is ASCII as far as bytes go
        try:
            return DecodedText(data.decode(), "utf-8")
        except UnicodeDecodeError:
            if label == "utf-8":
                return decode_text(data, languages)
    return decode_replaced(data, label)


def _stated_dates(tree: html.HtmlElement) -> Iterator[str]:
    """Yield the dates of publication that a page states, the most reliable first."""
    stated: dict[str, str] = {}
    for meta in tree.iter("meta"):
        key = (meta.get("property") or meta.get("name") or meta.get("itemprop") or "").lower()
        stated.setdefault(key, (meta.get("content") or "").strip())
    yield from (stated[key] for key in _DATES if stated.get(key))
    for script in tree.iter("script"):
        if script.get("type") == "application/ld+json" and (found := _PUBLISHED.search(script.text or "")):
            yield str(json.loads(found[1]))
    for time in tree.iter("time"):
        if time.get("datetime") and (time.get("itemprop") == "datePublished" or time.get("pubdate") is not None):
            yield str(time.get("datetime")).strip()
