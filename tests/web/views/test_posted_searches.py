"""Searches that are posted as JSON, one at a time or several."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask.testing import FlaskClient

from search import budget
from tests.contract.engines import patient
from tests.web.archive import MANY
from web.problems import MAX_BODY
from web.views.api import MAX_SEARCHES

JSON = "application/json"
QUERY = {"q": "landing OR lighthouse", "per_page": 3, "sort": "date", "group": "article", "group_limit": 2}


def post(client: FlaskClient, body: object, status: int = 200, path: str = "search") -> Any:  # noqa: ANN401 - JSON
    response = client.post(f"/api/v1/{path}", data=json.dumps(body), content_type=JSON)
    assert response.status_code == status, response.text
    return response.json


def without_time(found: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in found.items() if name != "took_ms"}


def test_a_posted_search_is_the_search_of_these_parameters(client: FlaskClient) -> None:
    """Whoever knows the parameters knows both; a long query fits into no address."""
    body = QUERY | {"source": ["south", "north"], "lang": "-fr", "facets": ["year"], "fields": ["id", "further"]}
    address = {name: ",".join(value) if isinstance(value, list) else value for name, value in body.items()}
    found = client.get("/api/v1/search", query_string=address).json
    assert found is not None
    assert found["hits"]
    assert without_time(post(client, body)) == without_time(found)
    assert post(client, {"q": ""})["total"] == client.get("/api/v1/search?q=").json["total"]  # type: ignore[index]  # it is JSON


def test_a_posted_search_is_not_kept(client: FlaskClient) -> None:
    """A cache that knows addresses alone would give one client the answer to the search of another."""
    response = client.post("/api/v1/search", json=QUERY)
    assert response.headers["Cache-Control"] == "no-store"
    assert "ETag" not in response.headers
    assert response.headers["Server-Timing"].startswith("search;dur=")


@pytest.mark.parametrize(
    ("body", "parameter"),
    [
        ({}, "q"),
        ({"q": 1}, "q"),
        ({"q": None}, "q"),
        ({"q": ["a"]}, "q"),
        ({"q": "a", "colour": "red"}, "colour"),
        ({"q": "a", "author": "x"}, "author"),
        ({"q": "a", "page": "2"}, "page"),
        ({"q": "a", "page": 1.0}, "page"),
        ({"q": "a", "page": True}, "page"),
        ({"q": "a", "page": -1}, "page"),
        ({"q": "a", "page": 10**30}, "page"),
        ({"q": "a", "sort": ["date"]}, "sort"),
        ({"q": "a", "sort": ""}, "sort"),
        ({"q": "a", "source": []}, "source"),
        ({"q": "a", "source": ["a", 1]}, "source"),
        ({"q": "a", "source": ["a", ""]}, "source"),
        ({"q": "a", "source": {"a": 1}}, "source"),
        ({"q": "a", "facets": ["title"]}, "facets"),
        ({"q": "a", "fields": "text"}, "fields"),
    ],
)
def test_a_bad_parameter_in_json_is_named(client: FlaskClient, body: object, parameter: str) -> None:
    """Types are not guessed: a number in quotation marks is a mistake of the program that sends it."""
    found = post(client, body, 400)
    assert (found["code"], found["errors"][0]["parameter"]) == ("bad-parameter", parameter)
    assert found["errors"][0]["hint"]


def test_a_parameter_that_is_given_twice_is_named(client: FlaskClient) -> None:
    """Of two values one would be ignored, and nobody told; in an address that is an error, too."""
    twice = '{"q": "moon", "per_page": 1, "q": "moon"}'
    found = client.post("/api/v1/search", data=twice, content_type=JSON)
    assert (found.status_code, found.json and found.json["errors"][0]["parameter"]) == (400, "q")
    assert "given twice" in found.text
    both = f'{{"searches": [{{"q": "moon"}}, {twice}]}}'
    several = client.post("/api/v1/multi-search", data=both, content_type=JSON)
    assert several.json is not None
    assert [one.get("status") for one in several.json["results"]] == [None, 400]
    assert several.json["results"][1]["errors"] == [{"parameter": "q", "hint": "Give it once."}]
    searches = '{"searches": [{"q": "moon"}], "searches": [{"q": "mars"}]}'
    assert client.post("/api/v1/multi-search", data=searches, content_type=JSON).status_code == 400


@pytest.mark.parametrize("depth", [900, 1_000, 1_023, 1_024])
def test_deep_json_is_refused(client: FlaskClient, depth: int) -> None:
    """What one reader of JSON still takes must not overflow the stack of the next."""
    for body in ("[" * depth + "]" * depth, '{"q":' * depth + "1" + "}" * depth):
        assert client.post("/api/v1/search", data=body, content_type=JSON).status_code == 400


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"moon"', b"\xff", b'{"q": "\\ud800"}', b"[" * 9_000])
@pytest.mark.parametrize("path", ["search", "multi-search"])
def test_what_is_no_json_object(client: FlaskClient, body: bytes, path: str) -> None:
    """Whatever is sent, the answer says what is wrong with it."""
    response = client.post(f"/api/v1/{path}", data=body, content_type=JSON)
    assert response.status_code == 400
    assert response.json is not None
    assert response.json["code"] == "bad-request"


def test_what_cannot_be_posted(client: FlaskClient) -> None:
    """Other types of content, parameters in the address, and bodies past the limit."""
    for kind in ("text/plain", "application/x-www-form-urlencoded", ""):
        response = client.post("/api/v1/search", data=b'{"q": "moon"}', content_type=kind)
        assert (response.status_code, response.json and response.json["code"]) == (415, "no-json")
    assert client.post("/api/v1/search?q=moon", json={"q": "moon"}).status_code == 400
    long = json.dumps({"q": "x" * MAX_BODY}).encode()
    assert client.post("/api/v1/search", data=long, content_type=JSON).status_code == 413


def test_several_searches_at_once(client: FlaskClient) -> None:
    """A page that shows several lists asks once; one search that is wrong does not cost the others."""
    bodies = [{"q": "lighthouse"}, {"q": "moon (landing"}, {"q": "moon", "page": 0}, 7, {"q": "military support"}]
    results = post(client, {"searches": bodies}, path="multi-search")["results"]
    assert [one.get("status") for one in results] == [None, 400, 400, 400, None]
    assert [one.get("code") for one in results] == [None, "bad-query", "bad-parameter", "bad-request", None]
    assert results[1]["errors"][0]["position"] == 5
    assert results[2]["errors"][0]["parameter"] == "page"
    assert results[0]["total"]["value"] == MANY
    for n in (0, 4):
        assert without_time(results[n]) == without_time(post(client, bodies[n]))
    alone = post(client, bodies[1], 400)
    assert results[1] == {**alone, "request_id": results[1]["request_id"]}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"searches": []},
        {"searches": {"q": "a"}},
        {"searches": [{"q": "a"}] * (MAX_SEARCHES + 1)},
        {"searches": [{"q": "a"}], "q": "a"},
        {"queries": [{"q": "a"}]},
    ],
)
def test_what_is_no_multi_search(client: FlaskClient, body: object) -> None:
    """Nothing is ignored, and the work of one request is bounded."""
    assert post(client, body, 400, "multi-search")["code"] == "bad-request"


def test_several_searches_have_the_budget_of_one(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twenty searches in one request must not hold up others for twenty times as long."""
    searches = [{"q": "lighthouse OR landing"}] * MAX_SEARCHES
    with patient():
        every = post(client, {"searches": searches}, path="multi-search")["results"]
    assert {one["total"]["value"] for one in every} == {MANY + 2}
    assert not any(one["warnings"] for one in every)
    monkeypatch.setattr(budget, "UNITS", 100)
    cut = post(client, {"searches": searches[:2]}, path="multi-search")["results"]
    assert [one["warnings"] for one in cut] == [post(client, searches[0])["warnings"]] * 2
