"""Every way to mistype a query: where the error points, and that it says what to do."""

from __future__ import annotations

import pytest

from search.errors import QueryError
from search.model import Match
from search.query.parser import MAX_DEPTH, MAX_LEAVES, MAX_LENGTH, parse

ERRORS: dict[str, tuple[int, str, str]] = {
    # query: position, words of the message, words of the hint
    'a "b': (2, "left open", "Close it"),
    "(a": (0, "left open", "Close it"),
    "a (b (c)": (2, "left open", "Close it"),
    "a)": (1, "no opening", "Take it away"),
    "a b) c": (3, "no opening", "Take it away"),
    ")": (0, "no opening", "Take it away"),
    "()": (1, "nothing between", "Write words"),
    "a ()": (3, "nothing between", "Write words"),
    "AND b": (0, "AND needs something on both sides", '"AND"'),
    "a AND": (5, "AND needs something on both sides", '"AND"'),
    "a OR": (4, "OR needs something on both sides", '"OR"'),
    "a OR OR b": (5, "OR needs something on both sides", '"OR"'),
    "a OR AND b": (5, "AND needs something on both sides", '"AND"'),
    "(a OR) b": (5, "OR needs something on both sides", '"OR"'),
    "NOT": (0, "NOT needs something after it", '"not"'),
    "a NOT": (2, "NOT needs something after it", '"not"'),
    "a -)": (2, "NOT needs something after it", '"not"'),
    "NOT AND a": (0, "NOT needs something after it", '"not"'),
    # NEAR
    "NEAR/5 b": (0, "NEAR needs something on both sides", '"NEAR"'),
    "a NEAR/5": (2, "NEAR needs a word or a quote on both sides", "military NEAR/5 support"),
    "a NEAR/5 (b)": (2, "NEAR needs a word or a quote on both sides", "military NEAR/5 support"),
    "a NEAR/5 -b": (2, "NEAR needs a word or a quote on both sides", "military NEAR/5 support"),
    "a NEAR/5 …": (2, "NEAR needs a word or a quote on both sides", "Punctuation"),
    "(a b) NEAR/5 c": (0, "NEAR joins words and quotes only", "military NEAR/5 support"),
    "x su* NEAR/5 c": (2, "NEAR joins words and quotes only", "military NEAR/5 support"),
    "c NEAR/5 su*": (9, "NEAR joins words and quotes only", "military NEAR/5 support"),
    "a NEAR/5 b NEAR/5 c": (11, "two words, not three", "AND"),
    "a NEAR/ b": (7, "number of words", "1 to 100"),
    "a NEAR/0 b": (7, "number of words", "1 to 100"),
    "a NEAR/101 b": (7, "number of words", "1 to 100"),
    "a NEAR/x b": (7, "number of words", "1 to 100"),
    "a NEAR/٣ b": (7, "number of words", "1 to 100"),
    f"a NEAR/000000001{'0' * 5000} b": (7, "number of words", "1 to 100"),
    "title:a NEAR/5 b": (0, "around all of a NEAR", "title:(military NEAR/5 support)"),
    # distances and misspellings
    'x "a b"~': (7, "number of words", "1 to 100"),
    '"a b"~0': (5, "number of words", "1 to 100"),
    '"a b"~101': (5, "number of words", "1 to 100"),
    '"a b"~x': (5, "number of words", "1 to 100"),
    f'"a b"~000000005{"0" * 5000}': (5, "number of words", "1 to 100"),
    'title:(x "a* b*"~0)': (16, "number of words", "1 to 100"),
    "‹a b›~0": (5, "number of words", "1 to 100"),
    'x "a b"~5~5': (9, "one distance", '"military support"~5'),
    '"a b"~5.5': (7, "one distance", '"military support"~5'),
    '("a b"~5,c)': (8, "one distance", '"military support"~5'),
    '"a b" ~5': (6, "neither a word nor a quote", '"military support"~5'),
    "a (~2)": (3, "neither a word nor a quote", '"military support"~5'),
    "x Sharra~3": (9, "number of letters", "~1 or ~2"),
    "(Sharra~0)": (8, "number of letters", "~1 or ~2"),
    "…Sharra~x!": (8, "number of letters", "~1 or ~2"),
    "x a/b~": (2, "not one word", "single word"),
    "x Sha*a~": (2, "not one word", "single word"),
    # wildcards
    "x *": (2, "no letter", "Suwayd*"),
    "x *?*": (2, "no letter", "Suwayd*"),
    "x *&?": (2, "no letter", "Suwayd*"),
    "x a/b*": (2, "not one word", "single word"),
    "x 中国*": (2, "not one word", "single word"),
    # fields
    "x titel:y": (2, "no field 'titel'", "title, lead, source, lang, date, before, after"),
    "x Sauce:y": (2, "no field 'Sauce'", "Write source: if"),
    # what other languages have and this one does not
    "x /moo?n/": (2, "/moo?n/ is a regular expression", "* and ?"),
    "x title:/(a|b)/": (8, "/(a|b)/ is a regular expression", "* and ?"),
    "wom!": (0, "wom! has a sign that is not read", "Write wom* for"),
    "wom! suffrage": (0, "wom! has a sign that is not read", "Write wom* for"),
    "(title:wom!)": (7, "wom! has a sign that is not read", 'or "wom" for'),
    "x [a TO z]": (2, "[a TO z] is a range", "after:2019"),
    "date:[2020 TO 2021]": (5, "is a range", "after:2019"),
    "a W/s b": (2, "no number of words", "SAME/s"),
    "a SAME/p b": (2, "no number of words", "AND joins"),
    "a SAME/x b": (2, "SAME/x does not name a part", "SAME/s"),
    "a SAME/s": (2, "SAME needs a word or a quote on both sides", "military SAME/s support"),
    "a SAME/s b SAME/s c": (11, "two words, not three", "a SAME/s b AND b SAME/s c"),
    "title:a SAME/s b": (0, "around all of a SAME", "title:(military SAME/s support)"),
    "ATLEAST/3": (0, "a word or a quote after it", "ATLEAST/3 support"),
    "x ATLEAST/0 b": (2, "number of times", "1 to 1000"),
    "ATLEAST/x b": (0, "number of times", "1 to 1000"),
    f"ATLEAST/{'9' * 5000} b": (0, "number of times", "1 to 1000"),
    f"ATLEAST/000000001{'0' * 5000} b": (0, "number of times", "1 to 1000"),
    "ATLEAST/00000010000 b": (0, "number of times", "1 to 1000"),
    "ATLEAST/3 (a b)": (0, "a word or a quote after it", "ATLEAST/3 support"),
    "ATLEAST/3 su*": (0, "a word or a quote after it", "ATLEAST/3 support"),
    'ATLEAST/3 "a b"~2': (0, "without a distance", "ATLEAST/3 support"),
    "title:(ATLEAST/3 a)": (7, "counts them in paragraphs", "ATLEAST/3 support"),
    "ATLEAST/3 a NEAR/2 b": (12, "NEAR joins words and quotes only", "by AND"),
    "lead:-a": (0, "lead: takes a word", "lead:(military support)"),
    "lead:title:a": (0, "lead: takes a word", "lead:(military support)"),
    "title:(lead:a)": (7, "lead: takes a word", "lead:(military support)"),
    "lead:a NEAR/5 b": (0, "lead: goes around all of a NEAR", "lead:(military NEAR/5 support)"),
    "lead:a SAME/s b": (0, "lead: goes around all of a SAME", "lead:(military SAME/s support)"),
    "title:(a b) NEAR/5 c": (0, "title: goes around all of a NEAR", "title:(military NEAR/5 support)"),
    "a SAME/s su*": (9, "SAME joins words and quotes only", "military SAME/s support"),
    "(a b) PRE/5 c": (0, "PRE joins words and quotes only", "military PRE/5 support"),
    "a AROUND(5) (b)": (2, "AROUND needs a word or a quote on both sides", "military AROUND(5) support"),
    "source:x W/5 b": (0, "W joins words and quotes only", "military W/5 support"),
    "a SAME/-s b": (2, "SAME/-s does not name a part", "SAME/s"),
    "ATLEAST/-2 b": (0, "ATLEAST/-2 needs a number of times", "1 to 1000"),
    "ATLEAST/2.5 b": (0, "ATLEAST/2.5 needs a number of times", "1 to 1000"),
    "「a b": (0, "left open", "Close it"),
    "a * b": (2, "no letter", "Suwayd*"),
    "* *": (2, "no letter", "Suwayd*"),
    "a W/500 b": (4, "W/500 needs a number of words", "1 to 100"),
    "a AROUND(x) b": (9, "AROUND(x) needs a number of words", "1 to 100"),
    "W/5 b": (0, "W needs something on both sides", "in quotes"),
    "a |": (3, "| needs something on both sides", '"|"'),
    "a PRE/5": (2, "PRE needs a word or a quote", "military PRE/5 support"),
    'a PRE/5 "b c"': (2, "PRE joins two words", '"military support group"~5'),
    "a PRE/5 b PRE/5 c": (10, "two words, not three", "a PRE/5 b"),
    "x title: y": (2, "no value", "right after the colon"),
    "title:-a": (0, "takes a word", "title:(military support)"),
    "title:title:a": (0, "takes a word", "title:(military support)"),
    "title:(a title:b)": (9, "takes a word", "title:(military support)"),
    "source:(a OR b)": (0, "takes one value", "source:value OR source:other"),
    "x source:-a": (2, "takes one value", "source:value OR source:other"),
    'source:""': (8, "no value", "source:value"),
    'source:"a b"~2': (8, "not a distance", "source:value"),
    "x date:tomorrow": (7, "not a date", "date:2025-07"),
    "before:2025-13": (7, "not on the calendar", "before:2025-07"),
    'after:"2025-02-30"': (7, "not on the calendar", "after:2025-07"),
    # what could not be written into an answer
    'a "b\udcff"': (4, "half a character", "UTF-8"),
    # nothing to search for
    "…": (0, "no word", "Type a word"),
    "- !": (0, "no word", "Type a word"),
    '-"…"': (0, "no word", "Type a word"),
    "title:…": (0, "no word", "Type a word"),
}


