"""The order of the hits, pages, groups, facets and totals, on every engine."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from search.engine import Recency, Search, Snapshot
from search.errors import RequestError
from search.model import FacetCount, Group, SearchRequest, Sort
from search.query.parser import parse
from search.service import find
from tests.contract.archives.corpus import PARAGRAPHS, ask, hits, rows
from tests.contract.engines import is_in_cluster, tolerance

OLDEST_FIRST = "café 1 2, harbour 1 2 3 4 5, ships 1 2, code 1 2, strassen 1 2, beijing 1 2, sharaa 1 2 3, salam 1"
NEWEST_FIRST = "sharaa 1 2 3, beijing 1 2, strassen 1 2, code 1 2, harbour 1 2 3 4 5, ships 1 2, café 1 2, salam 1"
BY_ID = "beijing 1 2, café 1 2, code 1 2, harbour 1 2 3 4 5, salam 1, sharaa 1 2 3, ships 1 2, strassen 1 2"


def rows_with_scores(library: Snapshot, query: str) -> list[tuple[tuple[str, int], float]]:
    """Every paragraph found, best first, with its score."""
    return [((hit.article.id, hit.number), hit.score) for hit in find(library, SearchRequest(query)).hits]


def test_relevance(library: Snapshot) -> None:
    """What says a word more often, or in fewer words, comes first; what says the same ties by its number."""
    # twice in 6 words (its title says it too), twice in 12, once in 8, once in 8, once in 14
    assert ask(library, "ship") == rows("ships 2 1, harbour 4 5 2")


def test_score_is_the_formula(library: Snapshot) -> None:
    """The number that a hit carries can be computed by hand from the definition in search.ranking."""
    lengths = {
        "beijing": (5 + 6, 5 + 8),
        "café": (5 + 9, 5 + 6),
        "code": (7 + 10, 7 + 7),
        "harbour": (5, 5 + 9, 5 + 15, 5 + 3, 5 + 3),
        "salam": (2 + 5,),
        "sharaa": (8 + 16, 8 + 8, 8 + 12),
        "ships": (3 + 9, 3 + 3),
        "strassen": (4 + 9, 4 + 6),
    }  # title + text in positions; a compound takes as many as it has parts
    average = sum(map(sum, lengths.values())) / PARAGRAPHS
    idf = math.log(1 + (PARAGRAPHS - 5 + 0.5) / (5 + 0.5))  # `ship` stands in five paragraphs
    burstiness = ((5 + 2 + 1) / 5) ** 0.75  # once in the text of each, and in the title of two of them
    tf = 1 + 2 * 1  # once in the text, once in the title
    impact = tf * 2.2 / (tf + 1.2 * (0.25 + 0.75 * 6 / average))
    expected = idf * burstiness * (impact + 0.05)  # it stands there as it was typed
    (first, *_) = find(library, SearchRequest("ship")).hits
    assert (first.article.id, first.number) == ("ships", 2)
    assert first.score == pytest.approx(expected, rel=tolerance(library))


def test_scores_add_up(library: Snapshot) -> None:
    """Two words count as the sum of each, a word said twice in the query counts twice, and NOT counts nothing."""
    score = {
        q: find(library, SearchRequest(q)).hits[0].score
        for q in ("military support peace", "military", "support", "peace", "peaces")
    }
    assert ask(library, "military support peace") == rows("sharaa 3")
    third = {
        q: next(h.score for h in find(library, SearchRequest(q)).hits if h.id == "sharaa-p3")
        for q in ("military", "support")
    }
    assert score["military support peace"] == pytest.approx(
        sum(third.values()) + score["peace"], rel=tolerance(library)
    )
    twice, excluded = (find(library, SearchRequest(q)).hits for q in ("peaces OR peaces", "peace -dawn"))
    assert twice[0].score == pytest.approx(2 * score["peaces"], rel=tolerance(library))
    assert score["peace"] > score["peaces"]
    assert excluded[0].score == score["peace"] > 0


def test_a_word_as_it_was_typed_ranks_higher(library: Snapshot) -> None:
    """Who types `moving` finds `moved` too, and first what says `moving`, where scores are near."""
    moving, moves = (dict(rows_with_scores(library, q)) for q in ("moving", "moves"))
    assert moving.keys() == moves.keys()
    assert {row for row in moves if moving[row] > moves[row]} == {("ships", 1)}
    assert {row for row in moves if moving[row] == moves[row]} == moves.keys() - {("ships", 1)}


def test_recent_articles_rise(library: Snapshot) -> None:
    """With the boost a new article gains half of its score, an older one less, and an undated one nothing."""
    query = parse("strike OR pilots OR السلام OR military", languages=("en", "ar")).tree
    now, day = 1_753_228_800.0, 86_400  # 2025-07-23
    plain = {(hit.article_id, hit.number): hit.score for hit in library.search(Search(query, limit=100)).hits}
    search = Search(query, limit=100, recency=Recency(now, 30 * day))
    hits = library.search(search).hits
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    raised = {(hit.article_id, hit.number): hit.score / plain[hit.article_id, hit.number] for hit in hits}
    assert raised.keys() == plain.keys()
    assert raised["sharaa", 2] == pytest.approx(1.5)  # of that day
    assert raised["harbour", 1] == pytest.approx(1 + 0.5 * 2 ** -((now - 1_714_694_400) / (30 * day)))  # 2024-05-03
    assert raised["salam", 1] == 1


def test_exact_ties(library: Snapshot) -> None:
    """Where no word tells paragraphs apart, (article id, number) does, so that no engine's order is an accident."""
    assert ask(library, "", sort="relevance") == rows(BY_ID)
    assert ask(library, "-dawn", sort="relevance") == [row for row in rows(BY_ID) if row != ("harbour", 2)]


