"""The next best paragraphs of the articles on a page of results that is grouped by article."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from search.budget import MATCHING, QueryBudget
from search.index.query.boolean_query import BooleanQuery, SegmentMatches, TermWeights
from search.index.query.collector import QueryPlan, scored
from search.index.query.matching.match_set import lookup_bits
from search.index.query.segment_searcher import Generation, SegmentSearcher
from search.index.query.weighted_query import WeightedQuery
from search.index.segment.segment_reader import SegmentReader
from search.index.storage.column_file import Array
from search.kernels.core.bitmap import set_bits
from search.model import ScoredParagraph

Further = tuple[tuple[ScoredParagraph, ...], ...]
"""For each row of a page its next best paragraphs, best first."""
DOC_COST = 50
"""Units of work to test again whether a paragraph of an article on the page matches."""


def further_rows(
    generation: Generation, plan: QueryPlan, query: WeightedQuery, hits: Sequence[ScoredParagraph], budget: QueryBudget
) -> Further:
    """Return the next best paragraphs of the article of each of `hits`, which a plan has found.

    An article that the budget does not suffice for gets none, with a warning.
    """
    if isinstance(plan, BooleanQuery):
        matches, weights = plan.matches, plan.weights
    else:
        matches = []
        for segment in generation.segments:
            docs = _docs_of(segment, hits)
            docs = docs[: budget.how_many(len(docs), DOC_COST, MATCHING)]
            matches.append(SegmentMatches.of_query(segment, query.query, budget, docs))
        weights = BooleanQuery(generation, query, budget, matches).weights
    return next_best(query, hits, matches, weights)


def next_best(
    query: WeightedQuery,
    hits: Sequence[ScoredParagraph],
    matches: Sequence[SegmentMatches],
    weights: TermWeights,
    first: Sequence[Array] = (),
) -> Further:
    """Return the next best paragraphs of the article of each of `hits`, by the docs of each segment that match.

    Those in the bitmaps `first`, `(n_blocks,) uint64` for each segment, come before the others.
    """
    rows: dict[tuple[SegmentReader, int], tuple[ScoredParagraph, ...]] = {}
    for number, found in enumerate(matches):
        wanted = [hit for hit in hits if hit.locator[0] is found.segment]
        if wanted:
            before = first[number] if first else None
            for hit, further in zip(wanted, _of_segment(query, wanted, found, weights, before), strict=True):
                rows[hit.locator] = further
    return tuple([rows[hit.locator] for hit in hits])


def _of_segment(
    query: WeightedQuery,
    hits: Sequence[ScoredParagraph],
    found: SegmentMatches,
    weights: TermWeights,
    first: Array | None,
) -> list[tuple[ScoredParagraph, ...]]:
    segment, limit = found.segment, query.search.group_limit - 1
    docs = _docs_of(found.searcher, hits)
    docs = docs[lookup_bits(docs, found.bits)]
    mask = np.zeros(segment.n_blocks, np.uint64)
    set_bits(docs, mask)
    scores, owners = found.ranker(weights).scores(docs, mask), segment.article_of[docs]
    if query.search.sort == "relevance":
        later = () if first is None else (~lookup_bits(docs, first),)
        order = np.lexsort((-scores, *later, owners))  # equal ones stay in the order of the docs
        docs, scores = docs[order], scores[order]  # `owners` is sorted already, and the order is by it first
    articles = [hit.locator[1] for hit in hits]
    bounds = [np.searchsorted(owners, articles, side).tolist() for side in ("left", "right")]
    spans = [slice(low, min(high, low + limit + 1)) for low, high in zip(*bounds, strict=True)]
    numbers = docs - segment.column("article_first")[owners].astype(np.int32) + 1
    further = []
    for hit, span in zip(hits, spans, strict=True):
        best = zip(numbers[span].tolist(), scores[span].tolist(), strict=True)
        others = [
            (hit.article_id, number, score, hit.more, hit.locator) for number, score in best if number != hit.number
        ]
        further.append(tuple(map(scored, others[:limit])))
    return further


def _docs_of(segment: SegmentSearcher, hits: Sequence[ScoredParagraph]) -> Array:
    """Return all docs, int32, ascending, of the articles of those rows that are in a segment."""
    starts = segment.segment.column("article_first")
    articles = sorted([hit.locator[1] for hit in hits if hit.locator[0] is segment.segment])
    spans = [np.arange(starts[article], starts[article + 1], dtype=np.int32) for article in articles]
    return np.concatenate(spans) if spans else np.empty(0, np.int32)
