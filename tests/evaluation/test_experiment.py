"""Experiments on a collection whose measures are counted by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from search.budget import CUT
from search.errors import CollectionError
from search.evaluation import experiment
from search.evaluation.collection import read_collection
from search.evaluation.collection_files import Document
from search.evaluation.experiment import Evaluation, article_of, ask, evaluate, query_text
from search.evaluation.trec_run import read_run
from search.model import Article
from tests.contract.engines import article, run
from tests.evaluation.collections_by_hand import MEASURES, QUERIES, beir, trec, write
from tests.oracle import Oracle


def measured(folder: Path, against: Path | None = None) -> tuple[Evaluation, str]:
    """An evaluation on the oracle, and the run that it wrote."""
    lines: list[str] = []
    collection = read_collection(folder)
    found = evaluate(Oracle(), collection, write=lines.append, against=against, progress=lambda *_: None)
    return found, "".join(lines)


@pytest.mark.parametrize("layout", [beir, trec])
def test_measures_are_those_counted_by_hand(tmp_path: Path, layout: Callable[[Path], Path]) -> None:
    """Whoever compares figures with a paper's has to get what the definitions say, whatever the layout."""
    found, saved = measured(layout(tmp_path / "tiny"))
    assert found.means == pytest.approx(MEASURES)
    assert (found.documents, list(found.values), found.warnings) == (4, ["1", "2", "3", "4"], ())
    assert [line.split()[:4] for line in saved.splitlines()][:3] == [
        ["1", "Q0", "d1", "1"],
        ["1", "Q0", "d3", "2"],
        ["2", "Q0", "d3", "1"],
    ]


def test_a_run_compared_with_itself_is_the_same(tmp_path: Path) -> None:
    """A difference that is not there would be taken for progress."""
    folder = beir(tmp_path / "tiny")
    _, saved = measured(folder)
    found, again = measured(folder, write(tmp_path / "saved.run", *saved.splitlines()))
    assert again == saved
    assert found.differences is not None
    for name, one in found.differences.items():
        assert (one.mean, one.earlier) == (found.means[name], found.means[name])
        assert (one.difference, one.p, one.wins, one.losses, one.ties) == (0, 1, 0, 0, 4)
    assert found.warnings == (f"Queries without results in {tmp_path / 'saved.run'}: 1, such as '4'; they count as 0.",)


def test_a_difference_is_tested_over_the_same_queries(tmp_path: Path) -> None:
    """A query that an earlier run did not answer counts as 0 there, or leaving out hard ones would be a way to win."""
    folder = beir(tmp_path / "tiny")
    earlier = write(tmp_path / "earlier.run", "5 Q0 d1 1 3.5 x", "2 Q0 d1 1 2 x", "3 Q0 d4 2 1e-3 x", "3 Q0 d2 1 7 x")
    found, _ = measured(folder, earlier)
    assert found.differences is not None
    one = found.differences["MAP"]
    assert (one.mean, one.earlier, one.difference) == (0.375, 0.5, -0.125)
    assert (one.wins, one.losses, one.ties) == (1, 1, 2)
    assert one.p == 1.0  # +.5, -1, 0 and 0 sum to -.5 or further from 0 whatever their signs
    assert "earlier.run: 2, such as '1'" in found.warnings[0]


def test_a_run_of_another_collection_is_refused(tmp_path: Path) -> None:
    """Else every query would seem to be won."""
    with pytest.raises(CollectionError, match="no result for any judged query of tiny"):
        measured(beir(tmp_path / "tiny"), write(tmp_path / "other.run", "MED-1 Q0 d1 1 3.5 x"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("What's the U.S. role?", "what's the u.s. role"),
        ('"moon landing"~3 OR (title:x*) NEAR/5 -nato', "moon landing 3 or title x near 5 nato"),
        ("co-operation - pre- and post-war --", "co-operation pre and post-war"),
        ("a_b", "a b"),
        ("--x-- x--y", "x x--y"),
        ("Été, 3½ naïve", "été 3½ naïve"),
        ("?!", ""),
    ],
)
def test_queries_become_plain_words(text: str, words: str) -> None:
    """A sign that were an operator would ask something else than the collection's author did."""
    assert query_text(text).split() == words.split()


def test_texts_are_one_paragraph_unless_too_long() -> None:
    """Ranks are of documents: a text of many lines must not become many results."""
    assert article_of(Document("d", " A\n B ", "one\n\ntwo\r\nthree"), "c").paragraphs == ("one two three",)
    assert article_of(Document("d", "", "one two"), "c").heading.title == "one two"
    assert article_of(Document("d", "title", " "), "c").paragraphs == ("title",)
    assert article_of(Document("d", "", ""), "c").paragraphs == ("",)
    long = article_of(Document("d", "t", "word. " * 4_000), "c")
    assert len(long.paragraphs) == 3
    assert max(map(len, long.paragraphs)) <= 10_000


def archive(*articles: Article) -> Oracle:
    engine = Oracle()
    run(engine, articles)
    return engine


def test_a_document_counts_at_its_best_paragraph() -> None:
    """A long text that was cut is one document, found once."""
    engine = archive(article("a", "moon", "moon moon moon", "sun"), article("b", "moon moon", "moon"))
    ranking = ask(engine.snapshot(), "moon", Counter())
    assert [one.id for one in ranking] == ["a", "b"]
    assert ranking[0].score > ranking[1].score


def test_equal_scores_keep_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """trec_eval breaks ties in its own way; what is measured has to be the order that people see."""
    monkeypatch.setattr(experiment, "DEPTH", 200)
    engine = archive(*(article(f"a{number:03}", "moon") for number in range(250)))
    ranking = ask(engine.snapshot(), "moon", Counter())
    assert [one.id for one in ranking] == [f"a{number:03}" for number in range(200)]
    assert all(one.score > after.score for one, after in pairwise(ranking))


@pytest.mark.parametrize(
    ("text", "warning"), [("?", "no word"), ("moon " * 2_500, "has no results. The query has more than")]
)
def test_queries_that_cannot_be_asked_are_told(text: str, warning: str) -> None:
    """A figure that has zeros in it for another reason than the ranking has to say so."""
    warnings: Counter[str] = Counter()
    assert ask(archive(article("a", "moon")).snapshot(), text, warnings) == []
    assert [warning in told for told in warnings] == [True]


def test_searches_that_are_cut_short_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures of a query that was too much work are not those of the ranking."""
    snapshot = archive(article("a", "moon")).snapshot()
    answer = snapshot.search
    monkeypatch.setattr(snapshot, "search", lambda *given: replace(answer(*given), warnings=(CUT,)))
    warnings: Counter[str] = Counter()
    ask(snapshot, QUERIES["4"] + " moon . ,", warnings)
    assert warnings == {CUT: 1}


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        (["1 Q0 d1 1 3.5"], "line 1: This is no line of a run"),
        (["1 Q0 d1 1 3.5 x", "1 Q0 d2 1 nan x"], "line 2: This is no line of a run"),
        (["1 Q0 d1 1 3.5 x", "1 Q0 d1 2 1.5 x"], "line 2: 'd1' is there already"),
        (["1 Q0 d1 1 3.5 x", "2 Q0 d1 1 3.5 x", "1 Q0 d2 2 1.5 x"], "line 3: Lines of query '1' stand apart"),
    ],
)
def test_broken_runs_are_refused(tmp_path: Path, lines: list[str], problem: str) -> None:
    """A run that was read in part would lose every comparison."""
    with pytest.raises(CollectionError, match=problem):
        list(read_run(write(tmp_path / "broken.run", *lines)))
