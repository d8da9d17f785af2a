"""Plain words joined by OR or by AND, most of what is asked: one loop goes from the bytes of postings to the rows."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import chain
from typing import Literal

import numpy as np

from search.budget import QueryBudget
from search.engine import Search
from search.index.query.collector import SegmentRows, SegmentTopK, best_rows, empty_topk
from search.index.query.segment_searcher import THREAD_ARRAYS, Generation, SegmentSearcher, TermPostings, query_terms
from search.index.segment.doc_values import FacetCounter, Filter
from search.index.storage.column_file import Array
from search.kernels.jit.argument_types import read_only
from search.kernels.topk.bitmap_topk import bitmap_topk, score_docs
from search.kernels.topk.conjunction import all_of_dense, all_of_sparse
from search.kernels.topk.disjunction import any_of
from search.kernels.topk.structs import PatternSets
from search.query import And, Node, Or, Word

MAX_STEMS = 32
"""Stems of a query that is answered here."""


class TermQuery:
    """A query of plain words: paragraphs that have any of them, or every one, and meet the filters."""

    relation: Literal["eq", "gte"] = "eq"

    def __init__(self, generation: Generation, search: Search, filters: Sequence[Filter], stems: Sequence[str]) -> None:
        self.search = search
        self.filters = filters
        self.every = isinstance(search.query, And)
        self.only = len(generation.segments) == 1
        self.states = [generation.term_states(stem) for stem in stems]
        self.alternatives: list[list[int]] = []
        """Of AND, which of the stems are the same word; empty where each word has one stem."""

    @classmethod
    def plan(
        cls, generation: Generation, search: Search, filters: Sequence[Filter], budget: QueryBudget
    ) -> TermQuery | None:
        """Return how to answer a query of plain words; None for any other, and where a word of AND is several stems."""
        words = _words(search.query)
        stems = list(dict.fromkeys(chain.from_iterable(words)))
        if not 0 < len(stems) <= MAX_STEMS:
            return None
        query = cls(generation, search, filters, stems)
        if query.every and max(map(len, words)) > 1:
            places = {stem: i for i, stem in enumerate(stems)}
            query.alternatives = [[places[stem] for stem in word] for word in words]
            if not all(query.is_single(segment.number) for segment in generation.segments):
                return None
        # the loops skip most of the postings of OR, and look up few of AND
        budget.charge(sum(term.frequency for states in query.states for term in states.postings if term))
        return query

    def is_single(self, number: int) -> bool:
        """Tell whether in a segment at most one stem of each word occurs: then the word is that stem."""
        return all(
            len(word) == 1 or sum(self.states[i].postings[number] is not None for i in word) <= 1
            for word in self.alternatives
        )

    def rows(self, segment: SegmentSearcher, facets: FacetCounter) -> SegmentRows | None:
        """Return the best rows of a segment: see `QueryPlan`."""
        terms = [(term, states.idf) for states in self.states if (term := states.postings[segment.number])]
        if not terms or (self.every and len(terms) < len(self.states) and not self._each_occurs(segment.number)):
            return [], 0, 0
        ask = partial(self._topk, segment, terms, segment.view.among(self.filters))
        return best_rows(ask, self.search, segment.segment, facets, only=self.only)

    def _each_occurs(self, number: int) -> bool:
        """Tell whether of each word a stem occurs, where not all do."""
        found = [any(self.states[i].postings[number] for i in word) for word in self.alternatives]
        return bool(found) and all(found)

    def _topk(
        self,
        segment: SegmentSearcher,
        weighted: Sequence[tuple[TermPostings, float]],
        live: Array,
        k: int,
        facets: FacetCounter,
    ) -> SegmentTopK:
        terms, n_postings = query_terms(weighted)
        arrays = THREAD_ARRAYS.sized(segment.segment.blocks, n_postings)
        matching, scratch, topk = arrays.matching, arrays.scratch, empty_topk(k)
        common = segment.tables, segment.scoring, live, segment.articles, scratch
        if not self.every and (len(weighted) > 1 or n_postings > segment.tuning.short_postings):
            n, total, articles = any_of(terms, segment.blob, *common, matching, topk)
        elif terms.sparse:
            cleared = not facets.facets
            if cleared:
                matching = arrays.zeros
            else:
                matching.fill(0)
            n, total, articles = all_of_sparse(terms, segment.blob, *common, matching, cleared, topk)
        else:
            n, total, articles = all_of_dense(terms, *common, matching, topk)
        facets.add(segment.segment, matching)
        return SegmentTopK(topk.rows[:, :n], topk.scores[:n], total, articles)


class BitmapRanker:
    """Ranks the paragraphs of a bitmap by terms and patterns, whatever they match by."""

    def __init__(
        self,
        segment: SegmentSearcher,
        weighted: Sequence[tuple[TermPostings, float]],
        patterns: Sequence[tuple[Array, float]],
    ) -> None:
        self.segment = segment
        self.terms, self.n_postings = query_terms(weighted)
        bits = np.array([bits for bits, _ in patterns], np.uint64).reshape(len(patterns), segment.segment.blocks)
        self.patterns = PatternSets(
            read_only(bits), read_only(np.array([weight for _, weight in patterns], np.float64))
        )

    def topk(self, mask: Array, k: int, _facets: FacetCounter) -> SegmentTopK:
        """Return the k best paragraphs of a bitmap, how many it has, and of how many articles."""
        segment, topk = self.segment, empty_topk(k)
        scratch = THREAD_ARRAYS.sized(segment.segment.blocks, self.n_postings).scratch
        n, total, articles = bitmap_topk(
            self.terms, self.patterns, segment.blob, segment.tables, segment.scoring, mask, segment.articles,
            segment.tuning.pruned_matches,
            scratch, topk,
        )  # fmt: skip
        return SegmentTopK(topk.rows[:, :n], topk.scores[:n], total, articles)

    def scores(self, docs: Array, mask: Array) -> Array:
        """Return the scores of some paragraphs, ascending, of a bitmap, which is empty for all paragraphs."""
        segment, scores = self.segment, np.empty(len(docs), np.float64)
        scratch = THREAD_ARRAYS.sized(segment.segment.blocks, self.n_postings).scratch
        score_docs(
            docs, self.terms, self.patterns, segment.blob, segment.tables, segment.scoring, mask, scratch, scores
        )  # fmt: skip
        return scores


def _words(query: Node) -> list[tuple[str, ...]]:
    """The stems of each of the words that a query is made of; empty for any other query."""
    words = []
    for word in query.children if isinstance(query, Or | And) else (query,):
        if not isinstance(word, Word) or word.title:
            return []
        words.append(word.stems)
    return words
