"""Query text to lexemes."""

from __future__ import annotations

import re

import pytest
from hypothesis import given

from search.errors import QueryError
from search.query.lexer import QUOTES, Lexeme, LexemeType, lex
from tests.query.query_strategies import queries
from tests.timeouts import in_proportion

SMALL = "{} was searched as text. Write the operator as in military NEAR/5 support."
LEXEMES: dict[str, list[Lexeme]] = {
    "": [],
    " \t\n\u00a0": [],
    "military support": [Lexeme(LexemeType.CHUNK, "military", 0), Lexeme(LexemeType.CHUNK, "support", 9)],
    '"military  support"': [Lexeme(LexemeType.QUOTE, "military  support", 1)],
    '"a b"~5': [Lexeme(LexemeType.QUOTE, "a b", 1, "5")],
    '"a b"~': [Lexeme(LexemeType.QUOTE, "a b", 1, "")],
    "“a” „b‟ «c»": [
        Lexeme(LexemeType.QUOTE, "a", 1),
        Lexeme(LexemeType.QUOTE, "b", 5),
        Lexeme(LexemeType.QUOTE, "c", 9),
    ],
    'a"b"c': [Lexeme(LexemeType.CHUNK, "a", 0), Lexeme(LexemeType.QUOTE, "b", 2), Lexeme(LexemeType.CHUNK, "c", 4)],
    "-nato": [Lexeme(LexemeType.NOT, "-", 0), Lexeme(LexemeType.CHUNK, "nato", 1)],
    "a-b - c": [Lexeme(LexemeType.CHUNK, "a-b", 0), Lexeme(LexemeType.CHUNK, "-", 4), Lexeme(LexemeType.CHUNK, "c", 6)],
    "a OR(b)": [
        *(Lexeme(LexemeType.CHUNK, "a", 0), Lexeme(LexemeType.OR, "OR", 2), Lexeme(LexemeType.OPEN, "(", 4)),
        *(Lexeme(LexemeType.CHUNK, "b", 5), Lexeme(LexemeType.CLOSE, ")", 6)),
    ],
    "AND and ANDy AND.": [
        *(Lexeme(LexemeType.AND, "AND", 0), Lexeme(LexemeType.CHUNK, "and", 4)),
        *(Lexeme(LexemeType.CHUNK, "ANDy", 8), Lexeme(LexemeType.CHUNK, "AND.", 13)),
    ],
    "NOT x": [Lexeme(LexemeType.NOT, "NOT", 0), Lexeme(LexemeType.CHUNK, "x", 4)],
    "NEAR/5 NEAR/ NEAR": [
        Lexeme(LexemeType.NEAR, "5", 0),
        Lexeme(LexemeType.NEAR, "", 7),
        Lexeme(LexemeType.CHUNK, "NEAR", 13, warning=SMALL.format("NEAR")),
    ],
    "W/5 AROUND(5)b NEAR5 PRE/5 w/5": [
        *(Lexeme(LexemeType.NEAR, "5", 0, typed="W/5"), Lexeme(LexemeType.NEAR, "5", 4, typed="AROUND(5)")),
        *(Lexeme(LexemeType.CHUNK, "b", 13), Lexeme(LexemeType.NEAR, "5", 15, typed="NEAR5")),
        *(Lexeme(LexemeType.PRE, "5", 21), Lexeme(LexemeType.CHUNK, "w/5", 27, warning=SMALL.format("w/5"))),
    ],
    "a|b || c & d && AT&T": [
        *(Lexeme(LexemeType.CHUNK, "a", 0), Lexeme(LexemeType.OR, "OR", 1, typed="|")),
        *(Lexeme(LexemeType.CHUNK, "b", 2), Lexeme(LexemeType.OR, "OR", 4, typed="||")),
        *(Lexeme(LexemeType.CHUNK, "c", 7), Lexeme(LexemeType.AND, "AND", 9, typed="&")),
        *(Lexeme(LexemeType.CHUNK, "d", 11), Lexeme(LexemeType.AND, "AND", 13, typed="&&")),
        Lexeme(LexemeType.CHUNK, "AT&T", 16),
    ],
    "title:x TITLE:(x": [
        *(Lexeme(LexemeType.FIELD, "title", 0), Lexeme(LexemeType.CHUNK, "x", 6)),
        *(Lexeme(LexemeType.FIELD, "title", 8), Lexeme(LexemeType.OPEN, "(", 14), Lexeme(LexemeType.CHUNK, "x", 15)),
    ],
    "date:2025-07-23T08:15 12:30": [
        *(Lexeme(LexemeType.FIELD, "date", 0), Lexeme(LexemeType.CHUNK, "2025-07-23T08:15", 5)),
        Lexeme(LexemeType.CHUNK, "12:30", 22),
    ],
    "foo: (x)": [
        *(Lexeme(LexemeType.CHUNK, "foo:", 0), Lexeme(LexemeType.OPEN, "(", 5)),
        *(Lexeme(LexemeType.CHUNK, "x", 6), Lexeme(LexemeType.CLOSE, ")", 7)),
    ],
}

