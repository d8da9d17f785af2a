"""What the benchmark asks, and how each engine reads it."""

from __future__ import annotations

import pytest

from benchmarks.peers.lucene import row_of
from benchmarks.peers.ours import match_of, text_of
from benchmarks.queries.saved import read_query, written
from benchmarks.queries.tree import (
    And,
    Fuzzy,
    Leaf,
    Near,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    Query,
    Token,
    Word,
    operators,
    plain,
    signs,
)
from search.query.parser import parse

A, B, C, D = map(Word, "abcd")
TREES: list[tuple[Node, str, str]] = [
    (Or((A, B)), "a OR b", "a b"),
    (And((A, B, Phrase(("c", "d")))), 'a AND b AND "c d"', '+a +b +"c d"'),
    (And((Or((A, B)), C, Not(D))), "(a OR b) AND c AND NOT d", "+(a b) +c -d"),
    (And((A, Not(Phrase(("b", "c"))))), 'a AND NOT "b c"', '+a -"b c"'),
    (And((Or((A, B)), Not(C), Phrase(("d", "a")))), '(a OR b) AND NOT c AND "d a"', '+(a b) -c +"d a"'),
    (Or((Phrase(("a", "b")), C)), '"a b" OR c', '"a b" c'),
    (And((Near(("a", "b")), C)), "a NEAR/5 b AND c", "+a NEAR/5 b +c"),
    (And((Prefix("ab"), C)), "ab* AND c", "+ab* +c"),
    (And((Fuzzy("abcde"), B)), "abcde~1 AND b", "+abcde~1 +b"),
    (And((Token("AT&T"), B)), "AT&T AND b", "+AT&T +b"),
]


def leaf(node: Leaf) -> str:
    return text_of(Query(node))


@pytest.mark.parametrize(("tree", "read", "signed"), TREES, ids=[read for _, read, _ in TREES])
def test_a_tree_is_written_as_each_engine_reads_it(tree: Node, read: str, signed: str) -> None:
    """A parenthesis too few asks for something else, and that might be quicker."""
    query = Query(tree)
    assert parse(text_of(query), match=match_of(query), languages=("en",)).interpreted == read
    assert parse(operators(tree, leaf), languages=("en",)).tree == parse(read, languages=("en",)).tree or "NOT" in read
    assert signs(tree, leaf) == signed
    assert read_query(written(query)) == query


def test_what_an_engine_is_without_comes_last() -> None:
    """FTS5's NOT stands between two: it cannot come first."""
    assert operators(And((Not(A), B, Or((C, D)))), leaf, without="NOT") == "b AND (c OR d) NOT a"


def test_engines_of_plain_words_get_nothing_else() -> None:
    """An engine that leaves out what it does not know would look quick."""
    assert plain(Query(Or((A, B)))) == (Or, ["a", "b"])
    assert plain(Query(And((A, B)))) == (And, ["a", "b"])
    assert plain(Query(And((A, Not(B))))) is None
    assert plain(Query(Or((A, Phrase(("b", "c")))))) is None
    assert plain(Query(Or((A, B)), "newest")) is None


def test_lucene_reads_a_query_as_a_row() -> None:
    """Its process knows no JSON: a field too few, and the rest shifts."""
    assert row_of(Query(Or((A, B)), "newest")) == "a b\t\t\t\tnewest\t0"
    assert (
        row_of(Query(And((Near(("a", "b")), C)), "deep", "rfc", (1990, 2000))) == '+"a b"~4 +c\trfc\t1990\t2000\t\t490'
    )
