"""Queries that are one quote of plain words, read without lexemes. What is read is what the parser reads."""

from __future__ import annotations

from search.query.interpretation import Parsed
from search.query.leaves import PLAIN_QUOTE, quote
from search.query.lexer import Lexeme, Type
from search.query.plain import MAX_LENGTH


def read_quoted(text: str, languages: tuple[str, ...]) -> Parsed | None:
    """Read a quote of words of ASCII letters and digits with a space between them; None for any other query."""
    if not (text[:1] == text[-1:] == '"' and len(text) <= MAX_LENGTH and PLAIN_QUOTE.fullmatch(text, 1, len(text) - 1)):
        return None
    phrase = quote(Lexeme(Type.QUOTE, text[1:-1], 1), languages, title=False)
    return Parsed(phrase, text, ()) if phrase else None
