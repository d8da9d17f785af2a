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

from search.budget import MATCHING, QueryBudget
from search.index.query.match_set import AllDocs, NodeMatches, SomeDocs, chosen, same, union
from search.index.query.multi_term import MultiTermMatcher
from search.index.query.phrase_matcher import PhraseMatcher, slots_of
from search.index.query.phrase_query import phrase_bitmap
from search.index.query.segment_searcher import SegmentSearcher
from search.index.segment.doc_values import Filter, FilterCache
from search.index.segment.phrase_slots import NOBODY
from search.index.storage.column_file import Array
from search.query import LEAF_TYPES, All, And, Fuzzy, Leaf, Near, Node, Not, Or, Phrase, Wildcard, Word, is_witness

LEAF_UNITS = 10_000
"""Units of a word, a phrase or a pattern, beside those of what it reads."""
POSTING = 5
"""Units of a posting that is looked at for a bitmap; those of frequent stems are bitmaps already."""

PHRASE = (Phrase, Near)


class LeafEvaluator:
    """What meets the leaves of one query in a space, each looked at in some paragraphs only: those `within` a set.

    What is returned is right for these; of others it may have some that meet the leaf.
    """

    def __init__(
        self, segment: SegmentSearcher, space: AllDocs, patterns: MultiTermMatcher, budget: QueryBudget
    ) -> None:
        self.searcher = segment
        self.segment = segment.segment
        self.space = space
        self.patterns = patterns
        self.budget = budget

    def met(self, leaf: Leaf, within: Array) -> NodeMatches:
        """The paragraphs that meet a leaf."""
        if not self.budget.affords(LEAF_UNITS):
            return self.space.nowhere
        if isinstance(leaf, Word):
            return self._word(leaf)
        if isinstance(leaf, PHRASE):
            return self._phrase(leaf, within) if self.space.is_few else self._rare_phrase(leaf, within)
        matches_itself, found = self.patterns.fitting(leaf).met(title=leaf.title)
        return NodeMatches(self.space.among(matches_itself), self.space.among(found))

    def filtered(self, node: Filter) -> Array:
        """The paragraphs of the articles that meet a filter."""
        return self.space.among(self.segment.derived(FilterCache).bitmap(node))

    def _word(self, leaf: Word) -> NodeMatches:
        """Where one of the stems occurs."""
        if not self.budget.affords(self._price(leaf.stems)):
            return self.space.nowhere
        if leaf.title:
            titles = self.space.titles(leaf.stems)
            return NodeMatches(titles & self.space.among(self.segment.openings), titles)
        return self.space.stems(leaf.stems)

    def _price(self, stems: Sequence[str]) -> int:
        """The units of the bitmaps of some stems."""
        terms = [term for stem in stems if (term := self.searcher.term(stem))]
        few = sum([term.frequency for term in terms if term.row < 0])
        return 2 * self.segment.blocks * len(terms) + POSTING * few

    def _rare_phrase(self, leaf: Phrase | Near, within: Array) -> NodeMatches:
        """As `_phrase`; where one of its words is rare, only the paragraphs that have it are asked."""
        stems = self.rarest(leaf)
        if self.frequency(stems) > self.searcher.tuning.listed_paragraphs:
            return self._phrase(leaf, within)
        everywhere, few = self.space, SomeDocs.having(self.searcher, stems, within)
        self.space = few
        met = self._phrase(leaf, few.everything)
        self.space = everywhere
        matches_itself = few.bits(met.matches_itself)
        return same(matches_itself) if met.matches_itself is met.any else NodeMatches(matches_itself, few.bits(met.any))

    def rarest(self, leaf: Phrase | Near) -> tuple[str, ...]:
        """The stems of the rarest word of a phrase."""
        return min([slot.stems for slot in slots_of(leaf)], key=self.frequency)

    def frequency(self, stems: Sequence[str]) -> int:
        """In how many paragraphs one of some stems occurs, at most."""
        return sum([term.frequency for stem in stems if (term := self.searcher.term(stem))])

    def _phrase(self, leaf: Phrase | Near, within: Array) -> NodeMatches:
        """Where the text has the phrase, or the title.

        A first paragraph owns the title; all others of its article are lent it.
        """
        resolved = [self.searcher.slots.resolved(slot) for slot in slots_of(leaf)]
        if not all([slot.entries and slot.stems for slot in resolved]):  # noqa: C419 - faster than a generator
            return self.space.nowhere
        matcher = PhraseMatcher(self.segment, leaf, resolved)
        matches_itself = self.space.nothing if leaf.title else self._in_texts(matcher, within)
        articles = self._in_titles(matcher, within) if matcher.titled else NOBODY
        if not len(articles):
            return same(matches_itself)
        having = np.zeros(self.segment.articles, bool)
        having[articles] = True
        title_only = self.space.among(self.segment.of_articles(having))
        return NodeMatches(
            matches_itself | (title_only & self.space.among(self.segment.openings)), matches_itself | title_only
        )

    def _in_texts(self, matcher: PhraseMatcher, within: Array) -> Array:
        """The paragraphs whose text has what is sought."""
        space, dense = self.space, self.searcher.dense
        price = matcher.price(dense)
        slots = [slot.stems for slot in slots_of(matcher.leaf)]
        terms = [term for stem in dict.fromkeys(chain.from_iterable(slots)) if (term := self.searcher.term(stem))]
        if matcher.quick and max([len(slot.stems) for slot in matcher.resolved]) == 1:
            candidates = min(*[term.frequency for term in terms], space.count(within))
            if candidates > self.searcher.tuning.listed_paragraphs and price * candidates <= self.budget.left(MATCHING):
                self.budget.charge(price * candidates)
                return space.among(phrase_bitmap(self.searcher, matcher, terms, space.bits(within), self.budget))
        if not self.budget.affords(self._price([*chain.from_iterable(slots)])):
            return space.nothing
        for stems in slots:
            within = within & space.stems(stems).any
        docs = space.docs(within)
        if not len(docs):
            return space.nothing
        docs = docs[: self.budget.how_many(len(docs), price)]
        found = np.zeros(self.segment.blocks, np.uint64)
        docs = matcher.sifted(docs, dense, self.budget, found)
        matcher.in_texts(docs, self.budget, found)
        return space.among(found)

    def _in_titles(self, matcher: PhraseMatcher, within: Array) -> Array:
        """The articles whose title has what is sought; of a few paragraphs, those of these."""
        articles = matcher.titles
        if self.space.is_few:
            asked = np.zeros(self.segment.articles, bool)
            asked[self.segment.article_of[self.space.docs(within)]] = True
            articles = articles[asked[articles]]
        if not len(articles):
            return articles
        articles = articles[: self.budget.how_many(len(articles), matcher.title_price)]
        openings = self.segment.column("article_first")[articles].astype(np.int32)
        found = np.zeros(self.segment.blocks, np.uint64)
        matcher.in_titles(openings, self.budget, found)
        return np.asarray(articles[chosen(openings, found)])


