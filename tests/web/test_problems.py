"""What goes wrong, and how it is said: RFC 9457 to programs, a page to people, never a traceback."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from search.engines import Engine
from search.errors import (
    IndexDamaged,
    IndexLocked,
    IndexMissing,
    IndexOutdated,
    OperatorError,
    StemmaError,
    StorageError,
)
from search.settings import Settings
from tests.oracle import Oracle
from tests.web.archive import Dom
from web import create_app
from web.headers import SECURITY
from web.problems import MAX_QUERY_STRING, fault

Page = Callable[..., Dom]


class Failing(Oracle):
    """An engine that cannot open its index."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def snapshot(self) -> Any:  # noqa: ANN401 - it never returns
        raise self.error


def failing(error: Exception) -> FlaskClient:
    engine: Engine = Failing(error)
    return create_app(engine, Settings()).test_client()


def problem(client: FlaskClient, path: str, status: int, code: str, method: str = "GET") -> dict[str, Any]:
    """Ask, and check what every problem has."""
    response = client.open(path, method=method)
    assert response.status_code == status, response.text
    assert response.content_type == "application/problem+json"
    found = response.json
    assert isinstance(found, dict)
    assert list(found)[:5] == ["type", "title", "status", "detail", "code"]
    assert (found["type"], found["status"], found["code"]) == ("about:blank", status, code)
    assert found["title"]
    assert found["detail"]
    return found


BAD_PARAMETERS = [
    ("color=red&q=x", "color"),
    ("q=a&q=b", "q"),
    ("", "q"),
    ("page=1", "q"),
    ("q=a&page=0", "page"),
    ("q=a&page=-1", "page"),
    ("q=a&page=1.0", "page"),
    ("q=a&page=%D9%A1", "page"),
    ("q=a&page=" + "9" * 5000, "page"),
    ("q=a&page=", "page"),
    ("q=a&page=1001", "page"),
    ("q=a&per_page=0", "per_page"),
    ("q=a&per_page=101", "per_page"),
    ("q=a&sort=random", "sort"),
    ("q=a&match=some", "match"),
    ("q=a&group=source", "group"),
    ("q=a&source=", "source"),
    ("q=a&date_from=yesterday", "date_from"),
    ("q=a&date_to=2025-02-30", "date_to"),
    ("q=a&facets=title", "facets"),
    ("q=a&facets=year,", "facets"),
    ("q=%ff", "q"),
    ("q=a&source=%C3", "source"),
]


@pytest.mark.parametrize(("query", "parameter"), BAD_PARAMETERS)
def test_a_bad_parameter_is_named(client: FlaskClient, query: str, parameter: str) -> None:
    """Never silence: a filter that was skipped would give a wrong answer that looks right."""
    found = problem(client, f"/api/v1/search?{query}", 400, "bad-parameter")
    [error] = found["errors"]
    assert error["parameter"] == parameter
    assert error["hint"]
    assert "position" not in error


def test_a_bad_query_has_a_position(client: FlaskClient) -> None:
    """A client can put the cursor there."""
    found = problem(client, "/api/v1/search?q=moon%20%28landing", 400, "bad-query")
    assert found["errors"] == [{"parameter": "q", "position": 5, "hint": "Close it, or take it away."}]
    assert "parenthesis" in found["detail"]


def test_what_is_not_built_yet_says_so(client: FlaskClient) -> None:
    """A client that follows the interface learns that the version is old, not that its request is wrong."""
    found = problem(client, "/api/v1/search?q=moon&cursor=abc", 400, "not-in-this-version")
    assert found["errors"][0]["parameter"] == "cursor"
    assert "not in this version" in found["detail"]


@pytest.mark.parametrize(
    "path",
    ["/api/v1/suggest?q=a", "/api/v1/explain", "/api/v1/export?q=a", "/api/v2/search", "/api/v1//search?q=a", "/api/"],
)
def test_unknown_routes_of_the_api(client: FlaskClient, path: str) -> None:
    """A program gets the form that it can read for every error."""
    problem(client, path, 404, "not-found")


