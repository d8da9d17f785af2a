"""The page of an article, read as HTML."""

from __future__ import annotations

import json
from collections.abc import Callable
from urllib.parse import parse_qs

import pytest
from flask.testing import FlaskClient

from tests.web.archive import ODD_ID
from tests.web.dom import Dom, problem

Page = Callable[..., Dom]


def test_an_article_has_anchors_and_marks(page: Page) -> None:
    """A link to a paragraph works, and shows why it was found."""
    html = page("/articles/2025/07/envoy.txt", q='"military support"')
    assert [p["id"] for p in html.all("p", dir="auto") if p.get("id")] == ["p1", "p2", "p3"]
    assert {"#p1", "#p2", "#p3"} <= set(html.links("#"))
    assert html.texts_in("mark") == ["military support", "military support"]
    assert html.all("time", datetime="2025-07-23T08:15:11")
    assert "23 July 2025, 08:15" in html.texts_in("time")


def test_an_article_marks_its_title(page: Page) -> None:
    """Words of the title count for each paragraph, so they are marked as well."""
    assert page("/articles/moon.txt", q="title:landing").texts_in("mark") == ["landing"]


def test_an_article_leads_back_to_its_results(page: Page) -> None:
    """To the very page, with every filter, that led to it."""
    here = "/?q=lighthouse&page=2&group=none&source=south"
    link = next(link for link in page(here).links("/articles/"))
    assert here in page(link.partition("#")[0]).links()


def test_an_article_without_a_search_has_nothing_to_go_back_to(page: Page) -> None:
    """A link that leads nowhere in particular is worse than none."""
    html = page("/articles/moon.txt")
    assert html.links("/?") == []
    assert not html.all("mark")


def test_an_article_shows_even_when_the_query_cannot_be_read(page: Page) -> None:
    """The article was asked for; its marks are a courtesy."""
    html = page("/articles/moon.txt", q='"never closed')
    assert "Six landings followed." in html.text("p")
    assert "A quotation mark is left open." in html.text("p")


def test_languages_are_declared(page: Page) -> None:
    """A screen reader pronounces French as French."""
    assert page("/articles/caf%C3%A9/%C3%A9t%C3%A9%2050%25.txt").all("p", id="p1", lang="fr")


def test_an_article_describes_itself(page: Page) -> None:
    """A reference manager takes title, date and address off the page, and a search engine what it is about."""
    html = page("/articles/moon.txt")
    assert html.all("meta", name="citation_title", content="First landing on the Moon")
    assert html.all("meta", name="citation_publication_date", content="1969/07/20")
    assert html.all("meta", name="citation_public_url", content="http://localhost/articles/moon.txt")
    assert html.all("meta", name="description")
    assert html.all("link", rel="canonical", href="http://localhost/articles/moon.txt"), "search engines want it whole"
    (found,) = [text for tag, text in html.texts if tag == "script"]
    assert json.loads(found)["datePublished"] == "1969-07-20"


def test_results_describe_their_articles(page: Page) -> None:
    """Zotero saves a whole page of results at once, by one COinS for each article."""
    spans = page("/", q="landing OR lighthouse", group="article").all("span", **{"class": "Z3988"})
    titles = [parse_qs(span["title"] or "")["rft.title"] for span in spans]
    assert sorted(titles) == [["All lighthouses"], ["First landing on the Moon"]]


@pytest.mark.parametrize("form", ["text", "bibtex", "ris", "csl-json"])
@pytest.mark.parametrize("path", ["moon.txt", "nasty.txt", "x%2F..%2Fa%2F%2Fb%3Fc%23d%0A.txt"])
def test_citations_can_be_downloaded(client: FlaskClient, form: str, path: str) -> None:
    """As files, of every article, and never as a page that a browser would show or run."""
    response = client.get(f"/citations/{path}?format={form}")
    assert response.status_code == 200
    assert response.headers["Content-Disposition"].startswith('attachment; filename="')
    assert not response.content_type.startswith("text/html")
    assert response.headers["ETag"]


def test_each_link_to_a_citation_leads_to_one(client: FlaskClient, page: Page) -> None:
    """The odd ids as well."""
    hit = client.get("/api/v1/search?q=okapi").json
    assert hit
    assert hit["hits"][0]["article"]["id"] == ODD_ID
    links = page(hit["hits"][0]["article"]["url"]).links("/citations/")
    assert len(links) == 4
    assert {client.get(link).status_code for link in links} == {200}


@pytest.mark.parametrize(("query", "status"), [("", 400), ("?format=word", 400), ("?format=ris&q=x", 400)])
def test_a_citation_of_no_known_form(client: FlaskClient, query: str, status: int) -> None:
    """The answer names the forms there are."""
    response = client.get(f"/citations/moon.txt{query}")
    assert response.status_code == status
    assert client.get("/citations/gone.txt?format=ris").status_code == 404


def test_similar_articles_are_listed(page: Page) -> None:
    """Where a search was wrong an article may still lead to the right one."""
    links = page("/articles/2025/07/envoy.txt").links("/articles/")
    assert "/articles/2025/07/envoy.txt" not in links


def test_a_row_knows_its_place_among_the_results(page: Page) -> None:
    """Each link of a page of results carries it, on every page of them."""
    links = page("/?q=lighthouse&group=none&page=2").links("/articles/lighthouses.txt")
    places = [link.partition("result=")[2].partition("#")[0] for link in links]
    assert list(dict.fromkeys(places)) == [str(n) for n in range(11, 21)]


def test_an_article_that_is_no_longer_that_result_says_so(page: Page) -> None:
    """The index may have changed since the list was shown; its neighbours would be those of another article."""
    html = page("/articles/moon.txt", q="lighthouse", result="3")
    assert "No longer result 3" in html.text("p")
    assert not html.all("a", rel="next")


@pytest.mark.parametrize("value", ["0", "-1", "x", "10001", "99999999999999"])
def test_places_that_no_result_has(page: Page, value: str) -> None:
    """A mistyped number is told from the right ones."""
    page("/articles/moon.txt", 400, q="moon", result=value)


def test_everything_can_be_read_through(page: Page) -> None:
    """A search of nothing lists everything, newest first, and leads from one article to the next like any other."""
    (first, *_) = page("/?q=").links("/articles/")
    html = page(first.partition("#")[0])
    assert html.all("a", rel="next")
    assert "/?q=&group=article" in html.links("/?")


def test_programs_are_told_where_the_words_of_a_query_are(client: FlaskClient) -> None:
    """The spans are those of the search, so that nobody has to search the text again."""
    found = client.get("/api/v1/articles/2025/07/envoy.txt?q=military").json
    assert found
    texts = [(one["text"], one["highlights"]) for one in found["paragraphs"]]
    assert [[text[a:b] for a, b in spans] for text, spans in texts] == [["military"], ["military", "military"], []]
    plain = client.get("/api/v1/articles/2025/07/envoy.txt").json
    assert plain
    assert "highlights" not in plain["paragraphs"][0]
    problem(client, "/api/v1/articles/moon.txt?q=(a", 400, "bad-query")
    problem(client, "/api/v1/articles/moon.txt?match=some&q=a", 400, "bad-parameter")
