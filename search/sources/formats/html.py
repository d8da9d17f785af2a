"""HTML: the main text of a page, without menus and the like. The only importer of trafilatura."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from lxml import html
from trafilatura import bare_extraction
from trafilatura.settings import Document

from search.errors import UnreadableArticle
from search.model import Date
from search.sources.formats.html_blocks import HIDDEN, paragraphs_of, parsed, tidy
from search.sources.records import Options, Record
from search.sources.text.decoding import decoded, unicode_of
from search.sources.text.languages import code_of
from search.sources.text.stated_dates import ADVICE, read_date

_CHARSET = re.compile(rb"""<meta[^>]{0,200}charset\s*=\s*["']?([a-zA-Z0-9_:.-]{1,40})""", re.IGNORECASE)
_AROUND = HIDDEN | {"header", "footer"}
_DATES = (
    *("article:published_time", "og:article:published_time", "datepublished", "dc.date.issued", "dcterms.issued"),
    *("citation_publication_date", "dc.date", "dcterms.date", "dcterms.created", "pubdate", "publishdate", "date"),
)
_PUBLISHED = re.compile(r'"datePublished"\s*:\s*("[^"\\]{4,64}")')


def read_html(data: bytes, name: str, options: Options) -> tuple[Record, str]:
    """The article of a page, and the encoding of the page."""
    text, encoding = page_text(data, options.languages)
    tree = parsed(text)
    if tree is None:
        raise UnreadableArticle("The page is empty.", "Save the page anew, or take it out of the folder.")
    date, guessed = _stated(tree, options.languages)
    lang = code_of(tree.get("lang") or tree.get("xml:lang") or "")
    heading = next((tidy(h.text_content()) for h in tree.iter("h1")), "") or tidy(tree.findtext(".//title") or "")
    # the fallback first: what finds the main text changes the tree
    everything = paragraphs_of(tree, _AROUND)
    cheap = {"extensive_search": False, "original_date": True, "max_date": "2200-01-01"}
    found = bare_extraction(tree, include_comments=False, with_metadata=True, date_extraction_params=cheap)
    paragraphs, title = everything, heading
    if isinstance(found, Document):
        paragraphs = paragraphs_of(found.body, frozenset()) or everything
        title = tidy(found.title or "") or heading
        if date is None and found.date:
            date, guessed = read_date(found.date, options.languages)[0], True
    if len(paragraphs) > 1 and paragraphs[0] in {title, heading}:
        del paragraphs[0]
    if not paragraphs:
        message = "The page has no text."
        raise UnreadableArticle(message, "It may need a browser to show any: save the page as your browser shows it.")
    return Record(title or name, date, tuple(paragraphs), lang, date_guessed=guessed), encoding


def page_text(data: bytes, languages: tuple[str, ...]) -> tuple[str, str]:
    """A page's text and encoding: by its mark, as UTF-8, as the page says, or guessed."""
    encoding, mark = unicode_of(data[:4096])
    declared = _CHARSET.search(data[:4096])
    if not mark and encoding == "utf-8" and declared and b"\0" not in data:
        try:
            return data.decode(), "utf-8"
        except UnicodeDecodeError:
            said = declared[1].decode().lower()
        try:
            # browsers read what calls itself Latin-1 as Windows' superset of it
            said = {"iso-8859-1": "windows-1252", "latin1": "windows-1252", "us-ascii": "windows-1252"}.get(said, said)
            return data.decode(said), said
        except (LookupError, UnicodeDecodeError):
            pass  # it says wrong
    return decoded(data, languages)


def _stated(tree: html.HtmlElement, languages: tuple[str, ...]) -> tuple[Date | None, bool]:
    """The date of publication that a page states. Raises UnreadableArticle when it states one that is none."""
    for stated in _statements(tree):
        try:
            return read_date(stated, languages)
        except ValueError as error:
            message = f"The date of publication: {error}."
            raise UnreadableArticle(message, f"{ADVICE[:-1]}, or take it out of the page.") from None
    return None, False


def _statements(tree: html.HtmlElement) -> Iterator[str]:
    """Where a page states when it was published, the surest first."""
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