@pytest.mark.parametrize("match", ["all", "any"])
@pytest.mark.parametrize("query", ERRORS, ids=lambda query: query[:30])
def test_errors(query: str, match: Match) -> None:
    """A query never silently means something else: whoever mistyped it sees the place and the way out."""
    with pytest.raises(QueryError) as caught:
        parse(query, match=match)
    position, message, hint = ERRORS[query]
    assert caught.value.position == position
    assert message in caught.value.message
    assert hint in caught.value.hint


def test_what_was_understood_can_be_given_back() -> None:
    """A query near the limit is longer with its operators written out, and links and programs give that back."""
    for text in ("abcdefgh " * 1000, " ".join(["-abcde"] * 1000), "a|" * 900 + "b" * 9000):
        parsed = parse(text.strip())
        assert parse(parsed.interpreted).tree == parsed.tree
    with pytest.raises(QueryError, match="characters"):
        parse(" ".join("-" * 60 + f"w{number}" for number in range(500)))


def test_length() -> None:
    """Everything that a query costs grows with its length, so that is bounded first."""
    assert parse("a" * MAX_LENGTH)
    with pytest.raises(QueryError, match="10001 characters") as caught:
        parse("a" * (MAX_LENGTH + 1))
    assert caught.value.position == MAX_LENGTH


