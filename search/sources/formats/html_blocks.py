"""Paragraphs of a tree of HTML, as a person sees them."""

from __future__ import annotations

import re

from lxml import etree, html

HIDDEN = frozenset(
    "head script style noscript template nav aside form button select svg math iframe object audio video canvas".split()
)
"""Elements whose text is left out."""

_INLINE = frozenset(
    "a abbr acronym b bdi bdo big cite code data del dfn em font hi i ins kbd label mark q ref rp rt ruby s samp small "
    "span strike strong sub sup time tt u var wbr".split()
)
"""Elements that do not end a paragraph, in HTML and in TEI, which trafilatura writes."""

_SPACES = frozenset(["br", "lb", "td", "th", "cell"])
"""Elements that stand for a space within a paragraph."""
_SURROGATE = re.compile("[\ud800-\udfff]")


def clean_text(text: str) -> str:
    r"""Return a text with its white space collapsed, without NUL, and with U+FFFD in place of lone surrogates.

    >>> clean_text(" a\n b\x00 ")
    'a b'
    """
    if _SURROGATE.search(text):
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return " ".join(text.replace("\0", "").split())


def parse_html(text: str) -> html.HtmlElement | None:
    """Return the tree of a page, however broken; None for an empty page. Nothing that it refers to is fetched."""
    parser = html.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True)
    data = text.encode("utf-8", "replace")
    return html.document_fromstring(data, parser=parser) if data.strip() else None


def block_texts(root: etree._Element, hidden: frozenset[str] = HIDDEN) -> list[str]:
    """Return the texts of the blocks of a tree, in order; a row of a table is one block. `hidden` are left out."""
    found: list[str] = []
    pieces: list[str] = []
    skipped = 0

    def end() -> None:
        if text := clean_text("".join(pieces)):
            found.append(text)
        pieces.clear()

    for event, element in etree.iterwalk(root, events=("start", "end")):
        tag = element.tag if isinstance(element.tag, str) else ""
        name = tag.rpartition("}")[2].lower()
        if name in hidden:
            skipped += 1 if event == "start" else -1
        elif name in _SPACES:
            pieces.append(" ")
        elif name not in _INLINE:
            end()
        if not skipped:
            pieces.append((element.text if event == "start" else element.tail) or "")
    end()
    return found
