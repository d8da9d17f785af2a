"""What is done to every answer: compression, request ids, origins, metrics."""

from __future__ import annotations

import logging
import zlib
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote

import pytest
import zstandard
from flask import Flask
from flask.testing import FlaskClient

from search.engine import Engine
from search.settings import Settings, load
from tests.web.archive import ARTICLES, PARAGRAPHS
from tests.web.dom import Dom
from web import create_app, metrics
from web.content_encoding import GZIP, MIN_SIZE

UNPACK: dict[str, Callable[[bytes], bytes]] = {
    "gzip": lambda data: zlib.decompress(data, GZIP),
    "zstd": lambda data: zstandard.ZstdDecompressor().decompressobj().decompress(data),
}
LARGE = ("/?q=lighthouse", "/api/v1/search?q=lighthouse", "/api/v1/export?q=&format=ndjson", "/static/style.css")
OTHER = "https://example.org"


@pytest.mark.parametrize("path", LARGE)
@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip", "gzip"),
        ("zstd", "zstd"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("zstd;q=0, gzip;q=0.5", "gzip"),
        ("*", "zstd"),
    ],
)
def test_large_answers_are_compressed(client: FlaskClient, path: str, accepted: str, encoding: str) -> None:
    """Over a phone a page comes in a quarter of the time; what arrives is the same, byte for byte."""
    with client.get(path) as plain, client.get(path, headers={"Accept-Encoding": accepted}) as packed:
        assert packed.headers["Content-Encoding"] == encoding
        assert len(packed.data) < len(plain.data)
        unpacked = UNPACK[encoding](packed.data)
        assert len(unpacked) > MIN_SIZE
        if "search" not in path:  # which says how long it took
            assert unpacked == plain.data
        assert "Accept-Encoding" in plain.headers["Vary"]
        assert "Accept-Encoding" in packed.headers["Vary"]
        assert packed.headers.get("Content-Length") in {None, str(len(packed.data))}


@pytest.mark.parametrize("accepted", ["", "br", "identity", "gzip;q=0", "gzip;q=0.1, identity"])
def test_who_does_not_accept_gets_it_plain(client: FlaskClient, accepted: str) -> None:
    """A client that cannot unpack would see noise."""
    answer = client.get("/?q=lighthouse", headers={"Accept-Encoding": accepted})
    assert "Content-Encoding" not in answer.headers
    assert answer.data.startswith(b"<!doctype html>")


def test_small_answers_are_left_alone(client: FlaskClient) -> None:
    """Compressing them takes time and saves no packet."""
    answer = client.get("/healthz", headers={"Accept-Encoding": "gzip"})
    assert (answer.json, "Content-Encoding" in answer.headers) == ({"status": "ok"}, False)


@pytest.mark.parametrize("path", ["/?q=lighthouse", "/api/v1/search?q=lighthouse", "/static/style.css"])
def test_an_etag_holds_for_every_encoding(client: FlaskClient, path: str) -> None:
    """A browser that has the page compressed must be told that it has it."""
    for accepted in ("gzip", "zstd", ""):
        with client.get(path, headers={"Accept-Encoding": accepted}) as answer:
            etag = answer.headers["ETag"]
            assert etag.startswith("W/") or not accepted, (
                "two encodings under one strong ETag would be mixed by a cache"
            )
        with client.get(path, headers={"Accept-Encoding": accepted, "If-None-Match": etag}) as again:
            assert (again.status_code, again.data) == (304, b"")


def test_every_answer_has_an_id(client: FlaskClient) -> None:
    """It joins what a user saw, what a proxy logged, and what stands in the log of errors."""
    found = [client.get(path).headers["X-Request-Id"] for path in ("/", "/healthz", "/nowhere", "/?q=(")]
    assert len(set(found)) == 4
    given = client.get("/api/v1/search", headers={"X-Request-Id": "proxy-1:a/b=c"})
    assert given.headers["X-Request-Id"] == "proxy-1:a/b=c"
    assert given.json is not None
    assert given.json["request_id"] == "proxy-1:a/b=c"


@pytest.mark.parametrize("given", ["", "a b", "x" * 129, "<script>", '"', "ä"])
def test_an_id_that_is_not_sane_is_not_taken_over(client: FlaskClient, given: str) -> None:
    """It would break a line of the log, or be shown where somebody opens it."""
    assert client.get("/", headers={"X-Request-Id": given}).headers["X-Request-Id"] != given


