"""A query of plain words joined by OR or by AND, as most are: one loop decodes, matches and ranks."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import chain
from typing import Literal

from search.budget import QueryBudget
from search.engine import Search
from search.index.query.collector import SegmentRows, SegmentTopK, best_rows, empty_topk
from search.index.query.segment_searcher import THREAD_ARRAYS, Generation, SegmentSearcher, TermPostings, query_terms
from search.index.segment.doc_values import FacetCounter, Filter
from search.index.storage.column_file import Array
from search.kernels.topk.conjunction import all_of_dense, all_of_sparse
from search.kernels.topk.disjunction import any_of
from search.query.tree import And, Node, Or, Word, variant_stems
from search.ranking import query_counts, variant_weights

MAX_STEMS = 256
"""Maximum number of stems of a query that is answered by one loop."""


class TermQuery:
    """A query of plain words: paragraphs that have any of them, or all, and pass the filters."""

    relation: Literal["eq", "gte"] = "eq"

    def __init__(
        self, generation: Generation, search: Search, filters: Sequence[Filter], words: Sequence[Word]
    ) -> None:
        typed = chain.from_iterable([word.stems for word in words if not word.variant_of])
        counts = query_counts(typed, search.function_stems)
        self.search = search
        self.filters = filters
        self.is_and = isinstance(search.query, And)
        self.only = len(generation.segments) == 1
        self.states = [generation.term_states(stem) for stem in counts]
        self.weights = [count * states.weight for count, states in zip(counts.values(), self.states, strict=True)]
        if any([word.variant_of for word in words]):  # noqa: C419 - faster than a generator
            found = variant_weights(variant_stems(search.query), lambda stem: generation.term_states(stem).weight)
            self.states += [generation.term_states(stem) for stem in found]
            self.weights += found.values()
        self.alternatives: list[list[int]] = []
        """The stems of each word of AND, as indices into `states`; empty if each word has one stem."""

    @classmethod
    def plan(
        cls, generation: Generation, search: Search, filters: Sequence[Filter], budget: QueryBudget
    ) -> TermQuery | None:
        """Return a plan for plain words; None for any other query, and if a segment has two stems of a word of AND."""
        words = _words(search.query)
        stems = list(chain.from_iterable([word.stems for word in words]))
        if not 0 < len(set(stems)) <= MAX_STEMS:
            return None
        query = cls(generation, search, filters, words)
        if query.is_and and max([len(word.stems) for word in words]) > 1:
            places = {stem: i for i, stem in enumerate(dict.fromkeys(stems))}
            query.alternatives = [[places[stem] for stem in word.stems] for word in words]
            if not all(query.is_single(segment.number) for segment in generation.segments):
                return None
        # the loops skip most of the postings of OR, and look up few of AND
        budget.charge(sum(term.doc_freq for states in query.states for term in states.postings if term))
        return query

    def is_single(self, number: int) -> bool:
        """Tell whether a segment, by its number, has at most one stem of each word: then the word is that stem."""
        return all(
            len(word) == 1 or sum(self.states[i].postings[number] is not None for i in word) <= 1
            for word in self.alternatives
        )

    def rows(self, segment: SegmentSearcher, facets: FacetCounter) -> SegmentRows | None:
        """Return the best rows of a segment: see `QueryPlan`."""
        weighted = zip(self.states, self.weights, strict=True)
        terms = [(term, weight) for states, weight in weighted if (term := states.postings[segment.number])]
        if not terms or (self.is_and and len(terms) < len(self.states) and not self._has_each_word(segment.number)):
            return [], 0, 0
        topk = partial(self._topk, segment, terms, segment.view.accept_docs(self.filters))
        return best_rows(topk, self.search, segment.segment, facets, only=self.only)

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
        return SegmentTopK(topk.rows[:, :n], topk.scores[:n], total, articles)


def _words(query: Node) -> list[Word]:
    """Return the words of a query of plain words; an empty list for any other query."""
    words = []
    for word in query.children if isinstance(query, Or | And) else (query,):
        if not isinstance(word, Word) or word.title:
            return []
        words.append(word)
    return words
