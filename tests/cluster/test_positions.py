"""Phrases and NEAR in a cluster, where its own rules are not ours."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from search.budget import QueryBudget
from search.engine import Search, Snapshot
from search.query.parser import parse
from tests.contract.clusters import in_cluster
from tests.contract.engines import article, run
from tests.oracle import Oracle

TEXTS = [
    *("F-16", "F-16 F-16", "F-16 x F-16", "F-16 x y F-16", "a b a b", "a b x a b", "a b x y a b", "a a a b"),
    *("a x b c", "a x b x c", "a x x b c", "a b x x c", "a F-16 x b", "F-16 a b", "a b x F-16 x c d", "c x x a"),
]
ARCHIVE = [article("a", *TEXTS, title="a x b"), article("b", "x", "a", title="F-16 x F-16")]


@pytest.fixture(scope="module")
def snapshots(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Snapshot, Snapshot]]:
    """The same archive in a cluster and in the oracle."""
    engine = in_cluster(tmp_path_factory.mktemp("positions") / "index")
    yield run(engine, ARCHIVE), run(Oracle(), ARCHIVE)
    engine.close()


@pytest.mark.parametrize(
    "query",
    [
        *("F-16 NEAR/1 F-16", "F-16 NEAR/2 F-16", "F-16 NEAR/3 F-16", '"F-16 F-16"~2', '"F-16 F-16"~3'),
        *('"a b" NEAR/1 "a b"', '"a b" NEAR/2 "a b"', '"a a" NEAR/1 a', '"a a" NEAR/1 "a a"', "c NEAR/3 a"),
        *('"a b"~2', '"a b c"~2', '"a b c"~3', '"a b c"~100', '"a x x c"~2', '"a F-16 b"~2', '"a b F-16 c"~2'),
        *('"a b c d"~50', 'title:"a b"~2', "title:(F-16 NEAR/2 F-16)", '-"a b"~2', '"b F-16" NEAR/2 c'),
    ],
)
def test_positions(snapshots: tuple[Snapshot, Snapshot], query: str) -> None:
    """Lucene counts gaps in its own way: what is alike twice, what is wide, and each gap of several have to be ours."""
    tree = parse(query).tree
    found, expected = ([hit[:2] for hit in one.search(Search(tree, limit=100)).hits] for one in snapshots)
    assert sorted(found) == sorted(expected)


def test_what_a_loose_quote_may_miss_is_said(snapshots: tuple[Snapshot, Snapshot]) -> None:
    """It finds less here than elsewhere: a total must not pass for exact, nor NOT let in what it should leave out."""
    snapshot, budget = snapshots[0], QueryBudget()
    search = Search(parse('"a b c d"~50').tree)
    assert snapshot.search(search, budget).total.relation == "gte"
    assert ["side by side" in warning for warning in budget.warnings] == [True]
    assert snapshot.count([search, Search(parse("a").tree)], QueryBudget())[0].relation == "gte"
    assert snapshot.search(Search(parse('"a b c"~100').tree)).total.relation == "eq"
    for scope in ("paragraph", "article"):
        assert snapshot.search(Search(parse('a -"a b c d"~50').tree, scope=scope)).hits == ()
