"""Defines `Search`, the request that an engine answers, and `MatchStream`, which yields every paragraph it matches."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from search.model import Duplicates, Facet, Group, Scope, ScoredParagraph, SearchRequest, Sort, Total
from search.query.tree import Node


class Recency(NamedTuple):
    """A boost of recent articles (see `search.ranking.recency`)."""

    now: float
    """The time from which ages are counted back, in seconds since 1970."""
    half_life: float
    """The age at which an article has half the boost of a new one, in seconds."""


@dataclass(frozen=True, slots=True)
class Search:
    """A search for an engine. `offset` and `limit` count rows: articles when grouping by article, else paragraphs."""

    query: Node
    offset: int = 0
    limit: int = 10
    sort: Sort = "relevance"
    group: Group = "none"
    facets: tuple[Facet, ...] = ()
    function_stems: frozenset[str] = frozenset()
    """Stems of function words, which count less (see `search.ranking`)."""
    recency: Recency | None = None
    """The boost of recent articles; None without one."""
    scope: Scope = "paragraph"
    """Whether a paragraph by itself has to meet the query, or its whole article (see `search.query.article_scope`)."""
    count_elsewhere: bool = False
    """Whether to count, for the scope of a paragraph, the articles that meet the query in different paragraphs only."""
    facet_queries: Mapping[Facet, Node] = field(default_factory=dict)
    """For some of `facets`, a query whose matches the facet counts; the other facets count the matches of `query`.

    For a facet that the search is filtered by, it is the query without that filter. So the facet also counts the values
    that could be chosen instead.
    """
    group_limit: int = 1
    """How many paragraphs of each article to return, when grouping by article."""
    duplicates: Duplicates = "show"
    """With `fold`, only the first of the matching articles in a group of copies has rows (see `search.copies`)."""


SearchReader: TypeAlias = Callable[[SearchRequest], Search | None]
"""A function that returns the search that a request asks for; None if its query cannot be read, or the budget does not
allow for it. `search.service.search_reader` makes one."""


class MatchStream(NamedTuple):
    """All paragraphs that match a search: how many, and one after the other."""

    total: Total
    rows: Iterator[ScoredParagraph]
    """The paragraphs, ranked only when they are iterated over; as many as `total` says, if that is exact."""
