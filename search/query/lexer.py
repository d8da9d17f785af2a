"""Turn query text into lexemes: operators, parentheses, quotes and chunks of text, each with its position."""

from __future__ import annotations

import re
from enum import Enum
from typing import NamedTuple

from search.errors import QueryError


class LexemeType(Enum):
    """The type of a lexeme; the value is the name that error messages use."""

    OPEN = "("
    CLOSE = ")"
    AND = "AND"
    OR = "OR"
    NOT = "NOT"
    NEAR = "NEAR"
    FIELD = "field"
    QUOTE = "quote"
    CHUNK = "chunk"


class Lexeme(NamedTuple):
    """One lexical element of a query.

    `text` is the text of a chunk or a quote, the name of a field, or the distance of NEAR. `at` is the position of its
    first code point in the query. `slop` is the text after `~` behind a quote, None without one.
    """

    type: LexemeType
    text: str
    at: int
    slop: str | None = None


FIELDS = ("title", "source", "lang", "date", "before", "after")
QUOTES = '"“”„‟«»'
"""Characters that are read as a quotation mark: phones and word processors type all of these."""

_SPACE = re.compile(r"\s+")
_QUOTE = re.compile(f"[{QUOTES}]([^{QUOTES}]*)[{QUOTES}](?:~(\\w*))?")
_AFTER_SLOP = re.compile(rf"[^\s(){QUOTES}]*[~\w]")
"""Text that must not follow the distance of a quote: a second distance, or the rest of a number such as `~5.5`."""
_LONE_SLOP = re.compile(rf"~\d+(?=[\s(){QUOTES}]|$)")
_OPERATOR = re.compile(rf"(AND|OR|NOT)(?=[\s(){QUOTES}]|$)")
_NEAR = re.compile(rf"NEAR/([^\s(){QUOTES}]*)")
_FIELD = re.compile(r"([^\W\d_]\w*):(?=[^\s)])")
_EMPTY_FIELD = re.compile(rf"({'|'.join(FIELDS)}):", re.IGNORECASE)
_CHUNK = re.compile(f"[^\\s(){QUOTES}]+")


def lex(text: str) -> list[Lexeme]:
    """Return all lexemes of a query.

    Raises QueryError for a quote left open, an unknown field, a field without a value and a misplaced distance.
    """
    lexemes: list[Lexeme] = []
    at = 0
    while at < len(text):
        if found := _SPACE.match(text, at):
            at = found.end()
        else:
            lexeme, at = _next(text, at)
            lexemes.append(lexeme)
    return lexemes


def _next(text: str, at: int) -> tuple[Lexeme, int]:
    """Return the lexeme that begins at `at`, and the position of its end."""
    if text[at] in "()":
        return Lexeme(LexemeType(text[at]), text[at], at), at + 1
    if text[at] in QUOTES:
        return _quote(text, at)
    if text[at] == "-" and at + 1 < len(text) and not text[at + 1].isspace():
        return Lexeme(LexemeType.NOT, "-", at), at + 1
    if found := _OPERATOR.match(text, at):
        return Lexeme(LexemeType(found[1]), found[1], at), found.end()
    if found := _NEAR.match(text, at):
        return Lexeme(LexemeType.NEAR, found[1], at), found.end()
    if found := _FIELD.match(text, at):
        if found[1].lower() not in FIELDS:
            hint = f'The fields are {", ".join(FIELDS)}. To search for the text itself, put it in "quotes".'
            raise QueryError(f"There is no field {found[1]!r}.", hint, at)
        return Lexeme(LexemeType.FIELD, found[1].lower(), at), found.end()
    if found := _EMPTY_FIELD.match(text, at):
        raise QueryError(f"{found[0]} has no value.", f"Write it right after the colon, as in {found[0]}word.", at)
    return _chunk(text, at)


def _chunk(text: str, at: int) -> tuple[Lexeme, int]:
    if found := _LONE_SLOP.match(text, at):
        message = f"{found[0]} follows neither a word nor a quote."
        raise QueryError(message, 'Write it right after one, as in "military support"~5.', at)
    found = _CHUNK.match(text, at)
    if found is None:
        raise AssertionError(text, at)
    return Lexeme(LexemeType.CHUNK, found[0], at), found.end()


def _quote(text: str, at: int) -> tuple[Lexeme, int]:
    found = _QUOTE.match(text, at)
    if found is None:
        raise QueryError("A quotation mark is left open.", "Close it, or take it away.", at)
    if found[2] is not None and _AFTER_SLOP.match(text, found.end()):
        message = "A quote takes one distance, a whole number."
        raise QueryError(message, 'Write it as in "military support"~5, and a space after it.', found.end())
    return Lexeme(LexemeType.QUOTE, found[1], at + 1, found[2]), found.end()
