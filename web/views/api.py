"""The JSON API: searches and articles."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from search.budget import QueryBudget
from search.errors import NoSuchArticle, RequestError
from search.model import SearchRequest
from search.service import check_paging, find
from search.similar import similar as similar_articles
from web import current, request_params
from web.headers import abort_if_not_modified, no_store_if_out_of_time
from web.presentation import serializers
from web.views.article_part import article_part

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")


@blueprint.get("/search")
def search() -> Response:
    """Return one page of results. `q` is required."""
    values = request_params.read(request.query_string, request_params.API)
    if "q" not in values:
        parameter, message = "q", "q is missing."
        raise RequestError(parameter, message, "Give the words to search for; an empty q finds everything.")
    asked, snapshot = request_params.search_request(values), current.snapshot()
    abort_if_not_modified(snapshot)
    budget = QueryBudget()
    page = find(snapshot, asked, budget, half_life=current.half_life())
    no_store_if_out_of_time(budget)
    return jsonify(serializers.page_json(page))


@blueprint.get("/similar")
def similar() -> Response:
    """Return the articles that are most like another one. `id` is required."""
    values = request_params.read(request.query_string, ("id", "per_page"))
    article_id = values.pop("id", "")
    if not article_id:
        parameter, message = "id", "id is missing."
        raise RequestError(parameter, message, "Give the id of an article.")
    limit, snapshot = request_params.search_request(values).per_page, current.snapshot()
    check_paging(SearchRequest(per_page=limit))
    abort_if_not_modified(snapshot)
    budget = QueryBudget()
    found = similar_articles(snapshot, article_id, limit, budget)
    if found is None:
        raise NoSuchArticle(article_id)
    no_store_if_out_of_time(budget)
    return jsonify(serializers.similar_json(article_id, found))


@blueprint.get("/articles/<id:article_id>")
def article(article_id: str) -> Response:
    """Return an article with its paragraphs, or the part of a long one that contains the requested paragraph."""
    number = request_params.paragraph(request_params.read(request.query_string, ("paragraph",)))
    snapshot = current.snapshot()
    abort_if_not_modified(snapshot)
    return jsonify(serializers.article_json(article_part(snapshot, article_id, number), snapshot))
