"""The nouns of Stemma. Plain frozen data; imports nothing but the standard library.

What is made for each row of an answer is a tuple: to make a frozen dataclass takes three times as long.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, TypeAlias

Span: TypeAlias = tuple[int, int]
"""A half-open range of Unicode code points in a text."""

Sort: TypeAlias = Literal["relevance", "-date", "date"]
Match: TypeAlias = Literal["all", "any"]
Group: TypeAlias = Literal["none", "article"]
Facet: TypeAlias = Literal["source", "lang", "year", "month"]


class Date(NamedTuple):
    """A point of the calendar known to some precision: the text as given and the seconds it covers.

    `start` and `end` are a half-open interval of seconds since 1970-01-01, naive (UTC where the text named a zone).
    """

    text: str
    start: int
    end: int

    @property
    def iso(self) -> str:
        """The text with the `T` that ISO 8601 wants between day and time."""
        return self.text.replace(" ", "T", 1)


class Heading(NamedTuple):
    """What is known of an article besides its paragraphs; stored once an article."""

    id: str
    title: str
    date: Date | None
    source: str
    lang: str


@dataclass(frozen=True, slots=True)
class Article:
    """One document. Paragraph `n` (from 1) is `paragraphs[n - 1]`; there is always at least one, possibly empty."""

    heading: Heading
    paragraphs: tuple[str, ...]

    @property
    def id(self) -> str:
        """The article's id: its path relative to its source."""
        return self.heading.id


@dataclass(frozen=True, slots=True)
class Portion:
    """Paragraphs of an article that follow each other: the first has the number `first`, the article has `total`."""

    heading: Heading
    first: int
    paragraphs: tuple[str, ...]
    total: int


def paragraph_id(article_id: str, number: int) -> str:
    """The id of a paragraph, as shown outside; it ends at the last `-p<number>`."""
    return f"{article_id}-p{number}"


@dataclass(frozen=True, slots=True)
class Total:
    """How many paragraphs matched: exactly (`eq`) or at least so many (`gte`)."""

    value: int
    relation: Literal["eq", "gte"] = "eq"


class ScoredParagraph(NamedTuple):
    """One matching paragraph as an engine names it, best first; `more` other paragraphs of its article match too.

    `locator` is where the engine that found it has it, for that engine alone.
    """

    article_id: str
    number: int
    score: float
    more: int = 0
    locator: Any = None


class TermForms(NamedTuple):
    """The words, folded, as which an archive has a term of a query.

    `plain` are those that are the term when they are written as they are folded, but for their case; `others` may be
    when they are written with accents, which can change the stem.
    """

    plain: AbstractSet[str]
    others: AbstractSet[str] = frozenset()


class FacetCount(NamedTuple):
    """A value that occurs among the matches, and in how many paragraphs. A tuple, as there are hundreds."""

    value: str
    paragraphs: int


@dataclass(frozen=True, slots=True)
class Result:
    """An engine's answer: the requested slice of the ranking, and totals over all of it."""

    hits: tuple[ScoredParagraph, ...]
    total: Total
    total_articles: int
    facets: dict[str, tuple[FacetCount, ...]] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


class Marked(NamedTuple):
    """A text and the spans of it that matched. Data, never HTML: whoever shows it escapes and marks."""

    text: str
    spans: tuple[Span, ...] = ()


class Hit(NamedTuple):
    """A matching paragraph, ready to show. `snippet` is the paragraph, shortened around its matches."""

    article: Heading
    number: int
    score: float
    title: Marked
    text: Marked
    snippet: Marked
    more_in_article: int

    @property
    def id(self) -> str:
        """The paragraph's id."""
        return paragraph_id(self.article.id, self.number)


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """A search as asked for; what is not given takes the default. Dates are texts as the user wrote them."""

    q: str = ""
    match: Match = "all"
    page: int = 1
    per_page: int = 10
    sort: Sort | None = None
    group: Group = "none"
    source: str | None = None
    lang: str | None = None
    date_from: str | None = None
    date_to: str | None = None
    facets: tuple[Facet, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """One page of results: the same object feeds the web page, the JSON and the terminal."""

    request: SearchRequest
    interpreted: str
    warnings: tuple[str, ...]
    total: Total
    total_articles: int
    hits: tuple[Hit, ...]
    facets: dict[str, tuple[FacetCount, ...]]
    took_ms: float
    generation: int
    updated_at: str

    @property
    def total_pages(self) -> int:
        """How many pages of `per_page` rows there are; rows are articles when grouping by article."""
        rows = self.total_articles if self.request.group == "article" else self.total.value
        return -(-rows // self.request.per_page)
