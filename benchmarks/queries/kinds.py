"""The kinds of queries, and how one of each is drawn."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias

from benchmarks.queries.draw import BANDS, Draw
from benchmarks.queries.tree import And, Extra, Fuzzy, Near, Node, Not, Or, Phrase, Prefix, Query, Token, Word
from search.model import Article

Make: TypeAlias = Callable[[Draw], Query]


def _words(words: Iterable[str]) -> tuple[Word, ...]:
    return tuple(map(Word, words))


def _or(n: int, band: str, extra: Extra = "") -> Make:
    """Words that have nothing to do with each other."""
    return lambda draw: Query(Or(_words(draw.apart(n, band))), extra)


def _and(n: int, band: str, extra: Extra = "") -> Make:
    """Words of one paragraph."""
    return lambda draw: Query(And(_words(draw.together(n, band))), extra)


def _phrase(n: int, extra: Extra = "") -> Make:
    return lambda draw: Query(Phrase(draw.side_by_side(n)), extra)


def _filtered(make: Make, by: str) -> Make:
    def filtered(draw: Draw) -> Query:
        tree = make(draw).tree
        if by == "source":
            return Query(tree, source=draw.random.choice(draw.sources))
        return Query(tree, years=draw.span_of_years())

    return filtered


def _one_word(draw: Draw) -> Word:
    return Word(draw.word("mixed"))


def _and_phrase(draw: Draw) -> Node:
    """`A B "phrase"`, of one paragraph."""
    phrase, words = draw.phrase_and(2)
    return And((*_words(words), Phrase(phrase)))


def _or_and_not(draw: Draw) -> Node:
    """`(A OR B) C -D`, of which A and C are of one paragraph."""
    first, also = _words(draw.together(2, "mixed"))
    return And((Or((first, _one_word(draw))), also, Not(_one_word(draw))))


def _not_phrase(draw: Draw) -> Node:
    """`A -"phrase"`, of one paragraph."""
    phrase, words = draw.phrase_and(1)
    return And((*_words(words), Not(Phrase(phrase))))


def _or_not_phrase(draw: Draw) -> Node:
    """`(A OR B) -C "phrase"`, of which A and the phrase are of one paragraph."""
    phrase, (first,) = draw.phrase_and(1)
    return And((Or((Word(first), _one_word(draw))), Not(_one_word(draw)), Phrase(phrase)))


def _prefix_and(draw: Draw) -> Node:
    """`prefix* A`, of one paragraph."""
    while True:
        word, other = draw.together(2, "mixed")
        if len(word) > 5:
            return And((Prefix(word[: draw.random.randint(3, 5)]), Word(other)))


def _fuzzy_and(draw: Draw) -> Node:
    """`A~1 B C`, of one paragraph."""
    while True:
        word, *others = draw.together(3, "mixed")
        if len(word) > 4:
            return And((Fuzzy(draw.misspelt(word)), *_words(others)))


def _near_and(draw: Draw) -> Node:
    """`A NEAR/5 B C`, of one paragraph."""
    pair, words = draw.near_and(1)
    return And((Near(pair), *_words(words)))


def _token_and(draw: Draw) -> Node:
    """`x-ray A`, of one paragraph."""
    token, words = draw.token_and(1)
    return And((Token(token), *_words(words)))


MIXED: dict[str, Callable[[Draw], Node]] = {
    "mix-and-phrase": _and_phrase,
    "mix-or-and-not": _or_and_not,
    "mix-not-phrase": _not_phrase,
    "mix-or-not-phrase": _or_not_phrase,
    "mix-phrase-or": lambda draw: Or((Phrase(draw.side_by_side(2)), _one_word(draw))),
    "mix-near-and": _near_and,
    "mix-prefix-and": _prefix_and,
    "mix-fuzzy-and": _fuzzy_and,
    "mix-token-and": _token_and,
}
"""What people ask for who know the query language."""


def _mixed(tree: Callable[[Draw], Node]) -> Make:
    return lambda draw: Query(tree(draw))


KINDS: dict[str, Make] = {
    **{f"or-{n}-{band}": _or(n, band) for n in (1, 2, 3, 5, 8) for band in (*BANDS, "mixed")},
    **{f"and-{n}-{band}": _and(n, band) for n in (2, 3, 5) for band in (*BANDS, "mixed")},
    "phrase-2": _phrase(2),
    "phrase-3": _phrase(3),
    "near": lambda draw: Query(Near(draw.near())),
    "prefix": lambda draw: Query(Prefix(draw.beginning())),
    "fuzzy": lambda draw: Query(Fuzzy(draw.misspelt())),
    "source-or-2": _filtered(_or(2, "mixed"), "source"),
    "source-and-2": _filtered(_and(2, "mixed"), "source"),
    "dates-or-2": _filtered(_or(2, "mixed"), "dates"),
    "dates-and-2": _filtered(_and(2, "mixed"), "dates"),
    "facets-or-2": _or(2, "mixed", "facets"),
    "facets-and-2": _and(2, "mixed", "facets"),
    "snippets-or-2": _or(2, "mixed", "snippets"),
    "snippets-and-2": _and(2, "mixed", "snippets"),
    "snippets-phrase-2": _phrase(2, "snippets"),
    "sentence": lambda draw: Query(Or(_words(draw.sentence()))),
    "or-16-mixed": _or(16, "mixed"),
    "or-32-mixed": _or(32, "mixed"),
    **{kind: _mixed(tree) for kind, tree in MIXED.items()},
    "grouped-or-2": _or(2, "mixed", "grouped"),
    "newest-or-2": _or(2, "mixed", "newest"),
    "page-50-or-2": _or(2, "common", "deep"),
}
"""How a query of each kind is drawn."""


def queries(articles: list[Article], kinds: Iterable[str], n: int, seed: int) -> dict[str, list[Query]]:
    """So many queries of each kind; a kind's queries do not depend on which others are drawn."""
    draw = Draw(articles, seed)
    drawn = {}
    for kind in kinds:
        draw.random.seed(f"{seed} {kind}")
        drawn[kind] = [KINDS[kind](draw) for _ in range(n)]
    return drawn
