"""A list of names with their variants, looked up by the words of a query."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple, TypeAlias

from search.names.synonyms import SynonymGroup
from search.query.leaves import folded_words

_PIECE = re.compile(r"[^\W_]+")
Key: TypeAlias = tuple[str, ...]
"""The folded words of a name."""
ARTICLES = frozenset("al el ad an ar as ash at az ed en er es et ez".split())
"""Forms of the Arabic article before names: the variants of `as-Suwayda` are `Suwayda` and the variants of that."""


class ListedVariants(NamedTuple):
    """The other spellings of a name, and the other names for what it names."""

    spellings: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()


class NameList:
    """The variants of names, by the words of these names.

    Later groups add to earlier ones; a group with `=>` replaces all other variants of what is typed.
    """

    def __init__(self, groups: Iterable[SynonymGroup]) -> None:
        self._spellings: dict[Key, dict[Key, str]] = {}
        self._aliases: dict[Key, dict[Key, str]] = {}
        self._names: dict[Key, str] = {}
        groups = list(groups)
        replacing = [group for group in groups if group.kind == "spelling" and group.maps]
        for group in groups:
            if group.kind == "spelling" and not group.maps:
                self._add_spellings(group)
        for group in groups:
            if group.kind == "alias":
                self._add_aliases(group)
        for key in {folded_words(typed) for group in replacing for typed in group.typed}:
            self._spellings.pop(key, None)
            self._aliases.pop(key, None)
        for group in replacing:
            self._add_spellings(group)
        self._longest: dict[str, int] = {}
        for key in {*self._spellings, *self._aliases}:
            self._longest[key[0]] = max(len(key), self._longest.get(key[0], 0))

    @cached_property
    def words(self) -> frozenset[str]:
        """The first runs of letters and digits of all names: a query without any of them has no name of the list."""
        return self._singles | frozenset([first for first, _ in self._pairs])

    def may_have(self, text: str) -> bool:
        """Tell whether a text of ASCII characters may have a name; false for most texts without one."""
        pieces = _pieces(text.lower())
        if not self._singles.isdisjoint(pieces):
            return True
        return not self.words.isdisjoint(pieces) and not self._pairs.isdisjoint(pairwise(pieces))

    @cached_property
    def _singles(self) -> frozenset[str]:
        """The names that are one run of letters and digits."""
        return frozenset([pieces[0] for pieces in self._key_pieces if len(pieces) == 1])

    @cached_property
    def _pairs(self) -> frozenset[tuple[str, str]]:
        """The first two runs of letters and digits of all other names."""
        return frozenset([(pieces[0], pieces[1]) for pieces in self._key_pieces if len(pieces) > 1])

    @cached_property
    def _key_pieces(self) -> list[list[str]]:
        return [_pieces(" ".join(key)) for key in {*self._spellings, *self._aliases}]

    def _add_spellings(self, group: SynonymGroup) -> None:
        found = _by_key(group.found)
        for key, typed in _by_key(group.typed).items():
            self._names.setdefault(key, typed)
            self._spellings.setdefault(key, {}).update({k: v for k, v in found.items() if k != key})

    def _add_aliases(self, group: SynonymGroup) -> None:
        clusters = [(key, self._cluster(key, alias)) for key, alias in _by_key(group.found).items()]
        for name_key, name in _by_key(group.typed).items():
            self._names.setdefault(name_key, name)
            same = self._cluster(name_key, name)
            others = {k: v for key, cluster in clusters if key != name_key for k, v in cluster.items() if k not in same}
            for key in same:
                self._aliases.setdefault(key, {}).update(others)

    def _cluster(self, key: Key, name: str) -> dict[Key, str]:
        """Return a name and its spellings, by their keys."""
        return {key: name} | self._spellings.get(key, {})

    def longest(self, word: str) -> int:
        """Return how many words the longest name has that begins with a folded word; 0 if there is none."""
        return self._longest.get(word, 0)

    def find(self, words: Sequence[str]) -> ListedVariants | None:
        """Return the variants of a name, given its folded words; None if it is not in the list, or has none."""
        key = tuple(words)
        spellings, aliases = self._spellings.get(key, {}), self._aliases.get(key, {})
        if not spellings and not aliases:
            return None
        return ListedVariants(tuple(spellings.values()), tuple([v for k, v in aliases.items() if k not in spellings]))

    def find_bare(self, words: Sequence[str]) -> ListedVariants | None:
        """Return the variants of a name with an Arabic article: the name without the article, and the variants of that.

        None if the words begin with no article, or the name without it has no variants.
        """
        if len(words) < 2 or words[0] not in ARTICLES or not (bare := self.find(words[1:])):
            return None
        return bare._replace(spellings=(self._names[tuple(words[1:])], *bare.spellings))


def _pieces(text: str) -> list[str]:
    """Return the runs of letters and digits of a text, without the `s` of a possessive, which names do not have."""
    return [piece for piece in _PIECE.findall(text) if piece != "s"]


def _by_key(names: Iterable[str]) -> dict[Key, str]:
    found: dict[Key, str] = {}
    for name in names:
        found.setdefault(folded_words(name), name)
    return found
