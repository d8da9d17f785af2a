"""What goes wrong with a request, and how it is said: RFC 9457 to programs, a page to people."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.web.dom import Dom, problem
from web.problems import MAX_QUERY_STRING, error_context

Page = Callable[..., Dom]

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
    ("q=a&source=a,", "source"),
    ("q=a&source=&source=a", "source"),
    ("q=a&lang=-", "lang"),
    ("q=a&lang=%22en", "lang"),
    ("q=a&facet_size=0", "facet_size"),
    ("q=a&group=article&group_limit=11", "group_limit"),
    ("q=a&group_limit=2", "group_limit"),
    ("q=a&fields=text", "fields"),
    ("q=a&fields=id,", "fields"),
    ("q=a&snippet=0", "snippet"),
    ("q=a&snippet=10001", "snippet"),
    ("q=a&facet_size=10001", "facet_size"),
    ("q=a&facet_size=5", "facet_size"),
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


@pytest.mark.parametrize("path", ["/api/v1/batch", "/api/v1/keys", "/api/v1/search/batch"])
def test_what_is_not_there_is_not_found(client: FlaskClient, path: str) -> None:
    """A client tells a server that lacks something by the status that says so everywhere; no name is half there."""
    problem(client, path, 404, "not-found")
    problem(client, path, 404, "not-found", method="POST")
    for name in ("author", "tag", "desk"):
        found = problem(client, f"/api/v1/search?q=moon&{name}=abc", 400, "bad-parameter")
        assert found["errors"][0]["parameter"] == name


@pytest.mark.parametrize("query", ["page=-1", "page=0", "page=12345678901234567890123", "page=x", "per_page=-1"])
def test_a_number_says_what_it_can_be(client: FlaskClient, query: str) -> None:
    """`It is a whole number` is no news to whoever wrote -1."""
    highest = "100" if query.startswith("per") else "10,000"
    (error,) = problem(client, f"/api/v1/search?q=a&{query}", 400, "bad-parameter")["errors"]
    assert error["hint"] == f"It can be a whole number from 1 to {highest}."


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/api/v1/articles/moon.txt"])
def test_addresses_without_parameters_take_none(client: FlaskClient, path: str) -> None:
    """A check that is asked for more than it does must not look as if it had done it."""
    assert client.get(path).status_code == 200
    (error,) = problem(client, f"{path}?x=1", 400, "bad-parameter")["errors"]
    assert error["parameter"] == "x"


@pytest.mark.parametrize(
    "path", ["/api/v1/suggestions?q=a", "/api/v2/search", "/api/v1//search?q=a", "/api/", "/metrics/"]
)
def test_unknown_routes_of_the_api(client: FlaskClient, path: str) -> None:
    """A program gets the form that it can read for every error."""
    problem(client, path, 404, "not-found")


@pytest.mark.parametrize("path", ["/feed.rss?q=a", "/wp-login.php", "/articles/"])
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


def test_an_article_takes_no_other_parameters_in_the_api(client: FlaskClient) -> None:
    """As everywhere in the API: never silence."""
    found = problem(client, "/api/v1/articles/moon.txt?sort=date", 400, "bad-parameter")
    assert found["errors"][0]["parameter"] == "sort"


@pytest.mark.parametrize(
    ("path", "method", "right"),
    [("/api/v1/suggest?q=a", "POST", "GET"), ("/healthz", "POST", "GET"), ("/api/v1/multi-search", "GET", "POST")],
)
def test_wrong_methods_name_the_right_ones(client: FlaskClient, path: str, method: str, right: str) -> None:
    """RFC 9110 wants Allow with every 405."""
    problem(client, path, 405, "method-not-allowed", method=method)
    assert right in client.open(path, method=method).headers["Allow"]
    assert client.post("/?q=a").status_code == 405
    assert "<h1>" in client.post("/?q=a").text


def test_queries_have_a_limit(client: FlaskClient, page: Page) -> None:
    """A megabyte in the address is no search, and is not shown again either."""
    long = "x" * MAX_QUERY_STRING
    problem(client, f"/api/v1/search?q={long}", 414, "query-too-long")
    assert page("/", 414, q=long).all("input", id="q", value="")


def test_bodies_have_a_limit(client: FlaskClient) -> None:
    """A client that sends a file by mistake is told so before it is read."""
    response = client.get("/api/v1/search?q=a", data=b"x" * 100_000)
    assert response.status_code == 413
    assert response.json is not None
    assert response.json["code"] == "body-too-large"


def test_an_unreadable_query_is_shown_with_its_error(page: Page) -> None:
    """The box keeps what was typed, and the place is marked."""
    html = page("/", 400, q="moon (landing OR)", source="north")
    assert html.all("input", id="q", value="moon (landing OR)")
    assert html.texts_in("mark") == [")"]
    assert "OR needs something on both sides." in html.text("p")
    assert html.all("input", type="hidden", name="source", value="north")


@pytest.mark.parametrize(
    ("q", "position", "expected"),
    [
        ("a colour:red b", 2, ("a ", "colour:red", " b")),
        ("a OR", 4, ("a OR", "", "")),
        ("x" * 200, 100, ("… " + "x" * 60, "x" * 60, "x" * 40)),
        ("(a) b" + " c" * 100, 2, ("(a", ")", " b" + " c" * 29 + " …")),
    ],
)
def test_the_place_of_an_error_is_cut_out(q: str, position: int, expected: tuple[str, str, str]) -> None:
    """Long queries are shown around the place, short ones whole."""
    assert error_context(q, position) == expected


def test_a_bad_filter_is_pointed_at(page: Page) -> None:
    """The field that is wrong is open, filled and marked as wrong."""
    html = page("/", 400, q="moon", date_from="yesterday")
    [field] = html.all("input", name="date_from")
    assert (field["value"], field["aria-invalid"], field["aria-describedby"]) == ("yesterday", "true", "problem")
    assert html.all("p", id="problem")
    assert "From: 'yesterday'" in html.text("p"), "the label of the field, not the name of the parameter"
    assert html.all("input", id="q", value="moon")


@pytest.mark.parametrize("number", ["0", "-1", "1001", "x"])
def test_a_page_that_cannot_be_leads_to_the_first(page: Page, number: str) -> None:
    """The search could be read, and is kept: only that page of it is not there."""
    html = page("/", 400, q="moon", page=number, source="north")
    assert html.text("h1") == "There is no such page of results"
    assert html.text("title").startswith("moon: ")
    assert html.all("input", id="q", value="moon")
    assert "/?q=moon&source=north" in html.links()


def test_a_stray_parameter_of_a_page_leaves_the_query(page: Page) -> None:
    """Whoever follows a link that somebody mistyped needs one click to search."""
    html = page("/", 400, q="moon", colour="red")
    assert "colour" in html.text("p")
    assert html.all("input", id="q", value="moon")


def test_what_others_add_to_addresses_is_passed_over_on_pages(page: Page, client: FlaskClient) -> None:
    """Links that are passed on by mail and in social networks have such parameters; in JSON they are errors."""
    for name in ("utm_source", "utm_campaign", "fbclid", "gclid", "msclkid", "mc_cid", "igshid", "_ga"):
        assert page("/", 200, **{name: "a"}).all("body", **{"class": "home"})
        assert page("/", 200, q="moon", **{name: "a"}).links() == page("/", 200, q="moon").links()
        assert client.get("/api/v1/search", query_string={"q": "moon", name: "a"}).status_code == 400


def test_an_error_page_keeps_every_value_of_a_list(client: FlaskClient) -> None:
    """Boxes that were ticked in a form arrive one by one; to lose all but the first would be another search."""
    ticked = "source=north&source=south&lang=en"
    lost = Dom(client.get(f"/?q=moon&{ticked}&page=9999").text)
    assert "/?q=moon&source=north%2Csouth&lang=en" in lost.links("/?")
    wrong = Dom(client.get(f"/?q=(moon&{ticked}").text)
    assert wrong.all("input", name="source", value="north,south")
