"""find(): the one door for the page, the API and the terminal. Paging, limits, filters and highlighting are here."""

from __future__ import annotations

import time
from collections.abc import Sequence

from search.budget import QueryBudget
from search.dates import parse_date
from search.engine import Search, Snapshot, Statistics
from search.errors import RequestError
from search.highlight import Highlighter, cut
from search.model import Heading, Hit, Marked, Page, ScoredParagraph, SearchRequest
from search.query import ALL, And, Dated, Lang, Node, Source, parse
from search.query.diagnostics import doubts

MAX_ROWS = 10_000
"""How deep pages go; past that a narrower query serves better."""
MAX_PER_PAGE = 100
TYPED = 4_000
"""Units of a code point of a query: it is read, and written into each link of the answer."""
SNIPPET = 320
"""Code points of a paragraph that a list of results shows."""


def find(snapshot: Snapshot, request: SearchRequest, budget: QueryBudget | None = None) -> Page:
    """Answer a search from one generation of an index; `budget` is what is left for it, by default a whole one.

    Raises QueryError or RequestError when the request cannot be read, and what the snapshot raises.
    """
    started = time.perf_counter()
    check_paging(request)
    budget = budget or QueryBudget()
    budget.charge(TYPED * len(request.q))
    known = snapshot.statistics()
    parsed = parse(request.q, match=request.match, languages=tuple(known.languages) or ("en",))
    sort = request.sort or ("-date" if parsed.tree == ALL else "relevance")
    offset = (request.page - 1) * request.per_page
    tree = with_filters(parsed.tree, request)
    result = snapshot.search(Search(tree, offset, request.per_page, sort, request.group, request.facets), budget)
    highlighter = Highlighter(parsed.tree if result.hits else ALL, budget, snapshot.forms, languages_of(known))
    hits = _hits(result.hits, snapshot.fetch(result.hits), highlighter)
    return Page(
        request=request,
        interpreted=parsed.interpreted,
        warnings=parsed.warnings
        + doubts(tree, request, known.sources, known.languages)
        + result.warnings
        + highlighter.warnings,
        total=result.total,
        total_articles=result.total_articles,
        hits=hits,
        facets=result.facets,
        took_ms=(time.perf_counter() - started) * 1e3,
        generation=snapshot.generation,
        updated_at=snapshot.updated_at,
    )


def check_paging(request: SearchRequest) -> None:
    """Raises RequestError for a page that is not there to be asked for."""
    if not 1 <= request.per_page <= MAX_PER_PAGE:
        parameter, message = "per_page", f"per_page is {request.per_page}."
        raise RequestError(parameter, message, f"It can be 1 to {MAX_PER_PAGE}.")
    if request.page < 1:
        parameter, message = "page", f"page is {request.page}."
        raise RequestError(parameter, message, f"It can be a whole number from 1 to {MAX_ROWS:,}.")
    if request.page * request.per_page > MAX_ROWS:
        parameter, message = "page", f"Page {request.page:,} lies past the first {MAX_ROWS:,} results."
        raise RequestError(parameter, message, "Narrow the search with more words, a source or a date.")


def with_filters(tree: Node, request: SearchRequest) -> Node:
    """The tree, restricted by the request's source, language and dates."""
    filters: list[Node] = []
    if request.source is not None:
        filters.append(Source(request.source))
    if request.lang is not None:
        filters.append(Lang(request.lang.lower()))
    bounds = {}
    for parameter, text in (("date_from", request.date_from), ("date_to", request.date_to)):
        if text is not None:
            try:
                bounds[parameter] = parse_date(text)
            except ValueError as error:
                message = f"{parameter}: {error}."
                raise RequestError(parameter, message, "Write it as in 2025-07.") from None
    if bounds:
        after, before = bounds.get("date_from"), bounds.get("date_to")
        filters.append(
            Dated(
                ends_after=None if after is None else after.start, starts_before=None if before is None else before.end
            )
        )
    if not filters:
        return tree
    own = () if tree == ALL else tree.children if isinstance(tree, And) else (tree,)
    restricted = (*own, *filters)
    return And(restricted) if len(restricted) > 1 else restricted[0]


def languages_of(known: Statistics) -> int:
    """How many languages words of an archive are stemmed in; those of deleted articles may be another one."""
    return len(known.languages) + (known.dead > 0)


def _hits(
    found: Sequence[ScoredParagraph], fetched: list[tuple[Heading, str]], highlighter: Highlighter
) -> tuple[Hit, ...]:
    """The rows as they are shown, with their texts and titles marked."""
    texts = [(text, heading.lang, False) for heading, text in fetched]
    titles = [(heading.title, heading.lang, True) for heading, _ in fetched]
    spans = highlighter.mark([*texts, *titles])
    of_texts, of_titles = spans[: len(texts)], spans[len(texts) :]
    hits = []
    for one, (heading, text), of_text, of_title in zip(found, fetched, of_texts, of_titles, strict=True):
        title, marked = Marked(heading.title, of_title), Marked(text, of_text)
        hits.append(Hit(heading, one.number, one.score, title, marked, cut(marked, SNIPPET), one.more))
    return tuple(hits)
