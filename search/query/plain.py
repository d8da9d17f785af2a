"""Queries of plain words, or of one pattern, read without lexemes: most of what is typed.

What is read is what the parser reads.
"""

from __future__ import annotations

import re
from functools import lru_cache

from search.analysis.tokenizer import CACHED, stem
from search.model import Match
from search.query.interpretation import Parsed
from search.query.tree import And, Fuzzy, Or, Wildcard, Word

MAX_LENGTH = 512
"""Code points of a text that is looked at here."""
MAX_EDITS = 2
"""Edits of a misspelling that does not say how many."""

_PATTERN = re.compile(r"([A-Za-z0-9]{1,127})(?:(\*)|~([12]?))")
_OPERATORS = {"AND", "OR", "NOT"}


def read_plain(text: str, match: Match, languages: tuple[str, ...]) -> Parsed | None:
    """Read a query of words of ASCII letters and digits between spaces; None for any other."""
    if len(text) > MAX_LENGTH or not (text.isascii() and text.replace(" ", "").isalnum()):
        return None
    written = text.split()
    if not _OPERATORS.isdisjoint(written):
        return None
    children = tuple([plain_word(word, languages) for word in written])
    if len({leaf.stems for leaf in children}) < len(written):  # words of one stem are one word, as first written
        words = dict(zip(reversed(children), reversed(written), strict=True))
        children = tuple(dict.fromkeys(children))
        written = [words[leaf] for leaf in children]
    if len(children) == 1:
        return Parsed(children[0], written[0], ())
    if match == "any":
        return Parsed(Or(children), " OR ".join(written), ())
    return Parsed(And(children), " AND ".join(written), ())


def read_pattern(text: str) -> Parsed | None:
    """Read a query that is one prefix, or one misspelling, of ASCII letters and digits; None for any other."""
    found = _PATTERN.fullmatch(text)
    if not found:
        return None
    word = found[1].lower()
    leaf = Wildcard(f"{word}*") if found[2] else Fuzzy(word, int(found[3] or MAX_EDITS))
    return Parsed(leaf, text, ())


@lru_cache(CACHED)
def plain_word(text: str, languages: tuple[str, ...], *, title: bool = False) -> Word:
    """The leaf for one word of ASCII letters and digits."""
    return Word(tuple(dict.fromkeys(form for lang in languages for form in stem(text, lang))), title)
