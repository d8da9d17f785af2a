"""A query of plain words joined by OR or by AND, as most are: one loop decodes, matches and ranks."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Literal

from search.budget import QueryBudget
from search.index.query.collector import SegmentTopK, best_rows, empty_topk, no_topk
from search.index.query.segment_searcher import THREAD_ARRAYS, Generation, SegmentSearcher, TermPostings, query_terms
from search.index.query.weighted_query import WeightedQuery
from search.index.segment.doc_values import FacetCounter
from search.index.storage.column_file import Array
from search.kernels.topk.conjunction import all_of_dense, all_of_sparse
from search.kernels.topk.disjunction import any_of
from search.model import NOTHING_FOLDED
from search.query.tree import JOIN_TYPES, And, Node, Word

MAX_STEMS = 256
"""Maximum number of stems of a query that is answered by one loop."""


class TermQuery:
    """A query of plain words: paragraphs that have any of them, or all, and pass the filters."""

    relation: Literal["eq", "gte"] = "eq"
    folded = NOTHING_FOLDED

    def __init__(self, query: WeightedQuery) -> None:
        self.query = query
        self.is_and = isinstance(query.query, And)
        self.states = list(query.states.values())
        self.weights = list(query.weights.values())
        self.alternatives: list[list[int]] = []
        """The stems of each word of AND, as indices into `self.states`; an empty list if each word has one stem."""

    @classmethod
    def plan(cls, generation: Generation, query: WeightedQuery, budget: QueryBudget) -> TermQuery | None:
        """Return a plan for plain words; None for any other query, and if a segment has two stems of a word of AND."""
        words = _words(query.query)
        if not words or len(query.states) > MAX_STEMS:
            return None
        plan = cls(query)
        if plan.is_and and max([len(word.stems) for word in words]) > 1:
            places = {stem: i for i, stem in enumerate(query.states)}
            plan.alternatives = [[places[stem] for stem in word.stems] for word in words]
            if not all(plan.is_single(segment.number) for segment in generation.segments):
                return None
        # the loops skip most of the postings of OR, and look up few of AND
        budget.charge(sum([term.doc_freq for states in plan.states for term in states.postings if term]))
        return plan

    def is_single(self, number: int) -> bool:
        """Tell whether a segment, by its number, has at most one stem of each word: then the word is that stem."""
        return all(
            len(word) == 1 or sum(self.states[i].postings[number] is not None for i in word) <= 1
            for word in self.alternatives
        )

    def topk(self, segment: SegmentSearcher, facets: FacetCounter) -> SegmentTopK | None:
        """Return the best rows of a segment: see `QueryPlan`."""
        weighted = zip(self.states, self.weights, strict=True)
        terms = [(term, weight) for states, weight in weighted if (term := states.postings[segment.number])]
        if not terms or (self.is_and and len(terms) < len(self.states) and not self._has_each_word(segment.number)):
            return no_topk()
        topk = partial(self._topk, segment, terms, segment.view.accept_docs(self.query.filters))
        return best_rows(topk, self.query.search.group, self.query.n_rows, facets)

    def _has_each_word(self, number: int) -> bool:
        """Tell whether a segment, by its number, has a stem of each word although it does not have all stems."""
        words = self.alternatives
        return bool(words) and all(any(self.states[i].postings[number] for i in word) for word in words)

    def _topk(
        self,
        segment: SegmentSearcher,
        weighted: Sequence[tuple[TermPostings, float]],
        live: Array,
        k: int,
        facets: FacetCounter,
    ) -> SegmentTopK:
        terms, n_postings = query_terms(weighted)
        arrays = THREAD_ARRAYS.sized(segment.segment.n_blocks, n_postings)
        matching, scratch, topk = arrays.matching, arrays.scratch, empty_topk(k)
        common = segment.tables, segment.scoring, live, segment.articles, scratch
        if not self.is_and and (len(weighted) > 1 or n_postings > segment.tuning.short_postings):
            n, total, articles = any_of(terms, segment.postings, *common, matching, topk)
        elif terms.sparse:
            cleared = not facets.facets
            if cleared:
                matching = arrays.zeros
            else:
                matching.fill(0)
            n, total, articles = all_of_sparse(terms, segment.postings, *common, matching, cleared, topk)
        else:
            n, total, articles = all_of_dense(terms, *common, matching, topk)
        facets.add(segment.segment, matching)
        return SegmentTopK(topk.rows, topk.scores[:n], total, articles)


def _words(query: Node) -> list[Word]:
    """Return the words of a query of plain words; an empty list for any other query."""
    words = []
    for word in query.children if isinstance(query, JOIN_TYPES) else (query,):
        if not isinstance(word, Word) or word.title:
            return []
        words.append(word)
    return words
