"""One phrase, or two words near each other: one loop goes from the bytes of postings to the rows."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import accumulate, chain
from typing import Literal, NamedTuple

import numpy as np

from search.budget import MATCHING, QueryBudget
from search.engine import Search
from search.index.query.collector import SegmentRows, SegmentTopK, best_rows, empty_topk
from search.index.query.phrase_matcher import PhraseMatcher, slots_of
from search.index.query.segment_searcher import (
    THREAD_ARRAYS,
    Generation,
    SegmentSearcher,
    TermPostings,
    ThreadArrays,
    is_dense,
)
from search.index.query.term_query import MAX_STEMS
from search.index.segment.doc_values import FacetCounter, Filter
from search.index.storage.column_file import Array
from search.kernels.jit.argument_types import read_only
from search.kernels.phrase.candidates import PhraseScratch, PhraseTerms
from search.kernels.phrase.phrase_topk import match_phrase, phrase_topk
from search.query import Near, Phrase


class SegmentPhrase(NamedTuple):
    """A phrase, or NEAR, in one segment, with the terms that all of its matches have, and their idfs."""

    matcher: PhraseMatcher
    terms: list[tuple[TermPostings, float]]


class PhraseQuery:
    """A query that is one phrase, or one NEAR: paragraphs that have it and meet the filters."""

    relation: Literal["eq", "gte"] = "eq"

    def __init__(self, search: Search, filters: Sequence[Filter], found: Sequence[SegmentPhrase | None]) -> None:
        self.search = search
        self.filters = filters
        self.found = found

    @classmethod
    def plan(
        cls, generation: Generation, search: Search, filters: Sequence[Filter], budget: QueryBudget
    ) -> PhraseQuery | None:
        """Return how to answer a phrase; None where a word is several stems, or the budget does not allow for all."""
        leaf = search.query
        if not isinstance(leaf, Phrase | Near) or leaf.title:
            return None
        slots = slots_of(leaf)
        stems = dict.fromkeys(chain.from_iterable([slot.stems for slot in slots]))
        if not 0 < len(stems) <= MAX_STEMS:
            return None
        states = list(map(generation.term_states, stems))
        found: list[SegmentPhrase | None] = []
        units = 0
        for segment in generation.segments:
            resolved = [segment.slots.resolved(slot) for slot in slots]
            if not all([slot.entries and slot.stems for slot in resolved]):  # noqa: C419 - faster than a generator
                found.append(None)
                continue
            matcher = PhraseMatcher(segment.segment, leaf, resolved)
            if not matcher.quick or max([len(slot.stems) for slot in resolved]) > 1:
                return None
            terms = [(term, weight) for weight, postings in states if (term := postings[segment.number])]
            units += min([term.frequency for term, _ in terms]) * matcher.price(segment.dense)
            found.append(SegmentPhrase(matcher, terms))
        if units > budget.left(MATCHING):  # `BooleanQuery` looks at as many as there are units for
            return None
        budget.charge(units)
        return cls(search, filters, found)

    def rows(self, segment: SegmentSearcher, facets: FacetCounter) -> SegmentRows | None:
        """Return the best rows of a segment: see `QueryPlan`."""
        if (found := self.found[segment.number]) is None:
            return [], 0, 0
        ask = partial(_topk, segment, found, segment.view.among(self.filters))
        return best_rows(ask, self.search, segment.segment, facets, only=len(self.found) == 1)


def _topk(segment: SegmentSearcher, found: SegmentPhrase, live: Array, k: int, facets: FacetCounter) -> SegmentTopK:
    """Return the best paragraphs with a phrase and a bit in `live`, if it has any; count facets of all that match."""
    weighted = sorted(found.terms, key=is_dense)  # stable
    terms, arrays = _terms(segment, found.matcher, [term for term, _ in weighted], None)
    cleared, matching, topk = not facets.facets, arrays.matching, empty_topk(k)
    if len(terms.order) and cleared:
        matching = arrays.zeros
    elif len(terms.order):
        matching.fill(0)
    matcher = found.matcher
    n, total, articles = phrase_topk(
        terms, np.array([weight for _, weight in weighted]), matcher.slots, matcher.titled, segment.segment.plain,
        segment.texts, segment.titles, segment.blob, segment.tables, segment.nextword, segment.scoring, live,
        segment.articles, segment.tuning.pruned_matches, arrays.scratch.bounds, _scratch(arrays, weighted), matching,
        cleared,
        topk,
    )  # fmt: skip
    facets.add(segment.segment, matching)
    return SegmentTopK(topk.rows[:, :n], topk.scores[:n], total, articles)


def phrase_bitmap(
    segment: SegmentSearcher, matcher: PhraseMatcher, terms: Sequence[TermPostings], live: Array, budget: QueryBudget
) -> Array:
    """Return the bitmap of the paragraphs whose text has a phrase, which has these terms, and that are in `live`."""
    weighted = sorted([(term, 0.0) for term in terms], key=is_dense)  # stable
    phrase, arrays = _terms(segment, matcher, [term for term, _ in weighted], budget)
    matching = (np.zeros if len(phrase.order) else np.empty)(segment.segment.blocks, np.uint64)
    match_phrase(
        phrase, matcher.slots, False, segment.segment.plain, segment.texts, segment.titles, segment.blob,
        segment.tables, segment.nextword, live, _scratch(arrays, weighted), matching,
    )  # fmt: skip
    return matching


def _scratch(arrays: ThreadArrays, weighted: Sequence[tuple[TermPostings, float]]) -> PhraseScratch:
    return arrays.phrase(min([term.frequency for term, _ in weighted]))


def _terms(
    segment: SegmentSearcher, matcher: PhraseMatcher, terms: Sequence[TermPostings], budget: QueryBudget | None
) -> tuple[PhraseTerms, ThreadArrays]:
    """Return terms, sparse ones first, as the loops take them, and this thread's arrays with room for them."""
    rows, lows, highs, frequencies, stems = zip(*terms, strict=True)
    n_sparse = sum(row < 0 for row in rows)
    starts = [0, *accumulate(frequencies[:n_sparse])]
    places = np.array([rows, lows, highs, *[[*starts[:-1], *[0] * (len(rows) - n_sparse)]] * 2], np.int64)
    order = np.array(sorted(range(n_sparse), key=frequencies.__getitem__), np.int64)
    checks = matcher.checks(segment.dense, stems, budget)
    arrays = THREAD_ARRAYS.sized(segment.segment.blocks, starts[-1])
    return PhraseTerms(places, read_only(order), read_only(checks)), arrays
