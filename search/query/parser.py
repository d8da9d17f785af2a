"""Parse a query into a typed tree, by recursive descent.

    query    := sequence (OR sequence)*
    sequence := chain chain*                 the implied operator: AND, or OR with match=any
    chain    := negation (AND negation)*
    negation := (NOT | -) negation | near
    near     := ATLEAST/n primary | primary ((NEAR/n | PRE/n | SAME/s) primary | (ALSO (chunk | "quote"))+)?
    primary  := ( query ) | field: primary | "quote"[~n] | chunk

`Türkei ALSO Turkey` finds either word, and ranks the first one first: what stands after ALSO are its variants. With
match=any, filters and NOT still apply to every result: `a b -c` is (a OR b) AND NOT c.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

from search.errors import QueryError
from search.model import Match
from search.query import leaves
from search.query.interpretation import AND, ATOM, JOINED, NEAR, NOT, OR, Operand, Parsed, Variants, join, join_any
from search.query.lexer import DISTANCES, OPERANDS, WITH_NUMBER, WORD_FIELDS, Lexeme, LexemeType, lex
from search.query.tree import ALL, Near, Node, Not, Or, Phrase, SameSentence, Word, scored_leaves, scored_stems

MAX_LENGTH = 10_000
"""Maximum number of code points of all words, quotes and filters in a query, without operators and parentheses."""
MAX_WRITTEN = 40_000
"""Maximum number of code points in a query with its operators, written out as `Parsed.interpreted` shows them."""
MAX_ADDED = 4_000
"""Code points of all variants that are added to a query, at the very most: each has 60, and there are 64."""
MAX_LEAVES = 1_024
"""Maximum number of words and filters in a query."""
MAX_DEPTH = 60
"""Maximum nesting depth of parentheses and NOTs."""

NO_ROOM = "Variants of its names cannot be added to this query; it was searched as typed."
Expand: TypeAlias = Callable[[list[Lexeme]], list[Lexeme]]
"""A function that adds variants to the lexemes of a query; it returns the same list if there are none to add."""

CONTENT = *OPERANDS, LexemeType.FIELD
"""Types of lexemes that count for the length of a query."""
BINARY = LexemeType.AND, LexemeType.OR, *DISTANCES, LexemeType.ALSO
"""Types of operators between two operands."""
NO_OPERAND = None, LexemeType.CLOSE, *BINARY
"""Types of lexemes that cannot begin an operand; None is the end of the query."""
SEQUENCE_END = None, LexemeType.CLOSE, LexemeType.OR
"""Types of lexemes that end a sequence of operands without OR between them; None is the end of the query."""
_PLAIN = re.compile(rf'("?)(?!{WITH_NUMBER})[a-z0-9]+(?: (?!{WITH_NUMBER})[a-z0-9]+)*\1')
"""Words in small letters, or one quote of them, as most queries are: there can be no operator among them."""
MAX_PLAIN = 1_000
"""Maximum number of code points of a query that is read as plain words: it cannot exceed any limit."""
_SURROGATE = re.compile(r"[\ud800-\udfff]")
"""Lone surrogates: they stand for bytes that were not UTF-8, and no answer that contains one can be encoded."""


def parse(
    text: str, *, match: Match = "all", languages: tuple[str, ...] = ("en",), expand: Expand | None = None
) -> Parsed:
    """Parse a query. A plain word stands for its stems in each of the languages, given by their codes.

    `match` is the operator between words that have none: AND for "all", OR for "any". `expand` adds variants to the
    lexemes of the query; where there is no room for them it is read without.
    Raises QueryError, with the position, for anything that cannot be parsed.
    """
    if len(text) > MAX_WRITTEN:
        raise _too_long(len(text), MAX_WRITTEN, MAX_WRITTEN)
    if not text.isascii() and (found := _SURROGATE.search(text)):
        message = "This is half a character."
        raise QueryError(
            message, "Type it again. A terminal that is not set to UTF-8 can be the reason.", found.start()
        )
    lexemes: list[Lexeme] | None = None
    if expand is not None:
        lexemes = lex(text)
        if (expanded := expand(lexemes)) is not lexemes:
            try:
                return _checked(_Parser(text, match, languages, expanded).parse(), len(text))
            except QueryError:
                plain = parse(text, match=match, languages=languages)
                return plain._replace(warnings=(*plain.warnings, NO_ROOM))
    if len(text) <= MAX_PLAIN and _PLAIN.fullmatch(text):
        return _plain(text, match, languages)
    return _checked(_Parser(text, match, languages, lex(text) if lexemes is None else lexemes).parse(), len(text))


def _checked(parsed: Parsed, at: int) -> Parsed:
    """Return a parsed query; raise QueryError, with the position `at`, if it is too long once it is written out."""
    if len(parsed.interpreted) > MAX_WRITTEN:
        raise _too_long(len(parsed.interpreted), MAX_WRITTEN, at)
    return parsed


def _plain(text: str, match: Match, languages: tuple[str, ...]) -> Parsed:
    """Return what the parser makes of plain words, or of one quote of them, in a third of the time."""
    if text[0] == '"':
        return Parsed(leaves.words_quoted(text[1:-1], languages), text, ())
    words = text.split(" ")
    nodes = tuple([leaves.ascii_word(word, languages, title=False) for word in words])
    if len(nodes) == 1:
        return Parsed(nodes[0], text, ())
    name, kind = JOINED[OR if match == "any" else AND]
    return Parsed(kind(nodes), f" {name} ".join(words), ())


def conjuncts(text: str, *, match: Match, languages: tuple[str, ...]) -> tuple[Operand, ...]:
    """Return the parts of a query of which each has to be met, if they are several. `parse` has to have read it."""
    lexemes = lex(text)
    operand = _Parser(text, match, languages, lexemes).query() if lexemes else None
    return operand.parts if operand and operand.precedence == AND else ()


def _too_long(length: int, limit: int, at: int) -> QueryError:
    """Return the error to raise for a query of too many characters."""
    return QueryError(f"The query has {length} characters.", f"At most {limit} can be read.", at)


class _Parser:
    """A recursive-descent parser of one query. Each method reads a rule of the grammar, from the next lexeme on."""

    def __init__(self, text: str, match: Match, languages: tuple[str, ...], lexemes: list[Lexeme]) -> None:
        self.lexemes = lexemes
        if len(text) + MAX_ADDED > MAX_LENGTH:
            length = sum(len(lexeme.text) for lexeme in self.lexemes if lexeme.type in CONTENT)
            if length > MAX_LENGTH:
                raise _too_long(length, MAX_LENGTH, MAX_LENGTH)
        self.types = [*[lexeme.type for lexeme in self.lexemes], None]
        self.length = len(text)
        self.next = 0
        """Index of the next lexeme."""
        self.any = match == "any"
        self.languages = languages
        self.depth = 0
        self.words = 0
        self.inside = ""
        """The field that the parser is inside of, `title` or `lead`."""
        self.variants: dict[tuple[Word | Phrase, ...], Variants] = {}
        self.warnings = list(dict.fromkeys([lexeme.warning for lexeme in self.lexemes if lexeme.warning]))

    @property
    def before(self) -> Lexeme | None:
        """The lexeme that was taken last; None at the beginning."""
        return self.lexemes[self.next - 1] if self.next else None

    @property
    def title(self) -> bool:
        """Whether the parser is inside `title:`."""
        return self.inside == "title"

    @property
    def at(self) -> int:
        """The position where the next lexeme begins, or the query ends."""
        return self.lexemes[self.next].at if self.next < len(self.lexemes) else self.length

    def peek(self) -> LexemeType | None:
        """Return the type of the next lexeme; None at the end."""
        return self.types[self.next]

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
        return Parsed(operand.node, operand.text, tuple(self.warnings), tuple(self.variants.values()))

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
            before, name = self.before, operator.value
            if self.peek() in BINARY:
                name = self.lexemes[self.next].name
            elif before is None:
                raise self.unopened()
            elif before.type is LexemeType.OPEN:
                message = "There is nothing between these parentheses."
                raise QueryError(message, "Write words in them, or take them away.", self.at)
            elif before.type in BINARY:
                name = before.name
            message = f"{name} needs something on both sides."
            raise QueryError(message, f'To search for the word itself, put it in quotes: "{name}".', self.at)

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
        begin = self.next
        if self.peek() is LexemeType.ATLEAST:
            return self.at_least()
        left = self.primary()
        if self.peek() is LexemeType.ALSO:
            return self.also(left, self.lexemes[begin].at)
        if self.peek() not in DISTANCES:
            return left
        left_at = self.lexemes[begin].at
        sign = self.take()
        name = sign.name
        typed = sign.typed or f"{name}/{sign.text}"
        distance = _distance(sign, typed)
        example = f"Write it as in: military {typed} support"
        if self.peek() not in OPERANDS:
            raise QueryError(f"{name} needs a word or a quote on both sides.", example, sign.at)
        right_at = self.at
        right = self.primary()
        if self.peek() in DISTANCES:
            message = f"{name} joins two words, not three."
            raise QueryError(message, f"Write it as in: a {typed} b AND b {typed} c", self.at)
        if left is None or right is None:
            message = f"{name} needs a word or a quote on both sides."
            raise QueryError(message, "Punctuation alone is not searched.", sign.at)
        if self.lexemes[begin].type is LexemeType.FIELD and (field := self.lexemes[begin].text) in WORD_FIELDS:
            message = f"{field}: goes around all of a {name}."
            raise QueryError(message, f"Write it as in: {field}:(military {typed} support)", left_at)
        first = leaves.as_phrase(left.node, left_at, name, example)
        second = leaves.as_phrase(right.node, right_at, name, example)
        if sign.type is LexemeType.PRE:
            return self.in_order(left.text, right.text, sign)
        if sign.type is LexemeType.SAME:
            return Operand(SameSentence(first, second, self.title), f"{left.text} SAME/s {right.text}", NEAR)
        return Operand(Near(first, second, distance, self.title), f"{left.text} NEAR/{distance} {right.text}", NEAR)

    def at_least(self) -> Operand | None:
        sign = self.take()
        if self.peek() not in (*OPERANDS, LexemeType.OPEN):
            raise QueryError("ATLEAST needs a word or a quote after it.", "Write it as in ATLEAST/3 support.", sign.at)
        operand = self.primary()
        if operand is None:
            return None
        leaf = leaves.at_least(sign.text, operand.node, sign.at)
        if self.peek() in DISTANCES:
            message = f"{self.lexemes[self.next].name} joins words and quotes only."
            raise QueryError(message, "Join what ATLEAST counts to the rest by AND.", self.at)
        return Operand(leaf, f"ATLEAST/{leaf.count} {operand.within(ATOM)}", NEAR)

    def also(self, typed: Operand | None, at: int) -> Operand:
        """Read the variants of an operand, which begins at `at`: they match too, but what was typed ranks first."""
        stems = tuple(scored_stems(scored_leaves(typed.node))) if typed else ()
        if typed is None or not stems:
            raise QueryError("ALSO needs words before it.", "Write it as in: Türkei ALSO Turkey", at)
        leaves_of: list[tuple[str, Word | Phrase]] = []
        while self.peek() is LexemeType.ALSO:
            sign = self.take()
            operand = self.primary() if self.peek() in OPERANDS else None
            if operand is None or not isinstance(operand.node, Word | Phrase):
                message = "ALSO needs a word or a quote after it."
                raise QueryError(message, 'To search for the word itself, put it in quotes: "also".', sign.at)
            leaves_of.append((operand.text, replace(operand.node, variant_of=stems)))
        if self.peek() in DISTANCES:
            raise QueryError("ALSO and NEAR join two words each.", "Write it as in: a NEAR/5 b OR a NEAR/5 c", self.at)
        self.variants.setdefault(tuple([leaf for _, leaf in leaves_of]), Variants(typed.text, tuple(leaves_of)))
        children = typed.node.children if isinstance(typed.node, Or) else (typed.node,)
        nodes = dict.fromkeys([*children, *(leaf for _, leaf in leaves_of)])
        texts = [typed.within(ATOM), *(text for text, _ in leaves_of)]
        return Operand(Or(tuple(nodes)), " ALSO ".join(texts), NEAR)

    def in_order(self, left: str, right: str, sign: Lexeme) -> Operand:
        """Return the quote of two words that `a PRE/n b` stands for. Raise QueryError for more than a word a side."""
        words = left.strip('"'), right.strip('"')
        quoted = Lexeme(LexemeType.QUOTE, " ".join(words), sign.at, sign.text)
        leaf = leaves.quote(quoted, self.languages, title=self.title)
        if leaf is None or any(" " in word or "~" in word for word in words):
            message = f"{sign.name} joins two words."
            raise QueryError(message, 'Write more words as in "military support group"~5, in this order.', sign.at)
        return Operand(leaf, f'"{" ".join(words)}"~{int(sign.text)}')

    def primary(self) -> Operand | None:
        lexeme = self.take()
        if lexeme.type is LexemeType.CHUNK:
            leaf = leaves.chunk(lexeme, self.languages, title=self.title)
            text = leaves.interpreted(lexeme.text)
        elif lexeme.type is LexemeType.OPEN:
            return self.parenthesis(lexeme)
        elif lexeme.type is LexemeType.FIELD:
            return self.field(lexeme)
        else:
            slop_at = lexeme.at + len(lexeme.text) + 1
            lexeme = self.literal(lexeme)
            leaf = leaves.quote(lexeme, self.languages, title=self.title, slop_at=slop_at)
            text = f'"{lexeme.text}"' + (f"~{lexeme.slop}" if lexeme.slop else "")
        self.count(leaf, lexeme.at)
        if leaf is None and not text:  # a bullet, of which the lexer has said that it is left out
            return None
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
        if field.text not in WORD_FIELDS:
            if self.peek() not in OPERANDS:
                message = f"{field.text}: takes one value."
                raise QueryError(message, f"Write it as in {field.text}:value OR {field.text}:other.", field.at)
            node = leaves.filter_of(field.text, value := self.take())
            self.count(node, field.at)
            return Operand(node, f"{field.text}:{leaves.interpreted_value(value)}", NEAR)
        if self.peek() not in (*OPERANDS, LexemeType.OPEN) or self.inside:
            message = f"{field.text}: takes a word, a quote or words in parentheses."
            raise QueryError(message, f"Write it as in {field.text}:(military support).", field.at)
        self.inside = field.text
        operand = self.primary()
        self.inside = ""
        if operand is None:
            return None
        node = leaves.in_lead(operand.node) if field.text == "lead" else operand.node
        return Operand(node, f"{field.text}:{operand.within(ATOM)}", NEAR)

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


def _distance(sign: Lexeme, typed: str) -> int:
    """Return the distance of NEAR or PRE, 0 for SAME. Raises QueryError for what cannot be read after the slash."""
    if sign.type is not LexemeType.SAME:
        return leaves.distance(sign.text, sign.at + typed.rindex(sign.text), typed)
    if sign.text in {"s", "S"}:
        return 0
    message = f"{typed} does not name a part of a paragraph."
    raise QueryError(message, "Write it as in military SAME/s support: both in one sentence.", sign.at)