@pytest.mark.parametrize(
    ("piece", "words", "width"),
    [
        ("a ", 1, 2),
        ("a OR ", 1, 5),
        ("-a ", 1, 3),
        ("title:a ", 1, 8),
        ("lang:en ", 1, 8),
        ('"a b" ', 2, 6),
        ("… ", 1, 2),
    ],
)
def test_words(piece: str, words: int, width: int) -> None:
    """A thousand words are work for an engine; each counts once, wherever it stands, in a quote too."""
    most = MAX_LEAVES // words
    end = "a" if piece.endswith("OR ") else ""
    if piece != "… ":
        assert parse(piece * (most - bool(end)) + end)
    with pytest.raises(QueryError, match="more than 1024 words") as caught:
        parse(piece * most + "a")
    assert caught.value.position == most * width


@pytest.mark.parametrize("quote", ['"{}"', "{}"])
def test_words_of_one_quote(quote: str) -> None:
    """A quote of thousands of words would be the way around the limit."""
    joint = " " if quote == '"{}"' else "/"
    assert parse(quote.format(joint.join("a" * MAX_LEAVES)))
    with pytest.raises(QueryError, match="more than 1024 words"):
        parse(quote.format(joint.join("a" * (MAX_LEAVES + 1))))


@pytest.mark.parametrize(
    ("opening", "closing", "levels"),
    [("(", ")", 60), ("-", "", 60), ("NOT ", "", 60), ("-(", ")", 30), ("(b OR (c ", "))", 30), ("title:((", "))", 1)],
)
def test_depth(opening: str, closing: str, levels: int) -> None:
    """Fifty parentheses work; thousands must be an error and not overflow the stack."""
    assert MAX_DEPTH == 60
    assert parse(opening * levels + "a" + closing * levels)
    with pytest.raises(QueryError) as caught:
        parse(opening * 800 + "a" + closing * 800)
    assert caught.value.position <= len(opening) * (levels + 1)
    if not opening.startswith("title"):
        assert caught.value.message == "More than 60 parentheses or NOTs are nested."
