"""The query tree, and the definition of which paragraphs it matches.

What is searched is a paragraph, but the words of its article's title count too: `moon landing` matches a paragraph that
has one word and whose article has the other in its title. A title alone matches only the first paragraph. So each leaf
of words has two truth values for a paragraph:

- *own*: the paragraph's text meets the leaf, or it is the first paragraph and the title meets it;
- *any*: the text or the title meets the leaf.

A leaf with `title=True` is met by the title alone: it is *any* in every paragraph of the article, *own* in the first.
Two leaves are lent by no title, so that *any* is *own*: `AtLeast` counts in a text, `Lead` is for first paragraphs.
Filters (source, lang, dates) are met by every paragraph of an article that meets them, as own and as any. The query
matches a paragraph for which `matches` holds; `lends` and `excludes` are auxiliary:

    matches(leaf)  = own                     lends(leaf)  = any                excludes(leaf)  = own, or any if title
    matches(OR)    = one child matches       lends(OR)    = one child lends    excludes(OR)    = one child excludes
    matches(AND)   = every child lends, and  lends(AND)   = every child lends  excludes(AND)   = every child excludes
                     one witness matches
    matches(NOT x) = lends(NOT x) = not excludes(x)           excludes(NOT x) = not excludes(x)

A *witness* is a child that contains a leaf of words outside of NOT. An AND without witnesses needs none.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias


@dataclass(frozen=True, slots=True)
class All:
    """Every paragraph."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word in any inflection: met by a text that contains one of its stems, of which it has about one a language.

    `form` is the word as it was typed, folded, if there is such a word; it does not tell words apart. `variant_of` are
    the stems of what was typed, if the word is a variant of that: it then adds less to the score. `width` is how many
    positions it takes, and `last` is as in `Slot`.
    """

    stems: tuple[str, ...]
    title: bool = False
    form: str = field(default="", compare=False)
    variant_of: tuple[str, ...] = ()
    width: int = field(default=1, compare=False)
    last: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Slot:
    """One token of a phrase: any of `terms`, with a width of `width` positions.

    `stemmed` tells whether the terms are stems or words as written. `stems` are the terms that it is scored by. A
    bigram takes one position, though it has two characters: where a phrase ends with one, `last` are the stems of the
    second character, for what has to know where the phrase ends.
    """

    terms: tuple[str, ...]
    stems: tuple[str, ...]
    width: int = 1
    stemmed: bool = False
    last: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase: its slots in this order, each beginning at most `slop` positions after the last of the one before.

    With `slop` 1 they are side by side. All are in the text or all in the title, never in both. `variant_of` is as in
    `Word`.
    """

    slots: tuple[Slot, ...]
    slop: int = 1
    title: bool = False
    variant_of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Near:
    """Two phrases (or words) in either order, the second at most `distance` positions after the end of the first."""

    left: Phrase
    right: Phrase
    distance: int
    title: bool = False


@dataclass(frozen=True, slots=True)
class Wildcard:
    """A folded word that fits a pattern: `*` is any number of characters, `?` exactly one. `at` is for messages."""

    pattern: str
    title: bool = False
    at: int = field(default=0, compare=False)
    """Position in the query, of its first code point."""


@dataclass(frozen=True, slots=True)
class Fuzzy:
    """A folded word, at most `edits` insertions, deletions, replacements or swaps of neighbours from `word`."""

    word: str
    edits: int
    title: bool = False
    at: int = field(default=0, compare=False)
    """Position in the query, of its first code point."""


@dataclass(frozen=True, slots=True)
class SameSentence:
    """Two phrases (or words) in either order, apart from each other, all of both in one sentence of a text or title.

    Where sentences begin is told by `search.analysis.sentences`.
    """

    left: Phrase
    right: Phrase
    title: bool = False


@dataclass(frozen=True, slots=True)
class AtLeast:
    """A word, or a phrase without slop, that begins at `count` places of a text at least. Titles do not count."""

    count: int
    words: Word | Phrase

    @property
    def title(self) -> bool:
        """False: it is not met by titles."""
        return False


@dataclass(frozen=True, slots=True)
class Lead:
    """A leaf that the first paragraph of an article meets itself; no other paragraph meets it."""

    leaf: Word | Phrase | Near | Wildcard | Fuzzy | SameSentence | AtLeast

    @property
    def title(self) -> bool:
        """False: it is not met by titles alone."""
        return False


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
        """Whether the end of the period lies before its beginning, so that no date meets both bounds."""
        return self.ends_after is not None and self.starts_before is not None and self.ends_after >= self.starts_before

    def holds(self, start: int, end: int) -> bool:
        """Tell whether a date [start, end) meets the bounds."""
        return (
            (self.ends_after is None or end > self.ends_after)
            and (self.starts_before is None or start < self.starts_before)
            and (self.ends_by is None or end <= self.ends_by)
            and (self.starts_from is None or start >= self.starts_from)
        )


@dataclass(frozen=True, slots=True)
class Not:
    """The paragraphs that the child does not exclude."""

    child: Node


@dataclass(frozen=True, slots=True)
class And:
    """A conjunction of at least two children."""

    children: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """A disjunction of at least two children."""

    children: tuple[Node, ...]


