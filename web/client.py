"""A typed client of the JSON API, in one file that needs only Python's standard library and can be copied as it is.

    client = Client("http://127.0.0.1:8000")
    print(client.search("moon -apollo", per_page=2)["total"]["value"])

The types of the answers are those that `/openapi.json` describes; docs/api.md says what each field is.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from http.client import IncompleteRead
from typing import Any, Literal, NotRequired, Required, TypedDict, TypeVar, Unpack
from urllib.error import HTTPError
from urllib.parse import quote, urlencode
from urllib.request import Request, urlopen

T = TypeVar("T")
Span = tuple[int, int]
"""A half-open range of Unicode code points."""
Values = str | Sequence[str]
"""The value of a parameter that is a list: one text with commas between its values, or a sequence of the values."""
TotalJson = TypedDict("TotalJson", {"value": int, "relation": Literal["eq", "gte"]})
"""How many paragraphs match: exactly (`eq`), or at least (`gte`)."""
IndexJson = TypedDict("IndexJson", {"generation": int, "updated_at": str})
"""The generation of the index that answered, and when it was committed."""


class ArticleJson(TypedDict):
    """An article without its paragraphs. `date` is ISO 8601, as precise as it is known; `url` is that of its page."""

    id: str
    title: str
    date: str | None
    date_guessed: NotRequired[bool]
    source: str
    lang: str
    url: str


ParagraphJson = TypedDict("ParagraphJson", {"number": int, "text": str})
"""A paragraph: its number in its article, from 1, and its text."""
HighlightsJson = TypedDict("HighlightsJson", {"title": list[Span], "text": list[Span]})
"""The spans of the title, and of the text of the paragraph, that match the query."""


class FurtherJson(TypedDict, total=False):
    """A paragraph that a search finds; with `fields`, only these of it. `snippet` is HTML, its only tag `<mark>`."""

    id: str
    score: float
    paragraph: ParagraphJson
    highlights: HighlightsJson
    snippet: str


class HitJson(FurtherJson, total=False):
    """A row of results: a paragraph, its article, and in `further` other paragraphs of this article, if asked for."""

    article: ArticleJson
    url: str
    more_in_article: int
    further: list[FurtherJson]
    matched_variants: dict[str, list[str]]


FacetValueJson = TypedDict("FacetValueJson", {"value": str, "count": int})
"""A value of a facet, and how many paragraphs have it."""
CorrectionJson = TypedDict("CorrectionJson", {"word": str, "replacement": str, "query": str, "total": int})
"""A correction of a misspelt word, the corrected query, and how many paragraphs this query finds."""


Looser = Literal["without", "any", "without_filter", "without_filters"]
RelaxationJson = TypedDict(
    "RelaxationJson", {"kind": Looser, "part": str | None, "parameters": dict[str, str], "total": TotalJson}
)
"""A search that finds something, and asks for less than the one of the answer, which found nothing."""


class QueryJson(TypedDict):
    """A query, how it was read, and how many paragraphs it finds."""

    q: str
    interpreted: str
    total: TotalJson


class SearchJson(QueryJson):
    """A page of the results of a search, the answer of `/api/v1/search`."""

    match: Literal["all", "any"]
    warnings: list[str]
    variants: dict[str, list[str]]
    offers: dict[str, list[str]]
    offered_query: str | None
    total_articles: int
    total_articles_elsewhere: NotRequired[int | None]
    folded: NotRequired[int]
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


CompletionJson = TypedDict("CompletionJson", {"text": str, "count": int})
"""A query that completes what was typed, and how many paragraphs it finds."""
SuggestJson = TypedDict("SuggestJson", {"completions": list[CompletionJson], "corrections": list[CorrectionJson]})
"""Completions and corrections of a query that is being typed."""
MissingJson = TypedDict("MissingJson", {"clause": str, "because": str})
"""A part of the query that a paragraph does not meet, and the reason."""


class ContributionJson(MissingJson):
    """A part of a score: the word of the query that adds it, the reason, and its value."""

    value: float


class ExplainJson(TypedDict):
    """Why a paragraph has its score, or what kept it out."""

    id: str
    matched: bool
    score: NotRequired[float]
    contributions: list[ContributionJson]
    missing: list[MissingJson]


class ArticleParagraphJson(ParagraphJson):
    """A paragraph of an article, with the spans of the query's words if there was a query."""

    id: str
    highlights: NotRequired[list[Span]]


class WholeArticleJson(ArticleJson):
    """An article with up to 500 of its paragraphs; `next_paragraph` is the number of the first after these, if any."""

    paragraphs: list[ArticleParagraphJson]
    total_paragraphs: int
    next_paragraph: int | None
    warnings: NotRequired[list[str]]
    index: IndexJson


