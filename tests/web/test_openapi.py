"""The description of the API is true: of every address, parameter and answer."""

from __future__ import annotations

import re
from typing import Any, get_type_hints

import msgspec
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from tests.web.dom import problem
from web import client as typed
from web import request_params
from web.openapi import OPERATIONS
from web.views.corpus import concordance_page, trends_page

ANSWERS: list[tuple[str, Any]] = [
    ("/api/v1/search?q=moon&facets=year,source", typed.SearchJson),
    ("/api/v1/search?q=lightouse", typed.SearchJson),
    ("/api/v1/search?q=lighthouse&group=article&group_limit=3", typed.SearchJson),
    ("/api/v1/search?q=lighthouse&group=article&group_limit=3&fields=id,further,snippet&snippet=40", typed.SearchJson),
    ("/api/v1/search?q=thanked+landing&source=north&scope=article", typed.SearchJson),
    ("/api/v1/suggest?q=lan", typed.SuggestJson),
    ("/api/v1/suggest?q=lightouse+mon", typed.SuggestJson),
    ("/api/v1/explain?q=moon&id=moon.txt-p1", typed.ExplainJson),
    ("/api/v1/explain?q=moon+envoy&id=moon.txt-p1", typed.ExplainJson),
    ("/api/v1/articles/moon.txt", typed.WholeArticleJson),
    ("/api/v1/articles/moon.txt?q=moon", typed.WholeArticleJson),
    ("/api/v1/trends?q=moon&q=lighthouse", typed.TrendsJson),
    ("/api/v1/concordance?q=lighthouse&per_page=2", typed.ConcordanceJson),
    ("/api/v1/articles", typed.ArticlesJson),
    ("/api/v1/similar?id=moon.txt", typed.SimilarJson),
    ("/api/v1/sources", typed.SourcesJson),
    ("/healthz", typed.HealthJson),
    ("/readyz", typed.ReadyJson),
    ("/api/v1/search?q=(", typed.ProblemJson),
    ("/api/v1/articles/none", typed.ProblemJson),
]


@pytest.mark.parametrize(("path", "kind"), ANSWERS, ids=lambda one: one if isinstance(one, str) else "")
def test_answers_are_what_their_types_say(client: FlaskClient, path: str, kind: Any) -> None:  # noqa: ANN401 - a type
    """A field that is missing breaks a typed client; one that the type lacks is one that nobody can rely on."""
    answer = client.get(path).json
    assert msgspec.json.decode(msgspec.json.encode(msgspec.convert(answer, kind))) == answer


def test_every_address_is_described(app: Flask, client: FlaskClient) -> None:
    """A program that is written by the description finds all that docs/api.md has."""
    described = client.get("/openapi.json").json
    assert described is not None
    assert described["openapi"] == "3.1.0"
    assert {rule.endpoint for _, rule in _paths(app)} == OPERATIONS.keys()
    for path, operations in described["paths"].items():
        assert all(operation["summary"] for operation in operations.values()), path
    methods = {(path, method) for path, operations in described["paths"].items() for method in operations}
    taken = {(path, "post" if "POST" in (rule.methods or ()) else "get") for path, rule in _paths(app)}
    assert methods == taken


def _paths(app: Flask) -> list[tuple[str, Rule]]:
    """The routes of an application with their paths as OpenAPI writes them."""
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint != "static"]
    return [(rule.rule.replace("<id:", "{").replace(">", "}"), rule) for rule in rules]


def test_described_parameters_are_those_that_are_taken(client: FlaskClient) -> None:
    """Exactly those: one more is an error to whoever believes it, one less is found by nobody."""
    described = client.get("/openapi.json").json
    assert described is not None
    for path, operation in described["paths"].items():
        if not path.startswith("/api/") or "get" not in operation:
            continue
        names = [one["name"] for one in operation["get"]["parameters"] if one["in"] == "query"]
        hint = problem(client, f"{path}?no-such-parameter=1".replace("{article_id}", "moon.txt"), 400, "bad-parameter")
        taken = hint["errors"][0]["hint"].removeprefix("The parameters are ").removesuffix(".")
        assert names == ([] if taken == "This address takes none" else taken.split(", "))


def test_what_is_posted_is_described(client: FlaskClient) -> None:
    """The names of a search are the same in each of its forms, and the description of a body refuses others."""
    described = client.get("/openapi.json").json
    assert described is not None
    search = described["components"]["schemas"]["Search"]
    assert list(search["properties"]) == list(request_params.API)
    assert (search["required"], search["additionalProperties"]) == (["q"], False)
    for path in ("search", "multi-search"):
        body = described["paths"][f"/api/v1/{path}"]["post"]["requestBody"]
        assert "#/components/schemas/Search" in msgspec.json.encode(body).decode()


@pytest.mark.parametrize("path", ["/api/v1/search?q=lighthouse", "/api/v1/concordance?q=lighthouse&per_page=5"])
def test_cursors_are_as_described(client: FlaskClient, path: str) -> None:
    """A program that checks what it sends must not refuse what the server gave it; and it is told of the 410."""
    described = client.get("/openapi.json").json
    answer = client.get(path).json
    assert described is not None
    assert answer is not None
    operation = described["paths"][path.partition("?")[0]]["get"]
    schema = next(one["schema"] for one in operation["parameters"] if one["name"] == "cursor")
    assert re.search(schema["pattern"], answer["next_cursor"])
    assert "410" in operation["responses"]


def test_the_client_knows_every_parameter() -> None:
    """A parameter that the client cannot send might as well not be there."""
    assert {"q", *get_type_hints(typed.SearchParameters)} == set(request_params.API)
    assert {"q", *get_type_hints(typed.FilterParameters)} == set(request_params.QUERY)
    assert {"q", "id", *get_type_hints(typed.ExplainParameters)} == set(request_params.EXPLAIN)
    assert {"q", "format", *get_type_hints(typed.SortedParameters)} == set(request_params.EXPORT)
    assert set(get_type_hints(typed.PostedSearch)) == set(request_params.API)
    assert set(get_type_hints(typed.ArticleParameters)) == set(request_params.ARTICLE_JSON)
    assert {"q", "cursor", "format", *get_type_hints(typed.ConcordanceParameters)} == set(concordance_page.API)
    assert {"q", "format", *get_type_hints(typed.FilterParameters)} == set(trends_page.API)


@pytest.mark.parametrize("path", ["/trends", "/concordance"])
def test_a_form_refuses_a_date_that_cannot_be_read(client: FlaskClient, path: str) -> None:
    """It would wait for a query, and then be refused; Schemathesis found this. Fields that are empty are taken out."""
    assert client.get(f"{path}?date_to=yesterday").status_code == 400
    assert client.get(f"{path}?date_to=").location == path


@pytest.mark.parametrize("q", ["", "moon", "nothing-to-complete "])
def test_a_date_that_cannot_be_read_is_never_passed_over(client: FlaskClient, q: str) -> None:
    """Completions that ignore a filter are taken for those under it; Schemathesis found this."""
    found = problem(client, f"/api/v1/suggest?q={q}&date_from=yesterday", 400, "bad-parameter")
    assert found["errors"][0]["parameter"] == "date_from"
