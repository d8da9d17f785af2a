"""The statistics of a generation that the scores of a query are computed from."""

from __future__ import annotations

from search.budget import QueryBudget
from search.engine import ScoringStatistics, TermFrequency
from search.index.query.matching.multi_term import MultiTermMatcher
from search.index.query.segment_searcher import Generation
from search.query.tree import Fuzzy, Node, Wildcard, patterns, scored_leaves, scored_stems, variant_stems


def scoring_statistics(generation: Generation, query: Node, budget: QueryBudget) -> ScoringStatistics:
    """Return how frequent the stems and patterns of a query are (see `search.engine.Snapshot.scoring_statistics`)."""
    terms: dict[str | Wildcard | Fuzzy, TermFrequency] = {}
    leaves, known = scored_leaves(query), generation.statistics
    for stem in dict.fromkeys([*scored_stems(leaves), *variant_stems(leaves)]):
        if (frequency := generation.term_states(stem).frequency).paragraphs:
            terms[stem] = frequency
    matchers = [MultiTermMatcher(one.segment, one.dense, budget) for one in generation.segments]
    for pattern in patterns(leaves):
        if doc_freq := sum(matcher.match(pattern).doc_freq for matcher in matchers):
            terms[pattern] = TermFrequency(doc_freq, doc_freq)
    return ScoringStatistics(known.paragraphs, known.average_length, terms)