class ChangedArticleJson(ArticleJson):
    """An article of the list of articles; `changed_at` is ISO 8601 in UTC."""

    changed_at: str


ArticlesJson = TypedDict(
    "ArticlesJson", {"articles": list[ChangedArticleJson], "next_cursor": str | None, "index": IndexJson}
)
"""A page of the list of articles, the last changed first."""
SimilarArticleJson = TypedDict("SimilarArticleJson", {"article": ArticleJson, "score": float})
"""An article that is like the one that was asked about, and how much: more is more alike."""
SimilarJson = TypedDict("SimilarJson", {"id": str, "hits": list[SimilarArticleJson]})
"""The articles that are most like the one with this `id`, the most alike first."""
SourceJson = TypedDict("SourceJson", {"name": str, "articles": int, "paragraphs": int})
"""A source, and how many articles and paragraphs it has."""
SourcesJson = TypedDict("SourcesJson", {"sources": list[SourceJson]})
"""The sources of the index."""
PointJson = TypedDict("PointJson", {"from": str, "paragraphs": int, "of": int})
"""A year or a month: how many paragraphs of that time match, and `of` how many there are."""


class SeriesJson(QueryJson):
    """How many paragraphs a query finds in each period. `undated` is the number of matches that are in no period."""

    undated: int
    points: list[PointJson]


TrendsJson = TypedDict(
    "TrendsJson",
    {"interval": Literal["year", "month"], "series": list[SeriesJson], "warnings": list[str], "index": IndexJson},
)
"""How many paragraphs each of several queries finds in each year or month."""


class ConcordanceRowJson(TypedDict):
    """A match of a query, with the words before and after it in its paragraph; `id` is that of the paragraph."""

    id: str
    left: str
    match: str
    right: str
    title: str
    date: str | None
    url: str


class ConcordanceJson(QueryJson):
    """A page of the matches of a query in context: rows, each with a match and the words around it."""

    sort: Literal["date", "left", "right"]
    width: int
    paragraphs_read: int
    matches: int
    complete: bool
    rows: list[ConcordanceRowJson]
    next_cursor: str | None
    warnings: list[str]
    index: IndexJson


HealthJson = TypedDict("HealthJson", {"status": Literal["ok"]})
"""The answer of `/healthz`: the server process is alive."""


class ReadyJson(HealthJson):
    """The answer of `/readyz` if a search succeeds: the generation of the index, and how many paragraphs it has."""

    generation: int
    paragraphs: int


ParameterErrorJson = TypedDict("ParameterErrorJson", {"parameter": str, "position": NotRequired[int], "hint": str})
"""A parameter at fault; `position`, if it is a query, counts the code points before the error."""


