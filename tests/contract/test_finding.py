"""Every form of the query language finds what a count by hand finds, on every engine."""

from __future__ import annotations

import pytest

from search.engine import Snapshot
from tests.contract.archives.corpus import PARAGRAPHS, ask, rows
from tests.contract.archives.expected import EXPECTED, MISSES


@pytest.mark.parametrize("query", EXPECTED)
def test_finds(library: Snapshot, query: str) -> None:
    """The answer to each form is what a reader who counts would say."""
    assert sorted(ask(library, query)) == rows(EXPECTED[query])


@pytest.mark.parametrize("query", MISSES)
def test_does_not_find(library: Snapshot, query: str) -> None:
    """A form that finds too much is as wrong as one that finds nothing; its neighbour shows that it can find."""
    assert ask(library, query)
    assert ask(library, MISSES[query]) == []


ANY = {
    "dawn grün": "harbour 2, strassen 2",
    "ship grün -pilots": "harbour 4 5, ships 1 2, strassen 2",
    "ship grün source:south": "ships 1 2, strassen 2",
    "military AND peace dawn": "harbour 2, sharaa 3",
    '"two tests" (military peace)': "code 1, sharaa 2 3",
}


@pytest.mark.parametrize("query", ANY)
def test_matches_any(library: Snapshot, query: str) -> None:
    """`match=any` loosens the implied operator and nothing else: what restricts goes on restricting."""
    assert sorted(ask(library, query, match="any")) == rows(ANY[query])
    assert sorted(ask(library, query)) != rows(ANY[query])


REQUESTS: list[tuple[str, dict[str, str], str]] = [
    ("ship", {"source": "south"}, "ships 1 2"),
    ("", {"source": "south", "lang": "en"}, "ships 1 2"),
    ("dawn OR grün", {"lang": "DE"}, "strassen 2"),
    ("", {"date_from": "2025-07-23"}, "beijing 1 2, code 1 2, sharaa 1 2 3"),
    ("", {"date_to": "2024-05-03"}, "café 1 2, harbour 1 2 3 4 5, ships 1 2"),
    ("", {"date_from": "2025-07-22", "date_to": "2025-07-22"}, "code 1 2, strassen 1 2"),
    ("-ship", {"date_from": "2024-06", "date_to": "2024", "source": "south"}, "café 1 2"),
]


@pytest.mark.parametrize(("query", "filters", "expected"), REQUESTS)
def test_filters(library: Snapshot, query: str, filters: dict[str, str], expected: str) -> None:
    """The filters of the page restrict any query, an OR as a whole."""
    assert sorted(ask(library, query, **filters)) == rows(expected)


def test_empty_query_finds_everything(library: Snapshot) -> None:
    """The page without a query shows the whole archive, with what was replaced or removed gone."""
    assert len(ask(library, "")) == PARAGRAPHS
    statistics = library.statistics()
    assert (statistics.articles, statistics.paragraphs) == (8, PARAGRAPHS)
    assert statistics.sources == {"north": 3, "south": 5}
    assert statistics.languages == {"ar": 1, "de": 1, "en": 4, "fr": 1, "zh": 1}
    assert (statistics.earliest, statistics.latest) == ("2024", "2025-07-23 08:15:11")
