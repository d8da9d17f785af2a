"""A query tree over the paragraphs of a space: the three readings of `search.query.tree`.

Every node is asked which paragraphs meet it *within* a set, and what it says of others does not count. Of AND the
parts that cost little come first, those whose texts have to be read last, each within what the others have left: what
Lucene calls the approximation and the verification of a two-phase iterator. Of OR they look only where no other part
has matched.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

import numpy as np

from search.budget import QueryBudget
from search.engines.whoosh.arrays import Array
from search.engines.whoosh.exact import Exact
from search.engines.whoosh.filters import Filter
from search.engines.whoosh.leaves import PHRASE, Leaves
from search.engines.whoosh.patterns import Patterns
from search.engines.whoosh.spaces import Few, Met, Space, same, union
from search.query import All, And, Fuzzy, Near, Node, Not, Or, Phrase, Wildcard, Word, is_witness

JOINED = 2_000
"""Units of joining two bitmaps, beside one for each of their blocks."""
BITMAP, GATHERED, READ = range(3)
"""What a node costs: sets that are there, postings of many words, texts."""
COSTS = {Phrase: READ, Near: READ, Wildcard: GATHERED, Fuzzy: GATHERED}
FEW = 64
"""One of so many paragraphs, or less, are asked one by one: then a truth value each is no more than a bitmap of all."""
NARROWED = 4
"""Paragraphs of a space for each that is left, from which on only these are asked for what is left of a query."""
JOINT = (And, Or)
LEAF = (Word, Phrase, Near, Wildcard, Fuzzy)


def cost(node: Node) -> int:
    """What it takes to know which paragraphs meet a node."""
    if isinstance(node, JOINT):
        return max(map(cost, node.children))
    return cost(node.child) if isinstance(node, Not) else COSTS.get(type(node), BITMAP)


class Matching:
    """Evaluates a query over the paragraphs of a segment. Sets that it returns may be shared: do not write to them."""

    def __init__(self, exact: Exact, patterns: Patterns, budget: QueryBudget) -> None:
        self.words = exact.words
        self.leaves = Leaves(exact, Space(exact.words), patterns, budget)
        self.budget = budget
        self.most = exact.segment.paragraphs // FEW
        """Paragraphs up to which each of some is asked, in place of all."""
        self.price = JOINED + exact.segment.blocks

    @property
    def space(self) -> Space:
        """The paragraphs that are asked."""
        return self.leaves.space

    def matches(self, node: Node) -> tuple[Space, Array]:
        """The paragraphs that a node matches, and the space that they are a set of.

        It begins with those that have the rarest part of the query, and goes on with those that each part has left.
        """
        found = self._begin(node)
        own: Array | None = None
        settled = False
        for child in sorted(node.children if isinstance(node, And) else (node,), key=self._order):
            count = self.space.count(found)
            if not count:
                break
            if not self.budget.affords(self.price):
                return self.space, self.space.nothing
            if count <= self.most and NARROWED * count <= self.space.size:
                own = None if own is None else self.space.picked(own, found)
                self.leaves.space = Few(self.words, self.space.docs(found))
                found = self.space.everything
            met = self._met(child, found)
            found = self._both(found, met.any, child)
            if not settled and is_witness(child):
                settled = met.own is met.any
                own = met.own if own is None else own | met.own
        return self.space, found if own is None or settled else found & own

    def _begin(self, node: Node) -> Array:
        """Choose the paragraphs that are asked, and return those of them that are alive."""
        live, stems = self.words.part.live, self._lead(node)
        if stems is None or self.leaves.frequency(stems) > self.most:
            return self.space.everything if live is None else live
        self.leaves.space = Few.having(self.words, stems, live)
        return self.space.everything

    def _order(self, node: Node) -> tuple[int, int]:
        """What parts of AND are sorted by: those first that cost least, of these the rarest."""
        stems = self._lead(node)
        return cost(node), self.leaves.frequency(stems) if stems is not None else self.leaves.segment.paragraphs

    def _lead(self, node: Node) -> tuple[str, ...] | None:
        """Stems of which every match has one, in text or title, such that few do; None where none are known."""
        if isinstance(node, Word):
            return node.stems
        if isinstance(node, PHRASE):
            return self.leaves.rarest(node)
        if not isinstance(node, JOINT):
            return None
        leads = list(map(self._lead, node.children))
        known = [lead for lead in leads if lead is not None]
        if isinstance(node, And):
            return min(known, key=self.leaves.frequency, default=None)
        return tuple(chain.from_iterable(known)) if len(known) == len(leads) else None

    def _met(self, node: Node, within: Array) -> Met:
        """The paragraphs within a set that a node matches (`own`), and those that lend it (`any`)."""
        if isinstance(node, LEAF):
            return self.leaves.met(node, within)
        if isinstance(node, Or):
            return self._met_by_one(node.children, within)
        if isinstance(node, And):
            return self._met_by_all(node.children, within)
        return same(self._without(node.child, within) if isinstance(node, Not) else self._filtered(node))

    def _met_by_one(self, children: Sequence[Node], within: Array) -> Met:
        """What meets one of some nodes; what is past the budget is left out."""
        found: Met | None = None
        for child in sorted(children, key=cost):
            if not self.budget.affords(self.price):
                break
            left = within if found is None or cost(child) < READ else within & ~found.own
            met = self._met(child, left)
            found = met if found is None else union((found, met))
        return found or self.space.nowhere

    def _met_by_all(self, children: Sequence[Node], within: Array) -> Met:
        """What meets all of some nodes: once nothing is left the others are not looked at, and past the budget none.

        A paragraph matches where it matches one of the witnesses.
        """
        found = within
        witnesses: list[Met] = []
        for child in sorted(children, key=cost):
            if not self.budget.affords(self.price):
                return self.space.nowhere
            if cost(child) > BITMAP and not self.space.count(found):
                break
            met = self._met(child, found)
            found = self._both(found, met.any, child)
            if is_witness(child):
                witnesses.append(met)
        if not witnesses or any(met.own is met.any for met in witnesses):
            return Met(found, found)
        own = witnesses[0].own
        for met in witnesses[1:]:
            own = own | met.own
        return Met(own & found, found)

    def _both(self, found: Array, met: Array, child: Node) -> Array:
        """What was found and meets a child; all that meets NOT or AND was found already."""
        if found is self.space.everything or isinstance(child, (Not, And)):
            return met
        return found & met

    def _excludes(self, node: Node, within: Array) -> Array:
        """The paragraphs that NOT keeps out."""
        if isinstance(node, LEAF):
            met = self.leaves.met(node, within)
            return met.any if node.title else met.own
        if isinstance(node, Or):
            found = self.space.nothing
            for child in node.children:
                if not self.budget.affords(self.price):
                    break
                found = found | self._excludes(child, within)
            return found
        if isinstance(node, And):
            found = within
            for child in sorted(node.children, key=cost):
                if not self.budget.affords(self.price):
                    return self.space.nothing
                found = self._both(found, self._excludes(child, found), child)
            return found
        return self._without(node.child, within) if isinstance(node, Not) else self._filtered(node)

    def _without(self, node: Node, within: Array) -> Array:
        """What NOT lets in: nothing, when what it leaves out could not be worked out in full."""
        before = self.budget.cuts
        excluded = self._excludes(node, within)
        if self.budget.cuts > before:
            self.budget.remark("What NOT leaves out was too much to work out, so nothing is shown for it.")
            return self.space.nothing
        return np.asarray(within & ~excluded)

    def _filtered(self, node: All | Filter) -> Array:
        """The paragraphs of the articles that meet a filter."""
        return self.space.everything if isinstance(node, All) else self.leaves.filtered(node)
