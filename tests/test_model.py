"""The nouns: what little they work out by themselves."""

from __future__ import annotations

import pytest

from search import model
from search.model import Article, Date, Heading, Hit, Marked, Page, SearchRequest, Total, paragraph_id

HEADING = Heading("north/a-p2.txt", "Title", None, "north", "en")


def page(request: SearchRequest, *, total: int, articles: int) -> Page:
    return Page(request, "", (), Total(total), articles, (), {}, 1.0, 1, "2026-01-01T00:00:00Z")


def test_everything_is_frozen() -> None:
    """Results are shared by threads and kept in caches: whoever changed one would change it for all."""
    kinds = [kind for kind in vars(model).values() if isinstance(kind, type) and kind.__module__ == model.__name__]
    assert len(kinds) >= 10
    for kind in kinds:
        assert issubclass(kind, tuple) or kind.__dataclass_params__.frozen, kind  # type: ignore[attr-defined]


def test_ids() -> None:
    """Links and programs hold on to these; a paragraph's ends at the last -p<number>, whatever the file is called."""
    assert paragraph_id("a", 7) == "a-p7"
    assert Article(HEADING, ("",)).id == "north/a-p2.txt"
    assert Hit(HEADING, 3, 1.0, Marked(""), Marked(""), Marked(""), 0).id == "north/a-p2.txt-p3"


def test_counts() -> None:
    """One paragraph, two paragraphs, on a page as in a terminal."""
    assert model.count(1, "paragraph") == "1 paragraph"
    assert model.count(0, "paragraph") == "0 paragraphs"
    assert model.count(12_345, "article") == "12,345 articles"
    assert Total(12_345).in_words == "12,345 paragraphs"
    assert Total(1, "gte").in_words == "at least 1 paragraph"


@pytest.mark.parametrize(
    ("text", "iso"),
    [("2025", "2025"), ("2025-07-23 08:15:11", "2025-07-23T08:15:11"), ("2025-07-23T08:15", "2025-07-23T08:15")],
)
def test_iso(text: str, iso: str) -> None:
    """JSON and feeds give dates by the standard."""
    assert Date(text, 0, 1).iso == iso


@pytest.mark.parametrize(
    ("total", "per_page", "pages"), [(0, 10, 0), (1, 10, 1), (10, 10, 1), (11, 10, 2), (100, 1, 100)]
)
def test_pages(total: int, per_page: int, pages: int) -> None:
    """One page too few hides results, one too many is a link to nothing."""
    assert page(SearchRequest(per_page=per_page), total=total, articles=1).total_pages == pages


def test_pages_of_articles() -> None:
    """Grouped by article a row is an article, however many of its paragraphs match."""
    assert page(SearchRequest(group="article", per_page=10), total=500, articles=21).total_pages == 3


def test_a_request_asks_for_the_documented_defaults() -> None:
    """The page, the API and the terminal leave out what is not given; it has to mean the same everywhere."""
    request = SearchRequest()
    assert (request.q, request.match, request.page, request.per_page) == ("", "all", 1, 10)
    assert (request.sort, request.group, request.facets) == (None, "none", ())
    assert {request.source, request.lang, request.date_from, request.date_to} == {None}