class ProblemJson(TypedDict):
    """An error as problem+json (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    request_id: str
    errors: NotRequired[list[ParameterErrorJson]]


class FilterParameters(TypedDict, total=False):
    """Parameters that decide what a query finds."""

    match: Literal["all", "any"]
    scope: Literal["paragraph", "article"]
    variants: Literal["on", "off"]
    source: Values
    lang: Values
    date_from: str
    date_to: str


class SortedParameters(FilterParameters, total=False):
    """Parameters of a search whose results are sorted."""

    sort: Literal["relevance", "-date", "date"]


class ExplainParameters(FilterParameters, total=False):
    """Parameters of an explanation: those of a search on which the score of a paragraph depends."""

    duplicates: Literal["show", "fold"]
    group: Literal["none", "article"]


class SearchParameters(ExplainParameters, SortedParameters, total=False):
    """Parameters of a search besides the query."""

    page: int
    per_page: int
    cursor: str
    group_limit: int
    facets: Values
    facet_size: int
    fields: Values
    snippet: int


class PostedSearch(SearchParameters, total=False):
    """One search of those that `multi_search` sends."""

    q: Required[str]


ArticleParameters = TypedDict(
    "ArticleParameters",
    {"paragraph": int, "q": str, "match": Literal["all", "any"], "variants": Literal["on", "off"]},
    total=False,
)
"""Parameters of an article: the number of a paragraph in the part to return, and the query whose words are marked."""


class ConcordanceParameters(FilterParameters, total=False):
    """Parameters of a concordance; `width` is the number of words on each side of a match."""

    sort: Literal["date", "left", "right"]
    width: int
    per_page: int


class ProblemError(Exception):
    """The server refused a request, or could not answer it; `problem` is what it says of it."""

    def __init__(self, problem: ProblemJson) -> None:
        super().__init__(f"{problem['code']}: {problem['detail']}")
        self.problem = problem


class Client:
    """A client of one server. Methods raise ProblemError for an error of the API, URLError for one of the network."""

    def __init__(self, address: str, timeout: float = 60.0) -> None:
        self.address = address.rstrip("/")
        self._timeout = timeout

    def search(self, q: str, **parameters: Unpack[SearchParameters]) -> SearchJson:
        """Return a page of the results of a search."""
        return self._json(SearchJson, "/api/v1/search", {"q": q, **parameters})

    def multi_search(self, searches: Sequence[PostedSearch]) -> list[SearchJson | ProblemJson]:
        """Return the answers to up to 20 searches, in order; the answer to one that cannot be read is a problem."""
        with self._open("/api/v1/multi-search", {}, json.dumps({"searches": searches}).encode()) as answer:
            found: list[SearchJson | ProblemJson] = json.load(answer)["results"]
            return found

    def trends(self, *queries: str, **parameters: Unpack[FilterParameters]) -> TrendsJson:
        """Return how many paragraphs each of one to four queries finds in each year or month."""
        return self._json(TrendsJson, "/api/v1/trends", {"q": queries, **parameters})

    def concordance(self, q: str, **parameters: Unpack[ConcordanceParameters]) -> Iterator[ConcordanceRowJson]:
        """Yield all matches of a query in context; pages are fetched as they are needed."""
        yield from self._rows("rows", ConcordanceJson, "/api/v1/concordance", {"q": q, **parameters})

    def suggest(self, q: str, **parameters: Unpack[FilterParameters]) -> SuggestJson:
        """Return completions and corrections of a query that is being typed."""
        return self._json(SuggestJson, "/api/v1/suggest", {"q": q, **parameters})

    def explain(self, q: str, paragraph_id: str, **parameters: Unpack[ExplainParameters]) -> ExplainJson:
        """Return why a paragraph has its score, or which part of the query it does not meet."""
        return self._json(ExplainJson, "/api/v1/explain", {"q": q, "id": paragraph_id, **parameters})

    def article(self, article_id: str, **parameters: Unpack[ArticleParameters]) -> WholeArticleJson:
        """Return an article; of a long one, the part that contains the paragraph of number `paragraph`."""
        path = quote(article_id, safe="", errors="surrogatepass")
        return self._json(WholeArticleJson, f"/api/v1/articles/{path}", parameters)

    def similar(self, article_id: str, per_page: int = 10) -> SimilarJson:
        """Return up to `per_page` articles that are most like one, the most alike first."""
        return self._json(SimilarJson, "/api/v1/similar", {"id": article_id, "per_page": per_page})

    def sources(self) -> SourcesJson:
        """Return the sources of the index."""
        return self._json(SourcesJson, "/api/v1/sources", {})

    def articles(self, changed_since: str = "") -> Iterator[ChangedArticleJson]:
        """Yield all articles, or those that changed since a time in ISO 8601, the last changed first."""
        asked = {"changed_since": changed_since} if changed_since else {}
        yield from self._rows("articles", ArticlesJson, "/api/v1/articles", asked)

    def export(self, q: str, **parameters: Unpack[SortedParameters]) -> Iterator[HitJson]:
        """Yield every paragraph that a search finds. Raises ConnectionError at the end if some have not arrived."""
        with self._open("/api/v1/export", {"q": q, "format": "ndjson", **parameters}) as answer:
            left = int(answer.headers["X-Total-Count"])
            with suppress(IncompleteRead):  # missing rows are counted below
                for line in answer:
                    yield json.loads(line)
                    left -= 1
            if left:
                raise ConnectionError(f"The last {left} rows of an export are missing.")

    def ready(self) -> ReadyJson:
        """Return what the server can search. Raises ProblemError if it cannot answer searches."""
        return self._json(ReadyJson, "/readyz", {})

    def _json(self, _kind: type[T], path: str, parameters: Mapping[str, object]) -> T:
        with self._open(path, parameters) as answer:
            found: T = json.load(answer)
            return found

    def _rows(self, name: str, kind: type[T], path: str, parameters: Mapping[str, object]) -> Iterator[Any]:
        """Yield the entries of the list `name` of each page, and fetch the next page when they are used up."""
        page: Any = self._json(kind, path, parameters)
        yield from page[name]
        while page["next_cursor"] is not None:
            page = self._json(kind, path, {**parameters, "cursor": page["next_cursor"]})
            yield from page[name]

    def _open(self, path: str, parameters: Mapping[str, object], body: bytes | None = None) -> Any:  # noqa: ANN401 - an answer, with its headers
        query = urlencode(parameters, doseq=True, errors="surrogatepass")
        headers = {"Accept": "application/json"} | ({} if body is None else {"Content-Type": "application/json"})
        request = Request(f"{self.address}{path}?{query}".rstrip("?"), body, headers)  # noqa: S310 - the caller says which server
        try:
            return urlopen(request, timeout=self._timeout)  # noqa: S310 - as above
        except HTTPError as error:
            with error:
                if error.headers.get_content_type() != "application/problem+json":
                    raise
                raise ProblemError(json.load(error)) from None
