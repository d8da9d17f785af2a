"""The query tree: what engines evaluate, highlighters mark and error messages describe.

How a tree matches a paragraph (the rule of titles). Each text leaf has two readings of a paragraph:

- *own*: the leaf is met by the paragraph's own text; paragraph 1 owns the article's title too;
- *any*: it is met by the text or by the title.

A leaf with `title=True` is met by the title alone: it is *any* in every paragraph of the article, *own* in the first.
Filters (source, lang, dates) are met by every paragraph of an article that meets them, as own and as any.

    matches(leaf)  = own                     lends(leaf)  = any                excludes(leaf)  = own, or any if title
    matches(OR)    = one child matches       lends(OR)    = one child lends    excludes(OR)    = one child excludes
    matches(AND)   = every child lends, and  lends(AND)   = every child lends  excludes(AND)   = every child excludes
                     one witness matches
    matches(NOT x) = lends(NOT x) = not excludes(x)           excludes(NOT x) = not excludes(x)

A *witness* is a child that holds a text leaf outside of NOT; an AND without witnesses needs none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class All:
    """Every paragraph."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word in any inflection: one of its stems (one a language, rarely two) stands in the paragraph."""

    stems: tuple[str, ...]
    title: bool = False


@dataclass(frozen=True, slots=True)
class Slot:
    """A place in a phrase: any of `terms` stands there, `width` positions wide.

    `stemmed` says whether the terms are stems or words as written. `stems` are what the place is scored by.
    """

    terms: tuple[str, ...]
    stems: tuple[str, ...]
    width: int = 1
    stemmed: bool = False


@dataclass(frozen=True, slots=True)
class Phrase:
    """Slots in this order, each beginning at most `slop` positions after the end of the one before.

    With `slop` 1 they stand side by side. All within the text or all within the title, never across.
    """

    slots: tuple[Slot, ...]
    slop: int = 1
    title: bool = False


@dataclass(frozen=True, slots=True)
class Near:
    """Two phrases (or words) in either order, from the end of one to the beginning of the other at most `distance`."""

    left: Phrase
    right: Phrase
    distance: int
    title: bool = False


@dataclass(frozen=True, slots=True)
class Wildcard:
    """A word as written that fits a pattern: `*` is any run of characters, `?` is any one character."""

    pattern: str
    title: bool = False
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Fuzzy:
    """A word as written, at most `edits` insertions, deletions, replacements or swaps of neighbours from `word`."""

    word: str
    edits: int
    title: bool = False
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Source:
    """Articles of one source."""

    name: str


@dataclass(frozen=True, slots=True)
class Lang:
    """Articles in one language."""

    code: str


@dataclass(frozen=True, slots=True)
class Dated:
    """Articles with a date [start, end) that meets every bound given; undated articles meet none.

    All in seconds since 1970: `end > ends_after`, `start < starts_before`, `end <= ends_by`, `start >= starts_from`.
    """

    ends_after: int | None = None
    starts_before: int | None = None
    ends_by: int | None = None
    starts_from: int | None = None

    @property
    def is_reversed(self) -> bool:
        """Whether the dates must end after a moment that lies behind the one they must start before."""
        return self.ends_after is not None and self.starts_before is not None and self.ends_after >= self.starts_before

    def holds(self, start: int, end: int) -> bool:
        """Whether an article of this date meets the bounds."""
        return (
            (self.ends_after is None or end > self.ends_after)
            and (self.starts_before is None or start < self.starts_before)
            and (self.ends_by is None or end <= self.ends_by)
            and (self.starts_from is None or start >= self.starts_from)
        )


@dataclass(frozen=True, slots=True)
class Not:
    """Everything that the child does not exclude."""

    child: Node


@dataclass(frozen=True, slots=True)
class And:
    """What every child holds of; at least two children."""

    children: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """What any child holds of; at least two children."""

    children: tuple[Node, ...]


Leaf: TypeAlias = Word | Phrase | Near | Wildcard | Fuzzy
"""A node that is met by text."""
Term: TypeAlias = Slot | Wildcard | Fuzzy
"""What one word of a text can be: a word of a query, a place of a phrase, a pattern."""
Node: TypeAlias = All | Leaf | Source | Lang | Dated | Not | And | Or

ALL = All()
JOINT = (And, Or)
LEAF_TYPES = (Word, Phrase, Near, Wildcard, Fuzzy)
"""The classes of leaves; a tuple, as a union would be made anew for each look."""


def is_witness(node: Node) -> bool:
    """Whether a node holds a text leaf outside of NOT, so that a paragraph's own words can meet it."""
    if isinstance(node, JOINT):
        return any(map(is_witness, node.children))
    return isinstance(node, LEAF_TYPES)


def positive_leaves(node: Node) -> Iterator[Leaf]:
    """The text leaves outside of NOT, left to right: they are scored, and marked in what is shown."""
    if isinstance(node, LEAF_TYPES):
        yield node
    elif isinstance(node, JOINT):
        for child in node.children:
            yield from positive_leaves(child)


def scored_stems(node: Node) -> tuple[str, ...]:
    """The stems whose occurrences make up the score of a paragraph: those of every positive word and phrase, once each.

    A phrase, NEAR or `title:` restricts what matches; what matches is scored by its words, wherever they stand.
    """
    stems: dict[str, None] = {}
    for leaf in positive_leaves(node):
        for phrase in (leaf.left, leaf.right) if isinstance(leaf, Near) else (leaf,):
            if isinstance(phrase, Word):
                stems.update(dict.fromkeys(phrase.stems))
            elif isinstance(phrase, Phrase):
                for slot in phrase.slots:
                    stems.update(dict.fromkeys(slot.stems))
    return tuple(stems)


def patterns(node: Node) -> tuple[Wildcard | Fuzzy, ...]:
    """The positive wildcards and misspellings: each is scored as a word that occurs once wherever one fits."""
    found = (leaf for leaf in positive_leaves(node) if isinstance(leaf, (Wildcard, Fuzzy)))
    return tuple(dict.fromkeys(found))
