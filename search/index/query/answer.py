"""The answer to a search by one plan: the rows of a page, or all rows."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import merge

from search.budget import QueryBudget
from search.index.query.boolean_query import BooleanQuery
from search.index.query.collector import ORDERS, QueryPlan, SegmentTopK, collect, page, scored_paragraphs
from search.index.query.segment_searcher import Generation, SegmentSearcher
from search.index.query.weighted_query import WeightedQuery
from search.index.segment.doc_values import FacetCounter
from search.model import Result, ScoredParagraph, Total

ROWS_AT_ONCE = 1_000
"""Number of rows of a segment that are made objects together."""


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


def stream_rows(generation: Generation, plan: BooleanQuery, query: WeightedQuery) -> Iterator[ScoredParagraph]:
    """Yield the rows of a search one by one, in its order.

    Memory holds 24 bytes for each row, and ids only for the next ROWS_AT_ONCE rows of each segment.
    """
    segments = generation.segments
    best = collect(plan, segments, FacetCounter(()))
    if best is None:
        raise AssertionError("a BooleanQuery answers everything")
    if query.rescorer:
        query.rescorer.rescore(segments, best)
    yield from merge(*map(_rows, segments, best), key=ORDERS[query.search.sort])


def _rows(segment: SegmentSearcher, best: SegmentTopK) -> Iterator[ScoredParagraph]:
    for low in range(0, len(best.scores), ROWS_AT_ONCE):
        yield from scored_paragraphs(segment, best, low, low + ROWS_AT_ONCE)
