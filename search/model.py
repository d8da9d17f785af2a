"""The data types of Stemma: articles, search requests and results. All are immutable.

Types with an object for each result of a search are named tuples: to create a frozen dataclass takes three times as
long.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, TypeAlias

Span: TypeAlias = tuple[int, int]
"""A half-open range of code points in a text."""

Sort: TypeAlias = Literal["relevance", "-date", "date"]
Match: TypeAlias = Literal["all", "any"]
Switch: TypeAlias = Literal["on", "off"]
Group: TypeAlias = Literal["none", "article"]
Scope: TypeAlias = Literal["paragraph", "article"]
Duplicates: TypeAlias = Literal["show", "fold"]
Facet: TypeAlias = Literal["source", "lang", "year", "month"]
HitField: TypeAlias = Literal[
    "id",
    "score",
    "article",
    "paragraph",
    "url",
    "more_in_article",
    "further",
    "highlights",
    "snippet",
    "matched_variants",
]
RelaxationKind: TypeAlias = Literal["without", "any", "without_filter", "without_filters"]

SNIPPET = 320
"""Default of the maximum number of code points of a snippet; the page of results has a lower one."""


class Date(NamedTuple):
    """A date of any precision: its text, and the half-open interval [start, end) of seconds that it covers.

    Seconds count from 1970-01-01 by the clock of the text: they are computed as if its time were in UTC, even if it
    states another time zone.
    """

    text: str
    start: int
    end: int
    guessed: bool = False
    """Whether the date was read from a text that can mean another one, too, or may be the date of something else."""

    @property
    def iso(self) -> str:
        """The date in ISO 8601, with a `T` between day and time."""
        return self.text.replace(" ", "T", 1)


class Heading(NamedTuple):
    """The metadata of an article: all but its paragraphs. `source` is a name, `lang` the code of a language."""

    id: str
    title: str
    date: Date | None
    source: str
    lang: str


@dataclass(frozen=True, slots=True)
class Article:
    """An article. Paragraph `n`, from 1, is `paragraphs[n - 1]`; there is at least one, which may be empty."""

    heading: Heading
    paragraphs: tuple[str, ...]

    @property
    def id(self) -> str:
        """The article's id: the path of its file, perhaps with a prefix; in a file of several also `:` and a key."""
        return self.heading.id


@dataclass(frozen=True, slots=True)
class Portion:
    """Consecutive paragraphs of an article, from number `first`, counted from 1. The article has `total` paragraphs."""

    heading: Heading
    first: int
    paragraphs: tuple[str, ...]
    total: int


def paragraph_id(article_id: str, number: int) -> str:
    """Return the id of a paragraph in the API: the id of its article, then `-p` and its number, counted from 1."""
    return f"{article_id}-p{number}"


def count(value: int, noun: str, plural: str = "") -> str:
    """Return a number and the noun that it counts, with the plural where it takes more than an `s`.

    >>> count(1, "paragraph"), count(1200, "paragraph"), count(2, "query", "queries")
    ('1 paragraph', '1,200 paragraphs', '2 queries')
    """
    return f"{value:,} {noun if value == 1 else plural or noun + 's'}"


@dataclass(frozen=True, slots=True)
class Total:
    """The number of matching paragraphs: exact (`eq`), or a lower bound (`gte`)."""

    value: int
    relation: Literal["eq", "gte"] = "eq"

    @property
    def in_words(self) -> str:
        """The number with its noun, for people: `3 paragraphs`, `at least 3 paragraphs`."""
        return ("at least " if self.relation == "gte" else "") + count(self.value, "paragraph")


class ScoredParagraph(NamedTuple):
    """A matching paragraph as an engine returns it. `number` is its place in its article, counted from 1.

    `more` is the number of other matching paragraphs of the article. `locator` is what the engine needs to fetch the
    text of the paragraph; it means nothing to others.
    """

    article_id: str
    number: int
    score: float
    more: int = 0
    locator: Any = None


class TermForms(NamedTuple):
    """The folded words by which a term of a query occurs in an index.

    A word in `plain` matches the term if it stands in the text without accents, in upper or lower case. A word in
    `others` matches only if it stands there with certain accents, which can change the stem.
    """

    plain: AbstractSet[str]
    others: AbstractSet[str] = frozenset()


class WordCount(NamedTuple):
    """A word of an archive, as written but with case folded, and the number of paragraphs that it was counted in."""

    word: str
    paragraphs: int


class Correction(NamedTuple):
    """A correction of a word of a query: the word as typed, its replacement, and the corrected query.

    `total` is what the corrected query finds. `end` is the number of code points of the typed query up to the end of
    the word.
    """

    word: str
    replacement: str
    query: str
    total: Total
    end: int


class Completion(NamedTuple):
    """A query that completes what was typed, and how many paragraphs it finds."""

    text: str
    total: Total


class FacetCount(NamedTuple):
    """A value of a facet, and the number of matching paragraphs that have it."""

    value: str
    paragraphs: int


FacetCounts: TypeAlias = dict[str, tuple[FacetCount, ...]]
"""The values of each facet, sorted by falling number of paragraphs, then by value."""


class Folded(NamedTuple):
    """How many matching paragraphs, and of how many articles, are left out of the results as copies."""

    paragraphs: int
    articles: int


NOTHING_FOLDED = Folded(0, 0)


