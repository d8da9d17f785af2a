"""Which articles meet a query, whose parts may stand in different paragraphs: see `search.query.article_scope`.

Bitmaps of articles decide words and filters. For phrases, patterns and the like they give bounds: an article that has a
phrase has all its words. Only the articles between the bounds are looked at paragraph by paragraph.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import NamedTuple

import numpy as np

from search.budget import MATCHING, QueryBudget, Spent
from search.index.query.boolean_query import SegmentMatches
from search.index.query.matching.bitmap_evaluator import LeafEvaluator
from search.index.query.matching.match_set import AllDocs, SomeDocs
from search.index.query.matching.multi_term import MultiTermMatcher
from search.index.query.scope.article_sets import ArticleSets
from search.index.query.segment_searcher import Generation, SegmentSearcher
from search.index.storage.column_file import Array
from search.kernels.core.bitmap import count
from search.query.article_scope import has_not
from search.query.tree import JOIN_TYPES, LEAF_TYPES, All, And, Fuzzy, Lead, Leaf, Node, Not, Wildcard, Word, slots_of

LISTED_SHARE = 256
"""Articles are evaluated on a list of their docs, not on a bitmap, if at most one doc in this many is among them."""
MIN_ALLOWANCE = 500_000
"""Units of work that may be spent on counting in any case."""
NODE_COST = 2_000
"""Units of work for each node of a query, besides one for each 64 articles."""


class Bounds(NamedTuple):
    """Two bitmaps of articles: those that meet a node for sure (`low`), and those that may (`high`).

    Both are the same object if nothing is unsure.
    """

    low: Array
    high: Array

    def joined(self, other: Bounds, join: Callable[[Array, Array], Array]) -> Bounds:
        """Return the bounds of a conjunction or a disjunction of two nodes."""
        high = join(self.high, other.high)
        sure = self.low is self.high and other.low is other.high
        return Bounds(high if sure else join(self.low, other.low), high)


class ArticleEvaluator:
    """Evaluates a query over the articles of a segment."""

    def __init__(self, searcher: SegmentSearcher, patterns: MultiTermMatcher, budget: QueryBudget) -> None:
        self.searcher = searcher
        self.sets = searcher.segment.derived(ArticleSets)
        self.patterns = patterns
        self.budget = budget
        self.known: dict[Leaf, Array] = {}
        """The articles that meet a leaf, among those that were looked at."""

    def leaves(self, space: AllDocs) -> LeafEvaluator:
        """Return what evaluates leaves paragraph by paragraph."""
        return LeafEvaluator(self.searcher, space, self.patterns, self.budget)

    def bounds(self, node: Node) -> Bounds:
        """Return which articles meet a node for sure, and which may."""
        self.budget.charge(NODE_COST + self.sets.n_words)
        if isinstance(node, JOIN_TYPES):
            join = np.bitwise_and if isinstance(node, And) else np.bitwise_or
            return reduce(lambda one, other: one.joined(other, join), map(self.bounds, node.children))
        if isinstance(node, Not):
            low, high = self.bounds(node.child)
            inverse = ~low & self.sets.all
            return Bounds(inverse if low is high else ~high & self.sets.all, inverse)
        if isinstance(node, LEAF_TYPES):
            if node in self.known:
                return _sure(self.known[node])
            if isinstance(node, Word):
                return _sure(self._with_stems(node.stems, title=node.title))
            return Bounds(self.sets.none, self._at_most(node))
        return _sure(self.sets.all if isinstance(node, All) else self.sets.with_filter(node))

    def meeting(self, node: Node, within: Array) -> Array:
        """Return the articles of the set `within` that meet a query; past the budget some may be missing."""
        low, high = self.bounds(node)
        if low is high:
            return high & within
        unsure = high & ~low & within
        if not count(unsure):
            return low & within
        sure, cuts = low & within, self.budget.cuts
        if self._match_patterns(node):  # a search has matched them already, and they leave fewer texts to be read
            low, high = self.bounds(node)
            unsure = high & ~low & within
        if count(unsure):
            docs = self.sets.list_docs(unsure, self.searcher.segment.paragraphs // LISTED_SHARE)
            if docs is None:
                self._look_at(node, AllDocs(self.searcher), self.sets.docs(unsure))
            else:
                space = SomeDocs(self.searcher, docs)
                self._look_at(node, space, space.all_docs)
            high = self.bounds(node).high
        if self.budget.cuts > cuts and has_not(node):  # what NOT has to leave out may not all have been found
            return sure
        return (low | (high & unsure)) & within

    def _match_patterns(self, node: Node) -> bool:
        """Find out which articles meet each wildcard and misspelling of a query; return whether it has any."""
        if isinstance(node, Not):
            return self._match_patterns(node.child)
        if isinstance(node, JOIN_TYPES):
            return any([self._match_patterns(child) for child in node.children])  # noqa: C419 - each has to be matched
        if not isinstance(node, (Wildcard, Fuzzy)):
            return False
        docs = self.leaves(AllDocs(self.searcher)).matches(node, self.searcher.no_docs).any
        self.known[node] = self.sets.of_docs(docs)
        return True

    def _look_at(self, node: Node, space: AllDocs, docs: Array) -> None:
        """Find out which articles, of those that `docs` of a space belong to, meet each leaf that is unsure."""
        if isinstance(node, JOIN_TYPES):
            for child in node.children:
                self._look_at(child, space, docs)
        elif isinstance(node, Not):
            self._look_at(node.child, space, docs)
        elif isinstance(node, LEAF_TYPES) and not isinstance(node, Word) and node not in self.known:
            found = self.leaves(space).matches(node, docs).any & docs
            self.known[node] = self.sets.of_list(space.docs(found)) if space.is_list else self.sets.of_docs(found)

    def _with_stems(self, stems: tuple[str, ...], *, title: bool) -> Array:
        sets = [self.sets.with_stem(self.searcher, stem, title=title) for stem in stems]
        return reduce(np.bitwise_or, sets) if sets else self.sets.none

    def _at_most(self, leaf: Leaf) -> Array:
        """Return the articles that may meet a leaf: those that have a stem of each of its slots."""
        inner = leaf.leaf if isinstance(leaf, Lead) else leaf
        sets = [self._with_stems(slot.stems, title=inner.title) for slot in slots_of(inner)]
        return reduce(np.bitwise_and, sets) if sets else self.sets.all


def _sure(articles: Array) -> Bounds:
    return Bounds(articles, articles)


def count_elsewhere(
    generation: Generation, query: Node, matches: list[SegmentMatches] | None, total_articles: int, budget: QueryBudget
) -> int | None:
    """Return how many articles meet a query in different paragraphs only; None if that is too much work.

    `matches` has the docs of each segment that match the query. It may be None for a query of words and filters without
    NOT: each article with a match meets such a query as a whole, so it is enough to know how many articles have a
    match, `total_articles`.
    """
    found, cuts = 0, budget.cuts
    try:
        # strict: a count that is not exact is of no use
        with budget.part(min(budget.left(MATCHING), allowance(budget)), MATCHING, is_strict=True) as own:
            for searcher in generation.segments:
                known = matches[searcher.number] if matches else None
                patterns = known.patterns if known else MultiTermMatcher(searcher.segment, searcher.dense, own)
                evaluator = ArticleEvaluator(searcher, patterns, own)
                others = evaluator.sets.live(searcher.view)
                if known:
                    others = others & ~evaluator.sets.of_docs(known.bits)
                found += int(count(evaluator.meeting(query, others)))
    except Spent:
        return None
    if budget.cuts > cuts:  # the patterns of `matches` spend what is left of the search
        return None
    return found if matches else found - total_articles


def allowance(budget: QueryBudget) -> int:
    """Return the units of work that counting may take: half of those spent so far, but at least MIN_ALLOWANCE."""
    return max(budget.spent // 2, MIN_ALLOWANCE)
