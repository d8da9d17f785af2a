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

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from search.errors import QueryError
from search.model import Match
from search.query import leaves
from search.query.lexer import Lexeme, Type, lex
from search.query.tree import ALL, And, Near, Node, Not, Or, is_witness

MAX_LENGTH = 10_000
"""Code points in a query."""
MAX_LEAVES = 1_024
"""Words, quotes and filters in a query."""
MAX_DEPTH = 60
"""Parentheses (or NOTs) inside each other."""


class Parsed(NamedTuple):
    """A query that was read: its tree, how it was read in words, and what was left out."""

    tree: Node
    interpreted: str
    warnings: tuple[str, ...]


class Read(NamedTuple):
    """A node, how to write it, and how tightly the outermost operator of that writing binds."""

    node: Node
    text: str
    binds: int = 4


def parse(text: str, *, match: Match = "all", languages: tuple[str, ...] = ("en",)) -> Parsed:
    """Read a query. `languages` are those whose stems a plain word stands for.

    Raises QueryError, with the position, for anything that cannot be read.
    """
    if len(text) > MAX_LENGTH:
        message = f"The query has {len(text)} characters."
        raise QueryError(message, f"At most {MAX_LENGTH} can be read.", MAX_LENGTH)
    parser = _Parser(lex(text), len(text), match, languages)
    return parser.parse()


class _Parser:
    def __init__(self, lexemes: list[Lexeme], length: int, match: Match, languages: tuple[str, ...]) -> None:
        self.lexemes = lexemes
        self.length = length
        self.any = match == "any"
        self.languages = languages
        self.next = 0
        self.depth = 0
        self.leaves = 0
        self.title = False
        self.warnings: list[str] = []

    def parse(self) -> Parsed:
        if not self.lexemes:
            return Parsed(ALL, "", ())
        read = self.query()
        if self.peek() is not None:
            message = "A closing parenthesis has no opening one."
            raise QueryError(message, "Take it away, or open it before.", self.at)
        if read is None:
            message = "There is no word in this query to search for."
            raise QueryError(message, "Type a word; punctuation alone is not searched.", 0)
        return Parsed(read.node, read.text, tuple(self.warnings))

    def peek(self) -> Type | None:
        return self.lexemes[self.next].type if self.next < len(self.lexemes) else None

    @property
    def at(self) -> int:
        return self.lexemes[self.next].at if self.next < len(self.lexemes) else self.length

    def take(self) -> Lexeme:
        self.next += 1
        return self.lexemes[self.next - 1]

    def query(self) -> Read | None:
        return _join("OR", self.separated(Type.OR, self.sequence))

    def sequence(self) -> Read | None:
        reads = []
        while self.peek() not in {None, Type.CLOSE, Type.OR}:
            chain = self.separated(Type.AND, self.negation)
            reads += [_join("AND", chain)] if self.any else chain
        return _any_of(reads) if self.any else _join("AND", reads)

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
        if self.peek() in {None, Type.CLOSE, Type.AND, Type.OR, Type.NEAR}:
            missing = self.lexemes[self.next] if self.next < len(self.lexemes) else None
            if missing is not None and missing.type in {Type.AND, Type.OR, Type.NEAR}:
                operator = missing.type
            elif self.next == 0 or self.lexemes[self.next - 1].type is Type.OPEN:
                message = "There is nothing between these parentheses."
                raise QueryError(message, "Write words in them, or take them away.", self.at)
            message = f"{operator.value} needs something on both sides."
            raise QueryError(message, f'To search for the word itself, write it small or in "quotes": "{operator.value}".', self.at)

    def negation(self) -> Read | None:
        if self.peek() is not Type.NOT:
            return self.near()
        sign = self.take()
        if self.peek() in {None, Type.CLOSE, Type.AND, Type.OR, Type.NEAR}:
            message = "NOT needs something after it."
            raise QueryError(message, 'To search for the word itself, write it small or in "quotes": "not".', sign.at)
        with self.deeper(sign.at):
            read = self.negation()
        return read and Read(Not(read.node), f"NOT {_bracketed(read, 3)}", 3)

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
        node = Near(leaves.as_phrase(left.node, left_at), leaves.as_phrase(right.node, right_at), distance, self.title)
        return Read(node, f"{left.text} NEAR/{distance} {right.text}")

    def primary(self) -> Read | None:
        lexeme = self.take()
        if lexeme.type is Type.OPEN:
            return self.parenthesis(lexeme)
        self.leaves += 1
        if self.leaves > MAX_LEAVES:
            message = f"The query has more than {MAX_LEAVES} words."
            raise QueryError(message, "Search for fewer at a time.", lexeme.at)
        if lexeme.type is Type.FIELD:
            return self.field(lexeme)
        if lexeme.type is Type.QUOTE:
            leaf = leaves.quote(lexeme, self.languages, title=self.title)
            text = f'"{lexeme.text}"' + (f"~{lexeme.slop}" if lexeme.slop else "")
        else:
            leaf = leaves.chunk(lexeme, self.languages, title=self.title)
            text = leaves.shown(lexeme.text)
        if leaf is None:
            self.warnings.append(f"{text!r} holds no word and was left out.")
            return None
        return Read(leaf, text)

    def parenthesis(self, opening: Lexeme) -> Read | None:
        with self.deeper(opening.at):
            read = self.query()
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
            value = self.take()
            return Read(leaves.filter_of(field.text, value), f"{field.text}:{_quoted(value.text)}")
        if self.peek() not in {Type.CHUNK, Type.QUOTE, Type.OPEN} or self.title:
            message = "title: takes a word, a quote or words in parentheses."
            raise QueryError(message, "Write it as in title:(military support).", field.at)
        self.title = True
        read = self.primary()
        self.title = False
        return read and Read(read.node, f"title:{_bracketed(read, 4)}")

    @contextmanager
    def deeper(self, at: int) -> Iterator[None]:
        """One level of nesting more."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            message = f"More than {MAX_DEPTH} parentheses are nested."
            raise QueryError(message, "Say it with fewer.", at)
        yield
        self.depth -= 1


BINDING = {"OR": 1, "AND": 2}


def _join(operator: str, reads: Sequence[Read | None]) -> Read | None:
    """What is left of the operands, joined; nested operands of the same operator are taken in."""
    kept = [read for read in reads if read is not None]
    if len(kept) < 2:
        return kept[0] if kept else None
    kind = {"OR": Or, "AND": And}[operator]
    children: list[Node] = []
    for read in kept:
        children += read.node.children if isinstance(read.node, kind) else [read.node]
    unique = tuple(dict.fromkeys(children))
    binds = BINDING[operator]
    text = f" {operator} ".join(_bracketed(read, binds) for read in kept)
    return Read(kind(unique) if len(unique) > 1 else unique[0], text, binds)


def _any_of(reads: Sequence[Read | None]) -> Read | None:
    """Any of the operands that hold words, restricted by all of the others."""
    kept = [read for read in reads if read is not None]
    words = [read for read in kept if is_witness(read.node)]
    return _join("AND", [_join("OR", words), *(read for read in kept if not is_witness(read.node))])


def _bracketed(read: Read, binds: int) -> str:
    return read.text if read.binds >= binds else f"({read.text})"


def _quoted(value: str) -> str:
    return f'"{value}"' if " " in value else value
