"""Splitting of long paragraphs, so that what is ranked, marked and shown has a bounded length."""

from __future__ import annotations

import re
import unicodedata
from itertools import chain

from search.analysis.sentences import CLOSING, END, UNSPACED_CLOSING, UNSPACED_END

LIMIT = 10_000
"""Code points of the longest paragraph, and of the longest title."""

LEAST = 1_000
"""Code points that the last piece of a paragraph has at least, about: a few words alone would rank too high."""

REACH = 64
"""Code points by which a cut within a word moves back at most, so as not to part one visible character."""

# Greedy: the last border of a window is the first that is found. Possessive: work stays linear whatever the text is.
_SENTENCE = re.compile(
    rf".*(?:[{END}](?:[\u00a0\u202f]?[{CLOSING}])*+(?=\s)"
    rf"|[{UNSPACED_END}][{UNSPACED_CLOSING}]*+(?=[^{UNSPACED_END}{UNSPACED_CLOSING}]))",
    re.DOTALL,
)
_GAP = re.compile(r".*\S(?=\s)", re.DOTALL)
_SPACE = re.compile(r"\s*")
_JOINING = re.compile("[\u1160-\u11ff\ud7b0-\ud7ff\u200c\u200d\uff9e\uff9f\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]")
"""Characters that join the one before them, besides combining marks: vowels of Hangul, joiners, skin tones, tags."""
_FLAG = re.compile("[\U0001f1e6-\U0001f1ff]{2}")
"""Two regional indicators, which may be one flag."""


def split_article(title: str, paragraphs: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """Return a title and paragraphs no longer than LIMIT; the rest of a long title becomes the first paragraphs.

    >>> split_article("Title", ("One.", "Two."))
    ('Title', ('One.', 'Two.'))
    """
    if len(title) <= LIMIT and max(map(len, paragraphs), default=0) <= LIMIT:  # nearly always
        return title, paragraphs
    title, *rest = split_text(title)
    return title, (*rest, *chain.from_iterable(map(split_text, paragraphs)))


def split_text(text: str) -> list[str]:
    """Return a text in pieces no longer than LIMIT.

    Each piece ends with the last sentence that fits, else with the last word, else at the limit. White space at a cut
    is dropped, nothing else is.
    """
    if len(text) <= LIMIT:
        return [text]
    text = text.strip() or text[:LIMIT]
    pieces, start = [], 0
    while len(text) - start > LIMIT:
        end = _end(text, start, min(start + LIMIT, len(text) - LEAST))
        pieces.append(text[start:end])
        space = _SPACE.match(text, end)
        start = space.end() if space else end
    return [*pieces, text[start:]]


def _end(text: str, start: int, limit: int) -> int:
    """Return where the piece that begins at `start` ends, at most `limit`. `text` goes on beyond the limit."""
    found = _SENTENCE.match(text, start, limit + 1) or _GAP.match(text, start, limit + 1)
    if found:
        return found.end()
    return next((at for at in range(limit, limit - REACH, -1) if not _is_one_character(text[at - 1], text[at])), limit)


def _is_one_character(before: str, after: str) -> bool:
    """Return whether two adjacent characters may be parts of one visible character."""
    return (
        before == "\u200d"
        or unicodedata.category(after).startswith("M")
        or _JOINING.match(after) is not None
        or _FLAG.match(before + after) is not None
    )
