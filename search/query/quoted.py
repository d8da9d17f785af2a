"""Queries that are one quote of plain words, read without lexemes. What is read is what the parser reads."""

from __future__ import annotations

import re
from functools import lru_cache

from search.analysis import CACHED
from search.query.leaves import quote
from search.query.lexer import Lexeme, Type
from search.query.plain import MAX_LENGTH
from search.query.reads import Parsed
from search.query.tree import Phrase, Slot

_QUOTED = re.compile('"([A-Za-z0-9]{1,100}(?: [A-Za-z0-9]{1,100})*)"')


def read_quoted(text: str, languages: tuple[str, ...]) -> Parsed | None:
    """Read a quote of words of ASCII letters and digits with a space between them; None for any other query."""
    found = _QUOTED.fullmatch(text) if text[:1] == '"' and len(text) <= MAX_LENGTH else None
    if not found:
        return None
    return Parsed(Phrase(tuple([_slot(word, languages) for word in found[1].split(" ")])), text, ())


@lru_cache(CACHED)
def _slot(word: str, languages: tuple[str, ...]) -> Slot:
    """The slot for one such word."""
    phrase = quote(Lexeme(Type.QUOTE, word, 0), languages, title=False)
    if phrase is None:
        raise AssertionError(word)
    return phrase.slots[0]
