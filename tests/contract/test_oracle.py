"""Every engine answers as the oracle does, whatever the archive, however it came about, whatever is asked."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from search.budget import QueryBudget
from search.cluster.writing import cluster_writer
from search.engine import Engine, Search, Snapshot
from search.errors import RequestError
from search.index.writing import merge
from search.model import Result, ScoredParagraph, SearchRequest
from search.query.filters import facet_queries, request_filters, restricted
from search.query.parser import parse
from search.ranking import ROWS_BY_FORM
from tests.contract.archives.archive_strategies import FEWER, Question, Run, archives, questions
from tests.contract.archives.corpus import CORPUS
from tests.contract.clusters import in_cluster
from tests.contract.engines import ON_DISK, run, tolerance
from tests.oracle import Oracle

pytestmark = pytest.mark.no_cover  # it would take thrice as long, and other tests reach these lines

EVERYTHING = 10_000
"""More rows than a drawn archive has paragraphs."""


def ranking(result: Result) -> list[tuple[str, int]]:
    return [(hit.article_id, hit.number) for hit in result.hits]


def close(a: float, b: float, within: float) -> bool:
    return math.isclose(a, b, rel_tol=within, abs_tol=within)


def compare(snapshot: Snapshot, oracle: Snapshot, question: Question, *, scored: bool) -> int:
    """Assert that both answer a question alike, to the scores if `scored`; the number of hits."""
    languages = oracle.statistics().query_languages
    words = parse(question.q, match=question.match, languages=languages).tree
    request = SearchRequest(source=question.source, lang=question.lang, date_from=question.date_from)
    filters = request_filters(request)
    tree, own = restricted(words, filters), facet_queries(words, filters, question.facets)
    every = Search(tree, 0, EVERYTHING, question.sort, facets=question.facets, facet_queries=own)
    every = replace(every, scope=question.scope, count_elsewhere=True, duplicates=question.duplicates)
    found, expected = snapshot.search(every), oracle.search(every)
    assert sorted(ranking(found)) == sorted(ranking(expected))
    assert (found.total, found.total_articles) == (expected.total, expected.total_articles)
    assert found.folded == expected.folded
    if question.duplicates == "fold":
        event(f"something is folded: {expected.folded.articles > 0}")
    assert found.articles_elsewhere in {expected.articles_elsewhere, None}  # None: it was too much to count
    assert (found.facets, found.warnings) == (expected.facets, ())
    assert [hit.more for hit in sorted(found.hits, key=by_id)] == [hit.more for hit in sorted(expected.hits, key=by_id)]
    scores = {by_id(hit): hit.score for hit in expected.hits}
    assert all(close(hit.score, scores[by_id(hit)], tolerance(snapshot)) for hit in found.hits) or not scored
    order = Order.of(snapshot, oracle, every)
    if question.sort == "relevance":
        # The oracle's order, but that scores as close as the tolerance may stand either way round.
        assert list(found.hits) == order.ranked(found.hits)
    else:
        assert ranking(found) == ranking(expected)
    asked = Search(tree, question.offset, question.limit, question.sort, question.group, question.facets)
    asked = replace(asked, scope=question.scope, facet_queries=own, count_elsewhere=True)
    asked = replace(asked, duplicates=question.duplicates)
    check_rows(snapshot, asked, found, order)
    streamed = snapshot.stream(asked, QueryBudget())
    shown = snapshot.search(replace(every, duplicates="show"))
    assert (streamed.total, list(streamed.rows)) == (shown.total, list(shown.hits))
    asked = replace(asked, group="article", group_limit=question.group_limit)
    check_further(snapshot.search(asked), asked, found, order)
    asked = replace(asked, offset=0, limit=EVERYTHING)
    if scored:
        check_scores(snapshot.search(asked), oracle.search(asked), tolerance(snapshot))
    assert snapshot.fetch(found.hits) == oracle.fetch(found.hits)
    return len(found.hits)


def by_id(hit: ScoredParagraph) -> tuple[str, int]:
    return hit.article_id, hit.number


class Order(NamedTuple):
    """What the order of the results of a search is made of, for each paragraph that it finds."""

    first_scores: dict[tuple[str, int], float]
    """The scores before those of some rows rise: see `search.ranking`."""
    is_later: Callable[[ScoredParagraph], bool]
    """Whether a paragraph comes after those that meet the query by themselves."""

    @classmethod
    def of(cls, snapshot: Snapshot, oracle: Snapshot, every: Search) -> Order:
        # by date there is no second scoring
        first_scores = {by_id(hit): hit.score for hit in snapshot.search(replace(every, sort="date")).hits}
        if every.scope == "paragraph":
            return cls(first_scores, lambda _: False)
        alone = {by_id(hit) for hit in oracle.search(Search(every.query, 0, EVERYTHING)).hits}
        return cls(first_scores, lambda hit: by_id(hit) not in alone)

    def ranked(self, hits: Iterable[ScoredParagraph]) -> list[ScoredParagraph]:
        """Some rows by relevance, as their scores are."""
        return sorted(hits, key=lambda hit: (self.is_later(hit), -hit.score, by_id(hit)))

    def before_rescoring(self, whole: Result, search: Search) -> list[ScoredParagraph]:
        """All paragraphs that were found, with their first scores, in the order that these make."""
        hits = [hit._replace(score=self.first_scores[by_id(hit)]) for hit in whole.hits]
        return self.ranked(hits) if search.sort == "relevance" else hits


def check_rows(snapshot: Snapshot, search: Search, whole: Result, order: Order) -> None:
    """Assert that some rows of a ranking, by article if so grouped, are those rows of the whole ranking."""
    rows = list(whole.hits)
    if search.group == "article":
        rows = list(snapshot.search(replace(search, offset=0, limit=EVERYTHING)).hits)
        check_articles(rows, search, whole, order)
    some = snapshot.search(search)
    assert list(some.hits) == rows[search.offset : search.offset + search.limit]
    assert (some.total, some.total_articles, some.facets) == (whole.total, whole.total_articles, whole.facets)


def check_articles(rows: list[ScoredParagraph], search: Search, whole: Result, order: Order) -> None:
    """Assert that each article that was found has its row: its best paragraph, before the second scoring."""
    ordered = order.before_rescoring(whole, search)
    best: dict[str, ScoredParagraph] = {}
    for hit in ordered:
        best.setdefault(hit.article_id, hit)
    if search.sort != "relevance":
        assert rows == list(best.values())
        return
    assert rows == order.ranked(rows)
    first = [row._replace(score=order.first_scores[by_id(row)]) for row in rows]
    assert sorted(first, key=by_id) == sorted(best.values(), key=by_id)
    scores = {by_id(hit): hit.score for hit in whole.hits}
    for is_later in (False, True):  # a row that is among the first of a part is among its first articles, too
        rescored = [by_id(hit) for hit in ordered if order.is_later(hit) is is_later][:ROWS_BY_FORM]
        assert all(row.score == scores[by_id(row)] for row in rows if by_id(row) in rescored)
    assert all(row.score >= one.score for row, one in zip(rows, first, strict=True))


def check_further(found: Result, search: Search, whole: Result, order: Order) -> None:
    """Assert that each article has the next best of its paragraphs, by the first scores."""
    if search.group_limit == 1:
        assert found.further == ()
        return
    ordered = order.before_rescoring(whole, search)
    for row, further in zip(found.hits, found.further, strict=True):
        others = [hit for hit in ordered if hit.article_id == row.article_id and hit.number != row.number]
        assert list(further) == others[: search.group_limit - 1]


def check_scores(found: Result, expected: Result, within: float) -> None:
    """Assert that paragraphs which are rows of both results have the same scores, and so those that are further."""
    for ours, theirs in ((found.hits, expected.hits), (chain(*found.further), chain(*expected.further))):
        scores = {by_id(hit): hit.score for hit in theirs}
        assert all(close(hit.score, scores.get(by_id(hit), hit.score), within) for hit in ours)


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
        for name in (*articles, "nothing"):
            assert snapshot.copies(name) == truth.copies(name)
            if scored:
                assert snapshot.telling_stems(name, 5, {"the"}) == truth.telling_stems(name, 5, {"the"})
            for first, count in ((1, 1), (2, 2), (1, EVERYTHING), (EVERYTHING, 1)):
                assert snapshot.portion(name, first, count) == truth.portion(name, first, count)
        engine.close()
    event(f"more than one block: {truth.statistics().paragraphs > 64}")
    event(f"queries with hits: {round(sum(map(bool, counts)) / len(counts), 1):.0%}")


FEW = settings(max_examples=4)
"""A run in a cluster takes seconds, for it agrees upon each step; so what does not take a run draws more."""


@contextmanager
def too_many_clauses_are_refused() -> Iterator[None]:
    """A cluster refuses a query that has more clauses than it takes (docs/scaling.md), and no other."""
    try:
        yield
    except RequestError as error:
        if "more words than the cluster takes" not in error.message:
            raise


@FEWER
@given(archives(), st.lists(questions, min_size=8, max_size=16))
def test_answers_as_the_oracle_does(on_disk: Callable[[Path], Engine], runs: list[Run], asked: list[Question]) -> None:
    """No archive, no history of runs, no query makes an engine find, count, score or order other than by force."""
    answer(on_disk, runs, asked, scored=True)


@FEW
@given(archives(), st.lists(questions, min_size=4, max_size=8))
def test_answers_of_a_cluster(runs: list[Run], asked: list[Question]) -> None:
    """Nor does it make a cluster."""
    with too_many_clauses_are_refused():
        answer(in_cluster, runs, asked, scored=True)


@pytest.fixture(scope="module")
def oracle() -> Snapshot:
    """What the oracle has of the hand-made corpus."""
    return run(Oracle(), CORPUS)


@pytest.mark.parametrize("library", ["oracle", *ON_DISK], indirect=True)
@given(questions)
def test_any_question(library: Snapshot, oracle: Snapshot, asked: Question) -> None:
    """No query makes an engine find, count, score or order other than by force."""
    compare(library, oracle, asked, scored=True)


@pytest.mark.parametrize("library", ["opensearch"], indirect=True)
@settings(max_examples=40)
@given(questions)
def test_any_question_to_a_cluster(library: Snapshot, oracle: Snapshot, asked: Question) -> None:
    """Nor a cluster, which takes a dozen requests for each."""
    with too_many_clauses_are_refused():
        compare(library, oracle, asked, scored=True)


@contextmanager
def unmerged() -> Iterator[None]:
    """What is deleted stays in the index for a while, as in a large one."""
    with pytest.MonkeyPatch.context() as patch:
        for merging, name, never in (
            (merge, "SMALL", 0),
            (merge, "DEAD", 2.0),
            (merge, "SIMILAR", 0),
            (cluster_writer, "SMALL", 0),
            (cluster_writer, "DEAD", 2.0),
        ):
            patch.setattr(merging, name, never)
        yield


@FEWER
@given(archives(), st.lists(questions, min_size=8, max_size=16))
def test_what_is_deleted_stays_hidden(
    on_disk: Callable[[Path], Engine], runs: list[Run], asked: list[Question]
) -> None:
    """A large archive keeps deleted paragraphs for a while: they may sway the scores, and nothing else."""
    with unmerged():
        answer(on_disk, runs, asked, scored=False)


@FEW
@given(archives(), st.lists(questions, min_size=4, max_size=8))
def test_what_is_deleted_stays_hidden_in_a_cluster(runs: list[Run], asked: list[Question]) -> None:
    """In a cluster too, which merges when it likes to."""
    with unmerged():
        answer(in_cluster, runs, asked, scored=False)
