"""The page of an article, read as HTML."""

from __future__ import annotations

from collections.abc import Callable

from tests.web.dom import Dom

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
