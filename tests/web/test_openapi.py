"""The description of the API is true: of every address, parameter and answer."""

from __future__ import annotations

from typing import Any, get_type_hints

import msgspec
import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.web.dom import problem
from web import client as typed
from web import request_params
from web.openapi import OPERATIONS

ANSWERS: list[tuple[str, Any]] = [
    ("/api/v1/search?q=moon&facets=year,source", typed.SearchJson),
    ("/api/v1/search?q=lightouse", typed.SearchJson),
    ("/api/v1/search?q=thanked+landing&source=north&scope=article", typed.SearchJson),
    ("/api/v1/suggest?q=lan", typed.SuggestJson),
    ("/api/v1/suggest?q=lightouse+mon", typed.SuggestJson),
    ("/api/v1/explain?q=moon&id=moon.txt-p1", typed.ExplainJson),
    ("/api/v1/explain?q=moon+envoy&id=moon.txt-p1", typed.ExplainJson),
    ("/api/v1/articles/moon.txt", typed.WholeArticleJson),
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
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint != "static"]
    assert {rule.endpoint for rule in rules} == OPERATIONS.keys()
    assert described["paths"].keys() == {rule.rule.replace("<id:", "{").replace(">", "}") for rule in rules}
    for path, operation in described["paths"].items():
        assert operation["get"]["summary"], path


def test_described_parameters_are_those_that_are_taken(client: FlaskClient) -> None:
    """Exactly those: one more is an error to whoever believes it, one less is found by nobody."""
    described = client.get("/openapi.json").json
    assert described is not None
    for path, operation in described["paths"].items():
        names = [one["name"] for one in operation["get"]["parameters"] if one["in"] == "query"]
        if not path.startswith("/api/"):
            continue
        hint = problem(client, f"{path}?no-such-parameter=1".replace("{article_id}", "moon.txt"), 400, "bad-parameter")
        taken = hint["errors"][0]["hint"].removeprefix("The parameters are ").removesuffix(".")
        assert names == ([] if taken == "This address takes none" else taken.split(", "))


def test_the_client_knows_every_parameter() -> None:
    """A parameter that the client cannot send might as well not be there."""
    assert {"q", *get_type_hints(typed.SearchParameters)} == set(request_params.API)
    assert {"q", *get_type_hints(typed.FilterParameters)} == set(request_params.SUGGEST)
    assert {"q", "format", *get_type_hints(typed.SortedParameters)} == set(request_params.EXPORT)


@pytest.mark.parametrize("q", ["", "moon", "nothing-to-complete "])
def test_a_date_that_cannot_be_read_is_never_passed_over(client: FlaskClient, q: str) -> None:
    """Completions that ignore a filter are taken for those under it; Schemathesis found this."""
    found = problem(client, f"/api/v1/suggest?q={q}&date_from=yesterday", 400, "bad-parameter")
    assert found["errors"][0]["parameter"] == "date_from"
