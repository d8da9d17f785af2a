"""A tree of HTML to the paragraphs that a reader sees. Knows nothing of where the tree comes from."""

from __future__ import annotations

import re

from lxml import etree, html

HIDDEN = frozenset(
    [
        "head",
        "script",
        "style",
        "noscript",
        "template",
        "nav",
        "aside",
        "form",
        "button",
        "select",
        "svg",
        "math",
        "iframe",
        "object",
        "audio",
        "video",
        "canvas",
    ]
)
"""What is not read as text."""

_INLINE = frozenset(
    [
        "a",
        "abbr",
        "acronym",
        "b",
        "bdi",
        "bdo",
        "big",
        "cite",
        "code",
        "data",
        "del",
        "dfn",
        "em",
        "font",
        "hi",
        "i",
        "ins",
        "kbd",
        "label",
        "mark",
        "q",
        "ref",
        "rp",
        "rt",
        "ruby",
        "s",
        "samp",
        "small",
        "span",
        "strike",
        "strong",
        "sub",
        "sup",
        "time",
        "tt",
        "u",
        "var",
        "wbr",
    ]
)
_SPACES = frozenset(["br", "lb", "td", "th", "cell"])
_SURROGATE = re.compile("[\ud800-\udfff]")


def tidy(text: str) -> str:
    r"""A text with its white space collapsed, and without what cannot be written: NUL, halves of characters.

    >>> tidy(" a\n b\x00 ")
    'a b'
    """
    if _SURROGATE.search(text):
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return " ".join(text.replace("\0", "").split())


def parsed(text: str) -> html.HtmlElement | None:
    """The tree of a page, however broken; None for one without any element. Nothing that it refers to is fetched."""
    parser = html.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True)
    data = text.encode("utf-8", "replace")
    return html.document_fromstring(data, parser=parser) if data.strip() else None


def paragraphs_of(root: etree._Element, hidden: frozenset[str] = HIDDEN) -> list[str]:
    """The texts of a tree's blocks, in order; a row of a table is one."""
    found: list[str] = []
    pieces: list[str] = []
    skipped = 0

    def end() -> None:
        if text := tidy("".join(pieces)):
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