@dataclass(frozen=True, slots=True)
class Result:
    """The answer of an engine to a search: it holds the requested rows of the ranking, and totals over all matches."""

    hits: tuple[ScoredParagraph, ...]
    total: Total
    total_articles: int
    facets: FacetCounts = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    articles_elsewhere: int | None = None
    """Number of articles that meet the query only by different paragraphs together; None if they were not counted."""
    further: tuple[tuple[ScoredParagraph, ...], ...] = ()
    """For each of `hits`, the next best paragraphs of its article; an empty tuple unless they were asked for."""
    folded: Folded = NOTHING_FOLDED
    """How many matching paragraphs and articles are left out as copies; the totals and facets do count them."""


class SimilarArticle(NamedTuple):
    """An article that is like another one. `score` says how much: it is that of its best paragraph."""

    article: Heading
    score: float


class Contribution(NamedTuple):
    """A part of the score of a paragraph: the clause of the query that adds it, its value, and the reason in words."""

    clause: str
    value: float
    because: str


class MissingClause(NamedTuple):
    """A part of a query that a paragraph does not meet, and why not, in words."""

    clause: str
    because: str


class Explanation(NamedTuple):
    """Why a paragraph has its score for a query, the sum of `contributions`; or what kept it out, in `missing`."""

    id: str
    matched: bool
    score: float
    contributions: tuple[Contribution, ...] = ()
    missing: tuple[MissingClause, ...] = ()


class Marked(NamedTuple):
    """A text, not escaped for HTML, and the spans in it that a query matches, in order and without overlaps."""

    text: str
    spans: tuple[Span, ...] = ()


class Hit(NamedTuple):
    """A matching paragraph, its number in its article, from 1, and the heading of the article.

    `snippet` is its text, shortened around the matches. `more_in_article` is the number of other matching paragraphs of
    the article.
    """

    article: Heading
    number: int
    score: float
    title: Marked
    text: Marked
    snippet: Marked
    more_in_article: int
    matched_variants: dict[str, tuple[str, ...]] = {}  # noqa: RUF012 - a field of a named tuple, never written to
    """For each part of the query as typed, the variants of it that the paragraph, or its article's title, has."""
    further: tuple[Hit, ...] = ()
    """The next best paragraphs of the article; empty unless they were asked for."""

    @property
    def id(self) -> str:
        """The paragraph's id."""
        return paragraph_id(self.article.id, self.number)


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """A search as the user requested it: docs/api.md describes the fields. Dates are the texts that the user wrote."""

    q: str = ""
    match: Match = "all"
    page: int = 1
    per_page: int = 10
    sort: Sort | None = None
    group: Group = "none"
    scope: Scope = "paragraph"
    source: str | None = None
    """The filter of sources as the user wrote it (see `search.query.filters`); None for all sources."""
    lang: str | None = None
    """The filter of languages, written in the same way with codes; None for all languages."""
    date_from: str | None = None
    date_to: str | None = None
    facets: tuple[Facet, ...] = ()
    facet_size: int | None = None
    """How many values of each facet to return; None for all."""
    variants: Switch = "on"
    """Whether variants of names in the query are found too."""
    group_limit: int = 1
    """Maximum number of paragraphs of each article to return, when grouping by article."""
    fields: tuple[HitField, ...] = ()
    """The fields of each hit to return; empty for all."""
    snippet: int | None = None
    """Maximum number of code points of a snippet; None for the default of the page or of the API."""
    duplicates: Duplicates = "show"
    """Whether to leave out (`fold`) a matching article if it is a copy of another one that matches."""


class NameVariants(NamedTuple):
    """A part of a query, as it was interpreted, and the variants by which it is found too, or could be."""

    typed: str
    variants: tuple[str, ...]


class Relaxation(NamedTuple):
    """A request that asks for less than one that found nothing, and how many paragraphs it finds.

    `kind` is how it differs: `without` a part of the query, with `any` of its words, `without_filter` or, where there
    are several, `without_filters`. `part` is what is left out, as it is typed.
    """

    kind: RelaxationKind
    part: str
    request: SearchRequest
    total: Total


@dataclass(frozen=True, slots=True)
class Page:
    """One page of results, for the web page, the JSON API and the terminal."""

    request: SearchRequest
    interpreted: str
    warnings: tuple[str, ...]
    total: Total
    total_articles: int
    hits: tuple[Hit, ...]
    facets: FacetCounts
    took_ms: float
    generation: int
    updated_at: str
    suggestion: tuple[Correction, ...] = ()
    """Corrections of misspelt words; empty unless few paragraphs match."""
    relaxations: tuple[Relaxation, ...] = ()
    """Requests that ask for less and find something; empty unless nothing matches."""
    total_articles_elsewhere: int | None = None
    """Number of articles that meet the query only by different paragraphs together; None if counting was too much work,
    0 if the scope is `article`, where they are among the results."""
    variants: tuple[NameVariants, ...] = ()
    """The names in the query that were searched for in other spellings too, each with these spellings."""
    offers: tuple[NameVariants, ...] = ()
    """Parts of the query with other names for them, which were not searched for."""
    folded: Folded = NOTHING_FOLDED
    """How many matching paragraphs and articles are left out as copies; the totals and facets do count them."""
    offered: str = ""
    """The query that searches for the names of `offers` too; empty if there are none."""

    @property
    def corrected_queries(self) -> dict[str, Total]:
        """Each corrected query once, the likeliest first, with how many paragraphs it finds."""
        return {one.query: one.total for one in self.suggestion}

    @property
    def total_pages(self) -> int:
        """Number of pages of `per_page` rows; a row is an article when grouping by article, else a paragraph."""
        return -(-n_rows(self, self.request.group) // self.request.per_page)


def n_rows(found: Result | Page, group: Group) -> int:
    """Return how many rows there are: articles when grouping by article, else paragraphs; without copies left out."""
    if group == "article":
        return found.total_articles - found.folded.articles
    return found.total.value - found.folded.paragraphs
