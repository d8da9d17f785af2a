"""Which words of texts a query asks for, and where they stand."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from search.analysis import Token, fold, stems, tokenize
from search.lumps import LONGEST, Lumps, analysed, plain


class Wanted(NamedTuple):
    """A token with those of its stems that are asked for, and its word."""

    token: Token
    stems: AbstractSet[str]
    word: str


class Asked:
    """The lumps of a language that have any of some stems or words, or a word that fits a pattern."""

    def __init__(
        self, lumps: Lumps, stems: AbstractSet[str], words: AbstractSet[str], fits: Sequence[Callable[[str], bool]]
    ) -> None:
        self.lumps = lumps
        self.stems, self.words, self.fits = stems, words, fits
        self._initials = {term[0] for term in stems | words}
        self._holding: set[str] = set()
        """Those among the remembered, as many as there were at the last look."""
        self._looked_at = -1
        self._long: dict[str, int] = {}
        """The width of each lump that is too long to be remembered."""
        self._others: set[str] = set()
        """Lumps that are asked for and not `holding`: long ones, and those that fit."""
        self._tried: set[str] = set()
        """Lumps whose words were compared with patterns."""
        self._tokens: dict[str, list[Wanted]] = {}

    def among(self, lumps: set[str]) -> set[str]:
        """Which of the lumps of a text are asked for."""
        if new := [lump for lump in lumps.difference(self.lumps.widths) if self._may_be_asked_for(lump)]:
            self.lumps.learn(lump for lump in new if len(lump) <= LONGEST)
            for lump in new:
                if len(lump) > LONGEST and lump not in self._long:
                    self._long[lump], terms = analysed(lump, self.lumps.lang)
                    if not (terms.isdisjoint(self.stems) and terms.isdisjoint(self.words)):
                        self._others.add(lump)
        if self.fits:
            self._others.update(lump for lump in lumps - self._tried if self.tokens(lump))
            self._tried |= lumps
        remembered = len(self.lumps.widths)
        if remembered != self._looked_at:
            holding = self.lumps.holding
            self._holding = {lump for term in self.stems | self.words for lump in holding.get(term, ())}
            self._looked_at = remembered
        return lumps & (self._holding | self._others) if self._others else lumps & self._holding

    def _may_be_asked_for(self, lump: str) -> bool:
        """Whether a lump is worth looking at: a word of ASCII and its stems begin with the same letter."""
        core = plain(lump)
        return not core or core[0].lower() in self._initials

    def width(self, lump: str) -> int:
        """How many positions a lump takes; one that was not looked at is a single word."""
        width = self.lumps.widths.get(lump)
        return self._long.get(lump, 1) if width is None else width

    def tokens(self, lump: str) -> list[Wanted]:
        """The tokens of a lump that are asked for."""
        if lump not in self._tokens:
            self._tokens[lump] = list(self._asked_for(lump))
        return self._tokens[lump]

    def _asked_for(self, lump: str) -> Iterator[Wanted]:
        for token in tokenize(lump):
            # a query of patterns alone asks for no stems, and to find those takes long
            own = self.stems & {*stems(token, self.lumps.lang)} if self.stems else self.stems
            word = fold(token.written)
            if own or word in self.words or any(fits(word) for fits in self.fits):
                yield Wanted(token, own, word)


def where(wanted: set[str], lumps: list[str], line: str) -> list[tuple[int, int, str]]:
    """The number of each lump of a text that is wanted, where it begins, and itself."""
    found, bounded, at = [], f" {line} ", 0
    for index, lump in enumerate(lumps):
        if lump in wanted:
            # no other lump is the same and comes before it, since that would be wanted too
            at = bounded.index(f" {lump} ", at)
            found.append((index, at, lump))
            at += len(lump) + 1
    return found
