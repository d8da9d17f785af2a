"""Wildcards and misspellings over one segment: where some word fits."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from search.budget import GATHERING, QueryBudget
from search.engines.whoosh.arrays import Array
from search.engines.whoosh.expansion import expand
from search.engines.whoosh.gathering import Gathering
from search.engines.whoosh.postings import Dense
from search.engines.whoosh.segment import Segment
from search.engines.whoosh.spaces import Met
from search.kernels.bits import count
from search.kernels.choosing import shortest
from search.query import Fuzzy, Wildcard

PATTERN = 60_000
"""Units of a pattern, beside those of looking for its words and of reading where those stand."""


class Fitting:
    """The paragraphs where some word fits, as bitmaps: of their own text, and of the title.

    `lent` is where only the title is known to have one. The title's is empty unless it was asked for.
    """

    def __init__(self, segment: Segment, *, title: bool) -> None:
        self.segment = segment
        self.own = np.zeros(segment.blocks, np.uint64)
        self.lent = np.zeros(segment.blocks, np.uint64)
        self.title = np.zeros(segment.blocks if title else 0, np.uint64)

    @cached_property
    def any(self) -> Array:
        """Where text or title have one."""
        return np.asarray(self.own | self.lent)

    @cached_property
    def total(self) -> int:
        """In how many paragraphs, of text or title."""
        return int(count(self.any))

    def met(self, *, title: bool) -> Met:
        """What meets the pattern; by the title alone, if `title`."""
        return Met(self.title & self.segment.openings, self.title) if title else Met(self.own, self.any)

    def best(self, bits: Array, wanted: int) -> Array:
        """The best paragraphs of a bitmap when nothing else is scored: the shortest ones."""
        segment = self.segment
        bits = bits & self.any
        docs = np.empty(wanted, np.int32)
        n = shortest(bits, segment.column("lengths"), *segment.shorts, docs)
        return np.asarray(docs[:n])


class Patterns:
    """What the patterns of one query are met by in a segment; each is worked out once."""

    def __init__(self, segment: Segment, dense: Dense, budget: QueryBudget) -> None:
        self.segment = segment
        self.dense = dense
        self.budget = budget
        self.known: dict[Wildcard | Fuzzy, Fitting] = {}

    @cached_property
    def none(self) -> Fitting:
        """What is past the budget."""
        return Fitting(self.segment, title=True)

    def fitting(self, leaf: Wildcard | Fuzzy) -> Fitting:
        """Where words fit a pattern."""
        if leaf not in self.known:
            self.known[leaf] = self._looked_up(leaf) if self.budget.affords(PATTERN, GATHERING) else self.none
        return self.known[leaf]

    def _looked_up(self, leaf: Wildcard | Fuzzy) -> Fitting:
        found = Fitting(self.segment, title=leaf.title)
        entries = expand(self.segment, leaf, self.budget)
        gathering = Gathering(self.segment, self.dense)
        gathering.add(entries, self.budget, found.own, found.lent, found.title)
        return found