@pytest.mark.parametrize("path", ["/feed.atom?q=a", "/opensearch.xml", "/wp-login.php", "/articles/"])
def test_unknown_pages(page: Page, path: str) -> None:
    """A person gets a page, and a box to search in."""
    html = page(path, 404)
    assert html.text("h1") == "There is nothing here"
    assert html.all("input", id="q")


def test_no_such_article(client: FlaskClient, page: Page) -> None:
    """It may have been removed; the id is shown as text."""
    found = problem(client, "/api/v1/articles/%3Cb%3Egone.txt", 404, "no-such-article")
    assert "<b>gone.txt" in found["detail"]
    html = page("/articles/%3Cb%3Egone.txt", 404)
    assert "<b>gone.txt" in html.text("p")
    assert not html.all("b")


def test_an_article_takes_no_parameters_in_the_api(client: FlaskClient) -> None:
    """As everywhere in the API: never silence."""
    assert problem(client, "/api/v1/articles/moon.txt?q=a", 400, "bad-parameter")["errors"][0]["parameter"] == "q"


@pytest.mark.parametrize("path", ["/api/v1/search?q=a", "/healthz"])
def test_wrong_methods_name_the_right_ones(client: FlaskClient, path: str) -> None:
    """RFC 9110 wants Allow with every 405."""
    problem(client, path, 405, "method-not-allowed", method="POST")
    assert "GET" in client.post(path).headers["Allow"]
    assert client.post("/?q=a").status_code == 405
    assert "<h1>" in client.post("/?q=a").text


def test_queries_have_a_limit(client: FlaskClient, page: Page) -> None:
    """A megabyte in the address is no search, and is not shown again either."""
    long = "x" * MAX_QUERY_STRING
    problem(client, f"/api/v1/search?q={long}", 414, "query-too-long")
    assert page("/", 414, q=long).all("input", id="q", value="")


def test_bodies_have_a_limit(client: FlaskClient) -> None:
    """No address wants one, so none is read."""
    response = client.get("/api/v1/search?q=a", data=b"x" * 100_000)
    assert response.status_code == 413
    assert response.json is not None
    assert response.json["code"] == "body-too-large"


def test_an_unreadable_query_is_shown_with_its_fault(page: Page) -> None:
    """The box keeps what was typed, and the place is marked."""
    html = page("/", 400, q="moon (landing OR)", source="north")
    assert html.all("input", id="q", value="moon (landing OR)")
    assert html.texts_in("mark") == [")"]
    assert "OR needs something on both sides." in html.text("p")
    assert "selected" in html.all("option", value="north")[0]


@pytest.mark.parametrize(
    ("q", "position", "expected"),
    [
        ("a colour:red b", 2, ("a ", "colour:red", " b")),
        ("a OR", 4, ("a OR", "", "")),
        ("x" * 200, 100, ("… " + "x" * 60, "x" * 60, "x" * 40)),
        ("(a) b" + " c" * 100, 2, ("(a", ")", " b" + " c" * 29 + " …")),
    ],
)
def test_the_place_of_a_fault_is_cut_out(q: str, position: int, expected: tuple[str, str, str]) -> None:
    """Long queries are shown around the place, short ones whole."""
    assert fault(q, position) == expected


def test_a_bad_filter_is_pointed_at(page: Page) -> None:
    """The field that is wrong is open, filled and marked as wrong."""
    html = page("/", 400, q="moon", date_from="yesterday")
    [field] = html.all("input", name="date_from")
    assert (field["value"], field["aria-invalid"], field["aria-describedby"]) == ("yesterday", "true", "problem")
    assert html.all("p", id="problem")
    [details] = [found for found in html.all("details") if found["class"] == "filters"]
    assert "open" in details
    assert html.all("input", id="q", value="moon")


def test_a_stray_parameter_of_a_page_leaves_the_query(page: Page) -> None:
    """Whoever follows a link that somebody decorated needs one click to search."""
    html = page("/", 400, q="moon", utm_source="mail")
    assert "utm_source" in html.text("p")
    assert html.all("input", id="q", value="moon")


