"""Answers a search over the segments of a generation: chooses a plan for the query, and collects its results."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from search.budget import QueryBudget
from search.engine import ScoringStatistics, Search, TermFrequency
from search.index.query.boolean_query import BooleanQuery
from search.index.query.collector import QueryPlan, collect, is_topk
from search.index.query.multi_term import MultiTermMatcher
from search.index.query.pattern_query import PatternQuery
from search.index.query.phrase_query import PhraseQuery
from search.index.query.rescorer import Rescorer
from search.index.query.segment_searcher import Generation
from search.index.query.term_query import TermQuery
from search.index.segment.doc_values import split_filters
from search.index.segment.phrase_slots import PhraseSlots
from search.index.segment.segment_view import CollectionStatistics, SegmentView
from search.index.segment.surface_forms import SurfaceForms
from search.model import Result, Total
from search.query.tree import Fuzzy, Near, Node, Phrase, Wildcard, patterns, scored_stems

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
        rescorer = Rescorer.of(self.generation, search)
        if rescorer is None:
            return self._search(search, budget)
        found = self._search(rescorer.first_search(), budget)
        return Result(rescorer.page(found.hits), found.total, found.total_articles, found.facets, found.warnings)

    def _search(self, search: Search, budget: QueryBudget) -> Result:
        """Return the answer to a search, without a second scoring."""
        for plan in self.plans(search, budget):
            if found := collect(plan, search, self.generation.segments, budget):
                return found
        raise AssertionError("a BooleanQuery answers everything")

    def count(self, search: Search, budget: QueryBudget) -> Total:
        """Return how many paragraphs match a search."""
        one_row = replace(search, offset=0, limit=1, sort="relevance", group="none", facets=())  # the quick plans
        return self._search(one_row, budget).total

    def scoring_statistics(self, query: Node, budget: QueryBudget) -> ScoringStatistics:
        """Return the statistics that the scores of a query are computed from."""
        terms: dict[str | Wildcard | Fuzzy, TermFrequency] = {}
        segments, known = self.generation.segments, self.generation.statistics
        for stem in dict.fromkeys(scored_stems(query)):
            found = [(one.segment, term) for one in segments if (term := one.term(stem))]
            if found:
                occurrences = sum(int(segment.collection_freqs[term.term_id]) for segment, term in found)
                terms[stem] = TermFrequency(sum(term.doc_freq for _, term in found), occurrences)
        matchers = [MultiTermMatcher(one.segment, one.dense, budget) for one in segments]
        for pattern in patterns(query):
            if doc_freq := sum(matcher.match(pattern).doc_freq for matcher in matchers):
                terms[pattern] = TermFrequency(doc_freq, doc_freq)
        return ScoringStatistics(known.paragraphs, known.average_length, terms)

    def plans(self, search: Search, budget: QueryBudget) -> Iterator[QueryPlan]:
        """Yield the plans by which a search can be answered, the fastest first; the last one answers every search.

        Each plan but the last runs one loop for the whole query. The loop gets the deletions, and the filters that
        restrict all matches, as one bitmap.
        """
        plan: QueryPlan | None = None
        if is_topk(search):
            query, filters = split_filters(search.query)
            asked = replace(search, query=query) if filters else search
            if isinstance(query, PHRASE_TYPES):
                plan = PhraseQuery.plan(self.generation, asked, filters, budget)
            elif isinstance(query, PATTERN_TYPES):
                plan = None if filters else PatternQuery.plan(self.generation, search, query, budget)
            else:
                plan = TermQuery.plan(self.generation, asked, filters, budget)
        if plan is not None:
            yield plan
        yield BooleanQuery(self.generation, search, budget)
