"""Evaluates a query tree over the docs of a segment, by the three readings that `search.query.tree` defines.

Every node is evaluated *within* a set of docs; what it returns of other docs does not count. The parts of AND are
evaluated by cost, cheap ones first, each within what the parts before have left: a two-phase iterator of Lucene, with
its approximation and verification. The costly parts of OR are evaluated only where no other part matches.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

import numpy as np

from search.budget import MATCHING, QueryBudget
from search.index.query.matching.match_set import (
    AllDocs,
    NodeMatches,
    SomeDocs,
    lookup_bits,
    union_matches,
    without_title_only,
)
from search.index.query.matching.multi_term import MultiTermMatcher
from search.index.query.matching.phrase_matcher import PhraseMatcher
from search.index.query.matching.text_verifier import docs_with_sentence, titles_with_sentence, with_at_least
from search.index.query.phrase_query import phrase_bitmap
from search.index.query.segment_searcher import SegmentSearcher
from search.index.segment.doc_values import Filter, FilterCache
from search.index.segment.phrase_slots import NO_NUMBERS
from search.index.storage.column_file import Array
from search.query.tree import (
    JOIN_TYPES,
    LEAF_TYPES,
    All,
    And,
    AtLeast,
    Fuzzy,
    Lead,
    Leaf,
    Near,
    Node,
    Not,
    Or,
    Phrase,
    SameSentence,
    Slot,
    Wildcard,
    Word,
    is_witness,
    slots_of,
)

LEAF_COST = 10_000
"""Units of work for a word, a phrase or a pattern, besides those for what it reads."""
POSTING_COST = 5
"""Units of work to set the bit of a posting of a sparse term; dense terms have bitmaps already."""
JOIN_COST = 2_000
"""Units of work to join two bitmaps, besides one for each block."""
NARROWING = 4
"""When at most one in this many docs of the space is still a candidate, the candidates become the space, as a list."""

BITMAP, GATHER, READ = range(3)
"""Costs of a node, from low to high: it joins bitmaps that are there, gathers postings of many words, or reads texts.
"""
LEAF_COSTS = {Phrase: READ, Near: READ, SameSentence: READ, AtLeast: READ, Wildcard: GATHER, Fuzzy: GATHER}
PHRASE_TYPES = (Phrase, Near, SameSentence)
UNLIMITED = 1 << 20
"""A distance in words that no text reaches."""


def cost(node: Node) -> int:
    """Return the cost of evaluating a node: BITMAP, GATHER or READ, that of its costliest part."""
    if isinstance(node, JOIN_TYPES):
        return max(map(cost, node.children))
    if isinstance(node, (Not, Lead)):
        return cost(node.child if isinstance(node, Not) else node.leaf)
    return LEAF_COSTS.get(type(node), BITMAP)


class LeafEvaluator:
    """Evaluates the leaves of one query over a space, each leaf within a set of the space's docs.

    A space is `AllDocs` or `SomeDocs`; its sets are the arrays that these classes describe.
    """

    def __init__(
        self, segment: SegmentSearcher, space: AllDocs, patterns: MultiTermMatcher, budget: QueryBudget
    ) -> None:
        self.searcher = segment
        self.segment = segment.segment
        self.space = space
        self.patterns = patterns
        self.budget = budget

    def matches(self, leaf: Leaf, within: Array) -> NodeMatches:
        """Return the docs of the set `within` that match a leaf; no docs past the budget.

        The sets that are returned may have docs outside of `within` too; nothing follows from these.
        """
        if not self.budget.try_charge_or_warn(LEAF_COST):
            return self.space.no_matches
        if isinstance(leaf, Word):
            return self._word(leaf)
        if isinstance(leaf, PHRASE_TYPES):
            return self._phrase(leaf, within) if self.space.is_list else self._rare_phrase(leaf, within)
        if isinstance(leaf, Lead):
            first_docs = self.space.from_bitmap(self.segment.first_docs)
            return without_title_only(self.matches(leaf.leaf, within & first_docs).matches_itself & first_docs)
        if isinstance(leaf, AtLeast):
            return without_title_only(self._at_least(leaf, within))
        matches_itself, any_ = self.patterns.match(leaf).node_matches(title=leaf.title)
        return NodeMatches(self.space.from_bitmap(matches_itself), self.space.from_bitmap(any_))

    def filter(self, node: Filter) -> Array:
        """Return the set of the docs whose articles pass a filter."""
        return self.space.from_bitmap(self.segment.derived(FilterCache).bitmap(node))

    def rarest(self, leaf: Phrase | Near | SameSentence) -> tuple[str, ...]:
        """Return the stems of the rarest slot of a phrase."""
        return min([slot.stems for slot in slots_of(leaf)], key=self.doc_freq)

    def doc_freq(self, stems: Sequence[str]) -> int:
        """Return the sum of the doc_freqs of `stems`: at most so many docs have one of them."""
        return sum([term.doc_freq for stem in stems if (term := self.searcher.term(stem))])

    def _word(self, leaf: Word) -> NodeMatches:
        if not self.budget.try_charge_or_warn(self._bitmap_cost(leaf.stems)):
            return self.space.no_matches
        if leaf.title:
            titles = self.space.title_matches(leaf.stems)
            return NodeMatches(titles & self.space.from_bitmap(self.segment.first_docs), titles)
        return self.space.any_term(leaf.stems)

    def _bitmap_cost(self, stems: Sequence[str]) -> int:
        """Return the units of work to make the bitmaps of several stems."""
        terms = [term for stem in stems if (term := self.searcher.term(stem))]
        sparse = sum([term.doc_freq for term in terms if term.row < 0])
        return 2 * self.segment.n_blocks * len(terms) + POSTING_COST * sparse

    def _at_least(self, leaf: AtLeast, within: Array) -> Array:
        """Return the docs of the set `within` whose text has a word or a phrase often enough."""
        docs = self.space.docs(self._with_slots(slots_of(leaf), within))
        found = with_at_least(self.searcher, leaf, docs, self.budget)
        return self.space.from_bitmap(self.segment.bitmap(found))

    def _rare_phrase(self, leaf: Phrase | Near | SameSentence, within: Array) -> NodeMatches:
        """Return the matches of a phrase; where one of its words is rare, only the docs that have it are evaluated."""
        stems = self.rarest(leaf)
        if self.doc_freq(stems) > self.searcher.tuning.listed_paragraphs:
            return self._phrase(leaf, within)
        space = self.space
        self.space = listed = SomeDocs.with_terms(self.searcher, stems, within)
        matches_itself, any_ = self._phrase(leaf, listed.all_docs)
        self.space = space
        bits = listed.to_bitmap(matches_itself)
        return NodeMatches(bits, bits if matches_itself is any_ else listed.to_bitmap(any_))

    def _phrase(self, leaf: Phrase | Near | SameSentence, within: Array) -> NodeMatches:
        """Return the matches of a phrase: a title that has it makes all docs of its article match."""
        sentence = None
        if isinstance(leaf, SameSentence):
            sentence, leaf = leaf, Near(leaf.left, leaf.right, UNLIMITED, leaf.title)
        resolved = [self.searcher.slots.resolve(slot) for slot in slots_of(leaf)]
        if not all([slot.form_ids and slot.term_ids for slot in resolved]):  # noqa: C419 - faster than a generator
            return self.space.no_matches
        matcher = PhraseMatcher(self.segment, leaf, resolved)
        texts = self.space.no_docs
        if not leaf.title:
            texts = self._with_both(sentence, within) if sentence else self._text_matches(matcher, within)
        articles = self._title_matches(matcher, within) if matcher.may_match_titles else NO_NUMBERS
        if sentence:
            docs = docs_with_sentence(self.segment, sentence, self.space.docs(texts & within), self.budget)
            texts = self.space.from_bitmap(self.segment.bitmap(docs))
            articles = titles_with_sentence(self.segment, sentence, articles, self.budget)
        if not len(articles):
            return without_title_only(texts)
        titles = self.space.from_bitmap(self.segment.docs_of_articles(articles))
        return NodeMatches(texts | (titles & self.space.from_bitmap(self.segment.first_docs)), texts | titles)

    def _with_both(self, leaf: SameSentence, within: Array) -> Array:
        """Return the docs of the set `within` that may have both sides of a leaf: their texts have to be looked at."""
        for side in (leaf.left, leaf.right):
            resolved = [self.searcher.slots.resolve(slot) for slot in side.slots]
            matcher = PhraseMatcher(self.segment, side, resolved)
            within = self._text_matches(matcher, within) if len(resolved) > 1 else self._with_slots(side.slots, within)
        return within

    def _text_matches(self, matcher: PhraseMatcher, within: Array) -> Array:
        """Return the set of the docs whose text matches a phrase."""
        space, dense = self.space, self.searcher.dense
        cost = matcher.cost(dense)
        slots = [slot.stems for slot in slots_of(matcher.leaf)]
        terms = [term for stem in dict.fromkeys(chain.from_iterable(slots)) if (term := self.searcher.term(stem))]
        if matcher.is_vectorized and max([len(slot.term_ids) for slot in matcher.resolved]) == 1:
            candidates = min(*[term.doc_freq for term in terms], space.count(within))
            if candidates > self.searcher.tuning.listed_paragraphs and cost * candidates <= self.budget.left(MATCHING):
                self.budget.charge(cost * candidates)
                live = space.to_bitmap(within)
                return space.from_bitmap(phrase_bitmap(self.searcher, matcher, terms, live, self.budget))
        docs = space.docs(self._with_slots(slots_of(matcher.leaf), within))
        if not len(docs):
            return space.no_docs
        docs = docs[: self.budget.how_many(len(docs), cost)]
        bits = np.zeros(self.segment.n_blocks, np.uint64)
        docs = matcher.filter_by_neighbours(docs, dense, self.budget, bits)
        matcher.match(docs, self.searcher.texts, self.budget, bits)
        return space.from_bitmap(bits)

    def _with_slots(self, slots: Sequence[Slot], within: Array) -> Array:
        """Return the docs of the set `within` that have a stem of each slot, in text or title; none past the budget."""
        if not self.budget.try_charge_or_warn(
            self._bitmap_cost([*chain.from_iterable([slot.stems for slot in slots])])
        ):
            return self.space.no_docs
        for slot in slots:
            within = within & self.space.any_term(slot.stems).any
        return within

    def _title_matches(self, matcher: PhraseMatcher, within: Array) -> Array:
        """Return the articles, `(n,) int32`, whose title matches a phrase.

        If the space is `SomeDocs`, only the articles of the docs in the set `within` are looked at.
        """
        articles = matcher.title_articles
        if self.space.is_list:
            mask = np.zeros(self.segment.articles, bool)
            mask[self.segment.article_of[self.space.docs(within)]] = True
            articles = articles[mask[articles]]
        if not len(articles):
            return articles
        articles = articles[: self.budget.how_many(len(articles), matcher.title_cost)]
        first_docs = self.segment.column("article_first")[articles].astype(np.int32)
        bits = np.zeros(self.segment.n_blocks, np.uint64)
        matcher.match(first_docs, self.searcher.titles, self.budget, bits)
        return np.asarray(articles[lookup_bits(first_docs, bits)])


class BitmapEvaluator:
    """Evaluates a query over the docs of a segment. Sets that it returns may be shared: do not write to them."""

    def __init__(self, segment: SegmentSearcher, patterns: MultiTermMatcher, budget: QueryBudget) -> None:
        self.searcher = segment
        self.leaves = LeafEvaluator(segment, AllDocs(segment), patterns, budget)
        self.budget = budget
        self.max_listed = segment.segment.paragraphs // segment.tuning.few_share
        """Maximum number of candidates for which a query is evaluated on a list of docs."""
        self.join_cost = JOIN_COST + segment.segment.n_blocks

    @property
    def space(self) -> AllDocs:
        """The docs that the query is evaluated on."""
        return self.leaves.space

    def matches(self, node: Node, among: Array | None = None) -> tuple[AllDocs, Array]:
        """Return the docs that match a query, and the space that they are a set of.

        The first candidates are the docs that have the rarest part of the query; each part of AND leaves fewer. With
        `among`, `(n,) int32` and ascending, they are these docs, none of which is deleted.
        """
        if among is None:
            candidates = self._first_candidates(node)
        else:
            self.leaves.space = SomeDocs(self.searcher, among)
            candidates = self.space.all_docs
        matches_itself: Array | None = None
        all_match_itself = False
        for child in sorted(node.children if isinstance(node, And) else (node,), key=self._cost_and_doc_freq):
            count = self.space.count(candidates)
            if not count:
                break
            if not self.budget.try_charge_or_warn(self.join_cost):
                return self.space, self.space.no_docs
            if count <= self.max_listed and NARROWING * count <= self.space.size:
                if matches_itself is not None:
                    matches_itself = self.space.select(matches_itself, candidates)
                self.leaves.space = SomeDocs(self.searcher, self.space.docs(candidates))
                candidates = self.space.all_docs
            matches = self._matches(child, candidates)
            candidates = self._intersect(candidates, matches.any, child)
            if not all_match_itself and is_witness(child):
                all_match_itself = matches.matches_itself is matches.any
                matches_itself = (
                    matches.matches_itself if matches_itself is None else matches_itself | matches.matches_itself
                )
        return self.space, candidates if matches_itself is None or all_match_itself else candidates & matches_itself

    def _first_candidates(self, node: Node) -> Array:
        """Choose the space, and return those of its docs that are not deleted."""
        live, stems = self.searcher.view.live, self._necessary_stems(node)
        if stems is None or self.leaves.doc_freq(stems) > self.max_listed:
            return self.space.all_docs if live is None else live
        self.leaves.space = SomeDocs.with_terms(self.searcher, stems, live)
        return self.space.all_docs

    def _cost_and_doc_freq(self, node: Node) -> tuple[int, int]:
        """Return the sort key of a part of AND: cheap ones come first, of these the rarest."""
        stems = self._necessary_stems(node)
        return cost(node), self.leaves.doc_freq(stems) if stems is not None else self.leaves.segment.paragraphs

    def _necessary_stems(self, node: Node) -> tuple[str, ...] | None:
        """Return the rarest stems such that each match has one of them, in text or title; None if there are none."""
        if isinstance(node, Word):
            return node.stems
        if isinstance(node, PHRASE_TYPES):
            return self.leaves.rarest(node)
        if isinstance(node, (Lead, AtLeast)):
            return self._necessary_stems(node.leaf if isinstance(node, Lead) else node.words)
        if not isinstance(node, JOIN_TYPES):
            return None
        found = [stems for stems in map(self._necessary_stems, node.children) if stems is not None]
        if isinstance(node, And):
            return min(found, key=self.leaves.doc_freq, default=None)
        return tuple(chain.from_iterable(found)) if len(found) == len(node.children) else None

    def _matches(self, node: Node, within: Array) -> NodeMatches:
        if isinstance(node, LEAF_TYPES):
            return self.leaves.matches(node, within)
        if isinstance(node, Or):
            return self._or(node.children, within)
        if isinstance(node, And):
            return self._and(node.children, within)
        return without_title_only(self._not(node.child, within) if isinstance(node, Not) else self._filter(node))

    def _or(self, children: Sequence[Node], within: Array) -> NodeMatches:
        """Return the docs that match at least one of several nodes; nodes past the budget are left out."""
        union: NodeMatches | None = None
        for child in sorted(children, key=cost):
            if not self.budget.try_charge_or_warn(self.join_cost):
                break
            left = within if union is None or cost(child) < READ else within & ~union.matches_itself
            matches = self._matches(child, left)
            union = matches if union is None else union_matches((union, matches))
        return union or self.space.no_matches

    def _and(self, children: Sequence[Node], within: Array) -> NodeMatches:
        """Return the docs that match every one of several nodes; no docs past the budget.

        Of these docs, `matches_itself` has those that match at least one witness by their own text, or all if no node
        is a witness (see `search.query.tree`). Costly nodes are not evaluated once no candidate is left.
        """
        candidates = within
        witnesses: list[NodeMatches] = []
        for child in sorted(children, key=cost):
            if not self.budget.try_charge_or_warn(self.join_cost):
                return self.space.no_matches
            if cost(child) > BITMAP and not self.space.count(candidates):
                break
            matches = self._matches(child, candidates)
            candidates = self._intersect(candidates, matches.any, child)
            if is_witness(child):
                witnesses.append(matches)
        if not witnesses or any(matches.matches_itself is matches.any for matches in witnesses):
            return without_title_only(candidates)
        matches_itself = witnesses[0].matches_itself
        for matches in witnesses[1:]:
            matches_itself = matches_itself | matches.matches_itself
        return NodeMatches(matches_itself & candidates, candidates)

    def _intersect(self, candidates: Array, matches: Array, child: Node) -> Array:
        """Return the candidates that match a child; the matches of NOT and AND are all candidates already."""
        if candidates is self.space.all_docs or isinstance(child, (Not, And)):
            return matches
        return candidates & matches

    def _not(self, node: Node, within: Array) -> Array:
        """Return the docs that do not match a node; no docs if the budget did not allow to find all that match."""
        cuts = self.budget.cuts
        excluded = self._excluded(node, within)
        if self.budget.cuts > cuts:
            self.budget.remark("What NOT leaves out was too much to work out, so nothing is shown for it.")
            return self.space.no_docs
        return np.asarray(within & ~excluded)

    def _excluded(self, node: Node, within: Array) -> Array:
        """Return the docs that a node below NOT excludes."""
        if isinstance(node, LEAF_TYPES):
            matches = self.leaves.matches(node, within)
            return matches.any if node.title else matches.matches_itself
        if isinstance(node, Or):
            union = self.space.no_docs
            for child in node.children:
                if not self.budget.try_charge_or_warn(self.join_cost):
                    break
                union = union | self._excluded(child, within)
            return union
        if isinstance(node, And):
            candidates = within
            for child in sorted(node.children, key=cost):
                if not self.budget.try_charge_or_warn(self.join_cost):
                    return self.space.no_docs
                candidates = self._intersect(candidates, self._excluded(child, candidates), child)
            return candidates
        return self._not(node.child, within) if isinstance(node, Not) else self._filter(node)

    def _filter(self, node: All | Filter) -> Array:
        return self.space.all_docs if isinstance(node, All) else self.leaves.filter(node)
