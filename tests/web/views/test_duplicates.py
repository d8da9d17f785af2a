"""Searches that leave copies out, on pages and in JSON."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from search.settings import Settings
from tests.contract.engines import article, run
from tests.oracle import Oracle
from tests.web.dom import Dom
from web import create_app

ARTICLES = (
    article("a", "Ships sank in the storm.", title="Storm", date="2020"),
    article("b", "Ships sank in the storm.", title="Storm", date="2021"),
    article("c", "A storm at sea.", title="Sea"),
)


@pytest.fixture
def client() -> FlaskClient:
    engine = Oracle()
    run(engine, ARTICLES)
    return create_app(engine, Settings()).test_client()


def test_a_page_says_what_is_left_out(client: FlaskClient) -> None:
    """Whoever does not find an article that is there has to learn where it is."""
    page = Dom(client.get("/?q=storm&duplicates=fold").text)
    assert [text for text in page.texts_in("p") if "left out" in text] == ["1 paragraph of copies is left out. "]
    assert "/?q=storm&group=article" in page.links(), "the way back is one click"
    assert page.all("input", name="duplicates", value="fold"), "the next search stays as it is"
    assert page.all("a", **{"href": "/?q=storm&group=article&duplicates=fold", "aria-current": "true"})
    assert not any("left out" in text for text in Dom(client.get("/?q=storm").text).texts_in("p"))


def test_json_says_how_many_are_left_out(client: FlaskClient) -> None:
    """A program that pages through the rows counts on pages, and on what it does not get."""
    found = client.get("/api/v1/search?q=storm&duplicates=fold&per_page=1").get_json()
    assert (found["total"]["value"], found["folded"], found["total_pages"]) == (3, 1, 2)
    assert "folded" not in client.get("/api/v1/search?q=storm").get_json()
    wrong = client.get("/api/v1/search?q=storm&duplicates=hide")
    assert (wrong.status_code, wrong.get_json()["errors"][0]["parameter"]) == (400, "duplicates")


def test_an_article_leads_to_its_copies(client: FlaskClient) -> None:
    """Where a text was taken over, what was changed in it, and who had it first, are questions of many readers."""
    page = Dom(client.get("/articles/b").text)
    assert "Copies and versions" in page.texts_in("h2")
    assert "/articles/a" in page.links("/articles/")
    assert "Copies and versions" not in Dom(client.get("/articles/c").text).texts_in("h2")


@pytest.mark.parametrize("group", ["article", "none"])
def test_an_article_knows_how_many_results_are_shown(client: FlaskClient, group: str) -> None:
    """Who walks from result to result would look for one that is left out."""
    page = Dom(client.get(f"/articles/c?q=storm&duplicates=fold&group={group}&result=2").text)
    assert "2 of 2" in page.texts_in("b")


def test_sizes_of_pages_are_offered_for_what_is_shown() -> None:
    """A choice of sizes above a list that ends on its first page does nothing."""
    engine = Oracle()
    run(engine, [article(f"{n}", "Ships sank in the storm.", title="Storm") for n in range(12)])
    browser = create_app(engine, Settings()).test_client()
    assert Dom(browser.get("/?q=storm").text).all("nav", **{"aria-label": "Rows a page"})
    assert not Dom(browser.get("/?q=storm&duplicates=fold").text).all("nav", **{"aria-label": "Rows a page"})
