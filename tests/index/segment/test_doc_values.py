"""Filters and facets of a few articles, told by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from search.dates import parse_date
from search.engine import Search
from search.index.segment.doc_values import Filter, FilterCache, filter_articles, split_filters
from search.index.snapshot import WhooshSnapshot
from search.query.tree import All, And, Dated, Lang, Not, Or, Source, Word
from tests.index.segments import article, index

MAIN_FORM = (
    article("a", "Whale.", "Whale.", date="1990-05-01", source="x"),
    article("b", "Whale.", date="1990", source="y", lang="de"),
    article("c", "Whale.", "Ship."),
)
SECOND = (article("d", "Whale.", date="1991-01", source="z"), article("e", "Ship.", date="1990-05", source="y"))
YEAR = parse_date("1990")


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> WhooshSnapshot:
    """Two segments; article c has no date."""
    folder: Path = tmp_path_factory.mktemp("index")
    return index(folder, MAIN_FORM, SECOND)


@pytest.mark.parametrize(
    ("node", "passes"),
    [
        (Source("s"), [False, False, True]),
        (Source("z"), [False, False, False]),
        (Lang("de"), [False, True, False]),
        (Dated(), [True, True, False]),
        (Dated(ends_after=YEAR.start, starts_before=YEAR.end), [True, True, False]),
        (Dated(ends_by=YEAR.end - 1), [True, False, False]),
        (Dated(starts_from=YEAR.start + 1), [True, False, False]),
        (Dated(starts_before=YEAR.start), [False, False, False]),
        (Not(Source("s")), [True, True, False]),
        (Or((Source("s"), Source("x"), Source("z"))), [True, False, True]),
        (Not(Or((Source("s"), Lang("de")))), [True, False, False]),
    ],
)
def test_filters_are_of_articles(snapshot: WhooshSnapshot, node: Filter, passes: list[bool]) -> None:
    """A bound that is off by one shows articles of another year; a name of another segment must find nothing here."""
    assert filter_articles(snapshot.views[0].segment, node).tolist() == passes


def test_all_paragraphs_of_an_article_pass_its_filter(snapshot: WhooshSnapshot) -> None:
    """A search looks at paragraphs, and a source is that of a whole article."""
    segment = snapshot.views[0].segment
    bits = segment.derived(FilterCache).bitmap(Source("x"))
    assert np.unpackbits(bits.view(np.uint8), bitorder="little")[: segment.paragraphs].tolist() == [1, 1, 0, 0, 0]
    assert segment.derived(FilterCache).bitmap(Source("x")) is bits


def test_filters_that_restrict_everything_are_split_off() -> None:
    """Beside words in an OR it restricts only a part; and nothing but filters is a query that has no other part."""
    word, source, lang = Word(("whale",)), Source("x"), Lang("de")
    assert split_filters(And((word, source, lang))) == (word, (source, lang))
    either = Or((source, Not(lang)))
    assert split_filters(And((word, Not(source), either))) == (word, (Not(source), either))
    mixed = And((word, Or((word, source)), Not(Or((word, lang)))))
    for query in (word, source, And((source, lang)), Not(source), mixed):
        assert split_filters(query) == (query, ())


def test_facets_count_paragraphs_over_all_segments(snapshot: WhooshSnapshot) -> None:
    """What a page offers to restrict to has to be what one gets; equal counts come by name, so that none jumps."""
    facets = snapshot.search(Search(Not(Word(("ship",))), facets=("source", "lang", "year", "month"))).facets
    assert facets["source"] == (("x", 2), ("s", 1), ("y", 1), ("z", 1))
    assert facets["lang"] == (("en", 4), ("de", 1))
    assert facets["year"] == (("1990", 3), ("1991", 1))
    assert facets["month"] == (("1990-05", 2), ("1991-01", 1))


def test_facets_do_not_depend_on_which_are_asked_for(snapshot: WhooshSnapshot) -> None:
    """Segments keep what several facets are counted by: it must be that of these facets, in whatever order."""
    every = snapshot.search(Search(All(), facets=("source", "lang", "year", "month"))).facets
    for facets in (("year",), ("month", "lang"), ("lang", "month")):
        assert snapshot.search(Search(All(), facets=facets)).facets == {name: every[name] for name in facets}
