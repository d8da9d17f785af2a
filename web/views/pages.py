"""The home page and the page of results. They need no JavaScript; each search, and each page of results, has a URL."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from search.budget import QueryBudget
from search.engine import Snapshot
from search.errors import NoSuchArticle, RequestError
from search.explain import explain
from search.model import Explanation, Hit, Page, SearchRequest, n_rows
from search.service import MAX_ROWS, find, parse_request
from web import current, request_params, urls
from web.headers import abort_if_not_modified, no_store_if_out_of_time
from web.presentation.active_filters import active_filters
from web.presentation.facets import facet_lists, useful_facets
from web.presentation.histogram import histogram
from web.presentation.overview import overview
from web.presentation.suggestions import corrected, looser
from web.views import status

AROUND = 2
"""Number of pages linked to before and after the current one."""

PAGE_SIZES = (10, 25, 50, 100)
"""Numbers of rows per page that the page of results lets people choose from."""

PARAGRAPHS = 3
"""Maximum number of paragraphs of an article on a page of results: the best one is open, the others are folded."""
SNIPPET = 240
"""Maximum number of code points of a snippet, about three lines, on a page whose address has no `snippet`."""

blueprint = Blueprint("pages", __name__)


@blueprint.get("/")
def search() -> str | Response:
    """Show the results of a search; without parameters, the home page."""
    snapshot = current.snapshot()
    values = request_params.read_page(request.query_string, (*request_params.PAGE, "explain"))
    if not values:
        abort_if_not_modified(snapshot)
        return _home(snapshot)
    given = {name: value for name, value in values.items() if value or name == "q"}
    if given != values:
        # A form sends its empty fields too; they would only make the address, which people share, longer.
        return redirect(urls.of_parameters(given))
    abort_if_not_modified(snapshot)
    wanted = values.pop("explain", "")
    values.setdefault("group", urls.GROUP)
    budget = QueryBudget()
    asked = request_params.search_request(values)
    limit = PARAGRAPHS if asked.group == "article" else 1
    asked = replace(asked, facets=useful_facets(snapshot.statistics(), asked), group_limit=limit)
    chips = active_filters(asked)
    page = find(snapshot, asked, budget, half_life=current.half_life(), names=current.names(), snippet=SNIPPET)
    elsewhere = 0 if page.total.value else page.total_articles_elsewhere or 0
    offers = page
    if elsewhere:
        asked = replace(asked, scope="article")
        page = find(snapshot, asked, budget, half_life=current.half_life(), names=current.names(), snippet=SNIPPET)
    no_store_if_out_of_time(budget)
    explained, unexplained = _explained(snapshot, asked, wanted) if wanted else (None, "")
    last = min(page.total_pages, MAX_ROWS // asked.per_page)
    return render_template(
        "search.html",
        page=page,
        groups=_by_article(page),
        state=urls.encoded_state(urls.state(asked)),
        url=urls.search(asked),
        form=values,
        filters=chips,
        elsewhere=elsewhere,
        read_differently=read_differently(page),
        explained=explained,
        shown={one.id for hit in page.hits for one in (hit, *hit.further)},
        unexplained=unexplained,
        this_url=urls.search(asked, page=asked.page),
        corrected=corrected(offers),
        misspelt=list(dict.fromkeys([one.word for one in offers.suggestion])),
        looser=[] if offers.total.value else looser(offers, snapshot.statistics()),
        dates=histogram(page),
        facets=facet_lists(page),
        filters_url=urls.filters(asked),
        several_words=several_words(page),
        numbers=page_numbers(asked.page, last),
        last=last,
        unfolded=(asked.snippet or 0) > SNIPPET,
        root=urls.root(),
        sizes=PAGE_SIZES if n_rows(page, asked.group) > PAGE_SIZES[0] else (),
        statistics=snapshot.statistics(),
    )


def _by_article(page: Page) -> list[list[tuple[int, Hit]]]:
    """Return the rows of a page, each with its place; those of one article that follow each other are in one list.

    The place is the row's number among all results, counted from 1.
    """
    asked = page.request
    numbered = enumerate(page.hits, (asked.page - 1) * asked.per_page + 1)
    return [list(rows) for _, rows in groupby(numbered, key=lambda row: row[1].article.id)]


def _explained(snapshot: Snapshot, asked: SearchRequest, wanted: str) -> tuple[Explanation | None, str]:
    """Return why the paragraph with the id `wanted` has its score; or None, and why that cannot be said.

    This takes a new budget, since the search may have used up the one of the request.
    """
    budget = QueryBudget()
    try:
        read = parse_request(snapshot, asked, budget, half_life=current.half_life(), names=current.names())
        return explain(snapshot, asked, wanted, budget, read), ""
    except (RequestError, NoSuchArticle) as error:
        return None, str(error)
    finally:
        no_store_if_out_of_time(budget)


def _home(snapshot: Snapshot) -> str:
    return render_template(
        "home.html",
        overview=current.once_per_generation(overview, snapshot),
        statistics=snapshot.statistics(),
        summary=current.once_per_generation(status.of_last_run, snapshot),
        asked=SearchRequest(group=urls.GROUP),
        index=snapshot,
    )


def read_differently(page: Page) -> bool:
    """Tell whether a query was read as another one than was typed.

    A mere AND between words makes no difference, nor do variants, which are said by themselves.
    """
    typed, read = (_without_variants(text, page) for text in (" ".join(page.request.q.split()), page.interpreted))
    return read.replace(" AND ", " ").casefold() != typed.casefold()


def several_words(page: Page) -> bool:
    """Tell whether it matters that all words are found, or in one paragraph; or whether that was chosen before."""
    read = _without_variants(page.interpreted, page)
    return " " in read or page.request.match != "all" or page.request.scope != "paragraph"


def _without_variants(query: str, page: Page) -> str:
    """Return a query without the other spellings that a page of results names."""
    for variant in sorted((one for _, variants in page.variants for one in variants), key=len, reverse=True):
        query = query.replace(f" ALSO {variant}", "").replace(f' ALSO "{variant}"', "")
    return query


def page_numbers(page: int, last: int) -> list[int | None]:
    """Return the numbers of the pages to link to: the first, the last and those around `page`; None marks a gap."""
    near = range(max(1, page - AROUND), min(last, page + AROUND) + 1)
    shown: list[int | None] = []
    for number in sorted({1, *near, last}):
        if shown and shown[-1] is not None and number > shown[-1] + 1:
            shown.append(None)
        shown.append(number)
    return shown
