"""Key words in context: the page, the JSON and the CSV."""

from __future__ import annotations

import csv
import os
import time
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from search.index import WhooshEngine
from search.index.storage.earlier import KEPT_SECONDS, earlier_folder
from search.settings import Settings
from tests.contract.engines import article, run
from tests.web.archive import MANY
from tests.web.dom import Dom, problem
from web import create_app

Page = Callable[..., Dom]


def test_json_has_a_row_for_each_match(client: FlaskClient) -> None:
    """With the paragraph that it stands in."""
    found = client.get("/api/v1/concordance?q=military&width=2&sort=right").json
    assert found
    assert found["rows"][0] == {
        "id": "2025/07/envoy.txt-p2",
        "left": "for the ",
        "match": "military",
        "right": " is not",
        "title": "Ankara sends an envoy",
        "date": "2025-07-23T08:15:11",
        "url": "/articles/2025/07/envoy.txt?q=military#p2",
    }
    assert [row["match"] for row in found["rows"]] == ["military"] * 3
    assert (found["matches"], found["complete"], found["next_cursor"]) == (3, True, None)


def test_a_cursor_leads_through_all_rows_once(client: FlaskClient) -> None:
    """Each row once, in order, to the end."""
    seen: list[str] = []
    cursor = ""
    while True:
        found = client.get(f"/api/v1/concordance?q=lighthouse&per_page=5{cursor}").json
        assert found
        seen += [row["id"] for row in found["rows"]]
        if found["next_cursor"] is None:
            break
        cursor = f"&cursor={found['next_cursor']}"
    assert seen == [f"lighthouses.txt-p{n}" for n in range(1, MANY + 1)]


def test_a_walk_goes_on_in_the_generation_that_it_began_in(tmp_path: Path) -> None:
    """As that of a search: no row comes twice or is missed; of another index, or another search, it is an error."""
    engine = WhooshEngine(tmp_path)
    run(engine, [article(f"a{n}", "A lamp.", date=f"20{n}") for n in range(10, 16)])
    client = create_app(engine, Settings()).test_client()
    first = client.get("/api/v1/concordance?q=lamp&per_page=4").json
    assert first
    run(engine, [article("b", "A lamp.", date="1999")], gone=["a10"])
    path = f"/api/v1/concordance?q=lamp&per_page=4&cursor={first['next_cursor']}"
    rest = client.get(path).json
    assert rest
    assert [row["id"] for row in rest["rows"]] == ["a14-p1", "a15-p1"]
    assert rest["index"] == first["index"]
    problem(client, f"{path}&sort=left", 400, "bad-parameter")
    problem(client, f"{path}&width=3", 400, "bad-parameter")
    when = time.time() - KEPT_SECONDS - 1
    os.utime(earlier_folder(tmp_path, first["index"]["generation"]), (when, when))
    problem(client, path, 410, "cursor-expired")


def test_csv_has_all_rows(client: FlaskClient) -> None:
    """Not only those of a page."""
    response = client.get("/api/v1/concordance?q=lighthouse&format=csv")
    assert response.content_type.startswith("text/csv")
    rows = list(csv.DictReader(StringIO(response.text)))
    assert len(rows) == MANY
    assert list(rows[0]) == [
        "id",
        "url",
        "article",
        "title",
        "date",
        "source",
        "lang",
        "number",
        "left",
        "match",
        "right",
    ]
    assert rows[0]["match"] == "Lighthouse"


@pytest.mark.parametrize("parameter", ["per_page", "cursor"])
def test_csv_has_no_pages(client: FlaskClient, parameter: str) -> None:
    """All rows came all the same: a program that read them page by page would have had them many times."""
    response = client.get(f"/api/v1/concordance?q=lighthouse&format=csv&{parameter}=2")
    assert response.status_code == 400
    assert response.json is not None
    assert response.json["detail"].startswith(f"A CSV has all rows at once, so it takes no {parameter}.")


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("", "bad-parameter"),
        ("?q=", "bad-parameter"),
        ("?q=(a", "bad-query"),
        ("?q=a&sort=relevance", "bad-parameter"),
        ("?q=a&width=0", "bad-parameter"),
        ("?q=a&width=21", "bad-parameter"),
        ("?q=a&per_page=101", "bad-parameter"),
        ("?q=a&cursor=x", "bad-parameter"),
        ("?q=a&cursor=999-5", "bad-parameter"),
        ("?q=a&cursor=", "bad-parameter"),
        ("?q=a&format=ndjson", "bad-parameter"),
        ("?q=a&page=1", "bad-parameter"),
    ],
)
def test_what_cannot_be_read(client: FlaskClient, path: str, code: str) -> None:
    """Never silence; a cursor that is none would skip rows."""
    problem(client, f"/api/v1/concordance{path}", 400, code)


def test_the_page_links_each_match_to_its_paragraph(page: Page) -> None:
    """With the search, so that it is marked there."""
    html = page("/concordance?q=military")
    assert html.texts_in("mark") == ["military"] * 3
    assert "/articles/2025/07/envoy.txt?q=military#p2" in html.links()
    assert "/api/v1/concordance?q=military&format=csv" in html.links()


def test_empty_fields_are_taken_out_of_the_address(client: FlaskClient) -> None:
    """As on the page of results; a page past the last one is told from the first."""
    assert client.get("/concordance?q=moon&source=&sort=left").location == "/concordance?q=moon&sort=left"
    assert client.get("/concordance").status_code == 200
    assert client.get("/concordance?q=").status_code == 200
    assert client.get("/concordance?q=moon&page=2").status_code == 400
    assert client.get("/concordance?q=(moon").status_code == 400


def test_a_query_that_nothing_is_marked_for_says_why(page: Page) -> None:
    """An empty list would look like an error."""
    assert "Nothing of this search stands in a text" in page("/concordance", q="-zebra").text("p")
    assert "No paragraph matches" in page("/concordance", q="zebra").text("p")


def test_results_lead_to_their_context(page: Page) -> None:
    """With the filters of the search."""
    links = page("/", q="landing", source="north").links("/concordance")
    assert links == ["/concordance?source=north&q=landing"]


def test_a_wrong_width_is_mended_where_it_was_typed(page: Callable[..., Dom]) -> None:
    """What else was asked for stays in the form."""
    html = page("/concordance?q=moon&sort=left&width=99", 400)
    (field,) = html.all("input", name="width", **{"aria-invalid": "true"})
    assert field["value"] == "99"
    assert html.all("input", id="words", value="moon")
    assert html.all("p", id="problem")