ERRORS = {
    # query: position, a word of the hint
    'a "b c': (2, "Close"),
    'a" b': (1, "Close"),
    "a titel:b": (2, "title, lead, source, lang"),
    "a date:[2020 TO 2021]": (7, "after:2019 before:2026"),
    "x title: y": (2, "colon"),
    "source:": (0, "colon"),
    "(title:)": (1, "colon"),
}


@pytest.mark.parametrize("text", LEXEMES)
def test_lexemes(text: str) -> None:
    """What the parser sees; every position ends up in an error message some day."""
    assert lex(text) == LEXEMES[text]


@pytest.mark.parametrize("text", ERRORS)
def test_errors_say_where_and_what_to_do(text: str) -> None:
    """Whoever mistyped sees the place and the way out."""
    with pytest.raises(QueryError) as caught:
        lex(text)
    position, word = ERRORS[text]
    assert caught.value.position == position
    assert word in caught.value.hint


def written(lexeme: Lexeme) -> str:
    """A lexeme as it was typed, with plain quotation marks."""
    if lexeme.typed:
        return lexeme.typed
    if lexeme.type is LexemeType.QUOTE:
        return f'"{lexeme.text}"' + ("" if lexeme.slop is None else f"~{lexeme.slop}")
    return {
        LexemeType.FIELD: f"{lexeme.text}:",
        LexemeType.NEAR: f"NEAR/{lexeme.text}",
        LexemeType.PRE: f"PRE/{lexeme.text}",
    }.get(lexeme.type, lexeme.text)


def squeezed(text: str) -> str:
    """A text without spaces, capitals and kinds of quotation marks."""
    return re.sub(f"[{QUOTES}]", '"', "".join(text.split())).lower()


def lexed(text: str) -> list[Lexeme] | QueryError:
    try:
        return lex(text)
    except QueryError as error:
        return error


@given(queries)
def test_lexemes_cover_the_text(text: str) -> None:
    """Nothing that was typed may be passed over in silence, and nothing made up."""
    lexemes = lexed(text)
    if isinstance(lexemes, QueryError):
        assert 0 <= lexemes.position < len(text)
        assert lexemes.hint
        return
    assert squeezed("".join(map(written, lexemes))) == squeezed(text)
    for lexeme in lexemes:
        if lexeme.typed and lexeme.type is not LexemeType.CHUNK:
            continue
        at = lexeme.at + {LexemeType.NEAR: len("NEAR/"), LexemeType.PRE: len("PRE/")}.get(lexeme.type, 0)
        assert text[at : at + len(lexeme.text)].lower() == lexeme.text.lower()


def test_a_long_word_before_an_exclamation_mark_is_looked_through_once() -> None:
    """Whether a sentence ends there was looked for from each of its characters: one query took a worker seconds."""
    with in_proportion(), pytest.raises(QueryError, match="wom! has a sign"):
        lex("a" * 200_000 + "(wom!)")
