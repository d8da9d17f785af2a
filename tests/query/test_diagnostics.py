"""Filters that nothing can meet are said to be so: a mistyped source must not look like an archive without answers."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from search.engine import Snapshot
from search.model import SearchRequest
from search.service import find
from tests.contract.engines import article

Archive = Callable[..., Snapshot]

ARTICLES = (
    article("a.txt", "Moon.", source="north", lang="en", date="1969-07-20"),
    article("b.txt", "Lune.", source="south", lang="fr", date="2024"),
)
DOUBTED = {
    # query: words of the warning
    "moon source:nroth": ("no source 'nroth'", "north, south"),
    "source:*": ("no source '*'", "Wildcards do not work in source:"),
    "-source:west": ("no source 'west'", "north, south"),
    "moon lang:e*": ("language 'e*'", "Wildcards do not work in lang:"),
    "(moon OR lang:de)": ("language 'de', German,", "en, fr"),
    "after:2025 before:2020": ("No date meets",),
    "date:1969 after:2020 moon": ("No date meets",),
    "date:1969 before:1960 moon": ("No date meets",),
}


@pytest.mark.parametrize("query", DOUBTED)
def test_a_filter_that_nothing_meets_is_named(archive: Archive, query: str) -> None:
    """It finds nothing, which is right; that it never can is what its author has to hear."""
    (warning,) = find(archive(ARTICLES), SearchRequest(query)).warnings
    assert all(words in warning for words in DOUBTED[query])


@pytest.mark.parametrize(
    "query",
    ["moon source:north", "lang:EN", "after:2020 before:2025", "date:2024-03 date:2024-06", "date:1969 OR date:2024"],
)
def test_a_filter_that_can_be_met_is_left_alone(archive: Archive, query: str) -> None:
    """A warning beside a good query would teach people to ignore warnings."""
    assert find(archive(ARTICLES), SearchRequest(query)).warnings == ()


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (SearchRequest("moon", source="west"), "no source 'west'"),
        (SearchRequest("moon", lang="xx"), "language 'xx'"),
        (SearchRequest("moon", date_from="2025", date_to="2024-06"), "date_from, 2025, lies after date_to, 2024-06."),
    ],
    ids=lambda value: str(value)[:20],
)
def test_parameters_are_doubted_as_well(archive: Archive, request_: SearchRequest, words: str) -> None:
    """Forms and programs filter by parameters, and mistype them no less."""
    (warning,) = find(archive(ARTICLES), request_).warnings
    assert words in warning


def test_one_day_is_a_range(archive: Archive) -> None:
    """Facets link to a range that begins and ends in the same year."""
    assert find(archive(ARTICLES), SearchRequest("moon", date_from="1969", date_to="1969")).warnings == ()


def test_a_thousand_sources_are_not_listed(archive: Archive) -> None:
    """A warning is a sentence, however many sources there are."""
    many = [article(f"{n}.txt", "Moon.", source=f"s{n:03}") for n in range(50)]
    (warning,) = find(archive(many), SearchRequest("source:x")).warnings
    assert len(warning) < 150
    assert "..." in warning
