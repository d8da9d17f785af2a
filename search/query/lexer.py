"""Query text to lexemes: operators, parentheses, quotes and chunks of text, each with its position."""

from __future__ import annotations

import re
from enum import Enum
from typing import NamedTuple

from search.errors import QueryError


class Type(Enum):
    """What a lexeme is; the value is how messages call it."""

    OPEN = "("
    CLOSE = ")"
    AND = "AND"
    OR = "OR"
    NOT = "NOT"
    NEAR = "NEAR"
    FIELD = "field"
    QUOTE = "quote"
    CHUNK = "chunk"

    __hash__ = object.__hash__  # that of an enumeration is ten times as slow


class Lexeme(NamedTuple):
    """A piece of the query. `text` is a chunk's or quote's text, a field's name, a NEAR's distance."""

    type: Type
    text: str
    at: int
    slop: str | None = None


FIELDS = ("title", "source", "lang", "date", "before", "after")
QUOTES = '"“”„‟«»'
"""What phones and word processors type for a quotation mark."""

_WORD = re.compile(rf"[ ]*([A-Za-z0-9]+)(?=[\s(){QUOTES}]|$)")
"""A chunk of ASCII letters and digits, as nearly all are, or an operator."""
_OPERATORS = frozenset({"AND", "OR", "NOT"})
_SPACE = re.compile(r"\s+")
_QUOTE = re.compile(f"[{QUOTES}]([^{QUOTES}]*)[{QUOTES}](?:~(\\w*))?")
_STRAY = re.compile(rf"[^\s(){QUOTES}]*[~\w]")
"""What may not follow the distance of a quote: another one, or the rest of what is no whole number."""
_LOOSE = re.compile(rf"~\d+(?=[\s(){QUOTES}]|$)")
_OPERATOR = re.compile(rf"(AND|OR|NOT)(?=[\s(){QUOTES}]|$)")
_NEAR = re.compile(rf"NEAR/([^\s(){QUOTES}]*)")
_FIELD = re.compile(r"([^\W\d_]\w*):(?=[^\s)])")
_EMPTY_FIELD = re.compile(rf"({'|'.join(FIELDS)}):", re.IGNORECASE)
_CHUNK = re.compile(f"[^\\s(){QUOTES}]+")


def lex(text: str) -> list[Lexeme]:
    """All lexemes of a query. Raises QueryError at a quote left open, an unknown field, a field without a value."""
    lexemes: list[Lexeme] = []
    at = 0
    while at < len(text):
        if (found := _WORD.match(text, at)) and found[1] not in _OPERATORS:
            lexemes.append(Lexeme(Type.CHUNK, found[1], found.start(1)))
            at = found.end()
        elif found := _SPACE.match(text, at):
            at = found.end()
        else:
            lexeme, at = _next(text, at)
            lexemes.append(lexeme)
    return lexemes


def _next(text: str, at: int) -> tuple[Lexeme, int]:
    """The lexeme that begins at `at`, and where it ends."""
    if text[at] in "()":
        return Lexeme(Type(text[at]), text[at], at), at + 1
    if text[at] in QUOTES:
        return _quote(text, at)
    if text[at] == "-" and at + 1 < len(text) and not text[at + 1].isspace():
        return Lexeme(Type.NOT, "-", at), at + 1
    if found := _OPERATOR.match(text, at):
        return Lexeme(Type(found[1]), found[1], at), found.end()
    if found := _NEAR.match(text, at):
        return Lexeme(Type.NEAR, found[1], at), found.end()
    if found := _FIELD.match(text, at):
        if found[1].lower() not in FIELDS:
            hint = f'The fields are {", ".join(FIELDS)}. To search for the text itself, put it in "quotes".'
            message = f"There is no field {found[1]!r}."
            raise QueryError(message, hint, at)
        return Lexeme(Type.FIELD, found[1].lower(), at), found.end()
    if found := _EMPTY_FIELD.match(text, at):
        message = f"{found[0]} has no value."
        raise QueryError(message, f"Write it right after the colon, as in {found[0]}word.", at)
    return _chunk(text, at)


def _chunk(text: str, at: int) -> tuple[Lexeme, int]:
    if found := _LOOSE.match(text, at):
        message = f"{found[0]} follows neither a word nor a quote."
        raise QueryError(message, 'Write it right after one, as in "military support"~5.', at)
    found = _CHUNK.match(text, at)
    if found is None:
        raise AssertionError(text, at)
    return Lexeme(Type.CHUNK, found[0], at), found.end()


def _quote(text: str, at: int) -> tuple[Lexeme, int]:
    found = _QUOTE.match(text, at)
    if found is None:
        message = "A quotation mark is left open."
        raise QueryError(message, "Close it, or take it away.", at)
    if found[2] is not None and _STRAY.match(text, found.end()):
        message = "A quote takes one distance, a whole number."
        raise QueryError(message, 'Write it as in "military support"~5, and a space after it.', found.end())
    return Lexeme(Type.QUOTE, found[1], at + 1, found[2]), found.end()


class Cursor:
    """Reads lexemes one after the other. `length` is that of the query's text, where it ends."""

    def __init__(self, lexemes: list[Lexeme], length: int) -> None:
        self.lexemes = lexemes
        self.types = [*(lexeme.type for lexeme in lexemes), None]
        self.length = length
        self.next = 0

    @property
    def before(self) -> Lexeme | None:
        """The lexeme that was taken last; None at the beginning."""
        return self.lexemes[self.next - 1] if self.next else None

    @property
    def at(self) -> int:
        """Where the next lexeme begins, or the query ends."""
        return self.lexemes[self.next].at if self.next < len(self.lexemes) else self.length

    def peek(self) -> Type | None:
        """The type of the next lexeme; None at the end."""
        return self.types[self.next]

    def take(self) -> Lexeme:
        """The next lexeme, and step over it."""
        self.next += 1
        return self.lexemes[self.next - 1]
