"""The description of pages and API as OpenAPI 3.1.

It is made of the tables that `request_params` reads requests with, and of the types of answers in `client`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import msgspec
import orjson
from flask import Blueprint, Flask, Response, current_app, request

from search.bulk.changes import CURSOR as CHANGES_CURSOR
from search.bulk.changes import TIME
from search.corpus.concordance import MAX_WIDTH
from search.corpus.trends import MAX_QUERIES
from web import client, request_params
from web.cursors import CURSOR
from web.presentation import citations
from web.views.api import MAX_SEARCHES
from web.views.corpus import concordance_page, trends_page

Json = dict[str, Any]
blueprint = Blueprint("openapi", __name__)
VERSION = "1"
"""Version of the API, as in `/api/v1`."""
REF = "#/components/schemas/{name}"
PROBLEM = "application/problem+json"


class Operation(NamedTuple):
    """An address of the API: its parameters, those of them that are required, and the type of its answer.

    `answer` is the type of the JSON; an answer of another content type is a text. `errors` is the media type of errors.
    `schemas` are the JSON Schemas of parameters whose values are not those of the same name elsewhere. An operation
    with a `body`, the JSON Schema of what is posted, is a POST, any other a GET.
    """

    parameters: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    answer: Any = str
    content_types: tuple[str, ...] = ("application/json",)
    errors: str = PROBLEM
    schemas: Mapping[str, Json] = MappingProxyType({})
    body: Json | None = None


def _page(*parameters: str, schemas: Mapping[str, Json] = MappingProxyType({})) -> Operation:
    return Operation(parameters, (), str, ("text/html",), "text/html", schemas)


def _choice(*values: str) -> Json:
    return {"type": "string", "enum": list(values)}


def _text(pattern: str) -> Json:
    return {"type": "string", "pattern": f"^(?:{pattern})$"}


def _ref(name: str) -> Json:
    return {"$ref": REF.format(name=name)}


def _object(properties: Json, *required: str) -> Json:
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}


NOT_EMPTY = {"type": "string", "minLength": 1}
TABLE = ("application/json", "text/csv")
QUERIES: dict[str, Json] = {
    "q": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": MAX_QUERIES},
    "format": _choice(*request_params.TABLE_FORMATS),
}
CONTEXTS: dict[str, Json] = {
    "sort": _choice(*concordance_page.ORDERS),
    "width": {"type": "integer", "minimum": 1, "maximum": MAX_WIDTH},
    "format": _choice(*request_params.TABLE_FORMATS),
}
SEARCHES = {"type": "array", "items": _ref("Search"), "minItems": 1, "maxItems": MAX_SEARCHES}
RESULTS = {"type": "array", "items": {"anyOf": [_ref("SearchJson"), _ref("ProblemJson")]}}


OPERATIONS: dict[str, Operation] = {
    "api.search": Operation(request_params.API, ("q",), client.SearchJson),
    "api.posted_search": Operation(answer=client.SearchJson, body=_ref("Search")),
    "api.multi_search": Operation(answer=dict[str, Any], body=_object({"searches": SEARCHES}, "searches")),
    "api.suggest": Operation(request_params.QUERY, ("q",), client.SuggestJson),
    "api.explanation": Operation(request_params.EXPLAIN, ("q", "id"), client.ExplainJson),
    "api.article": Operation(request_params.ARTICLE_JSON, (), client.WholeArticleJson),
    "api.similar": Operation(("id", "per_page"), ("id",), client.SimilarJson),
    "trends.api": Operation(trends_page.API, ("q",), client.TrendsJson, TABLE, schemas=QUERIES),
    "concordance.api": Operation(concordance_page.API, ("q",), client.ConcordanceJson, TABLE, schemas=CONTEXTS),
    "export.export": Operation(request_params.EXPORT, ("q", "format"), str, ("text/csv", "application/x-ndjson")),
    "listings.articles": Operation(
        request_params.CHANGES, (), client.ArticlesJson, schemas={"cursor": _text(CHANGES_CURSOR)}
    ),
    "listings.sources": Operation((), (), client.SourcesJson),
    "feed.atom_feed": Operation(request_params.QUERY, ("q",), str, ("application/atom+xml",)),
    "feed.opensearch": Operation((), (), str, ("application/opensearchdescription+xml",)),
    "feed.opensearch_suggestions": Operation(
        ("q",), ("q",), list[str | list[str]], ("application/x-suggestions+json",)
    ),
    "health.healthz": Operation((), (), client.HealthJson),
    "health.readyz": Operation((), (), client.ReadyJson),
    "metrics.metrics": Operation((), (), str, ("text/plain",)),
    "openapi.openapi": Operation((), (), dict[str, Any]),
    "pages.search": _page(*request_params.PAGE, "explain"),
    "filters.filters": _page(*request_params.PAGE),
    "articles.article": _page(*request_params.ARTICLE),
    "articles.citation": Operation(
        ("format",),
        ("format",),
        list[dict[str, Any]],
        tuple(form.media_type for form in citations.FORMATS.values()),
        "text/html",
        {"format": _choice(*citations.FORMATS)},
    ),
    "trends.page": _page(*trends_page.PAGE, schemas=QUERIES),
    "concordance.page": _page(*concordance_page.PAGE, schemas=CONTEXTS),
    "saved.saved": _page(),
    "status.status": _page(),
    "status.errors": _page(),
}
"""The description of each endpoint by its name in Flask; static files and the logo have none. A test compares it with
the routes, and with answers."""


@blueprint.get("/openapi.json")
def openapi() -> Response:
    """Return the description of the API."""
    request_params.read(request.query_string, ())
    body: bytes = current_app.extensions["stemma.openapi"]
    return Response(body, content_type="application/json")


def init_app(app: Flask) -> None:
    """Add the route of the description to an application. Call this last: only routes that are there are described."""
    app.register_blueprint(blueprint)
    app.extensions["stemma.openapi"] = orjson.dumps(description(app))


def description(app: Flask) -> Json:
    """Return the OpenAPI document of an application, as an object to be written as JSON."""
    types = [operation.answer for operation in OPERATIONS.values()]
    schemas, components = msgspec.json.schema_components([*types, client.ProblemJson], ref_template=REF)
    components["Search"] = _object({name: _in_json(name) for name in request_params.API}, "q")
    answers, problem = dict(zip(OPERATIONS, schemas, strict=False)), schemas[-1]
    answers["api.multi_search"] = _object({"results": RESULTS}, "results")
    paths: dict[str, Json] = {}
    for rule in app.url_map.iter_rules():
        if rule.endpoint in OPERATIONS:
            operation = OPERATIONS[rule.endpoint]
            view = app.view_functions[rule.endpoint]
            described = {
                "operationId": rule.endpoint.replace(".", "_"),
                "summary": (view.__doc__ or "").partition("\n")[0],
                "parameters": _parameters(operation, sorted(rule.arguments)),
                "responses": _responses(operation, answers[rule.endpoint], problem),
            }
            method = "get"
            if operation.body is not None:
                method = "post"
                described["requestBody"] = {
                    "required": True,
                    "content": {"application/json": {"schema": operation.body}},
                }
            path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
            paths.setdefault(path, {})[method] = described
    info = {
        "title": "Stemma",
        "version": VERSION,
        "description": "Full-text search for archives of articles. Parameters that are not named here are refused.",
    }
    return {"openapi": "3.1.0", "info": info, "paths": paths, "components": {"schemas": components}}


def _responses(operation: Operation, answer: Json, problem: Json) -> Json:
    error = {operation.errors: {"schema": problem if operation.errors == PROBLEM else {"type": "string"}}}
    content = {
        name: {"schema": answer if name.endswith("json") else {"type": "string"}} for name in operation.content_types
    }
    found: Json = {
        "200": {"description": "The answer.", "content": content},
        "default": {"description": "What is wrong.", "content": error},
    }
    pinned = "cursor" in operation.parameters and "cursor" not in operation.schemas
    if pinned or operation.body == _ref("Search"):
        found["410"] = {
            "description": "The generation of the index that the cursor goes on in is gone.",
            "content": error,
        }
    return found


def _parameters(operation: Operation, in_path: list[str]) -> list[Json]:
    found: list[Json] = [{"name": name, "in": "path", "required": True, "schema": _schema(name)} for name in in_path]
    for name in operation.parameters:
        schema = operation.schemas.get(name) or _schema(name)
        described: Json = {"name": name, "in": "query", "required": name in operation.required, "schema": schema}
        if name in request_params.LISTS:
            described |= {"style": "form", "explode": False}
        found.append(described)
    return found


DATE = r"\d{4}(-\d\d(-\d\d( \d\d:\d\d(:\d\d)?)?)?)?"
PATTERNS = {"changed_since": TIME, "cursor": CURSOR, "date_from": DATE, "date_to": DATE}
"""Regular expressions of the values of parameters that are texts of a certain form."""


def _schema(name: str) -> Json:
    """Return the JSON Schema of a parameter in a URL, made of the tables that its values are checked with."""
    if name in request_params.NUMBERS:
        return {"type": "integer", "minimum": 1, "maximum": request_params.NUMBERS[name]}
    if name in request_params.CHOICES:
        return _choice(*request_params.CHOICES[name])
    if name == "format":
        return _choice(*request_params.FORMATS)
    if name in request_params.LISTS:
        one = _choice(*request_params.CHOSEN[name]) if name in request_params.CHOSEN else NOT_EMPTY
        return {"type": "array", "items": one, "minItems": 1}
    if name in PATTERNS:
        return _text(PATTERNS[name])
    return {"type": "string"} if name == "q" else NOT_EMPTY


def _in_json(name: str) -> Json:
    """Return the JSON Schema of a parameter in a JSON body, where a list may be an array or a text with commas."""
    schema = _schema(name)
    if name not in request_params.LISTS:
        return schema
    one = "|".join(request_params.CHOSEN.get(name, ()))
    return {"anyOf": [schema, _text(f"({one})(,({one}))*") if one else NOT_EMPTY]}