JOINED = 2_000
"""Units of joining two bitmaps, beside one for each of their blocks."""
BITMAP, GATHERED, READ = range(3)
"""What a node costs: sets that are there, postings of many words, texts."""
COSTS = {Phrase: READ, Near: READ, Wildcard: GATHERED, Fuzzy: GATHERED}
NARROWED = 4
"""Paragraphs of a space for each that is left, from which on only these are asked for what is left of a query."""
JOINT = (And, Or)


def cost(node: Node) -> int:
    """What it takes to know which paragraphs meet a node."""
    if isinstance(node, JOINT):
        return max(map(cost, node.children))
    return cost(node.child) if isinstance(node, Not) else COSTS.get(type(node), BITMAP)


class BitmapEvaluator:
    """Evaluates a query over the paragraphs of a segment. Sets that it returns may be shared: do not write to them."""

    def __init__(self, segment: SegmentSearcher, patterns: MultiTermMatcher, budget: QueryBudget) -> None:
        self.searcher = segment
        self.leaves = LeafEvaluator(segment, AllDocs(segment), patterns, budget)
        self.budget = budget
        self.most = segment.segment.paragraphs // segment.tuning.few_share
        """Paragraphs up to which each of some is asked, in place of all."""
        self.price = JOINED + segment.segment.blocks

    @property
    def space(self) -> AllDocs:
        """The paragraphs that are asked."""
        return self.leaves.space

    def matches(self, node: Node) -> tuple[AllDocs, Array]:
        """The paragraphs that a node matches, and the space that they are a set of.

        It begins with those that have the rarest part of the query, and goes on with those that each part has left.
        """
        found = self._begin(node)
        matches_itself: Array | None = None
        topk = False
        for child in sorted(node.children if isinstance(node, And) else (node,), key=self._order):
            count = self.space.count(found)
            if not count:
                break
            if not self.budget.affords(self.price):
                return self.space, self.space.nothing
            if count <= self.most and NARROWED * count <= self.space.size:
                matches_itself = None if matches_itself is None else self.space.picked(matches_itself, found)
                self.leaves.space = SomeDocs(self.searcher, self.space.docs(found))
                found = self.space.everything
            met = self._met(child, found)
            found = self._both(found, met.any, child)
            if not topk and is_witness(child):
                topk = met.matches_itself is met.any
                matches_itself = met.matches_itself if matches_itself is None else matches_itself | met.matches_itself
        return self.space, found if matches_itself is None or topk else found & matches_itself

    def _begin(self, node: Node) -> Array:
        """Choose the paragraphs that are asked, and return those of them that are alive."""
        live, stems = self.searcher.view.live, self._lead(node)
        if stems is None or self.leaves.frequency(stems) > self.most:
            return self.space.everything if live is None else live
        self.leaves.space = SomeDocs.having(self.searcher, stems, live)
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

    def _met(self, node: Node, within: Array) -> NodeMatches:
        """The paragraphs within a set that a node matches (`matches_itself`), and those that lend it (`any`)."""
        if isinstance(node, LEAF_TYPES):
            return self.leaves.met(node, within)
        if isinstance(node, Or):
            return self._met_by_one(node.children, within)
        if isinstance(node, And):
            return self._met_by_all(node.children, within)
        return same(self._without(node.child, within) if isinstance(node, Not) else self._filtered(node))

    def _met_by_one(self, children: Sequence[Node], within: Array) -> NodeMatches:
        """What meets one of some nodes; what is past the budget is left out."""
        found: NodeMatches | None = None
        for child in sorted(children, key=cost):
            if not self.budget.affords(self.price):
                break
            left = within if found is None or cost(child) < READ else within & ~found.matches_itself
            met = self._met(child, left)
            found = met if found is None else union((found, met))
        return found or self.space.nowhere

    def _met_by_all(self, children: Sequence[Node], within: Array) -> NodeMatches:
        """What meets all of some nodes: once nothing is left the others are not looked at, and past the budget none.

        A paragraph matches where it matches one of the witnesses.
        """
        found = within
        witnesses: list[NodeMatches] = []
        for child in sorted(children, key=cost):
            if not self.budget.affords(self.price):
                return self.space.nowhere
            if cost(child) > BITMAP and not self.space.count(found):
                break
            met = self._met(child, found)
            found = self._both(found, met.any, child)
            if is_witness(child):
                witnesses.append(met)
        if not witnesses or any(met.matches_itself is met.any for met in witnesses):
            return NodeMatches(found, found)
        matches_itself = witnesses[0].matches_itself
        for met in witnesses[1:]:
            matches_itself = matches_itself | met.matches_itself
        return NodeMatches(matches_itself & found, found)

    def _both(self, found: Array, met: Array, child: Node) -> Array:
        """What was found and meets a child; all that meets NOT or AND was found already."""
        if found is self.space.everything or isinstance(child, (Not, And)):
            return met
        return found & met

    def _excludes(self, node: Node, within: Array) -> Array:
        """The paragraphs that NOT keeps out."""
        if isinstance(node, LEAF_TYPES):
            met = self.leaves.met(node, within)
            return met.any if node.title else met.matches_itself
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
