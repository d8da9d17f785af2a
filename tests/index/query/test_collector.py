"""The page of results: what comes first, what is left out, over one segment and over several."""

from __future__ import annotations

from pathlib import Path

import pytest

from search.engine import Search
from search.index.query import collector
from search.index.snapshot import WhooshSnapshot
from search.model import Group, Result, Sort
from search.query.tree import Node, Or, Phrase, Slot, Wildcard, Word
from tests.index.segments import article, index

WORD = Word(("whale",))
QUERIES = (WORD, Or((WORD, Word(("ship",)))), Phrase((Slot(("whale",), ("whale",)),)), Wildcard("whal*"))
"""A query for each plan: they share what is tested here."""
ARTICLES = (
    article("b", "Whale.", "Ship.", "Whale.", date="1991"),
    article("d", "Whale whale.", "Whale.", date="1990-02"),
    article("a", "Whale.", date="1990-02"),
    article("c", "Whale.", "Whale ship sea.", "Sea."),
)


@pytest.fixture(scope="module", params=[1, 2, 4])
def snapshot(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> WhooshSnapshot:
    """The articles in one, two or four segments."""
    folder: Path = tmp_path_factory.mktemp("index")
    size = len(ARTICLES) // request.param
    return index(folder, *(ARTICLES[low : low + size] for low in range(0, len(ARTICLES), size)))


def rows(result: Result) -> list[tuple[str, int]]:
    """The ids and numbers of the paragraphs of a page."""
    return [(hit.article_id, hit.number) for hit in result.hits]


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: type(query).__name__)
@pytest.mark.parametrize("group", ["none", "article"])
@pytest.mark.parametrize("sort", ["relevance", "date", "-date"])
def test_pages_are_parts_of_one_list(snapshot: WhooshSnapshot, query: Node, group: Group, sort: Sort) -> None:
    """Who turns pages sees each row once: an offset is applied in the segment or after the merge, never twice."""
    every = snapshot.search(Search(query, 0, 100, sort=sort, group=group))
    pages = [snapshot.search(Search(query, at, 2, sort=sort, group=group)) for at in range(0, 10, 2)]
    assert [row for page in pages for row in rows(page)] == rows(every)
    assert {(page.total, page.total_articles) for page in pages} == {(every.total, every.total_articles)}


def test_equals_come_by_article_and_paragraph(snapshot: WhooshSnapshot) -> None:
    """Rows of one score keep their order, however articles came to be in segments."""
    result = snapshot.search(Search(WORD))
    assert result.hits[0].article_id == "d"
    ties = [row for row in rows(result) if row not in {("d", 1), ("c", 2)}]
    assert ties == [("a", 1), ("b", 1), ("b", 3), ("c", 1), ("d", 2)]


@pytest.mark.parametrize(
    ("sort", "expected"),
    [("date", ["a", "d", "d", "b", "b", "c", "c"]), ("-date", ["b", "b", "a", "d", "d", "c", "c"])],
)
def test_articles_without_a_date_come_last(snapshot: WhooshSnapshot, sort: Sort, expected: list[str]) -> None:
    """In both directions: what has no date is neither the oldest nor the newest. Equal dates come by id."""
    result = snapshot.search(Search(WORD, sort=sort))
    assert [name for name, _ in rows(result)] == expected


def test_grouping_shows_the_best_paragraph_of_each_article(snapshot: WhooshSnapshot) -> None:
    """An article is shown once, by its best paragraph, and says how many others match."""
    result = snapshot.search(Search(WORD, group="article"))
    assert [(hit.article_id, hit.number, hit.more) for hit in result.hits] == [
        ("d", 1, 1),
        ("a", 1, 0),
        ("b", 1, 1),
        ("c", 1, 1),
    ]
    assert (result.total.value, result.total_articles) == (7, 4)


def test_grouping_asks_for_more_until_there_are_enough_articles(
    snapshot: WhooshSnapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One long article may have all of the best paragraphs; others must still get to the page."""
    expected = rows(snapshot.search(Search(WORD, 0, 2, group="article")))
    for most in (2, 3, 100):
        monkeypatch.setattr(collector, "PER_ARTICLE", 1)
        monkeypatch.setattr(collector, "MAX_K", most)
        assert rows(snapshot.search(Search(WORD, 0, 2, group="article"))) == expected


def test_no_rows_may_be_asked_for(snapshot: WhooshSnapshot) -> None:
    """A search for facets or totals alone wants no rows, and still counts."""
    result = snapshot.search(Search(WORD, 0, 0, facets=("source",)))
    assert (result.hits, result.total.value, result.facets["source"]) == ((), 7, (("s", 7),))
