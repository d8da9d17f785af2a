"""The ledger, and that it comes back from JSON as it was."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from search.ledger import OUTCOMES, Ledger, LedgerEntry, Problem, Progress, Root, files_of
from tests.strategies import texts

outcomes = st.sampled_from(OUTCOMES)
problems = st.lists(st.builds(Problem, texts, texts, texts), max_size=2).map(tuple)
numbers = st.integers(0, 1 << 63)
entries = st.builds(
    LedgerEntry,
    source=texts,
    path=texts,
    outcome=outcomes,
    article_id=st.none() | texts,
    size=numbers,
    mtime=numbers,
    digest=texts,
    articles=numbers,
    problems=problems,
    reason=texts,
)
ledgers = st.builds(
    Ledger,
    st.dictionaries(texts, st.builds(Root, texts, texts, texts), max_size=3),
    st.lists(entries, max_size=4).map(tuple),
)


@given(ledgers)
def test_json_keeps_everything(ledger: Ledger) -> None:
    """The next run compares with what this one wrote: what JSON loses would be indexed anew each time."""
    assert Ledger.from_json(json.loads(json.dumps(ledger.to_json()))) == ledger
    assert Ledger.from_json(json.loads(json.dumps(ledger.to_columns()))) == ledger


@given(st.lists(entries, max_size=3).map(tuple), st.lists(entries, max_size=2).map(tuple))
def test_progress_comes_back(finished: tuple[LedgerEntry, ...], partial: tuple[LedgerEntry, ...]) -> None:
    """A run that goes on after an interrupted one has nothing else to go by."""
    progress = Progress(finished, partial)
    assert Progress.from_json(json.loads(json.dumps(progress.to_json()))) == progress


@given(ledgers)
def test_every_file_has_one_outcome(ledger: Ledger) -> None:
    """A file that is in no list is one that nobody hears of."""
    parts = [ledger.of(outcome) for outcome in OUTCOMES]
    assert list(map(len, parts)) == list(ledger.counts().values())
    assert sorted(map(repr, ledger.entries)) == sorted(repr(entry) for part in parts for entry in part)


def test_an_empty_ledger_knows_nothing() -> None:
    """It stands for the index that is not there yet."""
    assert Ledger().entries == ()
    assert Ledger().roots == {}


def test_a_ledger_of_an_earlier_version_is_read() -> None:
    """It said for all sources at once how they were read; without a word for each, each is read anew."""
    data = {"reading": "so", "roots": {"news": {"path": "/srv/news", "prefix": ""}}, "entries": []}
    assert Ledger.from_json(data) == Ledger({"news": Root("/srv/news", "", reading="")})


def test_the_file_of_an_article() -> None:
    """A path may have a colon as the ids of records do: the longest file that is known is the article's."""
    assert files_of("north:a.csv:7") == ["north:a.csv:7", "north:a.csv", "north"]
    assert files_of(":a") == [":a"]
