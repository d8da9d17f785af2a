"""Lexemes to the typed tree, by recursive descent.

    query    := sequence (OR sequence)*
    sequence := chain chain*                 the implied operator: AND, or OR with match=any
    chain    := negation (AND negation)*
    negation := (NOT | -) negation | near
    near     := primary (NEAR/n primary)?
    primary  := ( query ) | field: primary | "quote"[~n] | chunk

With match=any, what only restricts (NOT, source, lang, dates) restricts all the same: `a b -c` is (a OR b) AND NOT c.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from search.errors import QueryError
from search.model import Match
from search.query import leaves
from search.query.interpretation import AND, ATOM, NEAR, NOT, OR, Parsed, Read, any_of, join
from search.query.lexer import Cursor, Lexeme, Type, lex
from search.query.plain import read_pattern, read_plain
from search.query.quoted import read_quoted
from search.query.tree import ALL, Leaf, Near, Node, Not, Phrase

MAX_LENGTH = 10_000
"""Code points in a query."""
MAX_LEAVES = 1_024
"""Words and filters in a query."""
MAX_DEPTH = 60
"""Parentheses (or NOTs) inside each other."""

NO_OPERAND = frozenset({None, Type.CLOSE, Type.AND, Type.OR, Type.NEAR})
"""Lexemes that no operand begins with."""
AFTER_SEQUENCE = frozenset({None, Type.CLOSE, Type.OR})
"""Lexemes that end operands without OR between them."""
_HALF = re.compile(r"[\ud800-\udfff]")
"""Surrogates: they come from bytes that are not UTF-8, and cannot be written into an answer."""


def parse(text: str, *, match: Match = "all", languages: tuple[str, ...] = ("en",)) -> Parsed:
    """Read a query. `languages` are those whose stems a plain word stands for.

    Raises QueryError, with the position, for anything that cannot be read.
    """
    return (
        read_plain(text, match, languages)
        or read_quoted(text, languages)
        or read_pattern(text)
        or read_any(text, match, languages)
    )


def read_any(text: str, match: Match, languages: tuple[str, ...]) -> Parsed:
    """Read a query of any sort, as `parse` does."""
    if len(text) > MAX_LENGTH:
        message = f"The query has {len(text)} characters."
        raise QueryError(message, f"At most {MAX_LENGTH} can be read.", MAX_LENGTH)
    if found := _HALF.search(text):
        message = "This is half a character."
        raise QueryError(
            message, "Type it again. A terminal that is not set to UTF-8 can be the reason.", found.start()
        )
    parser = _Parser(lex(text), len(text), match, languages)
    return parser.parse()


class _Parser(Cursor):
    def __init__(self, lexemes: list[Lexeme], length: int, match: Match, languages: tuple[str, ...]) -> None:
        super().__init__(lexemes, length)
        self.any = match == "any"
        self.languages = languages
        self.depth = 0
        self.words = 0
        self.title = False
        self.warnings: list[str] = []

    def parse(self) -> Parsed:
        if not self.lexemes:
            return Parsed(ALL, "", ())
        read = self.query()
        if self.peek() is not None:
            raise self.unopened()
        if read is None:
            message = "There is no word in this query to search for."
            raise QueryError(message, "Type a word; punctuation alone is not searched.", 0)
        return Parsed(read.node, read.text, tuple(self.warnings))

    def unopened(self) -> QueryError:
        return QueryError("A closing parenthesis has no opening one.", "Take it away, or open it before.", self.at)

    def query(self) -> Read | None:
        return join(OR, self.separated(Type.OR, self.sequence))

    def sequence(self) -> Read | None:
        reads = []
        while self.peek() not in AFTER_SEQUENCE:
            chain = self.separated(Type.AND, self.negation)
            reads += [join(AND, chain)] if self.any else chain
        return any_of(reads) if self.any else join(AND, reads)

    def separated(self, operator: Type, operand: Callable[[], Read | None]) -> list[Read | None]:
        """Operands with the operator between them."""
        self.expect_operand(operator)
        reads = [operand()]
        while self.peek() is operator:
            self.take()
            self.expect_operand(operator)
            reads.append(operand())
        return reads

    def expect_operand(self, operator: Type) -> None:
        """Complain if what follows cannot be one side of the operator."""
        if self.peek() in NO_OPERAND:
            missing = self.peek()
            if missing in {Type.AND, Type.OR, Type.NEAR}:
                operator = missing
            elif self.before is None:
                raise self.unopened()
            elif self.before.type is Type.OPEN:
                message = "There is nothing between these parentheses."
                raise QueryError(message, "Write words in them, or take them away.", self.at)
            message = f"{operator.value} needs something on both sides."
            raise QueryError(message, f'To search for the word itself, put it in quotes: "{operator.value}".', self.at)

    def negation(self) -> Read | None:
        if self.peek() is not Type.NOT:
            return self.near()
        sign = self.take()
        if self.peek() in NO_OPERAND:
            message = "NOT needs something after it."
            raise QueryError(message, 'To search for the word itself, write it small or in "quotes": "not".', sign.at)
        self.deepen(sign.at)
        read = self.negation()
        self.depth -= 1
        return read and Read(Not(read.node), f"NOT {read.within(NOT)}", NOT)

    def near(self) -> Read | None:
        left_at = self.at
        left = self.primary()
        if self.peek() is not Type.NEAR:
            return left
        sign = self.take()
        distance = leaves.distance(sign.text, sign.at + len("NEAR/"), f"NEAR/{sign.text}")
        if self.peek() not in {Type.CHUNK, Type.QUOTE}:
            message = "NEAR needs a word or a quote on both sides."
            raise QueryError(message, "Write it as in: military NEAR/5 support", sign.at)
        right_at = self.at
        right = self.primary()
        if self.peek() is Type.NEAR:
            message = "NEAR joins two words, not three."
            raise QueryError(message, "Write it as in: a NEAR/5 b AND b NEAR/5 c", self.at)
        if left is None or right is None:
            message = "NEAR needs a word or a quote on both sides."
            raise QueryError(message, "Punctuation alone is not searched.", sign.at)
        first, second = leaves.as_phrase(left.node, left_at), leaves.as_phrase(right.node, right_at)
        if first.title and not self.title:
            message = "title: goes around all of a NEAR."
            raise QueryError(message, "Write it as in: title:(military NEAR/5 support)", left_at)
        return Read(Near(first, second, distance, self.title), f"{left.text} NEAR/{distance} {right.text}", NEAR)

    def primary(self) -> Read | None:
        lexeme = self.take()
        if lexeme.type is Type.OPEN:
            return self.parenthesis(lexeme)
        if lexeme.type is Type.FIELD:
            return self.field(lexeme)
        if lexeme.type is Type.QUOTE:
            lexeme = self.literal(lexeme)
            leaf: Leaf | None = leaves.quote(lexeme, self.languages, title=self.title)
            text = f'"{lexeme.text}"' + (f"~{lexeme.slop}" if lexeme.slop else "")
        else:
            leaf = leaves.chunk(lexeme, self.languages, title=self.title)
            text = leaves.shown(lexeme.text)
        self.count(leaf, lexeme.at)
        if leaf is None:
            self.warnings.append(f"{text!r} holds no word and was left out.")
            return None
        return Read(leaf, text)

    def literal(self, lexeme: Lexeme) -> Lexeme:
        """A quote as it is searched: whoever meant a pattern in it is told that there is none."""
        text = lexeme.text if leaves.PLAIN_QUOTE.fullmatch(lexeme.text) else leaves.without_patterns(lexeme.text)
        if text == lexeme.text:
            return lexeme
        self.warnings.append(f'Wildcards and ~ do not work inside quotes: "{text}" was searched.')
        return lexeme._replace(text=text)

    def parenthesis(self, opening: Lexeme) -> Read | None:
        self.deepen(opening.at)
        read = self.query()
        self.depth -= 1
        if self.peek() is not Type.CLOSE:
            message = "A parenthesis is left open."
            raise QueryError(message, "Close it, or take it away.", opening.at)
        self.take()
        return read

    def field(self, field: Lexeme) -> Read | None:
        if field.text != "title":
            if self.peek() not in {Type.CHUNK, Type.QUOTE}:
                message = f"{field.text}: takes one value."
                raise QueryError(message, f"Write it as in {field.text}:value OR {field.text}:other.", field.at)
            node = leaves.filter_of(field.text, value := self.take())
            self.count(node, field.at)
            return Read(node, f"{field.text}:{leaves.shown_value(value)}", NEAR)
        if self.peek() not in {Type.CHUNK, Type.QUOTE, Type.OPEN} or self.title:
            message = "title: takes a word, a quote or words in parentheses."
            raise QueryError(message, "Write it as in title:(military support).", field.at)
        self.title = True
        read = self.primary()
        self.title = False
        return read and Read(read.node, f"title:{read.within(ATOM)}", NEAR)

    def count(self, node: Node | None, at: int) -> None:
        """Complain if this is one word too many. What holds no word counts too: it was work to find out."""
        self.words += len(node.slots) if isinstance(node, Phrase) else 1
        if self.words > MAX_LEAVES:
            message = f"The query has more than {MAX_LEAVES} words."
            raise QueryError(message, "Search for fewer at a time.", at)

    def deepen(self, at: int) -> None:
        """Go down one level of nesting."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            message = f"More than {MAX_DEPTH} parentheses or NOTs are nested."
            raise QueryError(message, "Say it with fewer.", at)
