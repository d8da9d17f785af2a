"""Answers a search over the segments of a generation: chooses a plan for the query, and collects its results."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from search.budget import QueryBudget
from search.engine import Search
from search.index.query.boolean_query import BooleanQuery
from search.index.query.collector import QueryPlan, collect, page
from search.index.query.pattern_query import PatternQuery
from search.index.query.phrase_query import PhraseQuery
from search.index.query.segment_searcher import Generation
from search.index.query.term_query import TermQuery
from search.index.query.weighted_query import WeightedQuery
from search.index.segment.doc_values import FacetCounter
from search.index.segment.phrase_slots import PhraseSlots
from search.index.segment.segment_view import CollectionStatistics, SegmentView
from search.index.segment.surface_forms import SurfaceForms
from search.model import Result, Total
from search.query.tree import Fuzzy, Near, Phrase, Wildcard

PHRASE_TYPES, PATTERN_TYPES = (Phrase, Near), (Wildcard, Fuzzy)  # a union would be made anew for each look


class Searcher:
    """Answers searches over the segments of a generation. Threads share it."""

    def __init__(self, views: Sequence[SegmentView], statistics: CollectionStatistics) -> None:
        self.generation = Generation(views, statistics)

    def prepare(self) -> None:
        """Compute what segments cache and no query determines, so that processes forked from this one share it."""
        for searcher in self.generation.segments:
            searcher.segment.prepare()
            searcher.segment.derived(SurfaceForms).prepare()
            _ = searcher.segment.derived(PhraseSlots).title_postings

    def search(self, search: Search, budget: QueryBudget) -> Result:
        """Return the answer to a search."""
        query = WeightedQuery(self.generation, search)
        for plan in self.plans(query, budget):
            if result := self.answer(plan, query, budget):
                return result
        raise AssertionError("a BooleanQuery answers everything")

    def answer(self, plan: QueryPlan, query: WeightedQuery, budget: QueryBudget) -> Result | None:
        """Return the answer to a search by a plan; None if some segment needs another plan."""
        segments, facets = self.generation.segments, FacetCounter(query.search.facets)
        best = collect(plan, segments, facets)
        if best is None:
            return None
        if query.rescorer:
            query.rescorer.rescore(segments, best)
        total, articles = sum([topk.total for topk in best]), sum([topk.articles for topk in best])
        hits = tuple(page(query.search, segments, best))
        warnings = *budget.warnings, *budget.remarks
        return Result(hits, Total(total, plan.relation), articles, facets.result(), warnings)

    def count(self, search: Search, budget: QueryBudget) -> Total:
        """Return how many paragraphs match a search."""
        one_row = replace(search, offset=0, limit=1, sort="relevance", group="none", facets=())  # the quick plans
        return self.search(one_row, budget).total

    def plans(self, query: WeightedQuery, budget: QueryBudget) -> Iterator[QueryPlan]:
        """Yield the plans by which a search can be answered, the fastest first; the last one answers every search.

        Each plan but the last runs one loop for the whole query. The loop gets the deletions, and the filters that
        restrict all matches, as one bitmap.
        """
        plan: QueryPlan | None = None
        if query.is_topk:
            if isinstance(query.query, PHRASE_TYPES):
                plan = PhraseQuery.plan(self.generation, query, budget)
            elif isinstance(query.query, PATTERN_TYPES):
                plan = PatternQuery.plan(self.generation, query, budget)
            else:
                plan = TermQuery.plan(self.generation, query, budget)
        if plan is not None:
            yield plan
        yield BooleanQuery(self.generation, query, budget)
