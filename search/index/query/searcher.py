"""Answers a search over the segments of a generation: chooses a plan for the query, and collects its results."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from search.budget import MATCHING, QueryBudget
from search.engine import MatchStream, ScoringStatistics, Search, TermFrequency
from search.index.query.answer import answer, stream_rows
from search.index.query.boolean_query import BooleanQuery
from search.index.query.collector import QueryPlan, collect
from search.index.query.further_rows import further_rows
from search.index.query.matching.multi_term import MultiTermMatcher
from search.index.query.pattern_query import PatternQuery
from search.index.query.phrase_query import PhraseQuery
from search.index.query.scope.article_evaluator import count_elsewhere
from search.index.query.scope.article_query import count_articles, search_articles, stream_articles
from search.index.query.scope.telling_stems import telling_stems
from search.index.query.segment_searcher import Generation
from search.index.query.term_query import TermQuery
from search.index.query.weighted_query import WeightedQuery
from search.index.segment.copy_groups import CopyGroups
from search.index.segment.doc_values import FacetCounter
from search.index.segment.phrase_slots import PhraseSlots
from search.index.segment.segment_reader import SegmentReader
from search.index.segment.segment_view import CollectionStatistics, SegmentView
from search.index.segment.surface_forms import SurfaceForms
from search.model import Facet, FacetCounts, Result, Total
from search.query.article_scope import can_be_elsewhere
from search.query.tree import Fuzzy, Near, Node, Phrase, Wildcard, patterns, scored_leaves, scored_stems, variant_stems

PHRASE_TYPES, PATTERN_TYPES = (Phrase, Near), (Wildcard, Fuzzy)  # `A | B` in isinstance() is built at each call


class Searcher:
    """Answers searches over the segments of a generation. Threads share it."""

    def __init__(self, views: Sequence[SegmentView], statistics: CollectionStatistics, copies: CopyGroups) -> None:
        self.generation = Generation(views, statistics, copies)

    def prepare(self) -> None:
        """Compute what segments cache and no query determines, so that processes forked from this one share it."""
        for searcher in self.generation.segments:
            searcher.segment.prepare()
            searcher.segment.derived(SurfaceForms).prepare()
            _ = searcher.segment.derived(PhraseSlots).title_postings

    def search(self, search: Search, budget: QueryBudget) -> Result:
        """Return the answer to a search."""
        budget.begin_search()
        if search.facet_queries:
            return self._with_facets(search, budget)
        if search.scope == "article":
            return search_articles(self.generation, search, budget)
        query = WeightedQuery(self.generation, search)
        for plan in self.plans(query, budget):
            if found := answer(self.generation, plan, query, budget):
                if search.count_elsewhere:
                    found = self._with_elsewhere(found, plan, search, budget)
                if search.group_limit > 1 and search.group == "article":
                    further = further_rows(self.generation, plan, query, found.hits, budget)
                    found = replace(found, further=further, warnings=(*budget.warnings, *budget.remarks))
                return found
        raise AssertionError("a BooleanQuery answers everything")

    def _with_facets(self, search: Search, budget: QueryBudget) -> Result:
        """Return the answer to a search in which some facets count what queries of their own match.

        These queries spend what the search has left for matching. Each may expand its patterns to as many words as a
        search; if one is cut short, a warning names its facets.
        """
        own = search.facet_queries
        others = tuple([facet for facet in search.facets if facet not in own])
        found = self.search(replace(search, facets=others, facet_queries={}), budget)
        facets = dict(found.facets)
        cut: list[Facet] = []
        for query in dict.fromkeys(own.values()):
            counted = tuple([facet for facet in own if own[facet] == query])
            with budget.part(budget.left(MATCHING), MATCHING) as part:
                facets |= self._match(Search(query, limit=1, facets=counted, scope=search.scope), part)[1]
            cut += counted if part.partial else ()
        if cut:
            budget.remark(f"Counts by {', '.join(cut)} may be too low: to count them is too much work.")
        return replace(found, facets=facets, warnings=(*budget.warnings, *budget.remarks))

    def _with_elsewhere(self, found: Result, plan: QueryPlan, search: Search, budget: QueryBudget) -> Result:
        """Return a result with the number of articles that meet the query in different paragraphs only."""
        if not can_be_elsewhere(search.query):
            return replace(found, articles_elsewhere=0)
        if found.total.relation != "eq":
            return found
        matches = plan.matches if isinstance(plan, BooleanQuery) else None
        n_articles = count_elsewhere(self.generation, search.query, matches, found.total_articles, budget)
        return replace(found, articles_elsewhere=n_articles)

    def stream(self, search: Search, budget: QueryBudget) -> MatchStream:
        """Return all paragraphs that match a search."""
        limit = max(1, self.generation.statistics.paragraphs)
        asked = replace(search, offset=0, limit=limit, group="none", facets=(), duplicates="show")
        if search.scope == "article":
            return stream_articles(self.generation, asked, budget)
        query = WeightedQuery(self.generation, asked)
        plan = BooleanQuery(self.generation, query, budget)
        return MatchStream(Total(plan.total, plan.relation), stream_rows(self.generation, plan, query))

    def count(self, search: Search, budget: QueryBudget) -> Total:
        """Return how many paragraphs match a search."""
        budget.begin_search()
        return self._match(Search(search.query, limit=1, scope=search.scope), budget)[0]

    def _match(self, search: Search, budget: QueryBudget) -> tuple[Total, FacetCounts]:
        """Return how many paragraphs match a search, and their facets.

        The search has to ask for one row, since the quick plans answer no search without rows.
        """
        if search.scope == "article":
            return count_articles(self.generation, search, budget)
        for plan in self.plans(WeightedQuery(self.generation, search), budget):
            facets = FacetCounter(search.facets)
            if isinstance(plan, BooleanQuery):
                for matches in plan.matches:
                    facets.add(matches.segment, matches.bits)
                return Total(plan.total, plan.relation), facets.result()
            if (best := collect(plan, self.generation.segments, facets)) is not None:
                return Total(sum([topk.total for topk in best]), plan.relation), facets.result()
        raise AssertionError("a BooleanQuery answers everything")

    def scoring_statistics(self, query: Node, budget: QueryBudget) -> ScoringStatistics:
        """Return how frequent the stems and patterns of a query are (see `search.engine.Snapshot`)."""
        terms: dict[str | Wildcard | Fuzzy, TermFrequency] = {}
        leaves, known = scored_leaves(query), self.generation.statistics
        for stem in dict.fromkeys([*scored_stems(leaves), *variant_stems(leaves)]):
            if (frequency := self.generation.term_states(stem).frequency).paragraphs:
                terms[stem] = frequency
        matchers = [MultiTermMatcher(one.segment, one.dense, budget) for one in self.generation.segments]
        for pattern in patterns(leaves):
            if doc_freq := sum(matcher.match(pattern).doc_freq for matcher in matchers):
                terms[pattern] = TermFrequency(doc_freq, doc_freq)
        return ScoringStatistics(known.paragraphs, known.average_length, terms)

    def telling_stems(
        self, segment: SegmentReader, article: int, limit: int, leave_out: Collection[str]
    ) -> tuple[str, ...]:
        """Return the stems that tell most of an article of a segment."""
        searcher = next(one for one in self.generation.segments if one.segment is segment)
        return telling_stems(self.generation, searcher, article, limit, leave_out)

    def plans(self, query: WeightedQuery, budget: QueryBudget) -> Iterator[QueryPlan]:
        """Yield the plans by which a search can be answered, the fastest first; the last one answers every search.

        Each plan but the last runs one loop for the whole query. The loop gets the deletions, and the filters that
        restrict all matches, as one bitmap.
        """
        plan: QueryPlan | None = None
        if query.is_topk and query.search.duplicates == "show":  # to fold, all matches have to be known
            if isinstance(query.query, PHRASE_TYPES):
                plan = PhraseQuery.plan(self.generation, query, budget)
            elif isinstance(query.query, PATTERN_TYPES):
                plan = PatternQuery.plan(self.generation, query, budget)
            else:
                plan = TermQuery.plan(self.generation, query, budget)
        if plan is not None:
            yield plan
        yield BooleanQuery(self.generation, query, budget)
