"""The JSON API: searches, suggestions, explanations and articles."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from flask import Blueprint, Response, jsonify, request

from search.budget import QueryBudget
from search.errors import NoSuchArticle, RequestError
from search.explain import explain
from search.model import SearchRequest
from search.query.filters import with_filters
from search.query.tree import ALL
from search.service import check_paging, find, parse_request, search_reader
from search.similar import similar as similar_articles
from search.suggest import suggest as suggestions
from web import current, request_params
from web.headers import abort_if_not_modified, no_store_if_out_of_time
from web.presentation import serializers
from web.views.article_part import article_part

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")


@blueprint.get("/search")
def search() -> Response:
    """Return one page of results. `q` is required."""
    asked = _asked(request_params.API, "Give the words to search for; an empty q finds everything.")
    snapshot = current.snapshot()
    abort_if_not_modified(snapshot)
    budget = QueryBudget()
    page = find(snapshot, asked, budget, half_life=current.half_life(), names=current.names())
    no_store_if_out_of_time(budget)
    return jsonify(serializers.page_json(page))


@blueprint.get("/similar")
def similar() -> Response:
    """Return the articles that are most like another one. `id` is required."""
    values = request_params.read(request.query_string, ("id", "per_page"))
    article_id = _required(values, "id", "Give the id of an article.")
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
    asked, snapshot = _asked(request_params.SUGGEST, "Give what has been typed so far."), current.snapshot()
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
    wanted = _required(values, "id", "Give the id of a paragraph.")
    _required(values, "q", "Give the query.")
    values.pop("id")
    asked, snapshot = request_params.search_request(values), current.snapshot()
    abort_if_not_modified(snapshot)
    budget = QueryBudget()
    read = parse_request(snapshot, asked, budget, half_life=current.half_life(), names=current.names())
    found = explain(snapshot, asked, wanted, budget, read)
    no_store_if_out_of_time(budget)
    return jsonify(serializers.explanation_json(found))


def _asked(allowed: Collection[str], hint: str) -> SearchRequest:
    """Return the search that the parameters of the current request ask for. Raises RequestError without `q`."""
    values = request_params.read(request.query_string, allowed)
    _required(values, "q", hint)
    return request_params.search_request(values)


def _required(values: Mapping[str, str], name: str, hint: str) -> str:
    """Return the value of a parameter. Raises RequestError where it is not given, or empty; only `q` may be empty."""
    if name not in values or not (values[name] or name == "q"):
        parameter, message = name, f"{name} is missing."
        raise RequestError(parameter, message, hint)
    return values[name]


@blueprint.get("/articles/<id:article_id>")
def article(article_id: str) -> Response:
    """Return an article with its paragraphs, or the part of a long one that contains the requested paragraph."""
    number = request_params.paragraph(request_params.read(request.query_string, ("paragraph",)))
    snapshot = current.snapshot()
    abort_if_not_modified(snapshot)
    return jsonify(serializers.article_json(article_part(snapshot, article_id, number), snapshot))
