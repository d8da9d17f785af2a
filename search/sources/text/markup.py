"""Text of HTML that stands in a field of a record, found in time that is in proportion to its length."""

from __future__ import annotations

import re
from html import unescape
from html.entities import html5

from search.sources.text.line_breaks import without_breaks

_SIGN = re.compile(
    r"</(?:a|article|b|big|blockquote|center|cite|code|d[dlt]|div|em|figcaption|figure|font|h[1-6]|i|iframe|li|noscript|ol"
    r"|p|pre|q|s|script|section|small|span|strong|style|su[bp]|t[dhr]|table|tbody|u|ul)\s*>|<(?:br|hr|p)\s*/?>",
    re.IGNORECASE,
)
"""A tag that nobody writes by chance: one that closes an element, or stands alone."""
_TAG = re.compile(r"<(?P<end>/?)(?P<name>[a-z][a-z0-9]{0,19})\b[^<>]*+>|<!--.*?(?:-->|\Z)", re.IGNORECASE | re.DOTALL)
_REFERENCE = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")
_UNSEEN = frozenset({"script", "style", "template", "noscript", "svg", "rt", "rp", "iframe"})
_INLINE = frozenset(
    "a abbr acronym b bdi bdo big cite code data del dfn em font i img ins kbd label mark q rb rp rt ruby s samp small "
    "span strike strong sub sup time tt u var wbr".split()
)


def is_markup(text: str) -> bool:
    """Return whether a text is HTML rather than text that only names a tag."""
    return "<" in text and _SIGN.search(text) is not None


def decode_references(text: str) -> str:
    """Return a text without tags in which characters stand for their references, those that end with a semicolon.

    >>> decode_references("AT&amp;T &#39;s &copy=1 &unknown;")
    "AT&T 's &copy=1 &unknown;"
    """
    return _REFERENCE.sub(_character, text) if "&" in text else text


def _character(reference: re.Match[str]) -> str:
    """Return the character that a reference stands for; the reference when it has no known name."""
    return unescape(reference[0]) if reference[0][1] == "#" else html5.get(reference[0][1:], reference[0])


def plain_text(text: str) -> str:
    r"""Return the text of HTML, with a blank line between paragraphs; `br` ends a line, cells of a table a word.

    >>> plain_text("<p>a &amp; <b>b</b><p>c<br>d<script>x</script>")
    'a & b\n\nc\nd'
    """
    pieces: list[str] = []
    place, hidden = 0, ""
    text = " ".join(without_breaks(text).split()) if re.search(r"<(?:p|div|br|li)\b", text, re.IGNORECASE) else text
    for tag in _TAG.finditer(text):
        name = (tag["name"] or "").lower()
        if not hidden:
            pieces.append(unescape(text[place : tag.start()]))
            pieces.append({"br": "\n", "td": " ", "th": " "}.get(name, "" if not name or name in _INLINE else "\n\n"))
            hidden = name if name in _UNSEEN and not tag["end"] and not tag[0].endswith("/>") else ""
        elif tag["end"] and name == hidden:
            hidden = ""
        place = tag.end()
    pieces.append("" if hidden else unescape(text[place:]))
    lines = "".join(pieces).split("\n")
    return re.sub(r"\n{3,}", "\n\n", "\n".join(" ".join(line.split()) for line in lines)).strip()
