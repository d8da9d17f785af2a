"""Parse a query into a typed tree, by recursive descent.

    query    := sequence (OR sequence)*
    sequence := chain chain*                 the implied operator: AND, or OR with match=any
    chain    := negation (AND negation)*
    negation := (NOT | -) negation | near
    near     := primary (NEAR/n primary)?
    primary  := ( query ) | field: primary | "quote"[~n] | chunk

With match=any, filters and NOT still apply to every result: `a b -c` is (a OR b) AND NOT c.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from search.errors import QueryError
from search.model import Match
from search.query import leaves
from search.query.interpretation import AND, ATOM, NEAR, NOT, OR, Operand, Parsed, join, join_any
from search.query.lexer import Lexeme, LexemeType, lex
from search.query.tree import ALL, Leaf, Near, Node, Not, Phrase

MAX_LENGTH = 10_000
"""Maximum number of code points in a query."""
MAX_LEAVES = 1_024
"""Maximum number of words and filters in a query."""
MAX_DEPTH = 60
"""Maximum nesting depth of parentheses and NOTs."""

NO_OPERAND = frozenset({None, LexemeType.CLOSE, LexemeType.AND, LexemeType.OR, LexemeType.NEAR})
"""Types of lexemes that cannot begin an operand; None is the end of the query."""
SEQUENCE_END = frozenset({None, LexemeType.CLOSE, LexemeType.OR})
"""Types of lexemes that end a sequence of operands without OR between them; None is the end of the query."""
_SURROGATE = re.compile(r"[\ud800-\udfff]")
"""Lone surrogates: they stand for bytes that were not UTF-8, and no answer that contains one can be encoded."""


def parse(text: str, *, match: Match = "all", languages: tuple[str, ...] = ("en",)) -> Parsed:
    """Parse a query. A plain word stands for its stems in each of the languages, given by their codes.

    `match` is the operator between words that have none: AND for "all", OR for "any".
    Raises QueryError, with the position, for anything that cannot be parsed.
    """
    if len(text) > MAX_LENGTH:
        raise QueryError(f"The query has {len(text)} characters.", f"At most {MAX_LENGTH} can be read.", MAX_LENGTH)
    if found := _SURROGATE.search(text):
        message = "This is half a character."
        raise QueryError(
            message, "Type it again. A terminal that is not set to UTF-8 can be the reason.", found.start()
        )
    return _Parser(text, match, languages).parse()


class _Parser:
    """A recursive-descent parser of one query. Each method reads a rule of the grammar, from the next lexeme on."""

    def __init__(self, text: str, match: Match, languages: tuple[str, ...]) -> None:
        self.lexemes = lex(text)
        self.length = len(text)
        self.next = 0
        """Index of the next lexeme."""
        self.any = match == "any"
        self.languages = languages
        self.depth = 0
        self.words = 0
        self.title = False
        """Whether the parser is inside `title:`."""
        self.warnings: list[str] = []

    @property
    def before(self) -> Lexeme | None:
        """The lexeme that was taken last; None at the beginning."""
        return self.lexemes[self.next - 1] if self.next else None

    @property
    def at(self) -> int:
        """The position where the next lexeme begins, or the query ends."""
        return self.lexemes[self.next].at if self.next < len(self.lexemes) else self.length

    def peek(self) -> LexemeType | None:
        """Return the type of the next lexeme; None at the end."""
        return self.lexemes[self.next].type if self.next < len(self.lexemes) else None

    def take(self) -> Lexeme:
        """Return the next lexeme and advance past it."""
        self.next += 1
        return self.lexemes[self.next - 1]

    def parse(self) -> Parsed:
        if not self.lexemes:
            return Parsed(ALL, "", ())
        operand = self.query()
        if self.peek() is not None:
            raise self.unopened()
        if operand is None:
            message = "There is no word in this query to search for."
            raise QueryError(message, "Type a word; punctuation alone is not searched.", 0)
        return Parsed(operand.node, operand.text, tuple(self.warnings))

    def unopened(self) -> QueryError:
        return QueryError("A closing parenthesis has no opening one.", "Take it away, or open it before.", self.at)

    def query(self) -> Operand | None:
        return join(OR, self.separated(LexemeType.OR, self.sequence))

    def sequence(self) -> Operand | None:
        operands = []
        while self.peek() not in SEQUENCE_END:
            chain = self.separated(LexemeType.AND, self.negation)
            operands += [join(AND, chain)] if self.any else chain
        return join_any(operands) if self.any else join(AND, operands)

    def separated(self, operator: LexemeType, operand: Callable[[], Operand | None]) -> list[Operand | None]:
        """Read one or more operands with the operator between them."""
        self.expect_operand(operator)
        operands = [operand()]
        while self.peek() is operator:
            self.take()
            self.expect_operand(operator)
            operands.append(operand())
        return operands

    def expect_operand(self, operator: LexemeType) -> None:
        """Raise QueryError unless the next lexeme can begin an operand of the operator."""
        if self.peek() in NO_OPERAND:
            missing = self.peek()
            if missing in {LexemeType.AND, LexemeType.OR, LexemeType.NEAR}:
                operator = missing
            elif self.before is None:
                raise self.unopened()
            elif self.before.type is LexemeType.OPEN:
                message = "There is nothing between these parentheses."
                raise QueryError(message, "Write words in them, or take them away.", self.at)
            message = f"{operator.value} needs something on both sides."
            raise QueryError(message, f'To search for the word itself, put it in quotes: "{operator.value}".', self.at)

    def negation(self) -> Operand | None:
        if self.peek() is not LexemeType.NOT:
            return self.near()
        sign = self.take()
        if self.peek() in NO_OPERAND:
            message = "NOT needs something after it."
            raise QueryError(message, 'To search for the word itself, write it small or in "quotes": "not".', sign.at)
        self.deepen(sign.at)
        operand = self.negation()
        self.depth -= 1
        return operand and Operand(Not(operand.node), f"NOT {operand.within(NOT)}", NOT)

    def near(self) -> Operand | None:
        left_at = self.at
        left = self.primary()
        if self.peek() is not LexemeType.NEAR:
            return left
        sign = self.take()
        distance = leaves.distance(sign.text, sign.at + len("NEAR/"), f"NEAR/{sign.text}")
        if self.peek() not in {LexemeType.CHUNK, LexemeType.QUOTE}:
            message = "NEAR needs a word or a quote on both sides."
            raise QueryError(message, "Write it as in: military NEAR/5 support", sign.at)
        right_at = self.at
        right = self.primary()
        if self.peek() is LexemeType.NEAR:
            raise QueryError("NEAR joins two words, not three.", "Write it as in: a NEAR/5 b AND b NEAR/5 c", self.at)
        if left is None or right is None:
            message = "NEAR needs a word or a quote on both sides."
            raise QueryError(message, "Punctuation alone is not searched.", sign.at)
        first, second = leaves.as_phrase(left.node, left_at), leaves.as_phrase(right.node, right_at)
        if first.title and not self.title:
            message = "title: goes around all of a NEAR."
            raise QueryError(message, "Write it as in: title:(military NEAR/5 support)", left_at)
        return Operand(Near(first, second, distance, self.title), f"{left.text} NEAR/{distance} {right.text}", NEAR)

    def primary(self) -> Operand | None:
        lexeme = self.take()
        if lexeme.type is LexemeType.OPEN:
            return self.parenthesis(lexeme)
        if lexeme.type is LexemeType.FIELD:
            return self.field(lexeme)
        if lexeme.type is LexemeType.QUOTE:
            lexeme = self.literal(lexeme)
            leaf: Leaf | None = leaves.quote(lexeme, self.languages, title=self.title)
            text = f'"{lexeme.text}"' + (f"~{lexeme.slop}" if lexeme.slop else "")
        else:
            leaf = leaves.chunk(lexeme, self.languages, title=self.title)
            text = leaves.interpreted(lexeme.text)
        self.count(leaf, lexeme.at)
        if leaf is None:
            self.warnings.append(f"{text!r} holds no word and was left out.")
            return None
        return Operand(leaf, text)

    def literal(self, lexeme: Lexeme) -> Lexeme:
        """Remove the signs of patterns from a quote, with a warning, as patterns do not work inside quotes."""
        text = leaves.without_patterns(lexeme.text)
        if text == lexeme.text:
            return lexeme
        self.warnings.append(f'Wildcards and ~ do not work inside quotes: "{text}" was searched.')
        return lexeme._replace(text=text)

    def parenthesis(self, opening: Lexeme) -> Operand | None:
        self.deepen(opening.at)
        operand = self.query()
        self.depth -= 1
        if self.peek() is not LexemeType.CLOSE:
            raise QueryError("A parenthesis is left open.", "Close it, or take it away.", opening.at)
        self.take()
        return operand

    def field(self, field: Lexeme) -> Operand | None:
        if field.text != "title":
            if self.peek() not in {LexemeType.CHUNK, LexemeType.QUOTE}:
                message = f"{field.text}: takes one value."
                raise QueryError(message, f"Write it as in {field.text}:value OR {field.text}:other.", field.at)
            node = leaves.filter_of(field.text, value := self.take())
            self.count(node, field.at)
            return Operand(node, f"{field.text}:{leaves.interpreted_value(value)}", NEAR)
        if self.peek() not in {LexemeType.CHUNK, LexemeType.QUOTE, LexemeType.OPEN} or self.title:
            message = "title: takes a word, a quote or words in parentheses."
            raise QueryError(message, "Write it as in title:(military support).", field.at)
        self.title = True
        operand = self.primary()
        self.title = False
        return operand and Operand(operand.node, f"title:{operand.within(ATOM)}", NEAR)

    def count(self, node: Node | None, at: int) -> None:
        """Count the words of a leaf; None, for text without words, counts as one. Raise QueryError past MAX_LEAVES."""
        self.words += len(node.slots) if isinstance(node, Phrase) else 1
        if self.words > MAX_LEAVES:
            raise QueryError(f"The query has more than {MAX_LEAVES} words.", "Search for fewer at a time.", at)

    def deepen(self, at: int) -> None:
        """Enter a parenthesis or a NOT; raise QueryError when they are nested deeper than MAX_DEPTH."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise QueryError(f"More than {MAX_DEPTH} parentheses or NOTs are nested.", "Say it with fewer.", at)
