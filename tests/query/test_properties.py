"""What holds of every query, whatever is typed."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from search.errors import QueryError
from search.model import Match
from search.query.interpretation import Parsed
from search.query.parser import MAX_LEAVES, MAX_LENGTH, parse
from search.query.tree import And, Fuzzy, Node, Not, Or, Wildcard, Word
from tests.query.query_strategies import queries, readable
from tests.timeouts import in_proportion

LANGUAGES = ("en", "fr", "ru")
matches = st.sampled_from(["all", "any"])


def read(text: str, match: Match) -> Parsed | QueryError:
    try:
        return parse(text, match=match, languages=LANGUAGES)
    except QueryError as error:
        return error


@given(queries | readable, matches)
@example("a NEAR/000000001" + "0" * 5000 + " b", "all")
def test_any_text_is_a_query_or_a_query_error(text: str, match: Match) -> None:
    """A query never gives a 500; an error points into the text and says what to do."""
    parsed = read(text, match)
    if isinstance(parsed, QueryError):
        assert 0 <= parsed.position <= len(text)
        assert parsed.message
        assert parsed.hint


@given(queries | readable, matches, matches)
@example("title:(a NEAR/2 b)", "all", "all")
@example("title:(source:a)", "all", "all")
@example("a (b a)", "all", "all")
@example('source:"-a"', "all", "any")
@example("मी AND. .title:x a~1's", "all", "all")
@example('"a*b \t* c"', "all", "all")
@example("a AND&&b", "all", "all")
def test_interpreted_reads_as_the_same_query(text: str, match: Match, other: Match) -> None:
    """`interpreted` is how a user learns what was understood: typed back it means just that, with either match."""
    parsed = read(text, match)
    assume(isinstance(parsed, Parsed))
    assert isinstance(parsed, Parsed)
    again = parse(parsed.interpreted, match=other, languages=LANGUAGES)
    assert again.tree == parsed.tree
    assert again.interpreted == parsed.interpreted
    assert set(again.warnings) <= set(parsed.warnings)  # text with a colon is text again


def well_formed(node: Node) -> bool:
    """Whether every AND and OR has two children or more, none of its own kind, and none twice but words."""
    match node:
        case And() | Or():
            children = node.children
            return (
                len(children) >= 2
                and all(isinstance(child, Word) for child, n in Counter(children).items() if n > 1)
                and not any(isinstance(child, type(node)) for child in children)
                and all(map(well_formed, children))
            )
        case Not():
            return well_formed(node.child)
    return True


@given(queries | readable, matches)
def test_trees_are_well_formed(text: str, match: Match) -> None:
    """Engines rely on it: no AND of one, no AND in an AND."""
    parsed = read(text, match)
    assert isinstance(parsed, QueryError) or well_formed(parsed.tree)


BIG = {
    "words": "abcdefghi"[:6] + " ",
    "quotes": '"ab" ',
    "chunks": "a-",
    "dots": "a.",
    "brackets": "(a) ",
    "open brackets": "(",
    "open quotes": 'a"',
    "minus": "-",
    "stars": "*a",
    "questions": "a?",
    "misspellings": "abc~ ",
    "tildes": "a~",
    "fields": "title:ab ",
    "colons": "a:",
    "near": "a NEAR/5 b ",
    "punctuation": "! ",
    "marks": "e\u0301",
    "invisible": "\u200d",
    "han": "中",
    "ligatures": "ﷺ ",
    "dates": "date:2025 ",
    "either": "(a OR b) ",
    "weights": "a^2 ",
    "signs": "a.",
    "dashes": "–a ",
    "apostrophes": "'a ",
    "angles": "‹a ",
    "low marks": "‚a’ ",
    "ampersands": "a&&",
    "bullets": "\n* ",
}


@pytest.mark.parametrize("match", ["all", "any"])
@pytest.mark.parametrize("piece", BIG)
def test_no_query_takes_long_to_read(piece: str, match: Match) -> None:
    """The longest queries that are allowed must not hold up the server."""
    text = BIG[piece]
    words = min(MAX_LENGTH // len(text), MAX_LEAVES // 2)
    queries = [(text * MAX_LENGTH)[:MAX_LENGTH], text * words]
    for query in queries:
        with in_proportion():
            read(query, match)


@pytest.mark.parametrize("weights", [1, 2, 3, 50, 500, 4_000])
def test_weights_upon_weights_are_text(weights: int) -> None:
    """Each weight was read within the one before it: five hundred of them ended the request."""
    typed = "a" + "^2" * weights
    parsed = read(typed, "all")
    if isinstance(parsed, QueryError):
        assert "words" in parsed.message
    else:
        assert parsed.interpreted == ("a" if weights == 1 else typed)


@pytest.mark.parametrize("match", ["all", "any"])
def test_no_nesting_takes_long_to_read(match: Match) -> None:
    """Each bracket joins what is inside again: sixty around a thousand words must stay cheap."""
    query = " ".join(f"-w{number}" for number in range(900))
    for level in range(59):
        query = f"({query} {'OR' if level % 2 else 'AND'} v{level})"
    with in_proportion():
        assert isinstance(read(query, match), Parsed)


@given(
    st.lists(
        st.text("ab1z", min_size=1, max_size=4) | st.sampled_from(["and", "or", "not", "near", "w", "xor", "the"])
    ),
    st.sampled_from(["all", "any"]),
)
def test_plain_words_are_read_as_by_the_grammar(words: list[str], match: Match) -> None:
    """Most queries are nothing but words and take a shorter way, which nobody may notice."""
    plain, languages = " ".join(words), ("en", "de")
    by_the_grammar = parse(f"{plain} ", match=match, languages=languages)  # of a blank only the grammar knows
    assert parse(plain, match=match, languages=languages) == by_the_grammar


@given(st.lists(st.text("aB1z", min_size=1, max_size=4), min_size=1, max_size=4), st.sampled_from(["", "~2"]))
def test_quoted_words_are_read_as_by_the_tokenizer(words: list[str], slop: str) -> None:
    """Quotes of nothing but words are not tokenized, which nobody may notice."""
    quick, slow = f'"{" ".join(words)}"{slop}', f'"{"  ".join(words)} "{slop}'  # of two blanks only the tokenizer knows
    assert parse(quick, languages=("en", "de")).tree == parse(slow, languages=("en", "de")).tree


@given(st.text("aB1z", min_size=1, max_size=80), st.sampled_from(["*", "~", "~1", "~2"]))
def test_ascii_patterns_are_read_as_others(word: str, sign: str) -> None:
    """Prefixes and misspellings of plain letters take a shorter way, but mean what they mean in any script."""
    folded = word.lower()
    expected = Wildcard(f"{folded}*") if sign == "*" else Fuzzy(folded, int(sign[1:] or "2"))
    assert parse(word + sign).tree == expected
    assert parse(f"({word}{sign},)").tree == expected
