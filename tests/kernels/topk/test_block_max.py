"""Documents that block-max bounds leave out are never among the best."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from search.engine import Search
from search.index import WhooshEngine
from search.index.query.term_query import TermQuery
from search.index.tuning import Tuning
from search.index.writing import merge
from search.ledger import Ledger
from search.model import Article, Heading, Match, Result
from search.query.parser import parse

SIZES = (63, 64, 65, 127, 1_000, 4_500)
QUERIES = ("w0", "w1 w2", "w0 w3 w40", "w1 w2 w5 w60 w200", "w0 -w1", "(w2 OR w30) w1", "w3 NOT (w1 w2)", "w150 w0")


@pytest.fixture(params=SIZES)
def answer(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str, Match, int, int], Result]:
    """Searches an index of so many paragraphs of Zipfian words, all of whose stems may be dense, in three segments."""
    rng = random.Random(request.param)
    monkeypatch.setattr(merge, "SMALL", 0)
    monkeypatch.setattr(merge, "SIMILAR", 0)
    monkeypatch.setattr(TermQuery, "plan", lambda *_: None)  # plain words have loops of their own
    engine = WhooshEngine(tmp_path / "index")
    for run in range(3):
        with engine.write() as writer:
            for number in range(request.param // 9 + 1):
                texts = tuple(_text(rng) for _ in range(3))
                writer.add(Article(Heading(f"{run}-{number:05}", _text(rng)[:12], None, "s", "en"), texts))
            if run:
                writer.remove(f"{run - 1}-00000")
            writer.commit(Ledger())

    def ask(query: str, match: Match, limit: int, pruned: int) -> Result:
        tuning = Tuning(dense_paragraphs=1, pruned_matches=pruned)
        found = (
            WhooshEngine(tmp_path / "index", tuning=tuning)
            .snapshot()
            .search(Search(parse(query, match=match).tree, limit=limit))
        )
        return replace(found, hits=tuple(hit._replace(locator=None) for hit in found.hits))

    return ask


def _text(rng: random.Random) -> str:
    return " ".join(f"w{int(300 * rng.random() ** 4)}" for _ in range(rng.randint(1, 40)))


@pytest.mark.parametrize("match", ["all", "any"])
def test_pruned_is_exhaustive(answer: Callable[[str, Match, int, int], Result], match: Match) -> None:
    """The same rows in the same order with the same scores to the last bit, ties included."""
    met = 0
    for query in QUERIES:
        for limit in (1, 10, 100):
            exhaustive = answer(query, match, limit, 1 << 60)
            assert answer(query, match, limit, 0) == exhaustive, (query, limit)
            met += len(exhaustive.hits)
    assert met > 100
