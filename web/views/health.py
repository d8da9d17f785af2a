"""Health checks: whether the process is alive, and whether it can answer searches."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from search.model import SearchRequest
from search.service import find
from web import current, request_params

PROBE = SearchRequest(q="news OR NOT news", per_page=1)
"""The search of the readiness check: it looks up a word, matches every paragraph of any index, and fetches one."""

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> Response:
    """Answer 200 if the process is alive, with or without an index: a restart would not bring one."""
    request_params.read(request.query_string, ())
    return jsonify(status="ok")


@blueprint.get("/readyz")
def readyz() -> Response:
    """Answer 200 if a real search succeeds, else 503 by the error handlers."""
    request_params.read(request.query_string, ())
    page = find(current.snapshot(), PROBE, names=current.names())
    return jsonify(status="ok", generation=page.generation, paragraphs=page.total.value)
