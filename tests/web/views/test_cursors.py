"""Cursors: a walk through results that no reindex disturbs."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from search.engine import Snapshot
from search.index import WhooshEngine
from search.index.storage.earlier import KEPT_SECONDS, earlier_folder
from search.settings import Settings
from tests.contract.engines import article, run
from tests.web.archive import MANY
from tests.web.dom import problem
from web import create_app

Ask = Callable[..., Any]
Archive = Callable[..., Snapshot]


def walk(ask: Ask, **asked: str) -> Iterator[Any]:
    """Each page of a search, as far as cursors lead."""
    page = ask(**asked)
    yield page
    while page["next_cursor"]:
        page = ask(**asked, cursor=page["next_cursor"])
        yield page


def test_cursors_lead_through_all_pages(ask: Ask) -> None:
    """Each answer says where to go on, and they are the pages that numbers lead to."""
    pages = list(walk(ask, q="lighthouse", per_page="10", facets="source"))
    assert [page["page"] for page in pages] == [1, 2, 3]
    for n, page in enumerate(pages, 1):
        other = ask(q="lighthouse", per_page="10", facets="source", page=str(n))
        assert {**page, "took_ms": 0} == {**other, "took_ms": 0}
    assert sum(len(page["hits"]) for page in pages) == MANY
    assert ask(q="xylophones lamp")["next_cursor"] is None


def test_what_does_not_change_the_rows_may_change(ask: Ask) -> None:
    """A client may ask for more of the hits as it goes on."""
    cursor = ask(q="lighthouse")["next_cursor"]
    found = ask(q="lighthouse", cursor=cursor, fields="id", facets="year", snippet="40")
    assert found["page"] == 2
    assert found["hits"] == [{"id": hit["id"]} for hit in ask(q="lighthouse", page="2")["hits"]]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *[("q", "lighthouses"), ("per_page", "5"), ("source", "south"), ("sort", "date"), ("group", "article")],
        *[("duplicates", "fold"), ("variants", "off"), ("scope", "article"), ("match", "any")],
    ],
)
def test_a_cursor_is_of_one_search(client: FlaskClient, ask: Ask, name: str, value: str) -> None:
    """Followed with another search it would lead into the middle of other results."""
    asked = {"q": "lighthouse", "cursor": ask(q="lighthouse")["next_cursor"]} | {name: value}
    response = client.get("/api/v1/search", query_string=asked)
    assert (response.status_code, response.json and response.json["code"]) == (400, "bad-parameter")
    assert response.json
    assert response.json["errors"][0]["parameter"] == "cursor"


@pytest.mark.parametrize("cursor", ["", "x", "1-2-3", "1-00000000-2-0000000g", "%00", "1-00000000-2-00000000" * 99])
def test_what_is_no_cursor(client: FlaskClient, cursor: str) -> None:
    """Whatever is given, the answer says what is wrong with it."""
    found = problem(client, f"/api/v1/search?q=lighthouse&cursor={cursor}", 400, "bad-parameter")
    assert found["errors"][0]["parameter"] == "cursor"


def test_a_cursor_and_a_page_exclude_each_other(client: FlaskClient, ask: Ask) -> None:
    """Both say where to go on."""
    cursor = ask(q="lighthouse")["next_cursor"]
    problem(client, f"/api/v1/search?q=lighthouse&cursor={cursor}&page=3", 400, "bad-parameter")


def test_posted_cursors(client: FlaskClient, ask: Ask) -> None:
    """The names are the same in each form of a search."""
    body = {"q": "lighthouse", "cursor": ask(q="lighthouse")["next_cursor"]}
    assert client.post("/api/v1/search", json=body).json["page"] == 2  # type: ignore[index]  # it is JSON
    answer = client.post("/api/v1/multi-search", json={"searches": [{"q": "moon"}, body]}).json
    assert [one["page"] for one in answer["results"]] == [1, 2]  # type: ignore[index]  # it is JSON


def test_a_walk_goes_on_in_the_generation_that_it_began_in(tmp_path: Path) -> None:
    """No row comes twice or is missed, whatever is indexed meanwhile; after a quarter of an hour the client is told."""
    engine = WhooshEngine(tmp_path)
    run(engine, [article(f"a{n}", "A lamp.", date=f"20{n:02}") for n in range(10, 40)])
    client = create_app(engine, Settings()).test_client()

    def ask(**asked: str) -> Any:  # noqa: ANN401 - JSON
        response = client.get("/api/v1/search", query_string=asked)
        assert response.status_code == 200, response.text
        return response.json

    expected = [page["hits"] for page in walk(ask, q="lamp", sort="date", per_page="7")]
    pages = []
    for n, page in enumerate(walk(ask, q="lamp", sort="date", per_page="7")):
        pages.append(page["hits"])
        run(engine, [article(f"b{n}", "A lamp.", date="1999")], gone=[f"a{n + 20}"])
        assert ask(q="lamp", sort="date", per_page="7")["hits"] != expected[0]
        assert page["index"]["generation"] == 1
    assert pages == expected

    cursor = ask(q="lamp")["next_cursor"]
    run(engine, [article("c", "A lamp.")])
    newest = engine.snapshot().generation
    path = f"/api/v1/search?q=lamp&cursor={cursor}"
    etag = client.get(path).headers["ETag"]
    assert client.get(path, headers={"If-None-Match": etag}).status_code == 304
    when = time.time() - KEPT_SECONDS - 1
    os.utime(earlier_folder(tmp_path, newest - 1), (when, when))
    found = problem(client, path, 410, "cursor-expired")
    assert found["errors"][0]["parameter"] == "cursor"
    assert client.get(path, headers={"If-None-Match": etag}).status_code == 410
    results = client.post("/api/v1/multi-search", json={"searches": [{"q": "lamp", "cursor": cursor}]}).json
    assert results["results"][0]["status"] == 410  # type: ignore[index]  # it is JSON


def test_a_cursor_of_another_index_is_gone(tmp_path: Path) -> None:
    """Generations are counted anew when an index is removed: the first one of both is not the same."""
    clients = []
    for name in ("one", "two"):
        engine = WhooshEngine(tmp_path / name)
        run(engine, [article(f"a{n}", "A lamp.") for n in range(20)])
        clients.append(create_app(engine, Settings()).test_client())
        time.sleep(1.1)  # the time of a commit is told in seconds
    cursor = clients[0].get("/api/v1/search?q=lamp").json["next_cursor"]  # type: ignore[index]  # it is JSON
    problem(clients[1], f"/api/v1/search?q=lamp&cursor={cursor}", 410, "cursor-expired")
