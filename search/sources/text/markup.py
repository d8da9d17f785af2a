"""Text of HTML that stands in a field of a record, found in time that is in proportion to its length."""

from __future__ import annotations

import re
from html import unescape
from html.entities import html5

from search.sources.text.line_breaks import without_breaks

_CELLS = frozenset("table tbody td tfoot th thead tr".split())
_BLOCKS = _CELLS | frozenset(
    "address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption figure "
    "footer form h1 h2 h3 h4 h5 h6 head header hgroup hr html legend li main menu nav ol optgroup option p pre section "
    "summary title ul".split()
)
"""Elements that begin a paragraph or a row; any other one, also one that HTML does not know, stands within a line."""
_WITHIN, _BETWEEN = _CELLS | {"p"}, _CELLS - {"table"}
"""Blank lines are mere white space after the start tag of an element of the first set, and after the end tag of one of
the second; elsewhere they end a paragraph."""
_UNSEEN = frozenset("iframe noscript rp rt script style svg template".split())
_OPEN = frozenset({"script", "style"})
"""Elements that hide all of a text that follows them if nothing closes them."""
_READINGS = frozenset({"rp", "rt"})
_RUBY = _READINGS | {"rb", "rtc", "ruby"}
"""Elements that end a reading (`rp`, `rt`) where they begin or end, even if nothing closes it."""
_BREAKS = dict.fromkeys(_BLOCKS, "\n\n") | {"br": "\n", "td": " ", "th": " ", "": ""}
"""Maps the name of an element to the text that replaces its tags; the name "" is that of comments, which leave nothing.
"""

_ELEMENTS = frozenset(
    "a abbr acronym audio b bdi bdo big br button cite code del dfn em font i img ins kbd label mark nobr picture q "
    "ruby s samp select small span strike strong sub sup textarea time tt u var video".split()
).union(_BLOCKS, _UNSEEN)
_SIGN = re.compile(
    r"</(?P<closed>[a-z][a-z0-9]{0,10}+)\s*+>|<(?:br|hr|p)\s*+/?>|<!(?:\[CDATA\[|doctype\s+html\b)"
    r"|<(?P<begun>[a-z][a-z0-9]{0,10}+)\s++[a-z][a-z0-9:_-]*+\s*+=[^<>]*+>",
    re.IGNORECASE,
)
"""A tag that nobody writes by chance, if it is one of HTML: it closes an element, stands alone, or has an attribute."""
_TAG = re.compile(
    r"<(?:(?P<end>/?)(?P<name>[a-z][a-z0-9]{0,39}(?:[:-][a-z][\w.:-]{0,60}+)?)(?=[\s/>])(?:>|"
    r"(?:[^<>=]*+=(?:\s*+(?:\"[^\"]{0,1000}+\"|'[^']{0,1000}+')(?=[\s/>]))?+){0,32}+[^<>]*+>|[^<>]*+>)"
    r"|!--.*?(?:-->|\Z)|!(?:doctype\b|\[(?!CDATA))[^<>]*+>|!\[CDATA\[|\?(?:xml|php)\b[^<>]*+>)",
    re.IGNORECASE | re.DOTALL,
)
"""A tag, and what else of HTML is no text. Values in quotation marks may hold `<` and `>`; where it is not clear that
a mark is closed, the tag ends at the first `>`, so that no text is lost."""
_LINES = re.compile(r"<(?:p|div|br|li)\b", re.IGNORECASE)
_BLANK = re.compile(r"\n\s*\n")
_BLANK_MARK = "\x1e"
"""Stands for blank lines until it is known where they are; it is white space as well, of which no other is left."""
_REFERENCE = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")


def is_markup(text: str) -> bool:
    """Return whether a text is HTML rather than text that only names a tag."""
    if "<" not in text:
        return False
    names = (found["closed"] or found["begun"] or "p" for found in _SIGN.finditer(text))
    return any(name.lower() in _ELEMENTS for name in names)


def decode_references(text: str) -> str:
    """Return a text without tags in which characters stand for their references, those that end with a semicolon.

    >>> decode_references("AT&amp;T &#39;s &copy=1 &unknown;")
    "AT&T 's &copy=1 &unknown;"
    """
    return _REFERENCE.sub(_character, text) if "&" in text else text


def _character(reference: re.Match[str]) -> str:
    """Return the character that a reference stands for; the reference when it has no known name."""
    return unescape(reference[0]) if reference[0][1] == "#" else html5.get(reference[0][1:], reference[0])


def read_markup(text: str) -> tuple[str, bool]:
    """Return a text, and whether it is HTML; if not, with characters for its references.

    HTML whose tags were written as references too, as in feeds, is HTML.
    """
    if is_markup(text):
        return text, True
    if "&" not in text:
        return text, False
    decoded = decode_references(text)
    return decoded, is_markup(decoded)


def plain_text(text: str) -> str:
    r"""Return the text of HTML, with a blank line between paragraphs; `br` ends a line, cells of a table a word.

    Blank lines end paragraphs as well, as in texts of WordPress, but not within `p` and tables.

    >>> plain_text("<p>a &amp; <b>b</b><p>c<br>d<script>x</script>")
    'a & b\n\nc\nd'
    """
    if "<![CDATA[" in text:
        text = text.replace("]]>", "")
    if _LINES.search(text):
        text = _BLANK_MARK.join(" ".join(without_breaks(part).split()) for part in _BLANK.split(text))
    lines = unescape("".join(_pieces(text, _UNSEEN))).split("\n")
    return re.sub(r"\n{3,}", "\n\n", "\n".join(" ".join(line.split()) for line in lines)).strip()


def _pieces(text: str, unseen: frozenset[str]) -> list[str]:
    """Return the pieces of text between the tags of HTML, and line breaks for tags; without the `unseen` elements."""
    pieces: list[str] = []
    place, hidden, within = 0, "", False
    ended = -1
    """Where an element that HTML does not know has ended."""
    for tag in _TAG.finditer(text):
        start, stop = tag.span()
        end, name = tag.group("end", "name")
        starts, name = not end, name.lower() if name else ""
        if not hidden:
            piece = text[place:start]
            pieces.append(piece if within else piece.replace(_BLANK_MARK, "\n\n"))
            if name in _BLOCKS:
                within = name in (_WITHIN if starts else _BETWEEN)
            follows = starts and ended == start and name not in _ELEMENTS  # as in XML
            pieces.append(_BREAKS.get(name, "\n\n" if follows else ""))
            hidden = name if starts and name in unseen and not tag[0].endswith("/>") else ""
        elif (hidden == name and not starts) or (hidden in _READINGS and name in _RUBY):
            hidden = name if starts and name in _READINGS else ""
        place = stop
        ended = -1 if starts or name in _ELEMENTS else stop
    if not hidden:
        pieces.append(text[place:] if within else text[place:].replace(_BLANK_MARK, "\n\n"))
    elif hidden not in _OPEN:  # all that follows would be lost
        return _pieces(text, unseen - {hidden})
    return pieces
