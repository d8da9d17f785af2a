"""Queries of plain words, read without lexemes: most of what is typed. What is read is what the parser reads."""

from __future__ import annotations

import re
from functools import lru_cache

from search.analysis import CACHED, stem
from search.model import Match
from search.query.reads import Parsed
from search.query.tree import And, Or, Word

MAX_LENGTH = 512
"""Code points of a text that is looked at here."""

_PLAIN = re.compile(r"[A-Za-z0-9 ]+")
_OPERATORS = {"AND", "OR", "NOT"}


def read_plain(text: str, match: Match, languages: tuple[str, ...]) -> Parsed | None:
    """Read a query of words of ASCII letters and digits between spaces; None for any other."""
    if len(text) > MAX_LENGTH or not _PLAIN.fullmatch(text):
        return None
    words = text.split()
    if not words or not _OPERATORS.isdisjoint(words):
        return None
    leaves: dict[tuple[str, ...], tuple[Word, str]] = {}
    for word in words:
        leaf = plain_word(word, languages)
        if leaf.stems not in leaves:
            leaves[leaf.stems] = (leaf, word)
    children = tuple(leaf for leaf, _ in leaves.values())
    if len(children) == 1:
        return Parsed(children[0], words[0], ())
    written = [word for _, word in leaves.values()]
    if match == "any":
        return Parsed(Or(children), " OR ".join(written), ())
    return Parsed(And(children), " AND ".join(written), ())


@lru_cache(CACHED)
def plain_word(text: str, languages: tuple[str, ...], *, title: bool = False) -> Word:
    """The leaf for one word of ASCII letters and digits."""
    return Word(tuple(dict.fromkeys(form for lang in languages for form in stem(text, lang))), title)
