"""Which words of texts a query asks for, and where they stand."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from search.analysis import Token, fold, stems, tokenize
from search.budget import MARKING, QueryBudget
from search.characters import UNSPACED
from search.lumps import EDGES, LONGEST, Lumps, analysed, plain

RECOGNISED = 300
"""Units of a lump that this request has not met, beside those of looking into it."""
TRIED, PLAIN, LUMP, POINT = 5_000, 10_000, 15_000, 6_000
"""Units of taking a lump apart: a short one of ASCII for patterns, or for its stems; another one, each code point."""
COMPARED = 700
"""Units of comparing a word with a pattern."""

_WRITTEN_ANEW = frozenset("ъьшщ")
_UNSPACED = re.compile(f"[{UNSPACED}]")


class Wanted(NamedTuple):
    """A token with those of its stems that are asked for, its word, and whether that fits a pattern."""

    token: Token
    stems: AbstractSet[str]
    word: str
    fits: bool


class Asked:
    """The lumps of a language that have any of some stems or words, or a word that fits a pattern.

    It charges for each lump when it first meets it, as if no other request had: so the price is always the same.
    """

    def __init__(
        self,
        lumps: Lumps,
        stems: AbstractSet[str],
        words: AbstractSet[str],
        fits: Sequence[Callable[[str], bool]],
        budget: QueryBudget,
    ) -> None:
        self.lumps = lumps
        self.budget = budget
        self.stems, self.words, self.fits = stems, words, fits
        self._initials = {term[0] for term in stems | words}
        self._met: set[str] = set()
        self._holding: set[str] = set()
        """Those among the remembered, as many as there were at the last look."""
        self._looked_at = -1
        self._long: dict[str, int] = {}
        """The width of each lump that is too long to be remembered."""
        self._others: set[str] = set()
        """Lumps that are asked for and not `holding`: long ones, and those that fit."""
        self._tokens: dict[str, list[Wanted]] = {}

    def among(self, lumps: set[str]) -> set[str]:
        """Which of the lumps of a text are asked for. Raises Spent when that is too much work."""
        new = lumps - self._met
        self._met |= new
        worth = [lump for lump in new if self._may_be_asked_for(lump)]
        self.budget.draw(RECOGNISED * len(new) + sum(map(_price, worth)), MARKING)
        if self.fits:
            self.budget.draw(sum(TRIED if _is_plain(lump) else _price(lump) for lump in new), MARKING)
        if unknown := [lump for lump in worth if lump not in self.lumps.widths]:
            self.lumps.learn(lump for lump in unknown if len(lump) <= LONGEST)
            for lump in unknown:
                if len(lump) > LONGEST and lump not in self._long:
                    self._long[lump], terms = analysed(lump, self.lumps.lang)
                    if not (terms.isdisjoint(self.stems) and terms.isdisjoint(self.words)):
                        self._others.add(lump)
        if self.fits:
            self._others.update(lump for lump in new if self.tokens(lump))
        remembered = len(self.lumps.widths)
        if remembered != self._looked_at:
            holding = self.lumps.holding
            self._holding = {lump for term in self.stems | self.words for lump in holding.get(term, ())}
            self._looked_at = remembered
        return lumps & (self._holding | self._others) if self._others else lumps & self._holding

    def _may_be_asked_for(self, lump: str) -> bool:
        """Whether a lump is worth looking at: a word and its stems begin with the same letter.

        But Arabic stems may lack it, and Russian ones are written in Latin and back, which changes some letters.
        """
        if not self._initials:
            return False
        if core := plain(lump):
            return core[0].lower() in self._initials
        core = lump.strip(EDGES)
        if self.lumps.lang == "ar" or not core.isalpha() or _UNSPACED.search(core):
            return True
        folded = fold(core)
        if self.lumps.lang == "ru" and (folded[0] in _WRITTEN_ANEW or min(folded).isascii()):
            return True
        return folded[0] in self._initials

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
            self.budget.draw(COMPARED * len(self.fits), MARKING)
            fitting = any(fits(word) for fits in self.fits)
            if own or fitting or word in self.words:
                yield Wanted(token, own, word, fitting)


def _price(lump: str) -> int:
    """The units of taking a lump apart for its stems."""
    return PLAIN if _is_plain(lump) else LUMP + POINT * len(lump)


def _is_plain(lump: str) -> bool:
    return len(lump) <= LONGEST and lump.isascii()


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
