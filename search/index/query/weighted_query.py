"""A search, prepared for a generation: its words are looked up and weighed once, for every plan and the rescorer."""

from __future__ import annotations

from search.engine import Search
from search.index.query.collector import is_topk
from search.index.query.rescorer import Rescorer
from search.index.query.segment_searcher import Generation
from search.index.segment.doc_values import split_filters
from search.query.tree import scored_leaves, scored_stems, variant_stems
from search.ranking import query_counts, variant_weights


class WeightedQuery:
    """The query of a search, with what the statistics of a generation say of its words. Plans are made from it."""

    def __init__(self, generation: Generation, search: Search) -> None:
        self.search = search
        self.query, self.filters = split_filters(search.query)
        """The query without the filters that restrict all of its matches, and these filters."""
        leaves = scored_leaves(search.query)
        counts = query_counts(scored_stems(leaves), search.function_stems)
        self.states = {stem: generation.term_states(stem) for stem in counts}
        """Postings and weight of each distinct stem that scores, in the order of the query; variants come last."""
        self.weights = {stem: count * self.states[stem].weight for stem, count in counts.items()}
        """The factor of each of these stems, by which its impacts are multiplied; 0 if no segment has the stem."""
        if variants := variant_stems(leaves):
            self.states |= {stem: generation.term_states(stem) for stem in variants}
            self.weights |= variant_weights(variants, lambda stem: generation.term_states(stem).weight)
        self.rescorer = Rescorer.of(search, leaves, self.weights)
        """The second scoring of the first rows; None if the search has none."""
        wanted = search.offset + search.limit
        self.n_rows = max(wanted, self.rescorer.n_rows) if self.rescorer else wanted
        """How many of the first rows a plan has to return from each segment."""
        self.is_topk = is_topk(search.sort, self.n_rows)
        """Whether rows are asked for by relevance, and so few that loops can keep them."""
