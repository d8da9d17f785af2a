"""Which characters words are made of; the words of texts in Latin letters, found the short way."""

from __future__ import annotations

import re
import unicodedata

JOINERS = "'’＇.&+-_‐‑·"
INVISIBLE = "\u00ad\u061c\u200c-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff"
"""Format characters that may stand inside a word: soft hyphens, joiners, direction marks."""

UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
"""Scripts that put no space between words: there each character is a token, and a word is a phrase of them."""

_LATIN = [
    chr(code)
    for code in (*range(0x80, 0x250), *range(0x2010, 0x2028), ord("＇"))
    if unicodedata.category(chr(code)) != "Cf"
]
"""Latin letters, quotes and dashes beyond ASCII."""


def _pattern(letters: str, joiners: str) -> re.Pattern[str]:
    """`search.analysis.RUN` of these letters, as a group, by the standard library: several times as fast."""
    letter, joiner = f"[{letters}]", f"[{re.escape(joiners)}]"
    return re.compile(rf"({letter}+(?:{joiner}{letter}+)*(?:\+{{1,2}}|#|(?<=\.{letter})\.)?)")


_ASCII_LETTERS = "A-Za-z0-9"
_ASCII_RUN = _pattern(_ASCII_LETTERS, "'.&+-_")
_LATIN_RUN = _pattern(_ASCII_LETTERS + "".join(c for c in _LATIN if unicodedata.category(c)[0] in "LN"), JOINERS)
_OTHERS = re.compile(f"[^\0-\x7f{''.join(_LATIN)}]")


def latin_pattern(text: str) -> re.Pattern[str] | None:
    """What finds the runs of a text, the same as all other ways; None for a text with other characters."""
    if text.isascii():
        return _ASCII_RUN
    return None if _OTHERS.search(text) else _LATIN_RUN
