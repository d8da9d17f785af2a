"""Copies of articles, and searches that leave them out, on every engine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from search.budget import QueryBudget
from search.engine import Engine, Snapshot
from search.explain import explain
from search.model import Article, Page, SearchRequest
from search.names.names import Names
from search.service import find, parse_request
from tests.contract.engines import ENGINES, article, run

NEWS = " ".join(f"word{n} of the storm" for n in range(30))
OTHER = " ".join(f"thing{n} in the calm" for n in range(30))
ARTICLES = (
    article("wire", f"{NEWS} harbour.", "Ships sank in the storm.", title="Storm", date="2020-01-02", source="wire"),
    article("daily", f"{NEWS} port.", "Ships sank.", title="A storm", date="2020-01-03", source="daily"),
    article("weekly", f"{NEWS} harbour. Ships sank in the storm.", title="Storm", source="weekly"),
    article("early", f"{OTHER} harbour.", title="Calm", date="2019", source="wire"),
    article("late", f"{OTHER} harbour.", title="Calm", date="2021", source="daily"),
    article("brief", "A storm.", title="Brief", date="2020", source="wire"),
    article("same", "A storm.", title="Brief", date="2020", source="daily"),
    article("alone", "A storm at sea.", title="Brief", date="2020", source="wire"),
)
GROUPS = {"wire": ["daily", "weekly"], "daily": ["wire", "weekly"], "weekly": ["wire", "daily"]}
GROUPS |= {"early": ["late"], "late": ["early"], "brief": ["same"], "same": ["brief"]}


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Engine:
    return ENGINES[request.param](tmp_path / "index")


@pytest.fixture(scope="module", params=ENGINES)
def snapshot(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Snapshot]:
    """The articles as two runs leave them."""
    engine = ENGINES[request.param](tmp_path_factory.mktemp("copies") / "index")
    run(engine, ARTICLES[:3])
    yield run(engine, ARTICLES[3:])
    engine.close()


def copies(snapshot: Snapshot, articles: Sequence[Article] = ARTICLES) -> dict[str, list[str]]:
    """The copies of each article that has any."""
    found = {one.id: [heading.id for heading in snapshot.copies(one.id)] for one in articles}
    return {name: others for name, others in found.items() if others}


def test_copies_are_the_same_however_they_came(engine: Engine) -> None:
    """What is a copy of what must not depend on which file was read first, nor on how often the index was updated."""
    assert copies(run(engine, ARTICLES)) == GROUPS
    assert copies(run(engine, ARTICLES[::-1], anew=True)) == GROUPS
    snapshot = run(engine, [ARTICLES[1], article("wire", "Something else.")], anew=True)
    for number in (4, 2, 0, 6, 7, 5, 3):
        snapshot = run(engine, [ARTICLES[number]])
    assert copies(snapshot) == GROUPS
    assert snapshot.copies("wire")[0] == ARTICLES[1].heading
    assert snapshot.copies("nothing") == ()


def test_copies_of_what_is_gone(engine: Engine) -> None:
    """An original that was deleted has to leave its copies to each other, and no trace."""
    run(engine, ARTICLES)
    left = copies(run(engine, [], gone=["wire", "late"]))
    assert left == {"daily": ["weekly"], "weekly": ["daily"], "brief": ["same"], "same": ["brief"]}


def asked(snapshot: Snapshot, q: str, **more: object) -> Page:
    return find(snapshot, SearchRequest(q, duplicates="fold", **more))  # type: ignore[arg-type]  # the tests' own names


def ids(page: Page) -> list[str]:
    return [hit.id for hit in page.hits]


def test_one_article_of_a_group_is_shown(snapshot: Snapshot) -> None:
    """The same news five times hide the others; what is left out is said, and still counted."""
    page, whole = asked(snapshot, "storm"), find(snapshot, SearchRequest("storm"))
    assert {hit.article.id for hit in page.hits} == {"wire", "brief", "alone"}
    assert (page.total, page.total_articles, page.facets) == (whole.total, whole.total_articles, whole.facets)
    assert page.folded == (whole.total.value - len(page.hits), 3)
    assert whole.folded == (0, 0)
    assert [hit for hit in whole.hits if hit.id in ids(page)] == list(page.hits), "scores and order stay"


def test_the_first_that_matches_is_shown(snapshot: Snapshot) -> None:
    """A copy of an original that does not match, or is filtered out, is all that there is to show."""
    assert ids(asked(snapshot, "port")) == ["daily-p1"]
    assert {hit.article.id for hit in asked(snapshot, "storm", source="daily").hits} == {"daily", "same"}
    assert {hit.article.id for hit in asked(snapshot, "(ships OR calm) -source:wire").hits} == {"daily", "late"}
    assert asked(snapshot, "ships -source:wire").folded == (1, 1)


@pytest.mark.parametrize("group", ["none", "article"])
@pytest.mark.parametrize("sort", ["relevance", "date", "-date"])
@pytest.mark.parametrize("scope", ["paragraph", "article"])
def test_pages_are_exact(snapshot: Snapshot, group: str, sort: str, scope: str) -> None:
    """Whoever pages through all results sees each once, and none of the copies."""
    request = {"group": group, "sort": sort, "scope": scope}
    whole = asked(snapshot, "storm OR calm", per_page=100, **request)
    assert whole.total_pages == 1
    pages = [asked(snapshot, "storm OR calm", per_page=2, page=n, **request) for n in (1, 2, 3, 4)]
    assert [name for page in pages for name in ids(page)] == ids(whole)
    assert {page.total_pages for page in pages} == {-(-len(whole.hits) // 2)}
    assert {hit.article.id for hit in whole.hits} == {"wire", "early", "brief", "alone"}


@pytest.mark.parametrize("group", ["none", "article"])
@pytest.mark.parametrize("scope", ["paragraph", "article"])
def test_reasons_are_of_what_is_shown(snapshot: Snapshot, group: str, scope: str) -> None:
    """Only the first rows gain by the words as typed, and copies that are left out are no rows."""
    page = asked(snapshot, "storms harbour ships", match="any", group=group, scope=scope)
    read = parse_request(snapshot, page.request, QueryBudget(), half_life=0, names=Names())
    assert page.folded.articles
    for hit in page.hits:
        found = explain(snapshot, page.request, hit.id, QueryBudget(), read)
        assert found.score == pytest.approx(hit.score)


def test_everything_without_copies(snapshot: Snapshot) -> None:
    """Who browses the archive does so without copies, too."""
    page = asked(snapshot, "", sort="date")
    assert [hit.article.id for hit in page.hits] == ["early", "alone", "brief", "wire", "wire"]
    assert page.folded.articles == 4
