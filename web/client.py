"""A typed client of the API in one file, which needs nothing but Python's standard library: it may be copied as it is.

    client = Client("http://127.0.0.1:8000")
    print(client.search("moon -apollo", per_page=2)["total"]["value"])

The types of the answers are those that `/openapi.json` describes; docs/api.md says what each field is.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Literal, NotRequired, TypedDict, TypeVar, Unpack
from urllib.error import HTTPError
from urllib.parse import quote, urlencode
from urllib.request import Request, urlopen

T = TypeVar("T")
Span = tuple[int, int]
"""A half-open range of Unicode code points."""


class TotalJson(TypedDict):
    """How many paragraphs match: exactly (`eq`), or at least (`gte`)."""

    value: int
    relation: Literal["eq", "gte"]


class IndexJson(TypedDict):
    """The generation of the index that answered, and when it was committed."""

    generation: int
    updated_at: str


class ArticleJson(TypedDict):
    """An article without its paragraphs. `date` is ISO 8601, as precise as it is known; `url` is that of its page."""

    id: str
    title: str
    date: str | None
    date_guessed: NotRequired[bool]
    source: str
    lang: str
    url: str


class ParagraphJson(TypedDict):
    """A paragraph: its number in its article, from 1, and its text."""

    number: int
    text: str


class HighlightsJson(TypedDict):
    """Where the title and the text match."""

    title: list[Span]
    text: list[Span]


class HitJson(TypedDict):
    """A paragraph that a search finds. `snippet` is HTML whose only tag is `<mark>`."""

    id: str
    score: float
    article: ArticleJson
    paragraph: ParagraphJson
    url: str
    more_in_article: int
    highlights: HighlightsJson
    snippet: str
    matched_variants: dict[str, list[str]]


class FacetValueJson(TypedDict):
    """A value of a facet, and how many paragraphs have it."""

    value: str
    count: int


class CorrectionJson(TypedDict):
    """A correction of a misspelt word, the query with it, and how many paragraphs that finds."""

    word: str
    replacement: str
    query: str
    total: int


class RelaxationJson(TypedDict):
    """A search that asks for less than one that found nothing."""

    kind: Literal["without", "any", "without_filter", "without_filters"]
    part: str | None
    parameters: dict[str, str]
    total: TotalJson


class SearchJson(TypedDict):
    """A page of results."""

    q: str
    interpreted: str
    match: Literal["all", "any"]
    warnings: list[str]
    variants: dict[str, list[str]]
    offers: dict[str, list[str]]
    offered_query: str | None
    total: TotalJson
    total_articles: int
    total_articles_elsewhere: NotRequired[int | None]
    page: int
    per_page: int
    total_pages: int
    next_cursor: str | None
    took_ms: float
    index: IndexJson
    hits: list[HitJson]
    facets: NotRequired[dict[str, list[FacetValueJson]]]
    suggestion: list[CorrectionJson] | None
    relaxations: list[RelaxationJson]


class CompletionJson(TypedDict):
    """A query that completes what was typed, and how many paragraphs it finds."""

    text: str
    count: int


class SuggestJson(TypedDict):
    """Completions and corrections of a query that is being typed."""

    completions: list[CompletionJson]
    corrections: list[CorrectionJson]


class ContributionJson(TypedDict):
    """A part of a score: the word of the query that adds it, its value, and the reason."""

    clause: str
    value: float
    because: str


class MissingJson(TypedDict):
    """A part of the query that a paragraph does not meet, and the reason."""

    clause: str
    because: str


class ExplainJson(TypedDict):
    """Why a paragraph has its score, or what kept it out."""

    id: str
    matched: bool
    score: NotRequired[float]
    contributions: list[ContributionJson]
    missing: list[MissingJson]


class ArticleParagraphJson(TypedDict):
    """A paragraph of an article."""

    id: str
    number: int
    text: str


class WholeArticleJson(ArticleJson):
    """An article with up to 500 of its paragraphs; `next_paragraph` is the first after these."""

    paragraphs: list[ArticleParagraphJson]
    total_paragraphs: int
    next_paragraph: int | None
    index: IndexJson


class ChangedArticleJson(ArticleJson):
    """An article of the list of all, and when it changed."""

    changed_at: str


class ArticlesJson(TypedDict):
    """A page of the list of articles, those that changed last first."""

    articles: list[ChangedArticleJson]
    next_cursor: str | None
    index: IndexJson


class SimilarArticleJson(TypedDict):
    """An article that is like another one."""

    article: ArticleJson
    score: float


class SimilarJson(TypedDict):
    """The articles that are most like one."""

    id: str
    hits: list[SimilarArticleJson]


class SourceJson(TypedDict):
    """A source, and what it has."""

    name: str
    articles: int
    paragraphs: int


class SourcesJson(TypedDict):
    """The sources of the index."""

    sources: list[SourceJson]


class HealthJson(TypedDict):
    """The process answers."""

    status: Literal["ok"]


class ReadyJson(HealthJson):
    """A search succeeds."""

    generation: int
    paragraphs: int


class ParameterErrorJson(TypedDict):
    """A parameter at fault; `position` is the code point of a query, from 0."""

    parameter: str
    position: NotRequired[int]
    hint: str


class ProblemJson(TypedDict):
    """An error (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    request_id: str
    errors: NotRequired[list[ParameterErrorJson]]


class FilterParameters(TypedDict, total=False):
    """What narrows a search."""

    match: Literal["all", "any"]
    scope: Literal["paragraph", "article"]
    variants: Literal["on", "off"]
    source: str
    lang: str
    date_from: str
    date_to: str


class SortedParameters(FilterParameters, total=False):
    """Parameters of what has an order."""

    sort: Literal["relevance", "-date", "date"]


class SearchParameters(SortedParameters, total=False):
    """Parameters of a search besides the query."""

    page: int
    per_page: int
    group: Literal["none", "article"]
    facets: str


class ProblemError(Exception):
    """The server refused a request, or could not answer it."""

    def __init__(self, problem: ProblemJson) -> None:
        super().__init__(f"{problem['code']}: {problem['detail']}")
        self.problem = problem


class Client:
    """Asks a server. Methods raise ProblemError where it says what is wrong, URLError where it cannot be reached."""

    def __init__(self, address: str, timeout: float = 60.0) -> None:
        self.address = address.rstrip("/")
        self._timeout = timeout

    def search(self, q: str, **parameters: Unpack[SearchParameters]) -> SearchJson:
        """Return a page of results."""
        return self._json(SearchJson, "/api/v1/search", {"q": q, **parameters})

    def suggest(self, q: str, **parameters: Unpack[FilterParameters]) -> SuggestJson:
        """Return completions and corrections of a query that is being typed."""
        return self._json(SuggestJson, "/api/v1/suggest", {"q": q, **parameters})

    def explain(self, q: str, paragraph_id: str, **parameters: Unpack[FilterParameters]) -> ExplainJson:
        """Return why a paragraph has its score, or what kept it out."""
        return self._json(ExplainJson, "/api/v1/explain", {"q": q, "id": paragraph_id, **parameters})

    def article(self, article_id: str, paragraph: int = 1) -> WholeArticleJson:
        """Return an article, or the part of a long one that has a paragraph."""
        path = quote(article_id, safe="", errors="surrogatepass")
        return self._json(WholeArticleJson, f"/api/v1/articles/{path}", {"paragraph": paragraph})

    def similar(self, article_id: str, per_page: int = 10) -> SimilarJson:
        """Return the articles that are most like one."""
        return self._json(SimilarJson, "/api/v1/similar", {"id": article_id, "per_page": per_page})

    def sources(self) -> SourcesJson:
        """Return the sources of the index."""
        return self._json(SourcesJson, "/api/v1/sources", {})

    def articles(self, changed_since: str = "") -> Iterator[ChangedArticleJson]:
        """Yield all articles, or those that changed since a time, those that changed last first, page by page."""
        asked = {"changed_since": changed_since} if changed_since else {}
        cursor: str | None = ""
        while cursor is not None:
            page = self._json(ArticlesJson, "/api/v1/articles", {**asked, **({"cursor": cursor} if cursor else {})})
            yield from page["articles"]
            cursor = page["next_cursor"]

    def export(self, q: str, **parameters: Unpack[SortedParameters]) -> Iterator[HitJson]:
        """Yield every paragraph that a search finds, as it arrives. Raises ConnectionError if not all arrive."""
        with self._open("/api/v1/export", {"q": q, "format": "ndjson", **parameters}) as answer:
            left = int(answer.headers["X-Total-Count"])
            for line in answer:
                yield json.loads(line)
                left -= 1
            if left:
                raise ConnectionError(f"The last {left} rows of an export are missing.")

    def ready(self) -> ReadyJson:
        """Return what the server has when it can answer searches."""
        return self._json(ReadyJson, "/readyz", {})

    def _json(self, _kind: type[T], path: str, parameters: Mapping[str, object]) -> T:
        with self._open(path, parameters) as answer:
            found: T = json.load(answer)
            return found

    def _open(self, path: str, parameters: Mapping[str, object]) -> Any:  # noqa: ANN401 - an answer, with its headers
        query = urlencode(parameters, errors="surrogatepass")
        request = Request(f"{self.address}{path}?{query}".rstrip("?"), headers={"Accept": "application/json"})  # noqa: S310 - the caller says which server
        try:
            return urlopen(request, timeout=self._timeout)  # noqa: S310 - as above
        except HTTPError as error:
            with error:
                if error.headers.get_content_type() != "application/problem+json":
                    raise
                raise ProblemError(json.load(error)) from None
