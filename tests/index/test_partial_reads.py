"""An answer that is cut short leaves results out; it never shows one that does not belong."""

from __future__ import annotations

from pathlib import Path

import pytest

from search import budget
from search.engine import Search
from search.index import WhooshEngine
from search.ledger import Ledger
from search.model import Article, Heading
from search.query.parser import parse

TEXTS = ("red green blue", "red green", "green red blue", "grey greed", "blue", "red blue green")
QUERIES = (
    "gre* OR -gre*",
    '"red green"',
    'blue -"red green"',
    "-(red OR green OR grey OR greed OR blue)",
    "gre*",
    "blue -gre*",
    "-gren~1",
)


@pytest.fixture
def engine(tmp_path: Path) -> WhooshEngine:
    """Six paragraphs, an article each."""
    engine = WhooshEngine(tmp_path / "index")
    with engine.write() as writer:
        for number, text in enumerate(TEXTS):
            writer.add(Article(Heading(f"{number}", "", None, "s", "en"), (text,)))
        writer.commit(Ledger())
    return engine


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize(("setting", "value"), [("UNITS", 0), ("UNITS", 100_000), ("SECONDS", 0.0), ("MAX_TERMS", 1)])
def test_never_too_much(
    engine: WhooshEngine, query: str, setting: str, value: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What NOT leaves out must be known in full before anything is let in."""

    def found() -> tuple[set[str], str]:
        result = engine.snapshot().search(Search(parse(query).tree))
        return {hit.article_id for hit in result.hits}, result.total.relation

    whole, relation = found()
    assert relation == "eq"
    monkeypatch.setattr(budget, setting, value)
    part, relation = found()
    assert part <= whole
    assert part == whole or relation == "gte"


def test_a_pattern_that_is_cut_leaves_not_alone(engine: WhooshEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    """NOT of a plain word is known in full, whatever else of the query was cut short."""
    monkeypatch.setattr(budget, "MAX_TERMS", 1)
    result = engine.snapshot().search(Search(parse("gre* -blue").tree))
    assert result.total.relation == "gte"
    assert {hit.article_id for hit in result.hits} == {"1"}
