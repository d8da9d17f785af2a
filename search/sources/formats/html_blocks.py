"""Paragraphs of a tree of HTML, as a person sees them."""

from __future__ import annotations

import re

from lxml import etree, html

HIDDEN = frozenset(
    "head script style noscript noframes template nav select datalist textarea svg iframe object audio video canvas "
    "rp rt rtc annotation annotation-xml".split()
)
"""Elements whose text is never left in: it is not shown, or is not text. `rt` is a reading above a word (ruby)."""

_INLINE = frozenset(
    "a abbr acronym b bdi bdo big button cite code data del dfn em font i input ins kbd label mark nobr q rb ruby s "
    "samp slot small span strike strong sub sup time tt u var wbr math mi mn mo ms mtext mrow mfrac msqrt mroot msub "
    "msup msubsup munder mover munderover mstyle mpadded semantics".split()
)
"""Elements that do not end a paragraph."""

_BREAK = "\u2028"
"""What an element `br` becomes: a separator of lines, which is white space."""
_SPACES = {"td": " ", "th": " ", "img": " ", "br": _BREAK}
"""Elements that stand for a space within a paragraph."""
_BREAKS = re.compile(rf"{_BREAK}\s*{_BREAK}")
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
    """Return the tree of a page, however broken; None for one without text. Nothing that it refers to is fetched."""
    parser = html.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True)
    data = text.encode("utf-8", "replace")
    try:
        return html.document_fromstring(data, parser=parser) if data.strip() else None
    except etree.ParserError:  # nothing but comments, closing tags and the like
        return None


def block_texts(
    root: etree._Element,
    hidden: frozenset[str] = HIDDEN,
    left_out: frozenset[etree._Element] = frozenset(),
) -> list[str]:
    """Return the texts of the blocks of a tree, in order; a row of a table is one block, and two `br` end one.

    Elements whose names are in `hidden`, and the elements `left_out`, are not read.
    """
    found: list[str] = []
    pieces: list[str] = []
    skipped = 0

    def end() -> None:
        text = "".join(pieces)
        pieces.clear()
        found.extend(filter(None, map(clean_text, _BREAKS.split(text) if _BREAK in text else (text,))))

    for event, element in etree.iterwalk(root, events=("start", "end")):
        tag = element.tag if isinstance(element.tag, str) else ""
        name = tag.rpartition("}")[2].lower()
        started = event == "start"
        skips = name in hidden or element in left_out
        if skips:
            skipped += 1 if started else -1
            if name not in _INLINE and name not in hidden:
                end()
        if name not in _INLINE and not (skips or skipped):
            if name not in _SPACES:
                end()
            elif started or name != "br":
                pieces.append(_SPACES[name])
        elif started and _refers_to_note(element, name):
            pieces.append(" ")
        if not skipped and (started or element is not root):
            pieces.append((element.text if started else element.tail) or "")
    end()
    return found


def _refers_to_note(element: etree._Element, name: str) -> bool:
    """Return whether an element is the number of a note, which must not become a part of the word before it."""
    if name == "sup":
        return element.find("{*}a") is not None
    if name != "a":
        return False
    kinds = (element.get("epub:type"), element.get("role"))
    return "noteref" in kinds or "doc-noteref" in kinds or element.find("{*}sup") is not None
