"""Answers a search over the segments of a generation, in the quickest of the ways that fit the query."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

from search.budget import QueryBudget
from search.engine import Search
from search.index.query.boolean_query import Evaluation
from search.index.query.pattern_query import Alone, answer_alone
from search.index.query.phrase_query import Exact, Exactly
from search.index.query.term_query import Words, answer
from search.index.segment.doc_values import narrowed
from search.index.segment.phrase_slots import Slots
from search.index.segment.segment_view import Corpus, Part
from search.index.segment.surface_forms import Forms
from search.model import Result
from search.query import Fuzzy, Near, Phrase, Wildcard


class Searcher:
    """The segments of a generation with the tables that queries need. Threads share it."""

    def __init__(self, parts: Sequence[Part], corpus: Corpus) -> None:
        self.parts = list(parts)
        self.corpus = corpus

    @cached_property
    def words(self) -> list[Words]:
        """The segments, as queries of plain words take them."""
        return [Words(part, self.corpus) for part in self.parts]

    @cached_property
    def alone(self) -> list[Alone]:
        """The segments, as a query that is one pattern takes them."""
        return [Alone(part, self.corpus) for part in self.parts]

    @cached_property
    def exactly(self) -> Exactly:
        """The segments, as phrases take them."""
        parts = [Exact(part, words, self.corpus) for part, words in zip(self.parts, self.words, strict=True)]
        return Exactly(parts, self.corpus)

    def prepare(self) -> None:
        """Make all of these, and what the segments work out once."""
        _ = self.words, self.alone, self.exactly
        for part in self.parts:
            part.segment.prepare()
            part.segment.derived(Forms).prepare()
            _ = part.segment.derived(Slots).in_titles

    def search(self, search: Search, budget: QueryBudget) -> Result:
        """Answer plain words, a phrase or a single pattern by loops of their own; evaluate all else by bitmaps."""
        query, filters = narrowed(search.query)
        asked = replace(search, query=query) if filters else search
        if isinstance(query, Phrase | Near):
            short = self.exactly.answer(asked, budget, filters)
        elif isinstance(query, Wildcard | Fuzzy) and not filters:
            short = answer_alone(self.alone, self.corpus, search, budget)
        else:
            short = answer(self.words, self.corpus, asked, budget, filters)
        return short or Evaluation(self.exactly.parts, self.corpus, search, budget).result()