@pytest.mark.parametrize(("sort", "expected"), [("date", OLDEST_FIRST), ("-date", NEWEST_FIRST), (None, NEWEST_FIRST)])
def test_date_order(library: Snapshot, sort: Sort | None, expected: str) -> None:
    """Undated articles come last both ways; articles that begin together go by id; paragraphs keep their order."""
    assert ask(library, "", sort=sort) == rows(expected)
    kept = [row for row in rows(expected) if row[0] != "harbour"]
    assert ask(library, "-title:strike", sort=sort or "-date") == kept


QUERIES = ("", "ship", "ship OR pilots OR military OR 北京", "-ship", "pilot*", "date:2025-07 -lang:en")


@pytest.mark.parametrize("sort", ["relevance", "date", "-date"])
@pytest.mark.parametrize("query", QUERIES)
def test_pages_partition(library: Snapshot, query: str, sort: Sort) -> None:
    """Turning pages shows every hit once, whatever the size of the page."""
    whole = ask(library, query, sort=sort)
    assert len(whole) == len(set(whole)) > 2
    for per_page in range(1, len(whole) + 2, 4 if is_in_cluster(library) else 1):
        request = SearchRequest(query, sort=sort, per_page=per_page)
        pages = [find(library, replace(request, page=n)) for n in range(1, -(-len(whole) // per_page) + 1)]
        assert [row for page in pages for row in hits(page)] == whole
        assert {(page.total.value, page.total_pages) for page in pages} == {(len(whole), len(pages))}
        assert hits(find(library, replace(request, page=len(pages) + 1))) == []


@pytest.mark.parametrize("sort", ["relevance", "date", "-date"])
@pytest.mark.parametrize("query", QUERIES)
def test_groups_partition(library: Snapshot, query: str, sort: Sort) -> None:
    """Grouping shows each article once, where its best paragraph stood, and says how many more there are."""
    whole = ask(library, query, sort=sort)
    first = dict(reversed([(article_id, (article_id, number)) for article_id, number in whole]))
    expected = [row for row in whole if row in first.values()]
    more = [sum(article_id == name for article_id, _ in whole) - 1 for name, _ in expected]
    for per_page in range(1, len(expected) + 2, 4 if is_in_cluster(library) else 1):
        request = SearchRequest(query, sort=sort, per_page=per_page, group="article")
        pages = [find(library, replace(request, page=n)) for n in range(1, -(-len(expected) // per_page) + 1)]
        assert [row for page in pages for row in hits(page)] == expected
        assert [hit.more_in_article for page in pages for hit in page.hits] == more
        counted = {(page.total.value, page.total_articles, page.total_pages) for page in pages}
        assert counted == {(len(whole), len(expected), len(pages))}


def test_group(library: Snapshot) -> None:
    """One grouped answer counted by hand: the best of two, and of three."""
    page = find(library, SearchRequest("ship", group="article"))
    assert [(hit.id, hit.more_in_article) for hit in page.hits] == [("ships-p2", 1), ("harbour-p4", 2)]
    assert (page.total.value, page.total_articles, page.total_pages) == (5, 2, 1)
    assert [hit.more_in_article for hit in find(library, SearchRequest("ship")).hits] == [1, 1, 2, 2, 2]


FACETS = {
    "": {
        "source": [("north", 10), ("south", 9)],
        "lang": [("en", 12), ("de", 2), ("fr", 2), ("zh", 2), ("ar", 1)],
        "year": [("2024", 9), ("2025", 9)],
        "month": [("2025-07", 9), ("2024-05", 7)],
    },
    "ship": {
        "source": [("north", 3), ("south", 2)],
        "lang": [("en", 5)],
        "year": [("2024", 5)],
        "month": [("2024-05", 5)],
    },
    "lang:ar OR lang:fr": {
        "source": [("south", 3)],
        "lang": [("fr", 2), ("ar", 1)],
        "year": [("2024", 2)],
        "month": [],
    },
}


@pytest.mark.parametrize("query", FACETS)
@pytest.mark.parametrize("group", ["none", "article"])
def test_facets(library: Snapshot, query: str, group: Group) -> None:
    """Facets count paragraphs over all matches, not over the page; a date by the year has no month."""
    request = SearchRequest(query, per_page=1, group=group, facets=("source", "lang", "year", "month"))
    expected = {facet: tuple(FacetCount(*pair) for pair in pairs) for facet, pairs in FACETS[query].items()}
    assert find(library, request).facets == expected
    assert find(library, replace(request, facets=())).facets == {}


@pytest.mark.parametrize("query", ["the ship", "ship OR moon", '"no ship"', "sh*", "shp~1", "the -ship"])
def test_facets_add_up(library: Snapshot, query: str) -> None:
    """Whichever way a query is answered, its facets are of its own matches, not of those of the query before."""
    assert find(library, SearchRequest("ship", match="any")).total.value == 5
    page = find(library, SearchRequest(query, facets=("source",)))
    assert page.total.value > 0
    assert sum(count.paragraphs for count in page.facets["source"]) == page.total.value


def test_filters_narrow_facets(library: Snapshot) -> None:
    """What a filter of the request leaves out is not counted, but in the facet of that filter."""
    page = find(library, SearchRequest("ship", source="south", facets=("source", "lang")))
    assert page.facets["source"] == (FacetCount("north", 3), FacetCount("south", 2))
    assert sum(count.paragraphs for count in page.facets["lang"]) == page.total.value == 2


def test_offset_past_the_end(library: Snapshot) -> None:
    """An engine asked for rows that are not there gives none, and the same totals."""
    result = library.search(Search(parse("ship").tree, offset=5, limit=10))
    assert (result.hits, result.total.value, result.total_articles) == ((), 5, 2)


@pytest.mark.parametrize(
    ("page", "per_page", "wrong"), [(0, 10, "page"), (1, 0, "per_page"), (1, 101, "per_page"), (101, 100, "page")]
)
def test_pages_that_are_refused(library: Snapshot, page: int, per_page: int, wrong: str) -> None:
    """A page that cannot be is an error that names the parameter, not a silent other page."""
    with pytest.raises(RequestError) as caught:
        find(library, SearchRequest("ship", page=page, per_page=per_page))
    assert caught.value.parameter == wrong
