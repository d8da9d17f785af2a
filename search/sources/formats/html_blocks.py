"""Paragraphs of a tree of HTML, as a person sees them."""

from __future__ import annotations

import re
from itertools import islice

from lxml import etree, html

from search.sources.text.line_breaks import without_breaks
from search.sources.text.page_entities import put_in_entities

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
"""The character that replaces each element `br` in a text: Unicode's line separator, which counts as white space."""
_BREAKS = re.compile(rf"{_BREAK}\s*{_BREAK}")

_KINDS = {
    **dict.fromkeys(_INLINE, "inline"),
    **dict.fromkeys(("a", "sup"), "reference"),
    **dict.fromkeys(("td", "th", "img"), "space"),
    "br": "break",
}
"""Maps an element to its effect on the paragraph that it stands in. An element that is not listed is a `block`: it ends
the paragraph."""
TOO_DEEP = "The end of it was not read, for too many elements stand in each other there."
"""The message for the rest of a page after a place where 2,048 elements are open, which is not read."""

ATTRIBUTES = 256
"""Attributes of an element that are read. The time of the parser grows with the square of their number, and no page
that a program wrote has so many."""
_ATTRIBUTE = r"""[\s/]*+[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:"[^"]*+(?:"|\Z)|'[^']*+(?:'|\Z)|(?!["'])[^\s>]*+))?+"""
_ATTRIBUTES = re.compile(_ATTRIBUTE)
_TAG = re.compile(
    r"<!--.*?(?:-->|\Z)"
    rf"|(?P<raw><(?P<name>script|style|textarea|title|xmp|iframe|noembed|noframes)(?=[\s/>])(?:{_ATTRIBUTE})*+)"
    r".*?(?=</(?P=name)|\Z)"
    rf"|(?P<tag><[a-z][^\s/>]*+(?:{_ATTRIBUTE})*+)",
    re.DOTALL | re.IGNORECASE,
)
"""A comment, an element in which nothing is a tag, or a tag; each ends where a browser says, and none is read twice."""

_SURROGATE = re.compile("[\ud800-\udfff]")


def clean_text(text: str) -> str:
    r"""Return a text on one line, with white space collapsed, without NUL, and with U+FFFD for lone surrogates.

    >>> clean_text(" a\n b\x00 ")
    'a b'
    """
    if _SURROGATE.search(text):
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return " ".join(text.replace("\0", "").split())


def parse_html(text: str) -> tuple[html.HtmlElement | None, tuple[str, ...]]:
    """Return the tree of a page, however broken, and a sentence if a part of it could not be read.

    The tree is None for a page without text. Nothing that it refers to is fetched.
    """
    parser = html.HTMLParser(
        encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=True
    )  # else it stops where 256 elements are open, such as `font` in old pages, which nobody closed
    text, unread = put_in_entities(text)
    data = _with_few_attributes(text).encode("utf-8", "replace")
    try:
        tree = html.document_fromstring(data, parser=parser) if data.strip() else None
    except etree.ParserError:  # nothing but comments, closing tags and the like
        tree = None
    cut = any(error.type_name == "ERR_RESOURCE_LIMIT" for error in parser.error_log)
    return tree, ((TOO_DEEP,) if cut else ()) + unread


def _with_few_attributes(text: str) -> str:
    """Return a page in which each element has the first ATTRIBUTES of its attributes at most."""
    pieces: list[str] = []
    place = 0
    for found in _TAG.finditer(text):
        start, end = found.span("tag") if found["tag"] else found.span("raw")
        if end - start > 2 * ATTRIBUTES:  # an attribute takes a character, and what parts it from the next another
            first = _ATTRIBUTES.finditer(text, start + 1, end)
            last = next(islice(first, ATTRIBUTES, None), None)
            if last is not None:
                pieces.append(text[place : last.start()])
                place = end
    return "".join([*pieces, text[place:]]) if pieces else text


def block_texts(
    root: etree._Element, hidden: frozenset[str] = HIDDEN, left_out: frozenset[etree._Element] = frozenset()
) -> list[str]:
    """Return the texts of the blocks of a tree, in order; a row of a table is one block, and two `br` end one.

    Elements whose names are in `hidden`, and the elements `left_out`, are not read.
    """
    found: list[str] = []
    pieces: list[str] = []
    kinds: dict[object, str] = {}
    skipped = 0

    def end() -> None:
        text = "".join(pieces)
        pieces.clear()
        found.extend(filter(None, map(clean_text, _BREAKS.split(text) if _BREAK in text else (text,))))

    for event, element in etree.iterwalk(root, events=("start", "end")):
        started, tag = event == "start", element.tag
        kind = kinds.get(tag) or kinds.setdefault(tag, _kind_of(tag, hidden))
        if kind == "hidden" or (left_out and element in left_out):
            skipped += 1 if started else -1
            if kind == "block":
                end()
        elif skipped:
            pass
        elif kind == "block":
            end()
        elif kind == "space" or (kind == "reference" and started and _refers_to_note(element)):
            pieces.append(" ")
        elif kind == "break" and started:
            pieces.append(_BREAK)
        if not skipped and (text := element.text if started else element.tail) and (started or element is not root):
            pieces.append(without_breaks(text))
    end()
    return found


def _kind_of(tag: object, hidden: frozenset[str]) -> str:
    """Return the kind of an element, as in `_KINDS` or `hidden`, by its tag in whatever namespace."""
    name = tag.rpartition("}")[2].lower() if isinstance(tag, str) else ""
    return "hidden" if name in hidden else _KINDS.get(name, "block")


def _refers_to_note(element: etree._Element) -> bool:
    """Return whether an element is the number of a note, which must not become a part of the word before it."""
    if len(element) and element.find("{*}a" if element.tag == "sup" else "{*}sup") is not None:
        return True
    return "noteref" in (element.get("epub:type"), str(element.get("role")).removeprefix("doc-"))
