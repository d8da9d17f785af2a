"""find(): the entry point of every search, for the web page, the JSON API and the terminal.

It checks the paging, parses the query, adds the filters, asks the engine, and marks what matched.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from search.analysis.function_words import function_stems
from search.budget import CHARACTER_COST, QueryBudget
from search.engine import Recency, Search, Snapshot
from search.errors import RequestError
from search.highlight import Highlighter, cut
from search.model import Heading, Hit, Marked, Page, ScoredParagraph, SearchRequest
from search.query.diagnostics import filter_warnings
from search.query.filters import with_filters
from search.query.parser import MAX_LENGTH, parse
from search.query.tree import ALL, Node
from search.suggest import corrections, relaxations

MAX_ROWS = 10_000
"""Maximum number of results that can be paged through."""
MAX_PER_PAGE = 100
DAY = 86_400
"""Seconds of a day."""
FEW = 50
"""Paragraphs that a search finds at most for which its words are checked for misspellings."""
SNIPPET = 320
"""Maximum number of code points of a paragraph in a list of results."""


def find(snapshot: Snapshot, request: SearchRequest, budget: QueryBudget | None = None, *, half_life: int = 0) -> Page:
    """Return one page of results from one generation of an index.

    The search draws on `budget`, by default a new one. `half_life`, in days, is that of the boost of recent
    articles (see `search.ranking`); 0 is no boost. Raises QueryError for a query and RequestError for a parameter that
    cannot be used, and whatever the snapshot raises.
    """
    started = time.perf_counter()
    check_paging(request)
    budget = budget or QueryBudget()
    budget.charge(CHARACTER_COST * min(len(request.q), MAX_LENGTH))
    known = snapshot.statistics()
    parsed = parse(request.q, match=request.match, languages=tuple(known.languages) or ("en",))
    sort = request.sort or ("-date" if parsed.tree == ALL else "relevance")
    offset = (request.page - 1) * request.per_page
    tree = with_filters(parsed.tree, request)
    light = function_stems(known.languages)
    search = Search(tree, offset, request.per_page, sort, request.group, request.facets, light)
    if half_life:
        now = datetime.fromisoformat(snapshot.updated_at).timestamp()
        search = replace(search, recency=Recency(now, half_life * DAY))
    result = snapshot.search(search, budget)
    highlighter = highlighter_for(snapshot, parsed.tree if result.hits else ALL, budget)
    hits = _hits(result.hits, snapshot.fetch(result.hits), highlighter)
    few = result.total.value <= FEW and result.total.relation == "eq" and request.q
    return Page(
        request=request,
        interpreted=parsed.interpreted,
        warnings=parsed.warnings
        + filter_warnings(tree, request, known.sources, known.languages)
        + result.warnings
        + highlighter.warnings,
        total=result.total,
        total_articles=result.total_articles,
        hits=hits,
        facets=result.facets,
        took_ms=(time.perf_counter() - started) * 1e3,
        generation=snapshot.generation,
        updated_at=snapshot.updated_at,
        suggestion=tuple(corrections(snapshot, request, budget, found=result.total.value)) if few else (),
        relaxations=tuple(relaxations(snapshot, request, budget)) if few and not result.total.value else (),
    )


def check_paging(request: SearchRequest) -> None:
    """Raise RequestError unless `page` and `per_page` are in range and within the first MAX_ROWS results."""
    if not 1 <= request.per_page <= MAX_PER_PAGE:
        parameter, message = "per_page", f"per_page is {request.per_page}."
        raise RequestError(parameter, message, f"It can be 1 to {MAX_PER_PAGE}.")
    if request.page < 1:
        parameter, message = "page", f"page is {request.page}."
        raise RequestError(parameter, message, f"It can be a whole number from 1 to {MAX_ROWS:,}.")
    if request.page * request.per_page > MAX_ROWS:
        parameter, message = "page", f"Page {request.page:,} lies past the first {MAX_ROWS:,} results."
        raise RequestError(parameter, message, "Narrow the search with more words, a source or a date.")


def highlighter_for(snapshot: Snapshot, tree: Node, budget: QueryBudget) -> Highlighter:
    """Return a highlighter that marks the texts of a snapshot for a query tree."""
    known = snapshot.statistics()
    languages = len(known.languages) + (known.dead > 0)  # deleted articles may have been in another language
    return Highlighter(tree, budget, snapshot.forms, languages)


def _hits(
    found: Sequence[ScoredParagraph], fetched: list[tuple[Heading, str]], highlighter: Highlighter
) -> tuple[Hit, ...]:
    """Return the results with their texts and titles marked; `fetched` has the heading and the text of each."""
    texts = [(text, heading.lang, False) for heading, text in fetched]
    titles = [(heading.title, heading.lang, True) for heading, _ in fetched]
    spans = highlighter.mark([*texts, *titles])
    hits = []
    for one, (heading, text), in_text, in_title in zip(
        found, fetched, spans[: len(texts)], spans[len(texts) :], strict=True
    ):
        title, marked = Marked(heading.title, in_title), Marked(text, in_text)
        hits.append(Hit(heading, one.number, one.score, title, marked, cut(marked, SNIPPET), one.more))
    return tuple(hits)
