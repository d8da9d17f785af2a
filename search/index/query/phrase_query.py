"""A query that is one phrase, or one NEAR: one loop decodes, verifies and ranks."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import accumulate
from typing import Literal, NamedTuple

import numpy as np

from search.budget import MATCHING, QueryBudget
from search.index.query.collector import SegmentTopK, best_rows, empty_topk, no_topk
from search.index.query.matching.phrase_matcher import PhraseMatcher
from search.index.query.segment_searcher import (
    THREAD_ARRAYS,
    Generation,
    SegmentArrays,
    SegmentSearcher,
    TermPostings,
    is_dense,
)
from search.index.query.term_query import MAX_STEMS
from search.index.query.weighted_query import WeightedQuery
from search.index.segment.doc_values import FacetCounter
from search.index.storage.column_file import Array
from search.kernels.phrase.candidates import PhraseScratch, PhraseTerms
from search.kernels.phrase.phrase_topk import match_phrase, phrase_topk
from search.model import NOTHING_FOLDED
from search.query.tree import Near, Phrase, slots_of


class SegmentPhrase(NamedTuple):
    """A phrase or NEAR, looked up in one segment."""

    matcher: PhraseMatcher
    terms: list[tuple[TermPostings, float]]
    """The terms that all matches have, with their weights."""


class PhraseQuery:
    """A query that is one phrase, or one NEAR: paragraphs that match it and pass the filters."""

    relation: Literal["eq", "gte"] = "eq"
    folded = NOTHING_FOLDED

    def __init__(self, query: WeightedQuery, phrases: Sequence[SegmentPhrase | None]) -> None:
        self.query = query
        self.phrases = phrases
        """The phrase in each segment; None if a slot has no form there."""

    @classmethod
    def plan(cls, generation: Generation, query: WeightedQuery, budget: QueryBudget) -> PhraseQuery | None:
        """Return a plan for a phrase; None if a slot has several stems, or the budget is too small for it."""
        leaf = query.query
        if not isinstance(leaf, Phrase | Near) or leaf.title:
            return None
        slots = slots_of(leaf)
        if not 0 < len(query.states) <= MAX_STEMS:
            return None
        weighted = [(weight, query.states[stem].postings) for stem, weight in query.weights.items()]
        phrases: list[SegmentPhrase | None] = []
        units = 0
        for segment in generation.segments:
            resolved = [segment.slots.resolve(slot) for slot in slots]
            if not all([slot.form_ids and slot.term_ids for slot in resolved]):  # noqa: C419 - faster than a generator
                phrases.append(None)
                continue
            matcher = PhraseMatcher(segment.segment, leaf, resolved)
            if not matcher.is_vectorized or max([len(slot.term_ids) for slot in resolved]) > 1:
                return None
            terms = [(term, weight) for weight, postings in weighted if (term := postings[segment.number])]
            units += min([term.doc_freq for term, _ in terms]) * matcher.cost(segment.dense)
            phrases.append(SegmentPhrase(matcher, terms))
        if units > budget.left(MATCHING):  # then a `BooleanQuery` verifies as many as the budget allows
            return None
        budget.charge(units)
        return cls(query, phrases)

    def topk(self, segment: SegmentSearcher, facets: FacetCounter) -> SegmentTopK | None:
        """Return the best rows of a segment: see `QueryPlan`."""
        if (phrase := self.phrases[segment.number]) is None:
            return no_topk()
        topk = partial(_topk, segment, phrase, segment.view.accept_docs(self.query.filters))
        return best_rows(topk, self.query.search.group, self.query.n_rows, facets)


def _topk(segment: SegmentSearcher, phrase: SegmentPhrase, live: Array, k: int, facets: FacetCounter) -> SegmentTopK:
    """Return the k best docs that match a phrase, and count facets of all that match.

    Docs have to be in the bitmap `live`, if it is not NO_BITMAP.
    """
    matcher, weighted = phrase.matcher, sorted(phrase.terms, key=is_dense)
    terms, arrays = _terms(segment, matcher, [term for term, _ in weighted], None)
    cleared, matching, topk = not facets.facets, arrays.matching, empty_topk(k)
    if len(terms.order) and cleared:
        matching = arrays.zeros
    elif len(terms.order):
        matching.fill(0)
    n, total, articles = phrase_topk(
        terms, np.array([weight for _, weight in weighted]), matcher.slots, matcher.may_match_titles,
        segment.segment.first_marker, segment.texts, segment.titles, segment.postings, segment.tables, segment.nextword,
        segment.scoring, live, segment.articles, segment.tuning.pruned_matches, arrays.scratch.bounds,
        _scratch(arrays, weighted), matching, cleared, topk,
    )  # fmt: skip
    facets.add(segment.segment, matching)
    return SegmentTopK(topk.rows, topk.scores[:n], total, articles)


def phrase_bitmap(
    segment: SegmentSearcher, matcher: PhraseMatcher, terms: Sequence[TermPostings], live: Array, budget: QueryBudget
) -> Array:
    """Return the `(n_blocks,) uint64` bitmap of the docs in the bitmap `live` whose text matches a phrase.

    `terms` are all terms of the phrase.
    """
    weighted = sorted([(term, 0.0) for term in terms], key=is_dense)
    phrase_terms, arrays = _terms(segment, matcher, [term for term, _ in weighted], budget)
    matching = (np.zeros if len(phrase_terms.order) else np.empty)(segment.segment.n_blocks, np.uint64)
    match_phrase(
        phrase_terms, matcher.slots, False, segment.segment.first_marker, segment.texts, segment.titles,
        segment.postings, segment.tables, segment.nextword, live, _scratch(arrays, weighted), matching,
    )  # fmt: skip
    return matching


def _scratch(arrays: SegmentArrays, weighted: Sequence[tuple[TermPostings, float]]) -> PhraseScratch:
    return arrays.phrase(min([term.doc_freq for term, _ in weighted]))


def _terms(
    segment: SegmentSearcher, matcher: PhraseMatcher, terms: Sequence[TermPostings], budget: QueryBudget | None
) -> tuple[PhraseTerms, SegmentArrays]:
    """Return terms, sparse ones first, as loops take them, and this thread's arrays with room for their postings."""
    rows, lows, highs, doc_freqs, term_ids = zip(*terms, strict=True)
    n_sparse = len([row for row in rows if row < 0])
    starts = [0, *accumulate(doc_freqs[:n_sparse])]
    places = np.array([rows, lows, highs, *[[*starts[:-1], *[0] * (len(rows) - n_sparse)]] * 2], np.int64)
    order = np.array(sorted(range(n_sparse), key=doc_freqs.__getitem__), np.int64)
    checks = matcher.checks(segment.dense, term_ids, budget)
    arrays = THREAD_ARRAYS.sized(segment.segment.n_blocks, starts[-1])
    return PhraseTerms(places, order, checks), arrays
