"""The JSON that programs rely on."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from search.budget import QueryBudget
from search.errors import RequestError
from search.service import find
from web import current, request_params
from web.headers import keep_none, stop_if_unchanged
from web.presentation import serializers
from web.views.article_part import part

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")


@blueprint.get("/search")
def search() -> Response:
    """One page of a search."""
    values = request_params.read(request.query_string, request_params.API)
    if "q" not in values:
        parameter, message = "q", "q is missing."
        raise RequestError(parameter, message, "Give the words to search for; an empty q finds everything.")
    asked, snapshot = request_params.search_request(values), current.snapshot()
    stop_if_unchanged(snapshot)
    budget = QueryBudget()
    page = find(snapshot, asked, budget)
    keep_none(budget)
    return jsonify(serializers.page_json(page))


@blueprint.get("/articles/<id:article_id>")
def article(article_id: str) -> Response:
    """One article with its paragraphs, or the part of a long one that holds the paragraph asked for."""
    number = request_params.paragraph(request_params.read(request.query_string, ("paragraph",)))
    snapshot = current.snapshot()
    stop_if_unchanged(snapshot)
    return jsonify(serializers.article_json(part(snapshot, article_id, number), snapshot))