OPERATOR_ERRORS = [
    (IndexMissing("/secret/index"), "index-missing", "stemma reindex"),
    (IndexOutdated("/secret/index", 1, 2), "index-outdated", "stemma reindex --full"),
    (IndexDamaged("/secret/index/x.seg is cut short"), "index-damaged", "stemma reindex --full"),
    (StorageError("/secret/index is on a full disk.", "Make room."), "storage", "Make room."),
    (OperatorError("http://user:secret@cluster does not answer.", "Start it."), "unavailable", "Start it."),
]


@pytest.mark.parametrize(("error", "code", "advice"), OPERATOR_ERRORS, ids=lambda value: type(value).__name__)
def test_an_index_that_cannot_be_opened_is_a_503(error: StemmaError, code: str, advice: str) -> None:
    """It says what to do, without paths or passwords of the server to whoever asks."""
    client = failing(error)
    for path in ("/api/v1/search?q=a", "/api/v1/articles/a", "/readyz"):
        found = problem(client, path, 503, code)
        assert advice in found["detail"]
        assert "secret" not in found["detail"]
    for path in ("/", "/?q=a", "/articles/a"):
        response = client.get(path)
        assert response.status_code == 503
        assert advice in response.text
        assert "secret" not in response.text


def test_the_log_gets_the_whole_error(caplog: pytest.LogCaptureFixture) -> None:
    """What visitors are not told, the operator is."""
    failing(IndexMissing("/secret/index")).get("/")
    assert "There is no index in /secret/index." in caplog.text


def test_retry_later_says_when() -> None:
    """Clients back off by themselves."""
    client = failing(IndexLocked("Another process writes."))
    problem(client, "/api/v1/search?q=a", 503, "retry-later")
    assert int(client.get("/api/v1/search?q=a").headers["Retry-After"]) > 0


def test_a_bug_shows_no_traceback() -> None:
    """A bug is a 500 in the usual form; where it is, only the log says."""
    client = failing(ZeroDivisionError("secret"))
    problem(client, "/api/v1/search?q=a", 500, "internal-error")
    response = client.get("/?q=a")
    assert response.status_code == 500
    assert "Something went wrong" in response.text
    assert "secret" not in response.text
    assert "Traceback" not in response.text


def test_alive_is_not_ready() -> None:
    """A process without an index must not be restarted for it, nor be sent visitors."""
    client = failing(IndexMissing("here"))
    assert client.get("/healthz").json == {"status": "ok"}
    problem(client, "/readyz", 503, "index-missing")


def test_ready_has_searched(client: FlaskClient) -> None:
    """A real search over every paragraph, not a file that exists."""
    found = client.get("/readyz").json
    assert found is not None
    assert found["status"] == "ok"
    assert found["paragraphs"] > 0


@pytest.mark.parametrize(
    "path", ["/", "/?q=moon", "/?q=(", "/nowhere", "/articles/moon.txt", "/api/v1/search?q=a", "/api/x", "/healthz"]
)
def test_every_answer_is_locked_down(client: FlaskClient, path: str) -> None:
    """Errors too: they are what an attacker gets to see most easily."""
    headers = client.get(path).headers
    assert SECURITY.items() <= dict(headers).items()
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "script-src" not in headers["Content-Security-Policy"]
    assert headers["Cache-Control"] == "no-cache"
    assert "Set-Cookie" not in headers


def test_what_has_not_changed_is_not_sent_again(client: FlaskClient) -> None:
    """Going back to results costs no bytes until the index changes."""
    for path in ("/", "/?q=moon", "/articles/moon.txt", "/api/v1/articles/moon.txt"):
        etag = client.get(path).headers["ETag"]
        again = client.get(path, headers={"If-None-Match": etag})
        assert (again.status_code, again.data) == (304, b""), path
        assert "Date" not in again.headers, "the server adds its own"


def test_static_files_are_kept_for_a_year(client: FlaskClient, page: Page) -> None:
    """Their addresses change with their content; an address without the hash promises nothing."""
    [style] = [link["href"] for link in page("/").all("link", rel="stylesheet")]
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
        *("/", "/articles/<id:article_id>", "/static/<path:filename>"),
        *("/api/v1/search", "/api/v1/articles/<id:article_id>", "/healthz", "/readyz"),
    }
