"""Long paragraphs in pieces: what is ranked, marked and shown must not be a book."""

from __future__ import annotations

import re
import unicodedata
from itertools import chain

LIMIT = 10_000
"""Code points of the longest paragraph, and of the longest title."""

LEAST = 1_000
"""About how many the last piece has at least: a few words alone say little, and would rank too high."""

REACH = 64
"""How far a cut within a word moves back so as not to part what is one character to a reader."""

_END = ".!?…؟।॥۔።։"
_CLOSING = "\"'’”“»«›‹)\\]}"  # quotation marks close in one language and open in another
_UNSPACED_END = "。！？｡။។"
_UNSPACED_CLOSING = "\"'’”」』）】》〉〕］｣\ufe00-\ufe0f"

# Greedy: the last border of a window is the first that is found. Possessive: work stays linear whatever the text is.
_SENTENCE = re.compile(
    rf".*(?:[{_END}](?:[\u00a0\u202f]?[{_CLOSING}])*+(?=\s)"
    rf"|[{_UNSPACED_END}][{_UNSPACED_CLOSING}]*+(?=[^{_UNSPACED_END}{_UNSPACED_CLOSING}]))",
    re.DOTALL,
)
_GAP = re.compile(r".*\S(?=\s)", re.DOTALL)
_SPACE = re.compile(r"\s*")
_JOINING = re.compile("[\u1160-\u11ff\ud7b0-\ud7ff\u200c\u200d\uff9e\uff9f\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]")
"""Besides combining marks, what belongs to the character before it: vowels of Hangul, joiners, shades of skin, tags."""
_FLAG = re.compile("[\U0001f1e6-\U0001f1ff]{2}")
"""Halves of flags; in a row of them nothing near says which two are one."""


def in_pieces(title: str, paragraphs: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """A title and paragraphs, none of them longer than the limit: what a title has more comes first among the others.

    >>> in_pieces("Title", ("One.", "Two."))
    ('Title', ('One.', 'Two.'))
    """
    title, *rest = pieces_of(title)
    return title, (*rest, *chain.from_iterable(map(pieces_of, paragraphs)))


def pieces_of(text: str) -> list[str]:
    """A text in pieces that are no longer than the limit; as it is where it fits.

    Each ends with the last sentence that fits, else with the last word, else where the limit is. White space is dropped
    where it is cut, nothing else is. The same text is always cut at the same places.
    """
    if len(text) <= LIMIT:
        return [text]
    text = text.strip() or text[:LIMIT]
    pieces, start = [], 0
    while len(text) - start > LIMIT:
        end = _end(text, start, min(start + LIMIT, len(text) - LEAST))
        pieces.append(text[start:end])
        start = _after_space(text, end)
    return [*pieces, text[start:]]


def _end(text: str, start: int, limit: int) -> int:
    """Where the piece that begins at `start` ends: at `limit` or before. One character more shows what follows."""
    found = _SENTENCE.match(text, start, limit + 1) or _GAP.match(text, start, limit + 1)
    if found:
        return found.end()
    return next((at for at in range(limit, limit - REACH, -1) if not _one(text[at - 1], text[at])), limit)


def _one(before: str, after: str) -> bool:
    """Whether two characters are one to a reader, or may be."""
    return (
        before == "\u200d"
        or unicodedata.category(after).startswith("M")
        or _JOINING.match(after) is not None
        or _FLAG.match(before + after) is not None
    )


def _after_space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at
