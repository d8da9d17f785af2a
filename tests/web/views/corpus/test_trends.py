"""Queries over time: the page, the JSON and the CSV."""

from __future__ import annotations

import csv
from collections.abc import Callable
from io import StringIO
from itertools import pairwise

import pytest
from flask.testing import FlaskClient

from search.engine import Engine
from search.settings import Settings
from tests.contract.engines import article, run
from tests.oracle import Oracle
from tests.web.dom import Dom, problem
from web import create_app

Page = Callable[..., Dom]


def test_json_has_a_series_for_each_query(client: FlaskClient) -> None:
    """In the order in which they were asked, over the same years."""
    found = client.get("/api/v1/trends?q=lighthouse&q=landing").json
    assert found
    assert found["interval"] == "year"
    lighthouse, landing = found["series"]
    assert (lighthouse["q"], landing["q"]) == ("lighthouse", "landing")
    assert {"from": "1999", "paragraphs": 23, "of": 23} in lighthouse["points"]
    assert {"from": "1969", "paragraphs": 2, "of": 2} in landing["points"]
    assert [point["from"] for point in lighthouse["points"]] == [point["from"] for point in landing["points"]]
    assert lighthouse["total"] == {"value": 23, "relation": "eq"}


def test_csv_has_a_row_for_each_point(client: FlaskClient) -> None:
    """The figures behind the chart, for a chart of one's own; a query that looks like a formula is not run."""
    response = client.get("/api/v1/trends?q=-lighthouse&q=landing&format=csv")
    assert response.content_type.startswith("text/csv")
    rows = list(csv.DictReader(StringIO(response.text)))
    assert {row["q"] for row in rows} == {"'-lighthouse", "landing"}
    (year,) = [row for row in rows if row["q"] == "landing" and row["from"] == "1969"]
    assert (year["paragraphs"], year["of"], year["share"]) == ("2", "2", "1.0")


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("", "bad-parameter"),
        ("?q=a&q=b&q=c&q=d&q=e", "bad-parameter"),
        ("?q=a&sort=date", "bad-parameter"),
        ("?q=a&format=xls", "bad-parameter"),
        ("?q=a&date_from=soon", "bad-parameter"),
        ("?q=a&q=(b", "bad-query"),
    ],
)
def test_what_cannot_be_read(client: FlaskClient, path: str, code: str) -> None:
    """Never silence, and never another question than was asked."""
    problem(client, f"/api/v1/trends{path}", 400, code)


def test_names_are_read_as_they_are_meant(client: FlaskClient) -> None:
    """A program may percent-encode whatever it wants; an error names all parameters."""
    found = client.get("/api/v1/trends?%71=moon&q=lighthouse").json
    assert found
    assert [one["q"] for one in found["series"]] == ["moon", "lighthouse"]
    hint = problem(client, "/api/v1/trends?q=moon&x=1", 400, "bad-parameter")["errors"][0]["hint"]
    assert hint.startswith("The parameters are q, match")


def test_the_page_links_each_figure_to_its_search(page: Page) -> None:
    """Whoever sees a peak wants to read what it is made of."""
    html = page("/trends?q=lighthouse&q=landing")
    assert "/?q=landing&group=none&date_from=1969&date_to=1969" in html.links()
    assert "/?q=lighthouse&group=none" in html.links()
    assert len(html.all("svg", role="img")) == 2
    assert "/api/v1/trends?q=lighthouse&q=landing&format=csv" in html.links()


def test_empty_fields_are_taken_out_of_the_address(client: FlaskClient) -> None:
    """A form sends all of its fields; nobody wants them in the address that is shared."""
    response = client.get("/trends?q=moon&q=&q=landing&q=&date_from=&source=north")
    assert response.status_code == 302
    assert response.location == "/trends?q=moon&q=landing&source=north"
    assert client.get("/trends").status_code == 200
    assert client.get("/trends?q=").status_code == 200


def test_a_query_that_cannot_be_read_stays_in_its_field(page: Page) -> None:
    """With what is wrong beside it, and the others as they were."""
    html = page("/trends?q=moon&q=(landing", 400)
    first, second, *_ = html.all("input", name="q", dir="auto")[1:]
    assert (first["value"], second["value"]) == ("moon", "(landing")
    assert "aria-invalid" in second
    assert "aria-invalid" not in first
    assert "Query 2:" in html.text("p")


def test_filters_are_kept_and_said(page: Page) -> None:
    """A chart of one source must not look like one of all."""
    html = page("/trends?q=lighthouse&source=south")
    assert html.all("input", name="source", value="south")
    assert "south" in html.text("bdi")
    assert "/trends?q=lighthouse" in html.links()


def test_results_lead_to_their_trend(page: Page) -> None:
    """With the filters of the search."""
    assert "/trends?q=landing&source=north" in page("/", q="landing", source="north", page="1").links()


@pytest.mark.parametrize(("first", "last"), [("1986-02", "1988-10"), ("1986-01", "1986-06"), ("1839", "1948")])
def test_labels_do_not_lie_upon_each_other(first: str, last: str) -> None:
    """Two years that overlap are no year."""
    engine: Engine = Oracle()
    run(engine, [article("a", "One okapi.", date=first), article("b", "Two okapis.", date=last)])
    html = Dom(create_app(engine, Settings()).test_client().get("/trends?q=okapi").text)
    labels = html.all("text", y="214")
    width = 7 * 6.3  # of 1986-02, in the units of the drawing
    begins = {"start": 0.0, "middle": -width / 2, "end": -width}
    places = [float(one["x"] or 0) + begins[one["text-anchor"] or "start"] for one in labels]
    charts = [places[: len(places) // 2], places[len(places) // 2 :]]
    assert all(b - a >= width for chart in charts for a, b in pairwise(chart))


def test_a_wrong_date_is_mended_where_it_was_typed(page: Callable[..., Dom]) -> None:
    """An error page with another form would lose the second query."""
    html = page("/trends?q=moon&q=landing&date_from=yesterday", 400)
    assert [one["value"] for one in html.all("input", name="q", type="search")][-4:-2] == ["moon", "landing"]
    (field,) = html.all("input", name="date_from", **{"aria-invalid": "true"})
    assert (field["value"], field["aria-describedby"]) == ("yesterday", "problem")
    assert "From: 'yesterday'" in html.text("p")
