"""Exports: every match, once, exactly as it is, without harm to who opens it or who searches meanwhile."""

from __future__ import annotations

import csv
import json
import tracemalloc
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from search import budget
from search.settings import Settings
from tests.contract.engines import ON_DISK, article, run
from tests.web.archive import ARTICLES, MANY, PARAGRAPHS
from tests.web.dom import problem
from web import create_app
from web.presentation.export_files import COLUMNS

QUERIES = (
    "",
    "lighthouse",
    "support",
    "military OR moon",
    "lighthouse&sort=-date",
    "landing moon&scope=article",
    "moonless",
)


def rows(client: FlaskClient, query: str) -> list[dict[str, str]]:
    response = client.get(f"/api/v1/export?q={query}&format=csv")
    assert response.status_code == 200, response.text
    assert response.content_type == "text/csv; charset=utf-8; header=present"
    found = list(csv.DictReader(StringIO(response.data.decode(), newline="")))
    assert response.headers["X-Total-Count"] == str(len(found))
    assert response.data.startswith(",".join(COLUMNS).encode() + b"\r\n")
    return found


def lines(client: FlaskClient, query: str) -> list[dict[str, Any]]:
    response = client.get(f"/api/v1/export?q={query}&format=ndjson")
    assert (response.status_code, response.content_type) == (200, "application/x-ndjson")
    found = [json.loads(line) for line in response.data.decode().split("\n")[:-1]]
    assert response.headers["X-Total-Count"] == str(len(found))
    return found


@pytest.mark.parametrize("query", QUERIES)
def test_an_export_has_every_hit_of_the_search(client: FlaskClient, query: str) -> None:
    """A row too few or too many is a wrong figure in somebody's paper."""
    found = client.get(f"/api/v1/search?q={query}&per_page=100").json
    assert found is not None
    assert len(found["hits"]) == found["total"]["value"]
    assert lines(client, query) == found["hits"]
    for row, hit in zip(rows(client, query), found["hits"], strict=True):
        expected = {"id": hit["id"], "url": hit["url"], "number": hit["paragraph"]["number"], "score": hit["score"]}
        heading = {name: hit["article"][name] for name in ("title", "date", "source", "lang")}
        expected |= heading | {"article": hit["article"]["id"], "text": hit["paragraph"]["text"]}
        assert row == {name: "" if value is None else str(value) for name, value in expected.items()}


def test_an_export_says_how_many_rows_come_before_they_are_made(client: FlaskClient) -> None:
    """HEAD costs a search, and tells how large the file would be."""
    with client.head("/api/v1/export?q=lighthouse&format=csv") as response:
        assert (response.headers["X-Total-Count"], response.data) == (str(MANY), b"")
        assert response.headers["Content-Disposition"] == 'attachment; filename="matches.csv"'


def test_a_spreadsheet_runs_nothing_that_an_article_says(tmp_path: Path) -> None:
    """A paragraph that is a formula would send what else stands in the sheet to whoever wrote the article."""
    evil = ("=HYPERLINK(1)", "+1", "-1", "@SUM(1)", "＝1", "it = 1", "'=1")
    engine = ON_DISK["whoosh"](tmp_path / "index")
    run(engine, [article("-a", *evil, title="=cmd()")])
    client = create_app(engine, Settings()).test_client()
    found = rows(client, "")
    assert [row["text"] for row in found] == ["'=HYPERLINK(1)", "'+1", "'-1", "'@SUM(1)", "'＝1", "it = 1", "'=1"]
    assert {(row["title"], row["article"]) for row in found} == {("'=cmd()", "'-a")}
    assert [line["paragraph"]["text"] for line in lines(client, "")] == list(evil), "for programs all is as it is"


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("format=csv", "q"),
        ("q=a", "format"),
        ("q=a&format=xlsx", "format"),
        ("q=a&format=csv&page=2", "page"),
        ("q=a&format=csv&date_to=x", "date_to"),
    ],
)
def test_a_bad_parameter_of_an_export_is_named(client: FlaskClient, query: str, parameter: str) -> None:
    """A page of an export would be taken for all of it."""
    (error,) = problem(client, f"/api/v1/export?{query}", 400, "bad-parameter")["errors"]
    assert error["parameter"] == parameter


@pytest.mark.parametrize(
    ("path", "formats"),
    [("/api/v1/export?q=a", "csv, ndjson"), ("/citations/moon.txt?", "text, bibtex, ris, csl-json")],
)
def test_a_missing_format_is_said_to_be_missing(client: FlaskClient, path: str, formats: str) -> None:
    """Whoever has given none reads which there are, and not of an empty one that nobody wrote."""
    for address in (path, f"{path}&format="):
        found = client.get(address)
        assert found.status_code == 400
        assert "format is missing." in found.text
        assert f"It can be {formats}." in found.text


def test_what_cannot_all_be_counted_is_not_exported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that ends somewhere looks as if it were all."""
    engine = ON_DISK["whoosh"](tmp_path / "index")
    run(engine, ARTICLES)
    monkeypatch.setattr(budget, "UNITS", 0)
    client = create_app(engine, Settings()).test_client()
    found = problem(client, '/api/v1/export?q="military support"~9&format=csv', 400, "bad-parameter")
    assert "too much work to be exported" in found["detail"]


def test_an_export_is_of_one_generation(tmp_path: Path) -> None:
    """It may take minutes; what is indexed meanwhile must not make rows vanish, or stand twice."""
    engine = ON_DISK["whoosh"](tmp_path / "index")
    run(engine, [article("a", *["One more moon."] * 250)])
    response = create_app(engine, Settings()).test_client().get("/api/v1/export?q=moon&format=ndjson", buffered=False)
    parts = iter(response.response)
    first = bytes(next(parts))  # type: ignore[arg-type]  # Werkzeug's parts are texts or bytes
    run(engine, [article("b", "Another moon.")], gone=["a"])
    rest = b"".join(bytes(part) for part in parts)  # type: ignore[arg-type]  # as above
    ids = [json.loads(line)["id"] for line in (first + rest).splitlines()]
    assert sorted(ids) == sorted(f"a-p{n}" for n in range(1, 251))
    response.close()


def test_an_export_takes_little_memory(tmp_path: Path) -> None:
    """A million rows do not fit into a server; a batch of them does."""
    engine = ON_DISK["whoosh"](tmp_path / "index")
    run(engine, [article(f"{n}", *["A moon " + "rose " * 400] * 100) for n in range(160)])
    client = create_app(engine, Settings()).test_client()
    rows(client, "sun")  # loads what is loaded once
    response = client.get("/api/v1/export?q=moon&format=ndjson", buffered=False)
    tracemalloc.start()
    size = sum(len(part) for part in response.response)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    response.close()
    assert size > 40_000_000
    assert peak < size / 5


def test_only_so_many_exports_run_at_a_time(client: FlaskClient) -> None:
    """Each occupies a thread for as long as its client reads; the rest are told to wait, and get their turn."""
    path = "/api/v1/export?q=&format=csv"
    open_ = [client.get(path, buffered=False) for _ in range(3)]
    refused = client.get(path)
    assert (refused.status_code, refused.json and refused.json["code"]) == (503, "retry-later")
    assert refused.headers["Retry-After"]
    for one in open_:
        one.close()
    assert len(rows(client, "")) == PARAGRAPHS
    assert client.get("/api/v1/export?q=(&format=csv").status_code == 400
    assert [client.get(path).status_code for _ in range(4)] == [200] * 4, "one that is refused takes no turn"
