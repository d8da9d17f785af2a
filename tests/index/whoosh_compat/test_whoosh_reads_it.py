"""The index is a Whoosh index: Whoosh opens it, and its own searcher finds what ours finds."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from whoosh import index, scoring
from whoosh.query.compound import And, Or
from whoosh.query.positional import Phrase
from whoosh.query.qcore import Query
from whoosh.query.terms import Prefix, Term

from search import ranking
from search.engine import Search
from search.index import WhooshEngine
from search.ledger import Ledger
from search.model import Article, Heading
from search.query.parser import parse
from search.ranking import impact, term_weight

WORDS = [f"{letter}{number}" for letter in "abc" for number in range(12)]


class OurWeighting(scoring.WeightingModel):
    """`search.ranking` for Whoosh's searcher."""

    def scorer(self, searcher: Any, fieldname: str, text: Any, qf: int = 1) -> scoring.BaseScorer:
        parent = searcher.get_parent()
        frequency, occurrences = parent.doc_frequency(fieldname, text), int(parent.frequency(fieldname, text))
        weight = term_weight(parent.doc_count_all(), frequency, occurrences)
        return OurScorer(searcher, fieldname, weight, parent.avg_field_length(fieldname))


class OurScorer(scoring.BaseScorer):
    """The score of one term."""

    def __init__(self, searcher: Any, fieldname: str, weight: float, average: float) -> None:
        self.searcher, self.fieldname, self.weight, self.average = searcher, fieldname, weight, average

    def supports_block_quality(self) -> bool:
        return False

    def score(self, matcher: Any) -> float:
        length = self.searcher.doc_field_length(matcher.id(), self.fieldname, 1)
        return self.weight * impact(int(matcher.weight()), length, self.average)


@pytest.fixture(scope="module", params=[1, 2, 3])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of untitled articles (the rule of titles is ours alone), in several runs, some articles removed."""
    rng = random.Random(request.param)
    place: Path = tmp_path_factory.mktemp("whoosh")
    for run in range(request.param):
        with WhooshEngine(place).write() as writer:
            for number in range(30):
                texts = tuple(" ".join(rng.choices(WORDS, k=rng.randint(1, 30))) for _ in range(3))
                writer.add(Article(Heading(f"{run}-{number:02}", "", None, "s", "en"), texts))
            if run:
                writer.remove(f"{run - 1}-07")
            writer.commit(Ledger())
    return place


A1, B2, C3 = (Term("text", word) for word in ("a1", "b2", "c3"))
CASES: list[tuple[str, Query]] = [
    ("a1", Term("text", "a1")),
    ("a1 AND b2", And([Term("text", "a1"), Term("text", "b2")])),
    ("a1 OR b2 OR c3", Or([Term("text", w) for w in ("a1", "b2", "c3")])),
    ("(a1 OR b2) AND c3", And([Or([A1, B2]), C3])),
    ('"a1 b2"', Phrase("text", ["a1", "b2"])),
    ("a1*", Prefix("text", "a1")),
    ("c*", Prefix("text", "c")),
]


@pytest.mark.parametrize(("ours", "theirs"), CASES, ids=[ours for ours, _ in CASES])
def test_same_paragraphs(folder: Path, ours: str, theirs: Query, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever knows Whoosh reads our index with it; and an evaluation nobody here wrote agrees with ours."""
    monkeypatch.setattr(ranking, "EXACT_FORM", 0.0)  # Whoosh does not score the first rows once more
    result = WhooshEngine(folder).snapshot().search(Search(parse(ours).tree, limit=1_000))
    with index.open_dir(str(folder)).searcher(weighting=OurWeighting()) as searcher:
        hits = searcher.search(theirs, limit=None)
        found = {(hit["article"], hit["number"]): hit.score for hit in hits}
    assert found.keys() == {(hit.article_id, hit.number) for hit in result.hits}
    assert len(found) > 0
    if "*" not in ours and '"' not in ours:  # Whoosh scores those in ways of its own
        assert found == pytest.approx({(hit.article_id, hit.number): hit.score for hit in result.hits}, rel=1e-9)
