"""Paragraphs of a tree of HTML, as a person sees them."""

from __future__ import annotations

import re
from itertools import chain, islice

from lxml import etree, html

from search.sources.text.line_breaks import without_breaks
from search.sources.text.page_entities import put_in_entities

HIDDEN = frozenset(
    "head title script style noscript noframes template nav select datalist textarea svg iframe object audio video "
    "canvas rp rt rtc annotation annotation-xml".split()
)
"""Elements whose text is never left in: it is not shown, or is not text. `rt` is a reading above a word (ruby)."""

INLINE = frozenset(
    "a abbr acronym b bdi bdo big button cite code data del dfn em font i input ins kbd label mark nobr q rb ruby s "
    "samp slot small span strike strong sub sup time tt u var wbr math mi mn mo ms mtext mrow mfrac msqrt mroot msub "
    "msup msubsup munder mover munderover mstyle mpadded semantics".split()
)
"""Elements that do not end a paragraph."""

_UNSEEN = frozenset("sr-only visually-hidden visuallyhidden screen-reader-text screen-reader-only a11y-hidden".split())
"""Classes of elements that only screen readers show: names of links and buttons."""
_INVISIBLE = re.compile(r"(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)

_BREAK = "\u2028"
"""The character that replaces each element `br` in a text: Unicode's line separator, which counts as white space."""
_BREAKS = re.compile(rf"{_BREAK}\s*{_BREAK}")

_KINDS = {
    **dict.fromkeys(INLINE, "inline"),
    **dict.fromkeys(("a", "sup"), "reference"),
    **dict.fromkeys(("td", "th", "img"), "space"),
    "br": "break",
}
"""Maps an element to its effect on the paragraph that it stands in."""

_BLOCKS = frozenset(
    "address article aside blockquote body caption center col colgroup dd details dialog dir div dl dt fieldset "
    "figcaption figure footer form frameset h1 h2 h3 h4 h5 h6 header hgroup hr html legend li link listing main menu "
    "meta ol optgroup option p plaintext pre search section summary table tbody tfoot thead tr ul xmp".split()
)
"""Elements that end a paragraph. For one that is in neither list, which a browser shows within the line (`st1:place` of
Word, `noindex`, `picture`, elements of the page's own), its place tells: see `stands_in_line`."""
_LINES = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6"})
"""Elements that hold lines of text and nothing else."""
_OUTWARDS = 8
"""Elements of unknown names in each other that are looked at to tell whether they stand within a line."""

_PREFORMATTED = frozenset({"pre", "listing", "xmp", "plaintext"})
"""Elements that show a text with its lines, so that a blank one ends a paragraph; in code it does not."""
_NUMBER = re.compile(r"\s*(?:\[?(?:\d{1,4}|[*†‡])\]?|\[[a-z]{1,2}\])\s*")
"""Matches the number or sign of a note, such as `1` and `[1]`."""
_PAGE = re.compile(r"\s*[\[({]?\s*(?:(?:p|pg|page)\b\.?\s*)?(?:\d{1,4}|[ivxlcdm]{1,9})\s*[\])}]?\s*", re.IGNORECASE)
"""Matches the number of a page of a printed book, such as `[Pg 12]`."""
_PAGE_CLASSES = frozenset({"pagenum", "pageno", "page-number", "page_number", "pagenumber"})
"""Classes that books of Project Gutenberg and others give to such numbers, which stand at the side of the text."""
_FEW = 8
"""Pieces of text that the number of a note consists of at most."""
_BLANK_LINE = re.compile(r"\n[ \t\r]*\n")
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
    r"|(?P<end></(?:body|html)(?=[\s/>])[^>]*+>)"
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
    data = _with_plain_tags(text).encode("utf-8", "replace")
    try:
        tree = html.document_fromstring(data, parser=parser) if data.strip() else None
    except etree.ParserError:  # nothing but comments, closing tags and the like
        tree = None
    for shadow in tree.iter("template") if tree is not None else ():
        if shadow.get("shadowrootmode") is not None:  # a browser shows it; saved pages are full of them
            shadow.tag = "div"
    cut = any(error.type_name == "ERR_RESOURCE_LIMIT" for error in parser.error_log)
    return tree, ((TOO_DEEP,) if cut else ()) + unread


def _with_plain_tags(text: str) -> str:
    """Return a page in which each element has the first ATTRIBUTES of its attributes at most, and no tag ends the page.

    A browser shows what stands after `</body>` and `</html>`, as where a server puts something at the end of each page;
    the parser reads nothing there.
    """
    pieces: list[str] = []
    place = 0
    for found in _TAG.finditer(text):
        if found["end"]:
            pieces.append(text[place : found.start()])
            place = found.end()
            continue
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
    """Return the texts of the blocks of a tree, in order; a row of a table is one block.

    Two `br` end a block, and so does a blank line of a preformatted text.

    Elements whose names are in `hidden`, and the elements `left_out`, are not read.
    """
    found: list[str] = []
    pieces: list[str] = []
    kinds: dict[object, str] = {}
    skipped = preformatted = 0

    def end() -> None:
        text = "".join(pieces)
        pieces.clear()
        found.extend(filter(None, map(clean_text, _BREAKS.split(text) if _BREAK in text else (text,))))

    for event, element in etree.iterwalk(root, events=("start", "end")):
        started, tag = event == "start", element.tag
        kind = kinds.get(tag) or kinds.setdefault(tag, _kind_of(tag, hidden))
        kind = ("inline" if stands_in_line(element) else "block") if kind == "unknown" else kind
        preformatted += tag in _PREFORMATTED and element.find("code") is None and (1 if started else -1)
        if kind == "hidden" or (left_out and element in left_out):
            skipped += 1 if started else -1
            if kind == "block":
                end()
        elif skipped:
            pass
        elif kind == "block":
            end()
        elif kind == "space" or (
            kind == "reference" and (_refers_to_note(element, pieces) if started else _are_number(pieces))
        ):
            pieces.append(" ")
        elif kind == "break" and started:
            pieces.append(_BREAK)
        if not skipped and (text := element.text if started else element.tail) and (started or element is not root):
            pieces.append(_BLANK_LINE.sub(_BREAK * 2, text) if preformatted else without_breaks(text))
    end()
    return found


def _kind_of(tag: object, hidden: frozenset[str]) -> str:
    """Return the kind of an element, as in `_KINDS` or `hidden`, by its tag in whatever namespace."""
    name = tag.rpartition("}")[2].lower() if isinstance(tag, str) else ""
    if name in hidden:
        return "hidden"
    return _KINDS.get(name) or ("block" if name in _BLOCKS else "unknown")


def stands_in_line(element: etree._Element) -> bool:
    """Return whether an element stands in a line of text, or has text right beside it."""
    for outer in islice(chain([element], element.iterancestors()), _OUTWARDS):
        before, parent = outer.getprevious(), outer.getparent()
        if parent is None:
            break
        beside = (outer.tail, parent.text if before is None else before.tail)
        in_line = parent.tag in _LINES or _KINDS.get(parent.tag) in {"inline", "reference"}
        if in_line or any(text and text.strip() for text in beside):
            return True
        if parent.tag in _BLOCKS:
            break
    return False


def is_inline_only(element: etree._Element) -> bool:
    """Return whether an element holds no blocks and no breaks of lines."""
    return all(inner.tag in INLINE for inner in element.iterchildren("*"))


def is_invisible(element: etree._Element) -> bool:
    """Return whether a browser does not show an element, as far as the page itself says so."""
    if element.get("hidden", "until-found") != "until-found" or (
        element.tag == "dialog" and element.get("open") is None
    ):
        return element.tag not in {"html", "body"}
    style, classes = element.get("style"), element.get("class")
    if classes is not None and not _UNSEEN.isdisjoint(classes.split()):
        return True
    return style is not None and _INVISIBLE.search(style) is not None and str(element.tag) not in {"html", "body"}


def page_numbers(tree: etree._Element, text: str) -> frozenset[etree._Element]:
    """Return the elements that are numbers of the pages of a printed book, which may stand within a word."""
    if "page" not in text or not any(name in text for name in ("pagebreak", *_PAGE_CLASSES)):
        return frozenset()
    return frozenset(filter(_is_page_number, tree.iter("*")))


def _is_page_number(element: etree._Element) -> bool:
    """Return whether an element says that it is such a number."""
    if "pagebreak" in (element.get("epub:type"), str(element.get("role")).removeprefix("doc-")):
        return True
    classes = element.get("class")
    if classes is None or _PAGE_CLASSES.isdisjoint(classes.lower().split()):
        return False
    return _PAGE.fullmatch("".join(map(str, element.itertext()))) is not None


def _refers_to_note(element: etree._Element, before: list[str]) -> bool:
    """Return whether an element is the number of a note, which must not become a part of the word before it."""
    if before and before[-1].endswith(("[", "(")):
        return False
    if len(element) and element.find("{*}a" if element.tag == "sup" else "{*}sup") is not None:
        return True
    if "noteref" in (element.get("epub:type"), str(element.get("role")).removeprefix("doc-")):
        return True
    return "#" in (element.get("href") or "") and _are_number([*map(str, element.itertext())])


def _are_number(pieces: list[str]) -> bool:
    """Return whether pieces of text are the number or sign of a note, as at the beginning of the note."""
    return len(pieces) <= _FEW and _NUMBER.fullmatch("".join(pieces)) is not None
