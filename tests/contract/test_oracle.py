"""Every engine answers as the oracle does, whatever the archive, however it came about, whatever is asked."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from search.budget import QueryBudget
from search.engine import Engine, Search, Snapshot
from search.index.writing import merge
from search.model import Result, ScoredParagraph, SearchRequest
from search.query.filters import facet_queries, request_filters, restricted
from search.query.parser import parse
from search.ranking import ROWS_BY_FORM
from tests.contract.archives.archive_strategies import Question, Run, archives, questions
from tests.contract.engines import SCORE_TOLERANCE, run
from tests.oracle import Oracle

EVERYTHING = 10_000
"""More rows than a drawn archive has paragraphs."""


def ranking(result: Result) -> list[tuple[str, int]]:
    return [(hit.article_id, hit.number) for hit in result.hits]


def close(a: float, b: float) -> bool:
    return math.isclose(a, b, rel_tol=SCORE_TOLERANCE, abs_tol=SCORE_TOLERANCE)


def compare(snapshot: Snapshot, oracle: Snapshot, question: Question, *, scored: bool) -> int:
    """Assert that both answer a question alike, to the scores if `scored`; the number of hits."""
    languages = oracle.statistics().query_languages
    words = parse(question.q, match=question.match, languages=languages).tree
    request = SearchRequest(source=question.source, lang=question.lang, date_from=question.date_from)
    filters = request_filters(request)
    tree, own = restricted(words, filters), facet_queries(words, filters, question.facets)
    every = Search(tree, 0, EVERYTHING, question.sort, facets=question.facets, facet_queries=own)
    every = replace(every, scope=question.scope, count_elsewhere=True)
    found, expected = snapshot.search(every), oracle.search(every)
    assert sorted(ranking(found)) == sorted(ranking(expected))
    assert (found.total, found.total_articles) == (expected.total, expected.total_articles)
    assert found.articles_elsewhere in {expected.articles_elsewhere, None}  # None: it was too much to count
    assert (found.facets, found.warnings) == (expected.facets, ())
    assert [hit.more for hit in sorted(found.hits, key=by_id)] == [hit.more for hit in sorted(expected.hits, key=by_id)]
    scores = {by_id(hit): hit.score for hit in expected.hits}
    assert all(close(hit.score, scores[by_id(hit)]) for hit in found.hits) or not scored
    if question.sort == "relevance" and question.scope == "article":
        first = {by_id(hit) for hit in oracle.search(Search(tree, 0, EVERYTHING)).hits}
        keys = [(by_id(hit) not in first, -hit.score, by_id(hit)) for hit in found.hits]
        assert keys == sorted(keys)
    elif question.sort == "relevance":
        # The oracle's order, but that scores as close as the tolerance may stand either way round.
        assert list(found.hits) == sorted(found.hits, key=lambda hit: (-hit.score, hit.article_id, hit.number))
    else:
        assert ranking(found) == ranking(expected)
    asked = Search(tree, question.offset, question.limit, question.sort, question.group, question.facets)
    asked = replace(asked, scope=question.scope, facet_queries=own, count_elsewhere=True)
    check_rows(snapshot, asked, found)
    streamed = snapshot.stream(asked, QueryBudget())
    assert (streamed.total, list(streamed.rows)) == (found.total, list(found.hits))
    asked = replace(asked, group="article", group_limit=question.group_limit)
    check_further(
        snapshot.search(asked), oracle.search(replace(asked, offset=0, limit=EVERYTHING)), asked, scored=scored
    )
    assert snapshot.fetch(found.hits) == oracle.fetch(found.hits)
    return len(found.hits)


def by_id(hit: ScoredParagraph) -> tuple[str, int]:
    return hit.article_id, hit.number


def check_rows(snapshot: Snapshot, search: Search, whole: Result) -> None:
    """Assert that some rows of a ranking, by article if so grouped, are those rows of the whole ranking."""
    rows = list(whole.hits)
    if search.group == "article":
        by_article = list({hit.article_id: hit for hit in reversed(rows)}.values())
        by_article.sort(key=whole.hits.index)
        rows = list(snapshot.search(replace(search, offset=0, limit=EVERYTHING)).hits)
        if whole.total.value <= ROWS_BY_FORM:  # of more, others are the first, whose words are looked at once more
            assert rows == by_article
        assert sorted(hit.article_id for hit in rows) == sorted(hit.article_id for hit in by_article)
    some = snapshot.search(search)
    assert list(some.hits) == rows[search.offset : search.offset + search.limit]
    assert (some.total, some.total_articles, some.facets) == (whole.total, whole.total_articles, whole.facets)


def check_further(found: Result, expected: Result, search: Search, *, scored: bool) -> None:
    """Assert that each article has the next best of its paragraphs, as the oracle, asked for all articles, has them."""
    if search.group_limit == 1:
        assert found.further == expected.further == ()
        return
    known = {hit.article_id: (hit, further) for hit, further in zip(expected.hits, expected.further, strict=True)}
    for hit, further in zip(found.hits, found.further, strict=True):
        best, others = known[hit.article_id]
        assert len(further) == len(others) == min(search.group_limit - 1, hit.more)
        assert len({by_id(hit), *map(by_id, further)}) == 1 + len(further)
        assert {row.article_id for row in further} <= {hit.article_id}
        if scored and by_id(best) == by_id(hit):  # else two are equally good
            assert all(close(row.score, other.score) for row, other in zip(further, others, strict=True))
            ties = any(close(a.score, b.score) for a in others for b in others if a is not b)
            assert list(map(by_id, further)) == list(map(by_id, others)) or (ties and search.sort == "relevance")
        elif search.sort != "relevance":
            assert list(map(by_id, further)) == list(map(by_id, others))


def answer(open_engine: Callable[[Path], Engine], runs: list[Run], asked: list[Question], *, scored: bool) -> None:
    """Assert that an engine answers as the oracle does after these runs, each of them a commit."""
    oracle = Oracle()
    with TemporaryDirectory() as folder:
        engine = open_engine(Path(folder))
        for step in runs:
            for each in (engine, oracle):
                run(each, step.articles, gone=step.gone, anew=step.anew)
        snapshot, truth = engine.snapshot(), oracle.snapshot()
        counts = [compare(snapshot, truth, question, scored=scored) for question in asked]
        assert replace(snapshot.statistics(), size=0, dead=0) == truth.statistics()
        articles = sorted(truth.articles)
        assert [snapshot.article(name) for name in articles] == [truth.articles[name] for name in articles]
        for name in {*articles, *(one.partition(":")[0] for one in articles), "nothing"}:
            for after, limit in (("", 2), (name, EVERYTHING), (f"{name}:", 1)):
                assert snapshot.headings_of(name, after, limit) == truth.headings_of(name, after, limit)
            if scored:
                assert snapshot.telling_stems(name, 5, {"the"}) == truth.telling_stems(name, 5, {"the"})
            for first, count in ((1, 1), (2, 2), (1, EVERYTHING), (EVERYTHING, 1)):
                assert snapshot.portion(name, first, count) == truth.portion(name, first, count)
        engine.close()
    event(f"more than one block: {truth.statistics().paragraphs > 64}")
    event(f"queries with hits: {round(sum(map(bool, counts)) / len(counts), 1):.0%}")


@given(archives(), st.lists(questions, min_size=8, max_size=16))
def test_answers_as_the_oracle_does(on_disk: Callable[[Path], Engine], runs: list[Run], asked: list[Question]) -> None:
    """No archive, no history of runs, no query makes an engine find, count, score or order other than by force."""
    answer(on_disk, runs, asked, scored=True)


@given(archives(), st.lists(questions, min_size=8, max_size=16))
def test_what_is_deleted_stays_hidden(
    on_disk: Callable[[Path], Engine], runs: list[Run], asked: list[Question]
) -> None:
    """A large archive keeps deleted paragraphs for a while: they may sway the scores, and nothing else."""
    with pytest.MonkeyPatch.context() as patch:
        for name, never in (("SMALL", 0), ("DEAD", 2.0), ("SIMILAR", 0)):
            patch.setattr(merge, name, never)
        answer(on_disk, runs, asked, scored=False)
