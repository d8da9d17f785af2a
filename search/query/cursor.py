"""A place in the list of lexemes."""

from __future__ import annotations

from search.query.lexer import Lexeme, Type


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
