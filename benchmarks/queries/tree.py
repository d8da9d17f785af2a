"""What is asked, in no engine's language: each peer writes it in its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

DISTANCE = 5
"""Words between which NEAR looks."""

Extra: TypeAlias = Literal["", "facets", "snippets", "grouped", "newest", "deep"]
"""What is wanted besides the ten best paragraphs, or instead.

Counts of sources and years; marked snippets; the best paragraphs of ten articles; the newest; those of page 50.
"""
DEEP = 490
"""Rows before page 50."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word, in any inflection."""

    text: str


@dataclass(frozen=True, slots=True)
class Token:
    """What stands together in a text though it is more than a word: `x-ray`, `AT&T`. Its parts, side by side."""

    text: str


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words side by side."""

    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Near:
    """Two words that are at most DISTANCE apart."""

    words: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Prefix:
    """Words that begin so."""

    text: str


@dataclass(frozen=True, slots=True)
class Fuzzy:
    """Words that are one letter off at most."""

    text: str


@dataclass(frozen=True, slots=True)
class Not:
    """Paragraphs without it; stands in an And only."""

    node: Node


@dataclass(frozen=True, slots=True)
class And:
    """All of them."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """At least one of them; none is a Not."""

    nodes: tuple[Node, ...]


Leaf: TypeAlias = Word | Token | Phrase | Near | Prefix | Fuzzy
Node: TypeAlias = Leaf | Not | And | Or


@dataclass(frozen=True, slots=True)
class Query:
    """A tree, what is wanted besides, and filters. `years` are the first and the last."""

    tree: Node
    extra: Extra = ""
    source: str | None = None
    years: tuple[int, int] | None = None

    @property
    def offset(self) -> int:
        """Rows that are passed over."""
        return DEEP if self.extra == "deep" else 0


def leaves(node: Node) -> Iterator[Leaf]:
    """What a tree joins, from left to right."""
    if isinstance(node, And | Or):
        for each in node.nodes:
            yield from leaves(each)
    elif isinstance(node, Not):
        yield from leaves(node.node)
    else:
        yield node


def plain(query: Query) -> tuple[type[And | Or], list[str]] | None:
    """How a query joins its words, where it is nothing but words that are joined; for engines that know no more."""
    tree = query.tree
    if isinstance(tree, Word):
        tree = Or((tree,))
    if query.extra or query.source or query.years or not isinstance(tree, And | Or):
        return None
    words = [node.text for node in tree.nodes if isinstance(node, Word)]
    return (type(tree), words) if len(words) == len(tree.nodes) else None


def signs(node: Node, leaf: Callable[[Leaf], str]) -> str:
    """A tree as `+(a b) +c -d`: the language of Lucene's classic parser and of Tantivy's, where OR needs no sign."""
    if isinstance(node, And):
        return " ".join(
            f"-{_inner(each.node, leaf)}" if isinstance(each, Not) else f"+{_inner(each, leaf)}" for each in node.nodes
        )
    if isinstance(node, Or):
        return " ".join(_inner(each, leaf) for each in node.nodes)
    if isinstance(node, Not):
        raise TypeError("NOT stands alone")
    return leaf(node)


def _inner(node: Node, leaf: Callable[[Leaf], str]) -> str:
    text = signs(node, leaf)
    return f"({text})" if isinstance(node, And | Or) else text


def operators(node: Node, leaf: Callable[[Leaf], str], without: str = "AND NOT") -> str:
    """A tree as `(a OR b) AND c AND NOT d`: what it is without comes last."""
    if isinstance(node, And | Or):
        joined = " AND " if isinstance(node, And) else " OR "
        kept = [_nested(each, leaf, without) for each in node.nodes if not isinstance(each, Not)]
        left = [_nested(each.node, leaf, without) for each in node.nodes if isinstance(each, Not)]
        return joined.join(kept) + "".join(f" {without} {text}" for text in left)
    if isinstance(node, Not):
        raise TypeError("NOT stands alone")
    return leaf(node)


def _nested(node: Node, leaf: Callable[[Leaf], str], without: str) -> str:
    text = operators(node, leaf, without)
    return f"({text})" if isinstance(node, And | Or) else text
