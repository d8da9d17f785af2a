"""The benchmark's own parts; what they measure is no test's business."""

from __future__ import annotations

from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import cast

import pytest

from benchmarks import texts, timing, wrk
from benchmarks.check import CHECKED, FindsNothing, answers, check
from benchmarks.peers import Answer, Peer, peer
from benchmarks.queries.draw import Draw
from benchmarks.queries.kinds import KINDS, MIXED, queries
from benchmarks.queries.saved import load_queries, save_queries
from benchmarks.queries.tree import Query, Word
from benchmarks.timing import figures, percentile, run_kind
from search.dates import parse_date
from search.model import Article, Heading

INSTALLED = ("ours", "whoosh", "fts5")
"""The engines that need nothing but what Stemma needs."""
EXTRAS = ("facets-or-2", "snippets-or-2", "grouped-or-2", "newest-or-2")
"""Kinds that want something else than the best, or besides."""
WRK = """\
Running 1s test @ http://127.0.0.1:8000
Requests/sec:    114.30
{"rate": 114.300, "failed": 9, "p50": 309.880, "p95": 1200.500, "p99": 1950.000}
"""


@pytest.fixture(scope="module")
def articles() -> list[Article]:
    """Paragraphs of made-up words, some far more frequent than others."""
    random = Random(1)
    letters = "bdfglmnprstvz"
    words = [
        a + vowel + b + vowel + c + "an" for vowel in "aeou" for a in letters for b in letters[:4] for c in letters[:6]
    ]

    def sentence() -> str:
        return " ".join(words[int(len(words) ** random.random()) - 1] for _ in range(12))

    return [
        Article(
            Heading(f"reuters21578/{n}", sentence(), parse_date(f"{1900 + n}"), "reuters21578", "en"),
            tuple(f"{sentence()}. {sentence()} x-ray {sentence()}." for _ in range(20)),
        )
        for n in range(30)
    ]


def test_queries_are_repeatable(articles: list[Article]) -> None:
    """Figures of two runs can be compared only when both asked the same; leaving out kinds must not change others."""
    every = queries(articles, KINDS, 3, seed=7)
    assert every == queries(articles, KINDS, 3, seed=7)
    assert every["near"] == queries(articles, ["near"], 3, seed=7)["near"]
    assert every["near"] != queries(articles, ["near"], 3, seed=8)["near"]


def test_words_are_of_the_band_that_they_are_drawn_from(articles: list[Article]) -> None:
    """Common words are slow and rare ones quick: a mix-up would be a figure for something else."""
    draw = Draw(articles, seed=1)
    for band in ("common", "middling", "rare"):
        assert all(draw.band_of[word] == band for word in (*draw.apart(5, band), *draw.together(2, band)))


def test_saved_articles_and_queries_come_back(articles: list[Article], tmp_path: Path) -> None:
    """Each process reads them from disk, and all have to measure the same."""
    texts.save(articles, tmp_path / "articles")
    assert texts.load(tmp_path / "articles") == articles
    drawn = queries(articles, KINDS, 2, seed=1)
    save_queries(drawn, tmp_path / "queries")
    assert load_queries(tmp_path / "queries") == drawn


@pytest.mark.parametrize("name", INSTALLED)
def test_engines_find_what_stands_in_the_text(name: str, articles: list[Article], tmp_path: Path) -> None:
    """An engine that finds nothing is quick; those that only the benchmark installs are checked when it runs."""
    engine = peer(name)
    engine.build(articles, tmp_path, 1)
    engine.open(tmp_path)
    for kind, each in queries(articles, (*CHECKED, "dates-or-2", *MIXED, *EXTRAS), 5, seed=1).items():
        found = answers(engine, each)
        assert all(found) if kind in CHECKED else any(found) or not found, (kind, each)


def test_an_engine_that_finds_nothing_stops_the_run(articles: list[Article]) -> None:
    """Its figures would look better than anyone's."""

    class Deaf:
        def ask(self, query: Query) -> object:
            return lambda: Answer([], [], 0)

    with pytest.raises(FindsNothing, match="deaf"):
        check(cast("dict[str, Peer]", {"deaf": Deaf()}), queries(articles, CHECKED, 5, seed=1))


def test_an_engine_is_compared_over_the_queries_that_both_got_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise whoever gives up early would be measured by easier queries."""
    seconds = 0.0

    class Taking:
        def __init__(self, seconds: float) -> None:
            self.seconds = seconds

        def ask(self, query: Query) -> object:
            def ask() -> Answer:
                nonlocal seconds
                seconds += self.seconds
                return Answer([], [], 1)

            return ask

    monkeypatch.setattr(timing, "time", SimpleNamespace(perf_counter=lambda: seconds, thread_time=lambda: seconds))
    peers = {"ours": Taking(0.0001), "slow": Taking(0.01)}
    run = run_kind(cast("dict[str, Peer]", peers), [Query(Word("a"))] * 20, budget=0.045)
    assert (len(run["ours"]), len(run["slow"])) == (20, 5)
    found = figures([run])
    assert found["slow"]["counted"]["queries"] == 5
    assert found["slow"]["counted"]["equal"] == 1
    assert found["slow"]["ratio"]["50"] < 1 == found["ours"]["ratio"]["50"]


def test_percentiles_are_values_that_were_measured() -> None:
    """Whoever reads p99 of a hundred queries expects the second slowest."""
    values = [float(n) for n in range(100, 0, -1)]
    assert [percentile(values, share) for share in (50, 95, 99, 100)] == [50, 95, 99, 100]
    assert percentile([3.0], 99) == 3


def test_what_wrk_says_is_understood() -> None:
    """What it says of itself stands before what our script says of it."""
    assert wrk.parsed(WRK) == {"rate": 114.3, "failed": 9, "p50": 309.88, "p95": 1200.5, "p99": 1950.0}
