"""A query tree over one segment, by bitmaps: the three readings of `search.query.tree`, 64 paragraphs at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from search.engines.whoosh.arrays import Array
from search.engines.whoosh.leaves import Leaves
from search.engines.whoosh.segment import Segment
from search.query import All, And, Dated, Fuzzy, Lang, Near, Node, Not, Or, Phrase, Source, Wildcard, Word, is_witness

FEW = 3
"""Operands from which on it pays to look whether the others are needed."""
JOINED = 2_000
"""Units of joining two bitmaps, beside one for each of their blocks."""
LEAF = Word | Phrase | Near | Wildcard | Fuzzy


class Matching:
    """Bitmaps of the paragraphs of a segment. What is returned may be shared: it is not to be written to."""

    def __init__(self, segment: Segment, leaves: Leaves) -> None:
        self.segment = segment
        self.leaves = leaves
        self.budget = leaves.budget
        self.price = JOINED + segment.blocks
        self.nothing = np.zeros(segment.blocks, np.uint64)

    def matches(self, node: Node) -> Array:
        """The paragraphs that a node matches."""
        if isinstance(node, LEAF):
            return self.leaves.own(node)
        if isinstance(node, Or):
            return self._any(map(self.matches, node.children))
        if isinstance(node, And):
            found = self.lends(node)
            witnesses = [child for child in node.children if is_witness(child)]
            return found & self._any(map(self.matches, witnesses)) if witnesses and found.any() else found
        return self.lends(node)

    def lends(self, node: Node) -> Array:
        """The paragraphs whose text or title meets a node."""
        if isinstance(node, LEAF):
            return self.leaves.any(node)
        return self._combined(node, self.lends)

    def excludes(self, node: Node) -> Array:
        """The paragraphs that NOT keeps out."""
        if isinstance(node, LEAF):
            return self.leaves.any(node) if node.title else self.leaves.own(node)
        return self._combined(node, self.excludes)

    def _combined(self, node: Node, read: Callable[[Node], Array]) -> Array:
        match node:
            case Or():
                return self._any(map(read, node.children))
            case And():
                return self._all(map(read, node.children))
            case Not():
                return self._without(node.child)
            case Source() | Lang() | Dated():
                return self.leaves.filtered(node)
            case All():
                return self.segment.everything
        raise AssertionError(node)

    def _without(self, node: Node) -> Array:
        """What NOT lets in: nothing, when what it leaves out could not be worked out in full."""
        before = self.budget.cuts
        excluded = self.excludes(node)
        if self.budget.cuts > before:
            self.budget.remark("What NOT leaves out was too much to work out, so nothing is shown for it.")
            return self.nothing
        return self.segment.everything & ~excluded

    def _any(self, bitmaps: Iterable[Array]) -> Array:
        """Their union; what is past the budget is left out."""
        found = self.nothing
        for i, bitmap in enumerate(bitmaps):
            if not self.budget.affords(self.price):
                break
            found = found | bitmap if i else bitmap
        return found

    def _all(self, bitmaps: Iterable[Array]) -> Array:
        """Their intersection; once nothing is left the others are not worked out, and past the budget it is nothing."""
        found = self.segment.everything
        for i, bitmap in enumerate(bitmaps):
            if not self.budget.affords(self.price):
                return self.nothing
            found = found & bitmap if i else bitmap
            if i > FEW and not found.any():
                break
        return found
