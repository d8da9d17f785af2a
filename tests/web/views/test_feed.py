"""What feed readers, browsers and programs are led to: feeds, the search plugin, the meaning of errors."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient
from lxml import etree

from search.settings import Settings
from tests.contract.engines import ON_DISK, article, run
from tests.web.dom import Dom, problem
from web import create_app
from web.views.feed import ENTRIES

ATOM = "{http://www.w3.org/2005/Atom}"
OPENSEARCH = "{http://a9.com/-/spec/opensearch/1.1/}"
MOMENT = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"
QUERIES = ("", "moon", "lighthouse&source=south", "xylophone", "okapi", "nothing-like-it", "café&lang=fr")


def feed(client: FlaskClient, query: str) -> Any:  # noqa: ANN401 - lxml has no types
    response = client.get(f"/feed.atom?q={query}")
    assert response.status_code == 200, response.text
    assert response.content_type == "application/atom+xml; charset=utf-8"
    return etree.fromstring(response.data)


@pytest.mark.parametrize("query", QUERIES)
def test_a_feed_is_valid_atom(client: FlaskClient, query: str) -> None:
    """A feed reader drops a feed that lacks what RFC 4287 demands, without saying why."""
    found = feed(client, query)
    assert found.tag == f"{ATOM}feed"
    for element in (found, *found.findall(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            (one,) = element.findall(f"{ATOM}{name}")
            assert one.text
        assert element.findtext(f"{ATOM}id").startswith("urn:uuid:")
        assert etree.XPath("re:test(., $p)", namespaces={"re": "http://exslt.org/regular-expressions"})(
            element.find(f"{ATOM}updated"), p=f"^{MOMENT}$"
        )
    assert found.findtext(f"{ATOM}author/{ATOM}name")
    links = {link.get("rel"): link.get("href") for link in found.findall(f"{ATOM}link")}
    assert client.get(links["self"].removeprefix("http://localhost")).status_code == 200
    assert client.get(links["alternate"].removeprefix("http://localhost")).status_code == 200
    ids = [entry.findtext(f"{ATOM}id") for entry in found.findall(f"{ATOM}entry")]
    assert len(ids) == len(set(ids)) <= ENTRIES


def test_a_feed_has_the_newest_matches_first(client: FlaskClient) -> None:
    """Whoever subscribes wants what is new; each entry leads to its paragraph, with the words marked."""
    hits = client.get(f"/api/v1/search?q=&sort=-date&per_page={ENTRIES}").json
    assert hits is not None
    entries = feed(client, "").findall(f"{ATOM}entry")
    assert [entry.find(f"{ATOM}link").get("href") for entry in entries] == [
        f"http://localhost{hit['url']}" for hit in hits["hits"]
    ]
    assert entries[0].findtext(f"{ATOM}updated") == "2025-07-23T08:15:11Z"
    assert entries[0].findtext(f"{ATOM}content") == hits["hits"][0]["paragraph"]["text"]
    undated = feed(client, "okapi").find(f"{ATOM}entry")
    assert undated.findtext(f"{ATOM}updated") == "1970-01-01T00:00:00Z"
    assert undated.find(f"{ATOM}published") is None


def test_an_entry_keeps_its_id(tmp_path: Path) -> None:
    """A reader shows what has a new id as new: after a reindex all would be unread again."""
    engine = ON_DISK["whoosh"](tmp_path / "index")
    run(engine, [article("a", "The moon.", date="1999")])
    client = create_app(engine, Settings()).test_client()
    before = feed(client, "moon")
    run(engine, [article("b", "Another moon.", date="2001")])
    after = feed(client, "moon")
    assert before.findtext(f"{ATOM}id") == after.findtext(f"{ATOM}id")
    ids = [entry.findtext(f"{ATOM}id") for entry in after.findall(f"{ATOM}entry")]
    assert (
        ids[1] == before.find(f"{ATOM}entry").findtext(f"{ATOM}id") == "urn:uuid:8b9e103d-4f12-5755-b929-4bc978fba632"
    )
    assert feed(client, "moon&source=north").findtext(f"{ATOM}id") != after.findtext(f"{ATOM}id")


def test_hostile_words_stay_words_in_a_feed(client: FlaskClient) -> None:
    """One article with a control character, or a tag, must not break the feed for every other."""
    entry = feed(client, "xylophone").find(f"{ATOM}entry")
    text = entry.findtext(f"{ATOM}content")
    assert "<script>alert('x')</script>" in text
    assert "\ufffd end" in text
    assert feed(client, "%3Cscript%3E %26 moon").findtext(f"{ATOM}title").startswith("<script> & moon")


def test_a_feed_of_nothing_in_particular_is_an_error(client: FlaskClient) -> None:
    """As in the API: never silence."""
    assert problem(client, "/feed.atom", 400, "bad-parameter")["errors"][0]["parameter"] == "q"
    problem(client, "/feed.atom?q=(", 400, "bad-query")
    assert problem(client, "/feed.atom?q=a&sort=date", 400, "bad-parameter")["errors"][0]["parameter"] == "sort"


def test_a_browser_can_add_the_search(client: FlaskClient, page: Callable[..., Dom]) -> None:
    """Each address that the plugin names answers a query that is put into it."""
    (link,) = page("/").all("link", rel="search")
    response = client.get(str(link["href"]))
    assert response.content_type == "application/opensearchdescription+xml; charset=utf-8"
    found = etree.fromstring(response.data)
    assert found.tag == f"{OPENSEARCH}OpenSearchDescription"
    assert 0 < len(found.findtext(f"{OPENSEARCH}ShortName")) <= 16
    for url in found.findall(f"{OPENSEARCH}Url"):
        template = url.get("template")
        assert urlsplit(template).netloc == "localhost"
        answer = client.get(template.replace("{searchTerms}", "moon%20lan").removeprefix("http://localhost"))
        assert (answer.status_code, answer.mimetype) == (200, url.get("type"))


def test_a_browser_gets_suggestions_in_its_own_form(client: FlaskClient) -> None:
    """An address bar shows what the suggest endpoint completes, and nothing that has another shape."""
    completions = client.get("/api/v1/suggest?q=lan").json
    assert completions is not None
    response = client.get("/opensearch-suggestions?q=lan")
    assert response.json == ["lan", [one["text"] for one in completions["completions"]]]
    assert len(response.json[1]) > 0
    problem(client, "/opensearch-suggestions", 400, "bad-parameter")


def test_results_name_their_feed(client: FlaskClient, page: Callable[..., Dom]) -> None:
    """A feed reader that is given the address of the results finds the feed."""
    (link,) = page("/", q="moon", source="north", sort="date").all("link", type="application/atom+xml")
    assert link["href"] == "/feed.atom?q=moon&source=north"
    assert client.get(str(link["href"])).status_code == 200


def test_the_type_of_a_problem_says_what_it_means(client: FlaskClient, page: Callable[..., Dom]) -> None:
    """Whoever meets a code in a log opens its type, and lands on the line about it."""
    for path, status, code in (
        ("/api/v1/search?q=(", 400, "bad-query"),
        ("/api/v1/articles/x", 404, "no-such-article"),
    ):
        path_, _, anchor = problem(client, path, status, code)["type"].partition("#")
        (term,) = page(path_).all("dt", id=anchor)
        assert term
    assert "The query cannot be read." in page("/errors").texts_in("dd")


def test_a_feed_and_a_plugin_have_the_name_of_the_archive(tmp_path: Path) -> None:
    """In a list of feeds, or of search engines, five archives that are all called Stemma are no help."""
    engine = ON_DISK["whoosh"](tmp_path / "index")
    run(engine, [article("a", "A moon.")])
    client = create_app(engine, Settings(name="Town & harbour archive")).test_client()
    assert "<title>moon – Town &amp; harbour archive</title>" in client.get("/feed.atom?q=moon").text
    assert "<ShortName>Town &amp; harbour a</ShortName>" in client.get("/opensearch.xml").text, "16 characters at most"
    assert "stars – Town &amp; harbour archive</title>" in client.get("/saved").text
