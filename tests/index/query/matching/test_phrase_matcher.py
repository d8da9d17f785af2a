"""How a phrase is matched: its costs, what is checked of neighbours, and which loop reads the texts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from search.budget import QueryBudget
from search.engine import Search
from search.index.query.matching import phrase_matcher
from search.index.query.matching.phrase_matcher import (
    CLOSE_BY_COST,
    FILTERED_COST,
    ONE_BY_ONE_COST,
    PROVED_COST,
    SIDE_BY_SIDE_COST,
    TITLE_COST,
    TITLE_COST_ONE_BY_ONE,
    PhraseMatcher,
)
from search.index.snapshot import WhooshSnapshot
from search.query.parser import parse
from search.query.tree import Near, Phrase, slots_of
from tests.index.segments import ALL_DENSE, article, index

TEXTS = ["white whale swims", "the white whale", "whale of the white sea", "a well-known white whale"] * 25 + [
    "white sailor",
    "the sailor of a whale",
]
ALL_RARE = " ".join(f"x{number}" for number in range(30))


@pytest.fixture(scope="module")
def dense(tmp_path_factory: pytest.TempPathFactory) -> WhooshSnapshot:
    """*white* and *whale* are dense, *sailor* is sparse, and every word has neighbours."""
    folder: Path = tmp_path_factory.mktemp("dense")
    return index(folder, [article("a", *TEXTS, title="White whales")], tuning=ALL_DENSE)


@pytest.fixture(scope="module")
def sparse(tmp_path_factory: pytest.TempPathFactory) -> WhooshSnapshot:
    """No word has tables."""
    folder: Path = tmp_path_factory.mktemp("sparse")
    return index(folder, [article("a", *TEXTS, ALL_RARE, title="White whales")])


def matcher_of(snapshot: WhooshSnapshot, query: str) -> PhraseMatcher:
    """The matcher of a phrase in the only segment."""
    leaf = parse(query).tree
    assert isinstance(leaf, Phrase | Near)
    (segment,) = snapshot.searcher.generation.segments
    return PhraseMatcher(segment.segment, leaf, [segment.slots.resolve(slot) for slot in slots_of(leaf)])


@pytest.mark.parametrize(
    ("query", "name", "cost"),
    [
        ('"white whale"', "dense", PROVED_COST),
        ('"the white whale"', "dense", FILTERED_COST),
        ('"white sailor"', "dense", FILTERED_COST),
        ('"white whale"', "sparse", SIDE_BY_SIDE_COST),
        ("white NEAR/3 whale", "dense", CLOSE_BY_COST),
        ('"white whale"~3', "dense", ONE_BY_ONE_COST),
        ('"white whale" NEAR/3 sailor', "dense", ONE_BY_ONE_COST),
    ],
)
def test_costs(request: pytest.FixtureRequest, query: str, name: str, cost: tuple[int, float]) -> None:
    """The budget of a request counts these: were a costly phrase taken for a cheap one, a search would take seconds."""
    snapshot: WhooshSnapshot = request.getfixturevalue(name)
    (segment,) = snapshot.searcher.generation.segments
    length = len(segment.texts.units) / segment.segment.paragraphs
    assert matcher_of(snapshot, query).cost(segment.dense) == cost[0] + int(cost[1] * length)


def test_a_phrase_of_one_word_repeated_costs_more(sparse: WhooshSnapshot) -> None:
    """Read unit by unit, a text of *the the the* is begun anew at each of them."""
    (segment,) = sparse.searcher.generation.segments
    once, twice = (matcher_of(sparse, query).cost(segment.dense) for query in ('"white whale"~3', '"white white"~3'))
    assert twice > once


def test_checks_are_of_both_sides_and_the_rarest_comes_first(dense: WhooshSnapshot) -> None:
    """Each check saves reading texts: those of the rarest term leave the fewest."""
    (segment,) = dense.searcher.generation.segments
    term = {stem: segment.term(stem) for stem in ("white", "whale")}
    checks = matcher_of(dense, '"white whale"').checks(segment.dense, ())
    assert checks.shape == (2, 7)
    assert sorted(checks[:, 0]) == sorted(found.row for found in term.values() if found)
    freqs = [segment.dense.doc_freqs[row] for row in checks[:, 0]]
    assert freqs == sorted(freqs)
    sides = {int(row): int(side) for row, side in checks[:, :2]}
    assert [sides[found.row] for found in term.values() if found] == [0, 1]  # whale after white, white before whale


def test_sparse_terms_are_checked_where_their_postings_are_there(dense: WhooshSnapshot) -> None:
    """Neighbours are numbered as postings are: a loop that has none of a term must not look into them."""
    (segment,) = dense.searcher.generation.segments
    sailor = segment.term("sailor")
    assert sailor is not None
    assert sailor.row == -1
    matcher = matcher_of(dense, '"white sailor"')
    assert (matcher.checks(segment.dense, ())[:, 0] >= 0).all()
    checks = matcher.checks(segment.dense, (-1, sailor.term_id))
    assert checks[0, [0, 5]].tolist() == [-1, 1]  # the rarest, by its column


@pytest.mark.parametrize("query", ["white NEAR/3 whale", '"white whale"~3'])
def test_nothing_is_checked_where_words_may_stand_apart(dense: WhooshSnapshot, query: str) -> None:
    """The next word says nothing of the one after it."""
    (segment,) = dense.searcher.generation.segments
    assert matcher_of(dense, query).checks(segment.dense, ()).shape == (0, 7)


def test_neighbours_are_not_looked_for_when_it_is_late(tmp_path: Path) -> None:
    """To find them takes longer than to read a few texts: a request that has waited must not wait for them, too."""
    snapshot = index(tmp_path, [article("a", *TEXTS)], tuning=ALL_DENSE)
    (segment,) = snapshot.searcher.generation.segments
    budget = QueryBudget()
    matcher, tuning = matcher_of(snapshot, '"white whale"'), segment.dense.tuning
    object.__setattr__(segment.dense, "tuning", type(tuning)(nextword_seconds=-1.0))
    assert len(matcher.checks(segment.dense, (), budget)) == 0
    assert len(matcher.checks(segment.dense, ())) == 2
    assert len(matcher.checks(segment.dense, (), budget)) == 2


@pytest.mark.parametrize(
    ("query", "loop", "expected"),
    [
        ('"white whale"', "find_phrases", 75),
        ("white NEAR/3 whale", "find_near", 100),
        ('"white whale"~3', "scan_near", 75),
        ('"white whale" NEAR/3 the', "scan_near", 25),
        ('"white whale" NEAR/9 swims', "scan_near", 25),
    ],
)
def test_the_loop_that_reads_texts(
    sparse: WhooshSnapshot, query: str, loop: str, expected: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fast loops know phrases and two words only; given anything else they would find what is not there."""
    called: list[str] = []

    def record(name: str) -> None:
        scan = getattr(phrase_matcher, name)

        def recorded(*args: Any) -> None:  # noqa: ANN401 - a loop has no types
            called.append(name)
            scan(*args)

        monkeypatch.setattr(phrase_matcher, name, recorded)

    for name in ("find_phrases", "find_near", "scan_phrase", "scan_near"):
        record(name)
    (segment,) = sparse.searcher.generation.segments
    matcher, bits = matcher_of(sparse, query), np.zeros(segment.segment.n_blocks, np.uint64)
    docs = np.arange(segment.segment.paragraphs, dtype=np.int32)
    matcher.match(docs, segment.texts, QueryBudget(), bits)
    assert called == [loop]
    assert int(np.bitwise_count(bits).sum()) == expected
    assert matcher.title_cost == (TITLE_COST if matcher.is_vectorized else TITLE_COST_ONE_BY_ONE)


def test_many_forms_are_looked_up_one_by_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """To compare 64 units with each of many takes longer than to look each unit up; both find the same."""
    snapshot = index(tmp_path, [article("a", *TEXTS)])
    expected = snapshot.search(Search(parse('"white whale"').tree, limit=1)).total
    monkeypatch.setattr(phrase_matcher, "MAX_LEAD_UNITS", 1)
    assert not matcher_of(snapshot, '"white whale"').is_vectorized
    assert snapshot.search(Search(parse('"white whale"').tree, limit=1)).total == expected


def test_titles_are_matched_by_first_paragraphs(dense: WhooshSnapshot) -> None:
    """A title belongs to the first paragraph; others asked for by mistake must not match by it."""
    (segment,) = dense.searcher.generation.segments
    matcher, bits = matcher_of(dense, '"white whales"'), np.zeros(segment.segment.n_blocks, np.uint64)
    assert matcher.title_articles.tolist() == [0]
    matcher.match(np.arange(3, dtype=np.int32), segment.titles, QueryBudget(), bits)
    assert bits.tolist() == [1, *[0] * (len(bits) - 1)]
    assert not matcher_of(dense, '"white sailor"').may_match_titles
