"""The pages: home, results, an article. All of them work without JavaScript, and every state of them is its URL."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from search.budget import QueryBudget
from search.engine import Snapshot
from search.errors import QueryError
from search.highlight import Highlighter
from search.model import Marked, SearchRequest
from search.query import ALL, parse
from search.service import MAX_ROWS, TYPED, find, languages_of
from web import current, request_params, urls
from web.headers import keep_none, stop_if_unchanged
from web.presentation.active_filters import chips
from web.presentation.facets import listed, narrowing
from web.presentation.overview import holdings
from web.presentation.results import groups
from web.presentation.suggestions import offers
from web.views.article_part import part

AROUND = 2
"""Numbers on each side of the current page's."""

blueprint = Blueprint("pages", __name__)


@blueprint.get("/")
def search() -> str | Response:
    """Home without parameters, else the results of a search."""
    snapshot = current.snapshot()
    if not request.query_string:
        stop_if_unchanged(snapshot)
        return _home(snapshot)
    values = request_params.read(request.query_string, request_params.PAGE)
    given = {name: value for name, value in values.items() if value or name == "q"}
    if given != values:
        # A form sends its empty fields too; nobody wants them in the address that is shared.
        return redirect(urls.of_parameters(given))
    stop_if_unchanged(snapshot)
    budget = QueryBudget()
    page = find(
        snapshot, replace(request_params.search_request(values), facets=narrowing(snapshot.statistics())), budget
    )
    offered = offers(snapshot, page.request, budget) if not page.total.value else []
    keep_none(budget)
    last = min(page.total_pages, MAX_ROWS // page.request.per_page)
    return render_template(
        "search.html",
        page=page,
        groups=groups(page),
        page_url=urls.paged(page.request),
        form=values,
        chips=chips(page.request),
        offers=offered,
        facets=listed(page),
        numbers=page_numbers(page.request.page, last),
        last=last,
        statistics=snapshot.statistics(),
    )


def _home(snapshot: Snapshot) -> str:
    return render_template(
        "home.html",
        holdings=holdings(snapshot),
        statistics=snapshot.statistics(),
        asked=SearchRequest(),
        index=snapshot,
    )


@blueprint.get("/articles/<id:article_id>")
def article(article_id: str) -> str:
    """An article, or part of a long one; the parameters are those of the search that led here: its words are marked."""
    values = request_params.read(request.query_string, request_params.ARTICLE)
    number = request_params.paragraph(values)
    values.pop("paragraph", None)
    asked = request_params.search_request(values)
    snapshot = current.snapshot()
    stop_if_unchanged(snapshot)
    found = part(snapshot, article_id, number)
    note, parsed = "", None
    try:
        parsed = parse(asked.q, languages=tuple(snapshot.statistics().languages))
    except QueryError as error:
        note = str(error)
    budget = QueryBudget()
    budget.charge(TYPED * len(asked.q))
    highlighter = Highlighter(
        parsed.tree if parsed else ALL, budget, snapshot.forms, languages_of(snapshot.statistics())
    )
    heading = found.heading
    passages = [(heading.title, heading.lang, True), *((text, heading.lang, False) for text in found.paragraphs)]
    title, *paragraphs = map(Marked, [heading.title, *found.paragraphs], highlighter.mark(passages))
    keep_none(budget)
    return render_template(
        "article.html",
        article=heading,
        title=title,
        paragraphs=paragraphs,
        first=found.first,
        total=found.total,
        part_url=lambda first: urls.part(heading.id, urls.state(asked) if values else {}, first),
        part_size=urls.PART,
        marked=[number for number, text in enumerate(paragraphs, found.first) if text.spans],
        note=note,
        warnings=highlighter.warnings,
        asked=asked,
        form={"q": asked.q},
        back=urls.search(asked, page=asked.page) if values else "",
        index=snapshot,
    )


def page_numbers(page: int, last: int) -> list[int | None]:
    """The pages to link to: the first, the last, those around the current one; None where some are left out."""
    near = range(max(1, page - AROUND), min(last, page + AROUND) + 1)
    shown: list[int | None] = []
    for number in sorted({1, *near, last}):
        if shown and shown[-1] is not None and number > shown[-1] + 1:
            shown.append(None)
        shown.append(number)
    return shown
