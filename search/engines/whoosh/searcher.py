"""Answers a search over the segments of a generation, in the quickest of the ways that fit the query."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

from search.budget import QueryBudget
from search.engines import Search
from search.engines.whoosh.alone import Alone, answer_alone
from search.engines.whoosh.evaluation import Evaluation
from search.engines.whoosh.exact import Exact, Exactly
from search.engines.whoosh.filters import narrowed
from search.engines.whoosh.part import Corpus, Part
from search.engines.whoosh.words import Words, answer
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
