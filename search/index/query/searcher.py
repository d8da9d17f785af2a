"""Answers a search over the segments of a generation, in the quickest of the ways that fit the query."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

from search.budget import QueryBudget
from search.engine import Search
from search.index.query.boolean_query import BooleanSearch
from search.index.query.pattern_query import SegmentPatternSearcher, answer_pattern
from search.index.query.phrase_query import PhraseSearcher, SegmentPhraseSearcher
from search.index.query.term_query import TermLookup, answer
from search.index.segment.doc_values import narrowed
from search.index.segment.phrase_slots import PhraseSlots
from search.index.segment.segment_view import CollectionStatistics, SegmentView
from search.index.segment.surface_forms import SurfaceForms
from search.model import Result
from search.query import Fuzzy, Near, Phrase, Wildcard


class Searcher:
    """The segments of a generation with the tables that queries need. Threads share it."""

    def __init__(self, parts: Sequence[SegmentView], corpus: CollectionStatistics) -> None:
        self.parts = list(parts)
        self.corpus = corpus

    @cached_property
    def words(self) -> list[TermLookup]:
        """The segments, as queries of plain words take them."""
        return [TermLookup(part, self.corpus) for part in self.parts]

    @cached_property
    def alone(self) -> list[SegmentPatternSearcher]:
        """The segments, as a query that is one pattern takes them."""
        return [SegmentPatternSearcher(part, self.corpus) for part in self.parts]

    @cached_property
    def exactly(self) -> PhraseSearcher:
        """The segments, as phrases take them."""
        parts = [
            SegmentPhraseSearcher(part, words, self.corpus) for part, words in zip(self.parts, self.words, strict=True)
        ]
        return PhraseSearcher(parts, self.corpus)

    def prepare(self) -> None:
        """Make all of these, and what the segments work out once."""
        _ = self.words, self.alone, self.exactly
        for part in self.parts:
            part.segment.prepare()
            part.segment.derived(SurfaceForms).prepare()
            _ = part.segment.derived(PhraseSlots).in_titles

    def search(self, search: Search, budget: QueryBudget) -> Result:
        """Answer plain words, a phrase or a single pattern by loops of their own; evaluate all else by bitmaps."""
        query, filters = narrowed(search.query)
        asked = replace(search, query=query) if filters else search
        if isinstance(query, Phrase | Near):
            short = self.exactly.answer(asked, budget, filters)
        elif isinstance(query, Wildcard | Fuzzy) and not filters:
            short = answer_pattern(self.alone, self.corpus, search, budget)
        else:
            short = answer(self.words, self.corpus, asked, budget, filters)
        return short or BooleanSearch(self.exactly.parts, self.corpus, search, budget).result()
