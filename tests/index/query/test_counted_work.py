"""Work is counted by query and index alone: what an engine has made ready, or noted, changes how fast it is."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from search import budget
from search.budget import GATHERING, QueryBudget, enlarged
from search.engine import Search
from search.index import WhooshEngine
from search.index.query.matching import bitmap_evaluator, multi_term
from search.index.snapshot import WhooshSnapshot
from search.model import Result, Scope
from search.query.filters import facet_queries, restricted
from search.query.parser import parse
from search.query.tree import Source
from tests.index.random_index import SMALL, random_snapshot, reopened

WORDS = ("the", "of", "and", "walk", "walks", "walked", "ship", "ships", "paint", "sort", "light", "count", "kelp")
QUERIES = (
    "walk ship -kelp",
    '"the of" OR "of the" OR "the and" OR "and the"',
    '("the walk" OR "walk of") -"of and"',
    "w* OR s* OR t* OR ?h*",
    "*a* OR *t OR k?l*",
    "walq~ OR shipp~ OR pant~1 OR torn~ OR lite~",
    "the NEAR/3 of OR walk NEAR/2 ship OR paint NEAR/9 sort",
    '"the of"~4 -w* "and the"',
    " OR ".join(WORDS),
    "(the OR (of AND (walk OR (ship AND (paint OR (sort AND kelp))))))",
)
SHARES = [number / 16 for number in range(17)]
"""Of the units that a query takes: all but the last cut it, each somewhere else."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Segments of a frequent vocabulary."""
    place = tmp_path_factory.mktemp("index")
    random_snapshot(place, 1_000, lambda rng: _text(rng, 30), lambda rng: _text(rng, 3))
    return place


def _text(rng: random.Random, most: int) -> str:
    return " ".join(WORDS[int(len(WORDS) * rng.random() ** 2)] for _ in range(rng.randrange(most)))


@pytest.fixture(autouse=True)
def frequent() -> Iterator[None]:
    """Let what is read cost more than what it is read for."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(multi_term, "PATTERN_COST", 0)
        patch.setattr(bitmap_evaluator, "LEAF_COST", 0)
        yield


def answered(snapshot: WhooshSnapshot, query: str, scope: Scope = "paragraph") -> tuple[Result, int]:
    """What a query finds, wherever that lies, and the units that it took."""
    spent = QueryBudget()
    found = snapshot.search(Search(parse(query, languages=("en", "de")).tree, scope=scope), spent)
    return replace(found, hits=tuple(hit._replace(locator=None) for hit in found.hits)), spent.spent


@pytest.mark.parametrize("query", QUERIES)
def test_an_answer_does_not_depend_on_what_was_asked_before(
    folder: Path, query: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two workers one has tables filled and neighbours noted: a reader who reloads a page sees no difference."""
    warm = WhooshEngine(folder, tuning=SMALL).snapshot()
    whole, units = answered(warm, query)
    for share in SHARES:
        monkeypatch.setattr(budget, "UNITS", int(units * share / GATHERING))
        expected = answered(reopened(warm, replace(SMALL, nextword_seconds=-1.0)), query)  # neighbours are never noted
        assert answered(reopened(warm, replace(SMALL, nextword_seconds=60.0)), query) == expected
        assert answered(warm, query) == expected
    assert whole.total.relation == "eq"


@pytest.mark.parametrize("scope", ["paragraph", "article"])
def test_facets_that_are_too_much_are_not_the_search(
    folder: Path, scope: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who filters has few results, all of them: what other sources have must not make that look like a part."""
    snapshot = WhooshEngine(folder, tuning=SMALL).snapshot()
    words, filters = parse("the SAME/s of", languages=("en", "de")).tree, {"source": (Source("nowhere"),)}
    alone = Search(restricted(words, filters), scope=scope)
    search = replace(alone, facets=("source", "lang"), facet_queries=facet_queries(words, filters, ("source",)))
    spent = enlarged(10)
    whole = snapshot.search(search, spent)
    assert whole.warnings == ()
    monkeypatch.setattr(budget, "UNITS", int(spent.spent / 2 / GATHERING))
    found = snapshot.search(search)
    assert (found.total, snapshot.search(alone).warnings) == (whole.total, ())
    assert found.total.relation == "eq"
    assert found.warnings == ("Counts by source may be too low: to count them is too much work.",)
    assert sum(one.paragraphs for one in found.facets["source"]) < sum(one.paragraphs for one in whole.facets["source"])


@pytest.mark.parametrize("scope", ["paragraph", "article"])
@pytest.mark.parametrize("query", QUERIES)
def test_more_units_find_no_less(folder: Path, query: str, scope: Scope, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is cut is left out, and said; it makes nothing match that does not."""
    snapshot, before = WhooshEngine(folder, tuning=SMALL).snapshot(), 0
    whole, units = answered(snapshot, query, scope)
    for share in SHARES:
        monkeypatch.setattr(budget, "UNITS", int(units * share / GATHERING))
        found, _ = answered(snapshot, query, scope)
        assert before <= found.total.value <= whole.total.value
        assert found.total == whole.total or found.total.relation == "gte"
        before = found.total.value