Leaf: TypeAlias = Word | Phrase | Near | Wildcard | Fuzzy | SameSentence | AtLeast | Lead
"""A node that words of a text or a title meet; all others but NOT, AND and OR are filters."""
Term: TypeAlias = Slot | Wildcard | Fuzzy
"""A condition on one token of a text: a slot of a phrase (or a word, as a slot), or a pattern."""
Node: TypeAlias = All | Leaf | Source | Lang | Dated | Not | And | Or

ALL = All()
JOIN_TYPES = (And, Or)
LEAF_TYPES = (Word, Phrase, Near, Wildcard, Fuzzy, SameSentence, AtLeast, Lead)
"""The classes of leaves, as a tuple for `isinstance`, which is faster than with a union; so is JOIN_TYPES."""


def is_witness(node: Node) -> bool:
    """Tell whether a node contains a leaf of words outside of NOT."""
    if isinstance(node, JOIN_TYPES):
        return any(map(is_witness, node.children))
    return isinstance(node, LEAF_TYPES)


def positive_leaves(node: Node) -> list[Leaf]:
    """Return the leaves outside of NOT, left to right: those that are scored and highlighted."""
    if isinstance(node, LEAF_TYPES):
        return [node]
    leaves: list[Leaf] = []
    if isinstance(node, JOIN_TYPES):
        for child in node.children:
            leaves += [child] if isinstance(child, LEAF_TYPES) else positive_leaves(child)
    return leaves


def slots_of(leaf: Leaf) -> tuple[Slot, ...]:
    """Return the slots of all words of a leaf, left to right; a word is a slot of its stems, a pattern has none."""
    if isinstance(leaf, Phrase):
        return leaf.slots
    if isinstance(leaf, (Near, SameSentence)):
        return (*leaf.left.slots, *leaf.right.slots)
    if isinstance(leaf, Word):
        return (Slot(leaf.stems, leaf.stems, stemmed=True),)
    if isinstance(leaf, (Lead, AtLeast)):
        return slots_of(leaf.leaf if isinstance(leaf, Lead) else leaf.words)
    return ()


def scored_leaves(node: Node) -> list[Word | Phrase | Wildcard | Fuzzy]:
    """Return the words, phrases and patterns outside of NOT, left to right, also those within other leaves."""
    leaves: list[Word | Phrase | Wildcard | Fuzzy] = []
    for leaf in positive_leaves(node):
        inner = leaf.leaf if isinstance(leaf, Lead) else leaf
        if isinstance(inner, (Near, SameSentence)):
            leaves += inner.left, inner.right
        else:
            leaves.append(inner.words if isinstance(inner, AtLeast) else inner)
    return leaves


def scored_stems(leaves: Iterable[Leaf]) -> list[str]:
    """Return the stems that a paragraph is scored by, as often as they stand in the words and phrases among leaves.

    A phrase, NEAR or `title:` restricts which paragraphs match; the score counts their words anywhere in a paragraph.
    Those of variants are left out: see `variant_stems`.
    """
    stems: list[str] = []
    for leaf in leaves:
        if isinstance(leaf, (Word, Phrase)) and not leaf.variant_of:
            stems += stems_of(leaf)
    return stems


def stems_of(leaf: Word | Phrase) -> Sequence[str]:
    """Return the stems of a word or of a phrase, as often as they stand there."""
    return leaf.stems if isinstance(leaf, Word) else [stem for slot in leaf.slots for stem in slot.stems]


class VariantStem(NamedTuple):
    """A stem that variants alone have: the stems of what was typed, and how many words the shortest variant has."""

    typed: tuple[str, ...]
    words: int


def variant_stems(leaves: Iterable[Leaf]) -> dict[str, VariantStem]:
    """Return the stems of the variants among leaves, but for those that are scored as typed too."""
    variants = [leaf for leaf in leaves if isinstance(leaf, (Word, Phrase)) and leaf.variant_of]
    found: dict[str, VariantStem] = {}
    typed = {*scored_stems(leaves)} if variants else set()
    for leaf in variants:
        words = 1 if isinstance(leaf, Word) else len(leaf.slots)
        for stem in [stem for stem in dict.fromkeys(stems_of(leaf)) if stem not in typed]:  # in one order on each run
            before = found.get(stem, VariantStem((), words))
            found[stem] = VariantStem(before.typed + leaf.variant_of, min(before.words, words))
    return found


def typed_words(leaves: Iterable[Leaf]) -> dict[str, tuple[str, ...]]:
    """Return the words among leaves, those outside of quotes and NEAR, as they were typed, with the stems of each."""
    return {leaf.form: leaf.stems for leaf in leaves if isinstance(leaf, Word) and leaf.form and not leaf.variant_of}


def patterns(leaves: Iterable[Leaf]) -> tuple[Wildcard | Fuzzy, ...]:
    """Return the distinct wildcards and misspellings among leaves.

    Each is scored like a word that occurs once in every paragraph with a fitting word.
    """
    return tuple(dict.fromkeys([leaf for leaf in leaves if isinstance(leaf, (Wildcard, Fuzzy))]))
