"""Line breaks within a paragraph: a space between two words, nothing between characters of Chinese or Japanese.

Browsers do so too (CSS Text 3, "Segment Break Transformation Rules"): these scripts have no spaces between words, and a
word that goes on in the next line would come apart.
"""

from __future__ import annotations

import re

from search.analysis.characters import HAN_AND_KANA

_WIDE = f"[{HAN_AND_KANA}\u3001-\u3011\uff01-\uff0f\uff1a-\uff1f]"
"""Characters of Chinese and Japanese, and their punctuation."""
_BREAK = re.compile(rf"(?<={_WIDE})[^\S\n]*+\n\s*+(?={_WIDE})")
_ENDS_WIDE, _BEGINS_WIDE = re.compile(rf"{_WIDE}\Z"), re.compile(_WIDE)


def without_breaks(text: str) -> str:
    r"""Return a text without the line breaks, and the white space around them, between Chinese or Japanese characters.

    >>> without_breaks("北\n 京 and\nrain")
    '北京 and\nrain'
    """
    return text if text.isascii() or "\n" not in text else _BREAK.sub("", text)


def space_between(line: str, after: str) -> str:
    """Return what stands between a line and the one after it, if they are one paragraph: a space, or nothing."""
    return "" if _BEGINS_WIDE.match(after) and _ENDS_WIDE.search(line, max(0, len(line) - 1)) else " "
