"""The JSON API: searches, suggestions, explanations and articles."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import UnsupportedMediaType

from search.budget import QueryBudget, divided
from search.engine import Snapshot
from search.errors import NoSuchArticle, RequestError, UserError
from search.explain import explain
from search.model import Page, SearchRequest
from search.query.filters import with_filters
from search.query.tree import ALL
from search.service import check_paging, find, parse_request, search_reader
from search.similar import similar as similar_articles
from search.suggest import suggest as suggestions
from web import current, request_params
from web.cursors import followed
from web.headers import abort_if_not_modified, no_store, no_store_if_out_of_time
from web.presentation import serializers
from web.problems import problem_of
from web.views.article_part import article_part, marked_part

MAX_SEARCHES = 20
"""Maximum number of searches in one multi-search."""

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")


@blueprint.get("/search")
def search() -> Response:
    """Return one page of results. `q` is required."""
    asked, snapshot = _place(request_params.read(request.query_string, request_params.API), current.snapshot())
    abort_if_not_modified(snapshot)
    budget = QueryBudget()
    page = _found(asked, snapshot, budget)
    no_store_if_out_of_time(budget)
    return _timed(jsonify(serializers.page_json(page)), page.took_ms)


@blueprint.post("/search")
def posted_search() -> Response:
    """Return one page of results; the parameters of `search` come as a JSON object."""
    values = request_params.from_json(_posted(), request_params.API)
    page = _found(*_place(values, current.snapshot()), QueryBudget())
    no_store()
    return _timed(jsonify(serializers.page_json(page)), page.took_ms)


@blueprint.post("/multi-search")
def multi_search() -> Response:
    """Return the answers to several searches, or what is wrong with each, in their order. They share one budget."""
    posted = _posted()
    searches = posted.get("searches") if isinstance(posted, dict) and len(posted) == 1 else None
    if not isinstance(searches, list) or not 1 <= len(searches) <= MAX_SEARCHES:
        message = f"A multi-search has 1 to {MAX_SEARCHES} searches, and nothing else."
        raise UserError(message, 'Send them as in {"searches": [{"q": "moon"}, {"q": "mars"}]}.')
    snapshot, took_ms, results = current.snapshot(), 0.0, []
    for one, budget in zip(searches, divided(len(searches)), strict=True):
        try:
            page = _found(*_place(request_params.from_json(one, request_params.API), snapshot), budget)
        except UserError as error:
            results.append(problem_of(error))
        else:
            took_ms += page.took_ms
            results.append(serializers.page_json(page))
    no_store()
    return _timed(jsonify(results=results), took_ms)


def _found(asked: SearchRequest, snapshot: Snapshot, budget: QueryBudget) -> Page:
    return find(snapshot, asked, budget, half_life=current.half_life(), names=current.names())


def _timed(response: Response, took_ms: float) -> Response:
    """Return a response with the header Server-Timing: developer tools of browsers show how long the search took."""
    response.headers.add("Server-Timing", f"search;dur={took_ms:.3f}")
    return response


def _posted() -> object:
    """Return the parsed JSON body. Raises UserError if it is no JSON, UnsupportedMediaType for another Content-Type."""
    request_params.read(request.query_string, ())
    if request.mimetype != "application/json":
        raise UnsupportedMediaType
    return request_params.parsed_json(request.get_data())


def _place(values: dict[str, str], newest: Snapshot) -> tuple[SearchRequest, Snapshot]:
    """Return the search that parameters ask for, and the generation to search: `newest`, or that of their cursor.

    Raises RequestError and GenerationGone.
    """
    request_params.required(values, "q", request_params.WORDS)
    cursor = values.pop("cursor", None)
    asked = request_params.search_request(values)
    if cursor is None:
        return asked, newest
    if "page" in values:
        raise RequestError("cursor", "page and cursor both say where to go on.", "Give one of them.")
    return followed(cursor, asked)


@blueprint.get("/similar")
def similar() -> Response:
    """Return the articles that are most like another one. `id` is required."""
    values = request_params.read(request.query_string, ("id", "per_page"))
    article_id = request_params.required(values, "id", "Give the id of an article.")
    values.pop("id")
    asked, snapshot = request_params.search_request(values), current.snapshot()
    check_paging(asked)
    abort_if_not_modified(snapshot)
    budget = QueryBudget()
    found = similar_articles(snapshot, article_id, asked.per_page, budget)
    if found is None:
        raise NoSuchArticle(article_id)
    no_store_if_out_of_time(budget)
    return jsonify(serializers.similar_json(article_id, found))


@blueprint.get("/suggest")
def suggest() -> Response:
    """Return completions of a query that is being typed, and corrections of its words. `q` is required."""
    asked = request_params.read_search(request.query_string, request_params.QUERY, request_params.TYPED)
    snapshot = current.snapshot()
    with_filters(ALL, asked)  # raises for a date that cannot be read, even if there is nothing to look up
    abort_if_not_modified(snapshot)
    budget = QueryBudget()
    found = suggestions(snapshot, asked, budget, search_reader(snapshot, budget, current.names()))
    no_store_if_out_of_time(budget)
    return jsonify(serializers.suggest_json(*found))


@blueprint.get("/explain")
def explanation() -> Response:
    """Return why a paragraph has its score, or which part of the query kept it out. `q` and `id` are required."""
    values = request_params.read(request.query_string, request_params.EXPLAIN)
    wanted = request_params.required(values, "id", "Give the id of a paragraph.")
    request_params.required(values, "q", "Give the query.")
    values.pop("id")
    asked, snapshot = request_params.search_request(values), current.snapshot()
    abort_if_not_modified(snapshot)
    budget = QueryBudget()
    read = parse_request(snapshot, asked, budget, half_life=current.half_life(), names=current.names())
    found = explain(snapshot, asked, wanted, budget, read)
    no_store_if_out_of_time(budget)
    return jsonify(serializers.explanation_json(found))


@blueprint.get("/articles/<id:article_id>")
def article(article_id: str) -> Response:
    """Return an article with its paragraphs, or the part of a long one that contains the requested paragraph.

    With a query, `q`, the spans of its words are in it.
    """
    values = request_params.read(request.query_string, request_params.ARTICLE_JSON)
    number = request_params.paragraph(values)
    values.pop("paragraph", None)
    asked = request_params.search_request(values)
    snapshot = current.snapshot()
    abort_if_not_modified(snapshot)
    part = article_part(snapshot, article_id, number)
    if "q" not in values:
        return jsonify(serializers.article_json(part, snapshot))
    marked = marked_part(snapshot, asked, part)
    return jsonify(serializers.article_json(part, snapshot, marked.paragraphs, marked.warnings))
