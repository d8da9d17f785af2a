"""Headers of every answer, and what may be kept for how long."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from search import budget
from search.engine import Engine, Snapshot
from search.settings import Settings
from tests.contract.engines import article
from tests.web.dom import Dom
from web import create_app
from web.headers import SECURITY

Page = Callable[..., Dom]


@pytest.mark.parametrize(
    "path", ["/", "/?q=moon", "/?q=(", "/nowhere", "/articles/moon.txt", "/api/v1/search?q=a", "/api/x", "/healthz"]
)
def test_every_answer_is_locked_down(client: FlaskClient, path: str) -> None:
    """Errors too: they are what an attacker gets to see most easily."""
    headers = client.get(path).headers
    assert SECURITY.items() <= dict(headers).items()
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "script-src 'self';" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff", "JSON with words of an article is no script"
    assert headers["Cache-Control"] == "no-cache"
    assert "Set-Cookie" not in headers


def test_what_has_not_changed_is_not_sent_again(client: FlaskClient) -> None:
    """Going back to results costs no bytes until the index changes."""
    for path in ("/", "/?q=moon", "/articles/moon.txt", "/api/v1/articles/moon.txt", "/api/v1/search?q=moon"):
        etag = client.get(path).headers["ETag"]
        again = client.get(path, headers={"If-None-Match": etag})
        assert (again.status_code, again.data) == (304, b""), path
        assert "Date" not in again.headers, "the server adds its own"


def test_who_asks_whether_there_is_anything_is_told_so(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """`If-None-Match: *` is met by nothing that is there (RFC 9110, 13.1.2); what has no ETag is sent."""
    for path in ("/?q=moon", "/saved", "/api/v1/articles/moon.txt", "/api/v1/search?q=moon", "/api/v1/sources"):
        expected = client.get(path).headers["ETag"]
        again = client.get(path, headers={"If-None-Match": "*"})
        assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", expected), path
        assert "Date" not in again.headers, "the server adds its own"
    export = client.get("/api/v1/export?q=moon&format=csv", headers={"If-None-Match": "*"})
    assert (export.status_code, export.data) == (304, b"")
    monkeypatch.setattr(budget, "SECONDS", 0.0)
    assert client.get("/?q=moon+-sun", headers={"If-None-Match": "*"}).status_code == 200


def test_static_files_are_kept_for_a_year(client: FlaskClient, page: Page) -> None:
    """Their addresses change with their content; an address without the hash promises nothing."""
    style = page("/").all("link", rel="stylesheet")[0]["href"]
    assert style is not None
    with client.get(style) as response:
        assert "immutable" in response.headers["Cache-Control"]
        assert response.content_type.startswith("text/css")
        assert SECURITY.items() <= dict(response.headers).items()
    with client.get(style.partition("?")[0] + "?v=old") as response:
        assert response.status_code == 200
        assert "immutable" not in response.headers["Cache-Control"]
    assert client.get("/static/../__init__.py").status_code == 404
    assert client.get("/static/%2e%2e/__init__.py").status_code == 404


def test_the_application_reads_nothing_but_what_it_is_given(app: Flask) -> None:
    """Every route is in docs/; one that a library adds is not."""
    assert {rule.rule for rule in app.url_map.iter_rules()} == {
        *("/", "/filters", "/articles/<id:article_id>", "/citations/<id:article_id>", "/static/<path:filename>"),
        *("/api/v1/search", "/api/v1/articles/<id:article_id>", "/api/v1/suggest", "/api/v1/explain"),
        *("/api/v1/export", "/api/v1/similar", "/api/v1/multi-search", "/api/v1/trends", "/api/v1/concordance"),
        *("/api/v1/sources", "/api/v1/articles", "/feed.atom", "/opensearch.xml", "/opensearch-suggestions"),
        *(
            "/healthz",
            "/readyz",
            "/metrics",
            "/openapi.json",
            "/status",
            "/errors",
            "/trends",
            "/concordance",
            "/saved",
        ),
    }


def test_a_search_that_the_client_has_is_not_done_again(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """The answer depends on the address and the index alone, so whoever has it costs nothing."""
    etag = client.get("/api/v1/search?q=moon").headers["ETag"]
    monkeypatch.setattr("web.views.api.find", lambda *_: pytest.fail("it was searched again"))
    again = client.get("/api/v1/search?q=moon", headers={"If-None-Match": etag})
    assert (again.status_code, again.headers["ETag"]) == (304, etag)


def test_the_time_of_a_search_stands_in_its_headers(client: FlaskClient) -> None:
    """It is no part of what the ETag stands for, and browsers show it where they show times."""
    response = client.get("/api/v1/search?q=moon")
    assert response.json is not None
    assert response.headers["Server-Timing"] == f"search;dur={response.json['took_ms']:.3f}"
    assert client.get("/api/v1/search?q=moon").headers["ETag"] == response.headers["ETag"]


def test_another_generation_is_another_answer(archive: Callable[..., Snapshot], engine: Engine) -> None:
    """A client that keeps what it has would never see what was indexed since."""
    archive([article("a", "The moon.")])
    client = create_app(engine, Settings()).test_client()
    before = client.get("/api/v1/search?q=moon").headers["ETag"]
    archive([article("b", "Another moon.")])
    after = client.get("/api/v1/search?q=moon", headers={"If-None-Match": before})
    assert after.status_code == 200
    assert after.headers["ETag"] != before


def test_what_is_an_error_stays_one(client: FlaskClient) -> None:
    """A proxy that asks whether anything there has changed must not be told that what is not there has not."""
    etag = client.get("/api/v1/search?q=moon").headers["ETag"]
    for known in (etag, "*"):
        for path, status in (("/api/v1/articles/none", 404), ("/?q=%22", 400), ("/api/v1/search?q=a&page=99999", 400)):
            assert client.get(path, headers={"If-None-Match": known}).status_code == status


def test_an_answer_cut_short_for_want_of_time_is_not_kept(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy moment a part of the answer is missing; a browser that keeps it would show that until the next run."""
    monkeypatch.setattr(budget, "SECONDS", 0.0)
    short = client.get("/?q=moon+-sun")
    assert short.headers["Cache-Control"] == "no-store"
    assert "ETag" not in short.headers
