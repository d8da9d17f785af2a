"""Cite an article: as text, for reference managers (BibTeX, RIS, CSL-JSON), and as metadata of its page."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple
from unicodedata import category
from urllib.parse import quote_plus, urlencode

import orjson

from search.dates import SHAPE
from search.highlight import cut
from search.model import Heading, Marked
from web import urls
from web.presentation import formatting

DESCRIPTION = 160
"""Maximum number of code points of a page's description, about as many as search engines show."""
TITLE = 1_000
"""Maximum number of code points of a title in a citation."""
FILE_NAME = 60
"""Maximum number of characters of the name of a file to download."""
_TEX = str.maketrans(
    {character: f"\\{character}" for character in "{}$&%#_"}
    | {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
)
"""Characters that are commands in TeX, each with the TeX that prints it."""

_COINS = urlencode({"ctx_ver": "Z39.88-2004", "rft_val_fmt": "info:ofi/fmt:kev:mtx:dc", "rft.type": "newspaperArticle"})
"""The parameters that each COinS begins with: the version of OpenURL, the format, and the kind of document."""
_ALLOWED = re.compile(r"[\w.~!$'()*,:@/? -]*", re.ASCII)
"""A value whose characters, but for spaces, may stand in a query string as they are (RFC 3986, section 3.4)."""
_CONTROLS = {"Cc", "Cs", "Zl", "Zp"}
"""Categories of Unicode: control characters, halves of characters, separators of lines and paragraphs."""


class Citation(NamedTuple):
    """The details of an article that its citations are written from. All texts but `id` are on one line.

    `source` is empty where the archive has only one source, since its name would say nothing. `date` has the year, the
    month and the day, as far as they are known; it is empty for an article without a date. `url` is absolute.
    """

    id: str
    title: str
    source: str
    date: tuple[int, ...]
    day: str
    """The date in words, without its time; empty without a date."""
    lang: str
    url: str

    @property
    def iso(self) -> str:
        """The date as `1961-03-14`, as precise as it is known."""
        return "-".join([f"{part:0{width}}" for part, width in zip(self.date, (4, 2, 2), strict=False)])


def citation(heading: Heading, root: str, *, with_source: bool) -> Citation:
    """Return the citation of an article; its source is in it only if `with_source` is true.

    `root` is the absolute URL of the site, without a slash at its end: see `urls.root`.
    """
    text = heading.date.text if heading.date else ""
    date = _parts(text)
    day = formatting.day(text) if date else ""
    title = cut(Marked(_line(heading.title[: 4 * TITLE]) or _line(heading.id) or "Untitled"), TITLE).text
    source = _line(heading.source) if with_source else ""
    return Citation(heading.id, title, source, date, day, heading.lang, root + urls.article(heading.id))


@lru_cache(4096)
def _parts(date: str) -> tuple[int, ...]:
    """Return the year, the month and the day of a date, as far as it has them; nothing for a text that is no date."""
    found = SHAPE.fullmatch(date)
    return tuple([int(found[part]) for part in ("year", "month", "day") if found[part]]) if found else ()


def plain(cited: Citation) -> str:
    """Return a citation as one line of text."""
    where = f"{cited.source}, {cited.day or 'undated'}" if cited.source else cited.day or "Undated"
    return f"“{cited.title}”. {where}. {cited.url}"


def bibtex(cited: Citation) -> str:
    """Return a citation as an entry of BibTeX; the fields `date`, `language` and `url` are those of BibLaTeX."""
    key = re.sub("[^A-Za-z0-9]+", "-", cited.id).strip("-")[:FILE_NAME] or "article"
    fields = {
        "title": "{" + cited.title.translate(_TEX) + "}",  # a second pair of braces keeps capital letters
        "howpublished": cited.source.translate(_TEX),
        "year": f"{cited.date[0]:04}" if cited.date else "",
        "month": str(cited.date[1]) if len(cited.date) > 1 else "",
        "date": cited.iso,
        "language": cited.lang.translate(_TEX),
        "url": cited.url,
    }
    lines = [f"  {name} = {{{value}}},\n" for name, value in fields.items() if value]
    return f"@misc{{{key},\n{''.join(lines)}}}\n"


def ris(cited: Citation) -> str:
    """Return a citation as a record of RIS."""
    date = "/".join(cited.iso.split("-")) + "/" * (3 - len(cited.date)) if cited.date else ""
    fields = [
        ("TY", "NEWS"),
        ("TI", cited.title),
        ("T2", cited.source),
        ("PY", f"{cited.date[0]:04}" if cited.date else ""),
        ("DA", date),
        ("LA", cited.lang),
        ("UR", cited.url),
        ("ID", _line(cited.id)),
    ]
    return "".join([f"{tag}  - {value}\r\n" for tag, value in fields if value]) + "ER  - \r\n"


def csl_json(cited: Citation) -> str:
    """Return a citation as CSL-JSON, which is a list of one item."""
    item = {
        "id": cited.id,
        "type": "article-newspaper",
        "title": cited.title,
        "container-title": cited.source,
        "issued": {"date-parts": [list(cited.date)]} if cited.date else None,
        "language": cited.lang,
        "URL": cited.url,
    }
    return orjson.dumps([{name: value for name, value in item.items() if value}], option=orjson.OPT_INDENT_2).decode()


class Format(NamedTuple):
    """A form of citations: the function that writes it, its media type, and the ending of its files, without a dot."""

    write: Callable[[Citation], str]
    media_type: str
    ending: str


FORMATS = {
    "text": Format(plain, "text/plain", "txt"),
    "bibtex": Format(bibtex, "application/x-bibtex", "bib"),
    "ris": Format(ris, "application/x-research-info-systems", "ris"),
    "csl-json": Format(csl_json, "application/vnd.citationstyles.csl+json", "json"),
}
"""The forms that citations can be downloaded in, by the value of the parameter `format`."""


def file_name(cited: Citation, ending: str) -> str:
    """Return a name for the file of a citation: ASCII letters, digits and hyphens, a dot, and the ending."""
    name = re.sub("[^A-Za-z0-9]+", "-", cited.id.rpartition("/")[2]).strip("-")[:FILE_NAME]
    return f"{name or 'article'}.{ending}"


def meta_tags(cited: Citation) -> dict[str, str]:
    """Return the metadata of an article's page by name: the tags that Zotero and search engines for papers read."""
    tags = {
        "citation_title": cited.title,
        "citation_publication_date": cited.iso.replace("-", "/"),
        "citation_journal_title": cited.source,
        "citation_language": cited.lang,
        "citation_public_url": cited.url,
    }
    return {name: value for name, value in tags.items() if value}


def json_ld(cited: Citation) -> dict[str, Any]:
    """Return the metadata of an article's page in the terms of schema.org, as JSON-LD."""
    found = {
        "@context": "https://schema.org",
        "@type": "Article",
        "headline": cited.title,
        "datePublished": cited.iso,
        "isPartOf": {"@type": "CreativeWork", "name": cited.source} if cited.source else None,
        "inLanguage": cited.lang,
        "url": cited.url,
    }
    return {name: value for name, value in found.items() if value}


def coins(heading: Heading, root: str, *, with_source: bool) -> str:
    """Return the value of the attribute `title` of a COinS: an OpenURL (Z39.88-2004) that describes an article.

    Reference managers read it off each `<span class="Z3988" title="…"></span>` of a list of results. `root` is the
    absolute URL of the site, without a slash at its end.
    """
    cited = citation(heading, root, with_source=with_source)
    fields = {
        "rft.title": cited.title,
        "rft.source": cited.source,
        "rft.date": cited.iso,
        "rft.language": cited.lang,
        "rft.identifier": cited.url,
    }
    return "&".join([_COINS, *[f"{name}={_in_openurl(value)}" for name, value in fields.items() if value]])


def _in_openurl(value: str) -> str:
    """Return the value of a parameter of an OpenURL, encoded; most need no more than their spaces replaced."""
    if _ALLOWED.fullmatch(value):
        return value.replace(" ", "+")
    return quote_plus(value, errors="surrogatepass")


def description(text: str) -> str:
    """Return the description of a page: the beginning of a text, on one line, of about DESCRIPTION code points."""
    return cut(Marked(_line(text[: 4 * DESCRIPTION])), DESCRIPTION).text


def _line(text: str) -> str:
    """Return a text on one line, without control characters."""
    if text.isprintable():  # most are; then there are none
        return " ".join(text.split())
    return " ".join("".join([" " if category(point) in _CONTROLS else point for point in text]).split())
