"""Lists in JSON of what the index holds: its sources, and its articles, from which a program can keep a copy of all."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from search.bulk.changes import changed_articles, changed_files
from search.engine import Search, Snapshot
from search.errors import RequestError
from search.query.tree import ALL
from web import current, request_params
from web.headers import abort_if_not_modified
from web.presentation import serializers

blueprint = Blueprint("listings", __name__, url_prefix="/api/v1")


@blueprint.get("/sources")
def sources() -> Response:
    """Return the sources of the index, with how many articles and paragraphs each has."""
    request_params.read(request.query_string, ())
    snapshot = current.snapshot()
    abort_if_not_modified(snapshot)
    paragraphs = current.once_per_generation(paragraphs_of_sources, snapshot)
    articles = snapshot.statistics().sources
    return jsonify(
        sources=[
            {"name": name, "articles": count, "paragraphs": paragraphs.get(name, 0)} for name, count in articles.items()
        ]
    )


def paragraphs_of_sources(snapshot: Snapshot) -> dict[str, int]:
    """Return how many paragraphs each source has, by its name."""
    found = snapshot.search(Search(ALL, limit=1, sort="-date", facets=("source",)))
    return {entry.value: entry.paragraphs for entry in found.facets["source"]}


@blueprint.get("/articles")
def articles() -> Response:
    """Return a page of the list of articles, those that changed last first."""
    values = request_params.read(request.query_string, request_params.CHANGES)
    for name, value in values.items():
        if not value:
            raise RequestError(name, f"{name} is empty.", "Give it a value, or leave it out.")
    snapshot = current.snapshot()
    abort_if_not_modified(snapshot)
    files = current.once_per_generation(changed_files, snapshot)
    found, cursor = changed_articles(snapshot, files, values.get("changed_since", ""), values.get("cursor", ""))
    return jsonify(serializers.changes_json(found, cursor, snapshot))
