"""The answer to a search by one plan."""

from __future__ import annotations

from search.budget import QueryBudget
from search.index.query.collector import QueryPlan, collect, page
from search.index.query.segment_searcher import Generation
from search.index.query.weighted_query import WeightedQuery
from search.index.segment.doc_values import FacetCounter
from search.model import Result, Total


def answer(generation: Generation, plan: QueryPlan, query: WeightedQuery, budget: QueryBudget) -> Result | None:
    """Return the answer to a search by a plan; None if some segment needs another plan."""
    segments, facets = generation.segments, FacetCounter(query.search.facets)
    best = collect(plan, segments, facets)
    if best is None:
        return None
    if query.rescorer:
        query.rescorer.rescore(segments, best)
    folded = plan.folded
    total = sum([topk.total for topk in best]) + folded.paragraphs
    articles = sum([topk.articles for topk in best]) + folded.articles
    hits = tuple(page(query.search, segments, best))
    warnings = *budget.warnings, *budget.remarks
    return Result(hits, Total(total, plan.relation), articles, facets.result(), warnings, folded=folded)
