"""Variants of names on pages and in JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient

from search.errors import SettingsError
from search.names import names
from search.settings import Settings
from tests.contract.engines import article, run
from tests.oracle import Oracle
from tests.web.dom import Dom
from web import create_app

ARTICLES = (
    article("a", "Turkiye's army came.", "It fought Daesh.", title="News of Türkiye", lang="en"),
    article("b", "In Turkey birds sang.", title="Birds"),
)


def client(settings: Settings | None = None) -> FlaskClient:
    engine = Oracle()
    run(engine, ARTICLES)
    return create_app(engine, settings or Settings()).test_client()


@pytest.fixture
def ask() -> Callable[..., Dom]:
    asked = client()
    return lambda path: Dom(asked.get(path).text)


def test_a_page_says_what_was_added_and_switches_it_off(ask: Callable[..., Dom]) -> None:
    """Whoever finds a word that was not typed has to learn why, and be able to say no."""
    page = ask("/?q=turkey")
    assert any(text.startswith("Also searched for") for text in page.texts_in("p"))
    assert "Türkiye" in page.texts_in("bdi")
    (off,) = [link for link in page.links() if "variants=off" in link and link.startswith("/?")]
    assert parse_qs(urlsplit(off).query) == {"q": ["turkey"], "group": ["article"], "variants": ["off"]}
    plain = ask(off)
    assert not any(text.startswith("Also searched for") for text in plain.texts_in("p"))
    assert plain.all("input", type="hidden", name="variants", value="off"), "the next search stays as it is"
    assert "/?q=turkey&group=article" in plain.links(), "the way back is a filter that can be taken off"
    assert {"Turkey"} == set(plain.texts_in("mark"))


def test_what_was_added_is_said_once(ask: Callable[..., Dom]) -> None:
    """The reading of the query said the same above it, and one word was offered to be found in one of its words."""
    page = ask("/?q=turkey")
    assert not any(text.startswith("Read as") for text in page.texts_in("p"))
    assert "Words" not in page.texts_in("h2")
    page = ask("/?q=turkey+-sang")
    assert any(text.startswith("Read as") for text in page.texts_in("p")), "a minus became NOT"
    assert "Words" in page.texts_in("h2")


def test_the_article_marks_variants_too(ask: Callable[..., Dom]) -> None:
    """A link from a result leads to what was found."""
    assert {"Türkiye", "Turkiye"} <= set(ask("/articles/a?q=turkey").texts_in("mark"))
    assert not ask("/articles/a?q=turkey&variants=off").texts_in("mark")


def test_aliases_are_a_link(ask: Callable[..., Dom]) -> None:
    """They are one click away, with the spellings that were added already."""
    page = ask("/?q=isis+turkey&group=article")
    (link,) = [link for link in page.links() if "Daesh" in link]
    query = parse_qs(urlsplit(link).query)
    assert query["group"] == ["article"]
    assert query["q"][0].startswith("isis ALSO ISIL ALSO Daesh")
    assert "turkey ALSO Türkiye" in query["q"][0]


def test_json_names_variants(ask: Callable[..., Dom]) -> None:
    """Programs learn the same."""
    found = json.loads(client().get("/api/v1/search?q=isis+OR+turkey").text)
    assert found["variants"]["turkey"][0] == "Türkiye"
    assert "Daesh" in found["offers"]["isis"]
    assert found["offered_query"].startswith("isis ALSO ISIL")
    variants = {hit["id"]: hit["matched_variants"] for hit in found["hits"]}
    assert variants == {"b-p1": {}, "a-p1": {"turkey": ["Türkiye"]}}
    again = json.loads(client().get("/api/v1/search", query_string={"q": found["interpreted"]}).text)
    assert [(hit["id"], hit["score"]) for hit in again["hits"]] == [(hit["id"], hit["score"]) for hit in found["hits"]]
    off = json.loads(client().get("/api/v1/search?q=isis+OR+turkey&variants=off").text)
    assert (off["variants"], off["offers"], off["offered_query"]) == ({}, {}, None)
    assert [hit["url"] for hit in off["hits"]] == ["/articles/b?q=isis%20OR%20turkey&variants=off#p1"]
    assert client().get("/api/v1/search?q=turkey&variants=maybe").status_code == 400


@pytest.mark.parametrize(
    "q",
    [
        "before:1990 ALSO birds",
        "turkey ALSO army ALSO",
        "turkey ALSO a*",
        "su* ALSO turkey",
        "turkey ALSO army NEAR/2 b",
    ],
)
def test_what_is_left_out_has_to_be_readable(q: str) -> None:
    """Switching variants off is no way to have a part of a query dropped that could not be read."""
    both = [client().get("/api/v1/search", query_string={"q": q, "variants": variants}) for variants in ("on", "off")]
    assert [one.status_code for one in both] == [400, 400]
    assert both[0].json is not None
    assert both[1].json is not None
    assert both[0].json["errors"] == both[1].json["errors"]
    found = client().get("/api/v1/search", query_string={"q": "title:birds ALSO army", "variants": "off"}).json
    assert found is not None
    assert found["interpreted"] == "title:birds"


def test_settings_are_in_force(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An archive has its own names, and they may change while it is served; what a client has already is then old."""
    monkeypatch.setattr(names, "CHECK_INTERVAL", 0.0)
    file = tmp_path / "synonyms.txt"
    file.write_text("army, armada\n", "utf-8")
    asked = client(Settings(variants="alias", synonyms=str(file)))
    first = asked.get("/api/v1/search?q=armada+isis")
    assert json.loads(first.text)["interpreted"].startswith("armada ALSO army AND isis ALSO ISIL ALSO Daesh")
    kept = {"If-None-Match": first.headers["ETag"]}
    assert asked.get("/api/v1/search?q=armada+isis", headers=kept).status_code == 304
    file.write_text("army, armada, armies\nfleet, navy\n", "utf-8")
    assert asked.get("/api/v1/search?q=armada+isis", headers=kept).status_code == 200
    assert not json.loads(client(Settings(variants="off")).get("/api/v1/search?q=turkey").text)["variants"]
    with pytest.raises(SettingsError):
        client(Settings(synonyms=str(tmp_path / "missing")))


def test_a_name_on_a_page_is_text(tmp_path: Path) -> None:
    """A file of synonyms is the operator's, and its names are text all the same."""
    file = tmp_path / "synonyms.txt"
    file.write_text("army, <b>x</b> y\n", "utf-8")
    page = client(Settings(synonyms=str(file))).get("/?q=army").text
    assert "<b>" not in page
    assert "&lt;b&gt;x&lt;/b&gt; y" in page
