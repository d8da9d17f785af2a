"""Variants of names, on every engine: what was typed ranks first, whatever the variants are."""

from __future__ import annotations

import pytest

from search.engine import Engine, Snapshot
from search.model import SearchRequest
from search.query.parser import MAX_LENGTH
from search.service import find
from tests.contract.engines import article, run

FILLER = "of all that was said on that day in the town by the sea nothing was true"


@pytest.fixture
def snapshot(engine: Engine) -> Snapshot:
    return run(
        engine,
        [
            article(
                "news",
                f"Suwayda, where {FILLER}.",
                "Sweida Sweida Sweida Sweida.",
                f"In Turkey {FILLER}.",
                "Türkiye.",
                "Fighters of Daesh came.",
                "Fighters of the Islamic State came.",
                "The Islamic party of the State came.",
                "In Côte d’Ivoire they came.",
                "A coast of ivory.",
                "Ivory is found at the coast.",
                title="News",
            ),
            article("titled", "Nothing of it here.", title="Peking opera"),
            article("plain", *(f"Turkey number {n}, and {FILLER}." for n in range(30)), title="Birds"),
        ],
    )


def numbers(snapshot: Snapshot, query: str, **options: str) -> list[int]:
    page = find(snapshot, SearchRequest(query, per_page=100, **options))  # type: ignore[arg-type]  # the tests' own names
    return [hit.number for hit in page.hits if hit.article.id == "news"]


def test_what_was_typed_ranks_first(snapshot: Snapshot) -> None:
    """A variant may be rarer, more frequent in its paragraph and in a shorter one: it still comes second."""
    assert numbers(snapshot, "suwayda") == [1, 2]
    assert numbers(snapshot, "sweida") == [2, 1]
    assert numbers(snapshot, "turkey") == [3, 4]
    assert find(snapshot, SearchRequest("turkey", per_page=100)).hits[-1].number == 4


def test_variants_can_be_switched_off(snapshot: Snapshot) -> None:
    """By a parameter, and by quotes."""
    assert numbers(snapshot, "suwayda", variants="off") == numbers(snapshot, '"suwayda"') == [1]


def test_a_variant_of_several_words_is_a_phrase(snapshot: Snapshot) -> None:
    """*Islamic State* is not any State with an Islamic party."""
    assert numbers(snapshot, 'daesh ALSO "Islamic State"') == [5, 6]
    assert sorted(numbers(snapshot, "ivory coast")) == [8, 9, 10]
    assert numbers(snapshot, "ivory coast")[-1] == 8
    assert 8 in numbers(snapshot, "ivory coast", match="any")


def test_hits_name_the_variant_and_mark_it(snapshot: Snapshot) -> None:
    """The reader sees what was found instead."""
    page = find(snapshot, SearchRequest("sweida"))
    first, second = page.hits
    typed, *variants = page.interpreted.split(" ALSO ")
    assert typed == "sweida"
    assert "Suwayda" in variants  # an engine that does not know its words takes all
    assert (first.matched_variants, second.matched_variants) == ({}, {"sweida": ("Suwayda",)})
    assert second.text.spans == ((0, 7),)
    (titled,) = find(snapshot, SearchRequest("beijing")).hits
    assert titled.matched_variants == {"beijing": ("Peking",)}


def test_interpreted_gives_the_same_results(snapshot: Snapshot) -> None:
    """It is what people pass on: its scores, marks and variants are those of what was typed."""
    for query in ("turkey OR sweida", "ivory coast", "-turkey came", "title:beijing"):
        page = find(snapshot, SearchRequest(query))
        assert page.hits, query
        again = find(snapshot, SearchRequest(page.interpreted))
        assert (again.hits, again.total, again.variants) == (page.hits, page.total, page.variants)


def test_not_excludes_variants_too(snapshot: Snapshot) -> None:
    """Whoever does not want the country wants it by no name."""
    assert 4 not in numbers(snapshot, "-turkey")
    assert 4 in numbers(snapshot, "-turkey", variants="off")


def test_aliases_are_offered(snapshot: Snapshot) -> None:
    """One click from what was typed to what others call it."""
    page = find(snapshot, SearchRequest("isil"))
    assert [(typed, "Daesh" in names) for typed, names in page.offers] == [("isil", True)]
    assert not page.hits
    assert [hit.number for hit in find(snapshot, SearchRequest(page.offered)).hits] == [5, 6]


def test_nothing_is_offered_that_is_not_searched_for(snapshot: Snapshot) -> None:
    """A query without room for other names would be the one that was typed."""
    page = find(snapshot, SearchRequest("isil " + "x" * (MAX_LENGTH - 4)))
    assert (page.offers, page.offered) == ((), "")
