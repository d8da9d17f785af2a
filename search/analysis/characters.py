"""The characters that words are made of, and a fast tokenizer for texts in Latin letters."""

from __future__ import annotations

import re
import unicodedata

from search.model import Span

JOINERS = "'’＇.&+-_‐‑·"
"""Characters that join the parts of a raw token, such as `al-Sharaa` or `AT&T`."""
INVISIBLE = "\u00ad\u061c\u200c-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff"
"""Character ranges of format characters that may be inside a word: soft hyphens, joiners, direction marks."""

HAN_AND_KANA = "\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
"""Character ranges of the scripts of Chinese and Japanese, whose characters are indexed in pairs."""
UNSPACED = (
    "\u0e00-\u0e4f\u0e5a-\u0ecf\u0eda-\u0eff\u1000-\u103f\u104a-\u108f\u109a-\u109f\u1780-\u17df\u17ea-\u17ff"
    + HAN_AND_KANA
)
"""Character ranges of scripts without spaces between words, in which a token begins at each character.

Their digits are not among them, as a number is one word in every script.
"""

_ASCII_TOKEN = re.compile(r"[A-Za-z0-9]+(?:['.&+\-_][A-Za-z0-9]+)*(?:\+{1,2}|#|(?<=\.[A-Za-z0-9])\.)?")
"""RAW_TOKEN of the tokenizer, restricted to ASCII so that the faster regular expressions of `re` suffice."""
_LATIN = [
    chr(code)
    for code in (*range(0x80), *range(0x80, 0x250), *range(0x2010, 0x2028), ord("＇"))
    if unicodedata.category(chr(code)) != "Cf"
]
"""ASCII, Latin letters, quotes and dashes."""
_TO_ASCII = {
    ord(c): "'" if c in JOINERS else "a" if unicodedata.category(c)[0] in "LN" else " " for c in _LATIN if c > "\x7f"
}
"""Replacements in ASCII for the others of _LATIN, with which a text has the same raw tokens."""


def latin_raw_tokens(text: str) -> list[Span] | None:
    """Return the spans of all raw tokens; None for a text with characters other than Latin letters and punctuation."""
    alike = text if text.isascii() else text.translate(_TO_ASCII)
    return [raw.span() for raw in _ASCII_TOKEN.finditer(alike)] if alike.isascii() else None
