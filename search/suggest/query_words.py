"""The words of a query that could be misspelt, and where they stand in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from search.analysis.tokenizer import find_raw_tokens, first_character, fold, split_cached
from search.query.lexer import OPERANDS, WORD_FIELDS, Lexeme, LexemeType, lex

PATTERN_SIGNS = frozenset("*?~")
SHORTEST = 3
"""Number of letters of the shortest word that is looked at: any shorter word is one letter from many others."""


class QueryWord(NamedTuple):
    """A word of a query: `text[start:end]`, in code points. `folded` is how the index has it."""

    folded: str
    start: int
    end: int
    quoted: bool = False


def query_words(text: str) -> Iterator[QueryWord]:
    """Yield the words of a query outside of NOT, filters and patterns, but for short ones and those with digits.

    A compound such as `al-Sharaa` is one word. Raises QueryError where the query cannot be split into lexemes.
    """
    for lexeme in _of_text(lex(text)):
        yield from _words_of(lexeme)


def _of_text(lexemes: Sequence[Lexeme]) -> Iterator[Lexeme]:
    """Yield the chunks and quotes of a query outside of NOT and of filters: those that a text has to have."""
    depth = excluded = 0
    before: LexemeType | None = None
    field = ""
    for lexeme in lexemes:
        is_out = before is LexemeType.NOT or (before is LexemeType.FIELD and field not in WORD_FIELDS)
        if lexeme.type is LexemeType.OPEN:
            depth += 1
            excluded = excluded or (depth if is_out else 0)
        elif lexeme.type is LexemeType.CLOSE:
            excluded = 0 if excluded == depth else excluded
            depth -= 1
        elif lexeme.type in OPERANDS and not (is_out or excluded):
            yield lexeme
        if not (lexeme.type is LexemeType.FIELD and before is LexemeType.NOT):  # -title:x is a NOT
            before, field = lexeme.type, lexeme.text


def _words_of(lexeme: Lexeme) -> Iterator[QueryWord]:
    quoted = lexeme.type is LexemeType.QUOTE
    if not quoted and PATTERN_SIGNS & set(lexeme.text):
        return
    for start, end in find_raw_tokens(lexeme.text):
        whole = first_character(split_cached(lexeme.text[start:end])[0])
        word = whole.written
        if len(word) >= SHORTEST and not any(map(str.isdigit, word)):
            at = lexeme.at + start + whole.start
            yield QueryWord(fold(word), at, at + len(word), quoted)