def test_the_log_names_the_request(stocked: Engine, caplog: pytest.LogCaptureFixture) -> None:
    """A user who reports the id of an error leads to its traceback."""
    app = create_app(stocked, Settings())
    app.add_url_rule("/broken", view_func=lambda: str(1 // 0))
    with caplog.at_level(logging.ERROR):
        answer = app.test_client().get("/broken?q=secret", headers={"X-Request-Id": "abc"})
    assert answer.status_code == 500
    assert "Request abc failed" in caplog.text
    assert "ZeroDivisionError" in caplog.text
    assert "secret" not in caplog.text


def test_other_origins_get_nothing_by_default(client: FlaskClient) -> None:
    """An archive that is for one house only must not be read through the browser of somebody who is in it."""
    answer = client.get("/api/v1/search?q=moon", headers={"Origin": OTHER})
    assert not [name for name, _ in answer.headers if name.startswith("Access-Control")]
    asked = {"Origin": OTHER, "Access-Control-Request-Method": "GET"}
    assert client.options("/api/v1/search", headers=asked).status_code == 405


def test_origins_that_are_named_may_ask(stocked: Engine) -> None:
    """A page of the house's own can search by script; one of another cannot."""
    client = create_app(stocked, Settings(cors=(OTHER,))).test_client()
    answer = client.get("/api/v1/search?q=moon", headers={"Origin": OTHER})
    assert answer.headers["Access-Control-Allow-Origin"] == OTHER
    assert "X-Total-Count" in answer.headers["Access-Control-Expose-Headers"]
    assert client.get("/api/v1/search", headers={"Origin": OTHER}).headers["Access-Control-Allow-Origin"] == OTHER
    for origin in ("https://example.org.evil.example", "http://example.org", "null"):
        refused = client.get("/api/v1/search?q=moon", headers={"Origin": origin})
        assert "Access-Control-Allow-Origin" not in refused.headers
        assert "Origin" in refused.headers.getlist("Vary"), "a cache must not give one origin the answer to another"
    assert "Access-Control-Allow-Origin" not in client.get("/", headers={"Origin": OTHER}).headers
    asked = {"Origin": OTHER, "Access-Control-Request-Method": "POST"}
    preflight = client.options("/api/v1/search", headers=asked)
    assert (preflight.status_code, preflight.headers["Access-Control-Allow-Origin"]) == (204, OTHER)
    assert "POST" in preflight.headers["Access-Control-Allow-Methods"]
    assert client.options("/api/v1/search", headers={**asked, "Origin": "https://evil.example"}).status_code == 405
    every = create_app(stocked, Settings(cors=("*",))).test_client()
    assert every.get("/api/v1/search?q=moon", headers={"Origin": "null"}).headers["Access-Control-Allow-Origin"] == "*"


def test_origins_are_read_from_the_settings(tmp_path: Path) -> None:
    """One that no browser would ever send lets nobody in, and says so."""
    assert load({}, {"STEMMA_CORS": f"{OTHER}, http://localhost:3000"}, tmp_path / "none").cors == (
        OTHER,
        "http://localhost:3000",
    )
    for wrong in ("example.org", f"{OTHER}/", "https://*.example.org"):
        with pytest.raises(Exception, match="cors"):
            load({}, {"STEMMA_CORS": wrong}, tmp_path / "none")


FORGED = {
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "evil.example",
    "Forwarded": "proto=https;host=evil.example",
}
CITED = "/citations/moon.txt?format="


@pytest.mark.parametrize(
    "path",
    [
        *("/feed.atom?q=moon", "/opensearch.xml", "/articles/moon.txt", "/?q=moon"),
        *(f"{CITED}{form}" for form in ("text", "bibtex", "ris", "csl-json")),
    ],
)
def test_absolute_links_begin_with_the_address_of_the_archive(stocked: Engine, path: str) -> None:
    """Behind a proxy that ends TLS they would be `http`; and whoever sends a header must not say where readers go."""

    def asked(settings: Settings) -> str:
        return unquote(create_app(stocked, settings).test_client().get(path, "http://inner:81", headers=FORGED).text)

    inner, public = asked(Settings()), asked(Settings(url="https://archive.example"))
    assert "evil.example" not in inner + public
    assert "http://inner:81/" in inner
    assert public == inner.replace("http://inner:81", "https://archive.example")


def test_metrics_count_requests(app: Flask, page: Callable[..., Dom]) -> None:
    """An alarm on errors or on slow answers needs routes and statuses, and must not list what people ask."""
    client = app.test_client()

    def value(line: str) -> float:
        answer = client.get("/metrics")
        assert answer.content_type.startswith("text/plain")
        assert "lighthouse" not in answer.text
        return sum(float(one.rpartition(" ")[2]) for one in answer.text.splitlines() if one.startswith(f"{line} "))

    route = 'route="/api/v1/search"'
    lines = [f'stemma_requests_total{{{route},status="{status}"}}' for status in ("200", "400")]
    before = [value(line) for line in lines]
    timed = value(f"stemma_request_seconds_count{{{route}}}")
    client.get("/api/v1/search?q=lighthouse")
    client.get("/api/v1/search?q=lighthouse(")
    assert [value(line) for line in lines] == [one + 1 for one in before]
    assert value(f"stemma_request_seconds_count{{{route}}}") == timed + 2
    assert value("stemma_index_paragraphs") == value("stemma_index_articles") + PARAGRAPHS - len(ARTICLES)
    assert value("stemma_index_generation") == 1
    client.get("/nothing/here")
    assert value('stemma_requests_total{route="none",status="404"}') >= 1
    assert metrics.KEY in app.extensions
