"""The description of every address as OpenAPI 3.1, made of what reads requests and of the types of the answers."""

from __future__ import annotations

import re
from typing import Any, NamedTuple, get_args

import msgspec
import orjson
from flask import Blueprint, Flask, Response, current_app, request

from search.bulk.changes import CURSOR, TIME
from search.model import Facet
from web import client, request_params

Json = dict[str, Any]
blueprint = Blueprint("openapi", __name__)
VERSION = "1"
"""That of the API, as in its addresses."""
REF = "#/components/schemas/{name}"
PROBLEM = "application/problem+json"


class Operation(NamedTuple):
    """What an address takes and gives: its parameters, those it needs, the type of its answer and its content type."""

    parameters: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    answer: Any = str
    content_types: tuple[str, ...] = ("application/json",)
    errors: str = PROBLEM


def _page(*parameters: str) -> Operation:
    return Operation(parameters, (), str, ("text/html",), "text/html")


OPERATIONS: dict[str, Operation] = {
    "api.search": Operation(request_params.API, ("q",), client.SearchJson),
    "api.suggest": Operation(request_params.SUGGEST, ("q",), client.SuggestJson),
    "api.explanation": Operation(request_params.EXPLAIN, ("q", "id"), client.ExplainJson),
    "api.article": Operation(("paragraph",), (), client.WholeArticleJson),
    "api.similar": Operation(("id", "per_page"), ("id",), client.SimilarJson),
    "export.export": Operation(request_params.EXPORT, ("q", "format"), str, ("text/csv", "application/x-ndjson")),
    "listings.articles": Operation(request_params.CHANGES, (), client.ArticlesJson),
    "listings.sources": Operation((), (), client.SourcesJson),
    "feed.atom_feed": Operation(request_params.FEED, ("q",), str, ("application/atom+xml",)),
    "feed.opensearch": Operation((), (), str, ("application/opensearchdescription+xml",)),
    "feed.opensearch_suggestions": Operation(
        ("q",), ("q",), list[str | list[str]], ("application/x-suggestions+json",)
    ),
    "health.healthz": Operation((), (), client.HealthJson),
    "health.readyz": Operation((), (), client.ReadyJson),
    "metrics.metrics": Operation((), (), str, ("text/plain",)),
    "openapi.openapi": Operation((), (), dict[str, Any]),
    "pages.search": _page(*request_params.PAGE, "explain"),
    "pages.article": _page(*request_params.ARTICLE),
    "status.status": _page(),
    "status.errors": _page(),
}
"""What each endpoint takes and gives. A test compares it with the routes, and with answers."""


@blueprint.get("/openapi.json")
def openapi() -> Response:
    """Return the description of the API."""
    request_params.read(request.query_string, ())
    body: bytes = current_app.extensions["stemma.openapi"]
    return Response(body, content_type="application/json")


def init_app(app: Flask) -> None:
    """Describe the routes of an application that has all of them but this one."""
    app.register_blueprint(blueprint)
    app.extensions["stemma.openapi"] = orjson.dumps(description(app))


def description(app: Flask) -> Json:
    """Return the OpenAPI document of an application."""
    types = [operation.answer for operation in OPERATIONS.values()]
    schemas, components = msgspec.json.schema_components([*types, client.ProblemJson], ref_template=REF)
    answers, problem = dict(zip(OPERATIONS, schemas, strict=False)), schemas[-1]
    paths: dict[str, Json] = {}
    for rule in app.url_map.iter_rules():
        if rule.endpoint in OPERATIONS:
            operation = OPERATIONS[rule.endpoint]
            in_path = [_parameter(name, "path", required=True) for name in sorted(rule.arguments)]
            in_query = [_parameter(name, "query", required=name in operation.required) for name in operation.parameters]
            view = app.view_functions[rule.endpoint]
            paths[re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)] = {
                "get": {
                    "operationId": rule.endpoint.replace(".", "_"),
                    "summary": (view.__doc__ or "").partition("\n")[0],
                    "parameters": in_path + in_query,
                    "responses": _responses(operation, answers[rule.endpoint], problem),
                }
            }
    info = {
        "title": "Stemma",
        "version": VERSION,
        "description": "Full-text search for archives of articles. Parameters that are not named here are refused.",
    }
    return {"openapi": "3.1.0", "info": info, "paths": paths, "components": {"schemas": components}}


def _responses(operation: Operation, answer: Json, problem: Json) -> Json:
    error = problem if operation.errors == PROBLEM else {"type": "string"}
    return {
        "200": {
            "description": "The answer.",
            "content": {name: {"schema": answer} for name in operation.content_types},
        },
        "default": {"description": "What is wrong.", "content": {operation.errors: {"schema": error}}},
    }


def _parameter(name: str, place: str, *, required: bool) -> Json:
    found: Json = {"name": name, "in": place, "required": required, "schema": _schema(name)}
    if name == "facets":
        found |= {"style": "form", "explode": False}
    return found


PATTERNS = {"changed_since": f"^{TIME}$", "cursor": f"^{CURSOR}$"} | dict.fromkeys(
    ("date_from", "date_to"), r"^\d{4}(-\d\d(-\d\d( \d\d:\d\d(:\d\d)?)?)?)?$"
)
"""Patterns of the parameters that have a form."""


def _schema(name: str) -> Json:
    """Return the JSON Schema of the values that a parameter can have, by the tables that they are checked with."""
    if name in request_params.NUMBERS:
        return {"type": "integer", "minimum": 1, "maximum": request_params.NUMBERS[name]}
    if name in request_params.CHOICES:
        return {"type": "string", "enum": list(request_params.CHOICES[name])}
    if name == "format":
        return {"type": "string", "enum": list(request_params.FORMATS)}
    if name == "facets":
        return {"type": "array", "items": {"type": "string", "enum": list(get_args(Facet))}, "minItems": 1}
    if name in PATTERNS:
        return {"type": "string", "pattern": PATTERNS[name]}
    return {"type": "string"} | ({} if name == "q" else {"minLength": 1})
