"""Whether the service is alive, and whether it can answer."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from search.model import SearchRequest
from search.service import find
from web import current, request_params

PROBE = SearchRequest(q="news OR NOT news", per_page=1)
"""Looks a word up, matches every paragraph whatever the archive holds, and fetches one."""

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> Response:
    """Alive: the process answers. Says nothing of the index, so that no restart is tried for want of one."""
    request_params.read(request.query_string, ())
    return jsonify(status="ok")


@blueprint.get("/readyz")
def readyz() -> Response:
    """Ready: a real search succeeds. Until then the error handlers answer 503."""
    request_params.read(request.query_string, ())
    page = find(current.snapshot(), PROBE)
    return jsonify(status="ok", generation=page.generation, paragraphs=page.total.value)
