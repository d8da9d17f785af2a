"""Line breaks within a paragraph: a space between two words, nothing between characters of Chinese or Japanese.

Where a word was cut its hyphen goes, unless it is that of a compound.

Browsers do so too (CSS Text 3, "Segment Break Transformation Rules"): these scripts have no spaces between words, and a
word that goes on in the next line would come apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from search.analysis.characters import HAN_AND_KANA

_WIDE = f"[{HAN_AND_KANA}\u3001-\u3011\uff01-\uff0f\uff1a-\uff1f]"
"""Characters of Chinese and Japanese, and their punctuation."""
_BREAK = re.compile(rf"(?<={_WIDE})[^\S\n]*+\n\s*+(?={_WIDE})")
_ENDS_WIDE, _BEGINS_WIDE = re.compile(rf"{_WIDE}\Z"), re.compile(_WIDE)

HYPHEN = re.compile(
    r"(?<![\w'’])(?<![\w'’][-\u2010])(?P<word>[\w'’]++(?:[-\u2010][\w'’]++)*+)(?P<mark>[-\u00ad\u2010])$"
)
"""Matches the word and the hyphen at the end of a line; it begins with a word only, so that work stays linear."""
_WORD = re.compile(r"[\w'’]+(?:[-\u2010][\w'’]+)*")
_COMPOUND = frozenset("self well ill ex all half cross vice non quasi".split())
"""First parts of compounds that keep their hyphen where a line ends."""
_JOINTS = frozenset("and or und oder bis et ou y o e ve veya en of och eller".split())
"""Words before which a hyphen stands for a part of a word that follows, as in `Haupt- und Nebenstraße`."""


def without_breaks(text: str) -> str:
    r"""Return a text without the line breaks, and the white space around them, between Chinese or Japanese characters.

    >>> without_breaks("北\n 京 and\nrain")
    '北京 and\nrain'
    """
    return text if text.isascii() or "\n" not in text else _BREAK.sub("", text)


def space_between(line: str, after: str) -> str:
    """Return what stands between a line and the one after it, if they are one paragraph: a space, or nothing."""
    return "" if _BEGINS_WIDE.match(after) and _ENDS_WIDE.search(line, max(0, len(line) - 1)) else " "


def compounds_of(lines: Iterable[str]) -> set[str]:
    """Return the words with hyphens within lines, in small letters: such a word keeps its hyphen where a line ends."""
    return {word.lower() for line in lines if "-" in line for word in _WORD.findall(line) if "-" in word}


def joint(cut: re.Match[str], line: str, compounds: set[str]) -> str:
    """Return what stands between a word at the end of a line (a match of HYPHEN) and the next line."""
    if cut["mark"] == "\u00ad":
        return ""
    after, word = _WORD.match(line), cut["word"]
    following = after[0] if after else ""
    if not following or following in _JOINTS:
        return "- "
    if not following[0].islower() or word.isupper() or "-" in word or len(word) == 1:
        return "-"
    return "-" if word.lower() in _COMPOUND or f"{word}-{following}".lower() in compounds else ""
