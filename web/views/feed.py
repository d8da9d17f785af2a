"""The newest matches of a search as an Atom feed, and the search plugin of browsers (OpenSearch) with suggestions."""

from __future__ import annotations

from dataclasses import replace

import orjson
from flask import Blueprint, Response, render_template, request

from search.budget import QueryBudget
from search.service import find, search_reader
from search.suggest import suggest
from web import current, request_params, urls
from web.headers import abort_if_not_modified, no_store_if_out_of_time
from web.presentation.feed_entries import feed_entries, stable_id, xml_characters

ENTRIES = 30
"""Maximum number of entries of a feed."""

blueprint = Blueprint("feed", __name__)


@blueprint.get("/feed.atom")
def atom_feed() -> Response:
    """Return the newest matches of a search as an Atom feed. `q` is required, and may be empty."""
    asked = request_params.read_search(request.query_string, request_params.QUERY, request_params.WORDS)
    snapshot = current.snapshot()
    abort_if_not_modified(snapshot)
    budget = QueryBudget()
    newest = replace(asked, sort="-date", per_page=ENTRIES)
    page = find(snapshot, newest, budget, half_life=current.half_life(), names=current.names())
    no_store_if_out_of_time(budget)
    state = urls.state(newest)
    xml = render_template(
        "xml/feed.xml",
        feed_id=stable_id("feed", urls.encoded_state(dict(sorted(state.items())))),
        q=asked.q,
        page=page,
        entries=feed_entries(page),
        root=urls.root(),
        self_path=f"{request.path}?{request.query_string.decode('utf-8', 'replace')}",
        search_path=urls.of_parameters(state),
    )
    return Response(xml_characters(xml), content_type="application/atom+xml; charset=utf-8")


@blueprint.get("/opensearch.xml")
def opensearch() -> Response:
    """Return the description by which a browser adds this search to its own (OpenSearch 1.1)."""
    request_params.read(request.query_string, ())
    xml = render_template("xml/opensearch.xml", root=urls.root())
    return Response(xml_characters(xml), content_type="application/opensearchdescription+xml; charset=utf-8")


@blueprint.get("/opensearch-suggestions")
def opensearch_suggestions() -> Response:
    """Return completions of a query in the form that browsers want for their address bar. `q` is required."""
    asked = request_params.read_search(request.query_string, ("q",), request_params.TYPED)
    snapshot = current.snapshot()
    abort_if_not_modified(snapshot)
    budget = QueryBudget()
    completions, _ = suggest(snapshot, asked, budget, search_reader(snapshot, budget, current.names()))
    no_store_if_out_of_time(budget)
    body = orjson.dumps([asked.q, [one.text for one in completions]])
    return Response(body, content_type="application/x-suggestions+json")
