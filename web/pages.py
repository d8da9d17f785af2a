"""The pages: home, results, an article. All of them work without JavaScript, and every state of them is its URL."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby
from typing import NamedTuple

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from search.engines import Snapshot
from search.errors import NoSuchArticle, QueryError
from search.highlight import mark
from search.model import Article, Facet, Marked, Page, SearchRequest
from search.query import Parsed, parse
from search.searching import MAX_ROWS, find
from web import current, display, links, parameters
from web.examples import examples

FACETS: tuple[Facet, ...] = ("source", "lang", "year")
NEWEST = 6
"""Articles that the home page names."""
AROUND = 2
"""Numbers on each side of the current page's."""
OPERATORS = {"AND", "OR", "NOT"}

blueprint = Blueprint("pages", __name__)


class Chip(NamedTuple):
    """A filter in force, and the search without it."""

    label: str
    value: str
    url: str


@blueprint.get("/")
def search() -> str | Response:
    """Home without parameters, else the results of a search."""
    snapshot = current.snapshot()
    if not request.query_string:
        return _home(snapshot)
    values = parameters.read(request.query_string, parameters.PAGE)
    given = {name: value for name, value in values.items() if value or name == "q"}
    if given != values:
        # A form sends its empty fields too; nobody wants them in the address that is shared.
        return redirect(links.of_parameters(given))
    page = find(snapshot, replace(parameters.search_request(values), facets=FACETS))
    last = min(page.total_pages, MAX_ROWS // page.request.per_page)
    return render_template(
        "search.html",
        page=page,
        articles=[list(hits) for _, hits in groupby(page.hits, key=lambda hit: hit.article.id)],
        state=links.state(page.request),
        form=values,
        chips=list(_chips(page.request)),
        looser=list(_looser(page)) if not page.hits else [],
        numbers=page_numbers(page.request.page, last),
        last=last,
        statistics=snapshot.statistics(),
    )


def _home(snapshot: Snapshot) -> str:
    newest = find(snapshot, SearchRequest(group="article", per_page=NEWEST))
    headings = [hit.article for hit in newest.hits]
    return render_template(
        "home.html",
        page=newest,
        headings=headings,
        examples=examples(headings),
        statistics=snapshot.statistics(),
    )


@blueprint.get("/articles/<id:article_id>")
def article(article_id: str) -> str:
    """A whole article; the parameters are those of the search that led here: its words are marked."""
    values = parameters.read(request.query_string, parameters.PAGE)
    asked = parameters.search_request(values)
    snapshot = current.snapshot()
    found = snapshot.article(article_id)
    if found is None:
        raise NoSuchArticle(article_id)
    note, parsed = "", None
    try:
        parsed = parse(asked.q, languages=tuple(snapshot.statistics().languages))
    except QueryError as error:
        note = str(error)
    title, paragraphs = _marked(found, parsed)
    return render_template(
        "article.html",
        article=found.heading,
        title=title,
        paragraphs=paragraphs,
        marked=[number for number, text in enumerate(paragraphs, 1) if text.spans],
        note=note,
        asked=asked,
        form={"q": asked.q},
        back=links.search(asked, page=asked.page) if values else "",
        index=snapshot,
    )


def _marked(found: Article, parsed: Parsed | None) -> tuple[Marked, list[Marked]]:
    """The title and the paragraphs of an article, with what the query matched."""
    heading = found.heading
    if parsed is None:
        return Marked(heading.title), [Marked(text) for text in found.paragraphs]
    title = Marked(heading.title, mark(heading.title, parsed.tree, heading.lang, title=True))
    return title, [Marked(text, mark(text, parsed.tree, heading.lang)) for text in found.paragraphs]


def page_numbers(page: int, last: int) -> list[int | None]:
    """The pages to link to: the first, the last, those around the current one; None where some are left out."""
    near = range(max(1, page - AROUND), min(last, page + AROUND) + 1)
    shown: list[int | None] = []
    for number in sorted({1, *near, last}):
        if shown and shown[-1] is not None and number > shown[-1] + 1:
            shown.append(None)
        shown.append(number)
    return shown


def _chips(asked: SearchRequest) -> Iterator[Chip]:
    """The filters in force."""
    if asked.source is not None:
        yield Chip("Source", asked.source, links.search(asked, source=None))
    if asked.lang is not None:
        yield Chip("Language", display.language(asked.lang), links.search(asked, lang=None))
    if asked.date_from is not None and asked.date_from == asked.date_to:
        yield Chip("Date", asked.date_from, links.search(asked, date_from=None, date_to=None))
        return
    if asked.date_from is not None:
        yield Chip("From", asked.date_from, links.search(asked, date_from=None))
    if asked.date_to is not None:
        yield Chip("To", asked.date_to, links.search(asked, date_to=None))


def _looser(page: Page) -> Iterator[tuple[str, str]]:
    """Searches to offer where nothing was found: what they do, and their URL."""
    asked = page.request
    words = asked.q.split()
    if page.total.value:
        yield "Go to the first page", links.search(asked)
        return
    if any(True for _ in _chips(asked)):
        yield "Search without filters", links.search(SearchRequest(asked.q, asked.match))
    if len(words) > 1 and asked.match == "all":
        yield "Find any of the words", links.search(asked, match="any")
    if words and all(word.isalpha() and word not in OPERATORS for word in words):
        yield "Allow for misspellings", links.search(asked, q=" ".join(f"{word}~" for word in words))
    yield "See everything, newest first", links.query("")
