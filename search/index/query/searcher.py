"""Answers a search over the segments of a generation: chooses a way that fits the query, and collects what it finds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from search.budget import QueryBudget
from search.engine import Search
from search.index.query.boolean_query import BooleanQuery
from search.index.query.collector import QueryPlan, collect, is_topk
from search.index.query.pattern_query import PatternQuery
from search.index.query.phrase_query import PhraseQuery
from search.index.query.segment_searcher import Generation
from search.index.query.term_query import TermQuery
from search.index.segment.doc_values import split_filters
from search.index.segment.phrase_slots import PhraseSlots
from search.index.segment.segment_view import CollectionStatistics, SegmentView
from search.index.segment.surface_forms import SurfaceForms
from search.model import Result
from search.query import Fuzzy, Near, Phrase, Wildcard

PHRASES, PATTERNS = (Phrase, Near), (Wildcard, Fuzzy)  # a union would be made anew for each look


class Searcher:
    """The segments of a generation with the tables that queries need. Threads share it."""

    def __init__(self, views: Sequence[SegmentView], statistics: CollectionStatistics) -> None:
        self.generation = Generation(views, statistics)

    def prepare(self) -> None:
        """Make what the segments work out once, so that processes forked from this one share it."""
        for view in (searched.view for searched in self.generation.segments):
            view.segment.prepare()
            view.segment.derived(SurfaceForms).prepare()
            _ = view.segment.derived(PhraseSlots).in_titles

    def search(self, search: Search, budget: QueryBudget) -> Result:
        """Return the answer to a search."""
        for plan in self.plans(search, budget):
            if found := collect(plan, search, self.generation.segments, budget):
                return found
        raise AssertionError("a BooleanQuery answers everything")

    def plans(self, search: Search, budget: QueryBudget) -> Iterator[QueryPlan]:
        """Yield the ways in which a search can be answered, the quickest first; the last one answers everything.

        Others have one loop for all of a query. Filters that restrict all that it finds are a bitmap more to such a
        loop, as deletions are.
        """
        plan: QueryPlan | None = None
        if is_topk(search):
            query, filters = split_filters(search.query)
            asked = replace(search, query=query) if filters else search
            if isinstance(query, PHRASES):
                plan = PhraseQuery.plan(self.generation, asked, filters, budget)
            elif isinstance(query, PATTERNS):
                plan = None if filters else PatternQuery.plan(self.generation, search, query, budget)
            else:
                plan = TermQuery.plan(self.generation, asked, filters, budget)
        if plan is not None:
            yield plan
        yield BooleanQuery(self.generation, search, budget)
