"""Filters of a request: lists of values as text, and what they make of a query."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.errors import RequestError
from search.model import SearchRequest
from search.query.filters import (
    MAX_VALUES,
    FilterValues,
    facet_queries,
    read_values,
    request_filters,
    with_filters,
    write_value,
    write_values,
)
from search.query.tree import ALL, And, Dated, Lang, Not, Or, Source, Word

names = st.text(st.sampled_from('ab -",\n\u2003é') | st.characters(codec="utf-8"), min_size=1, max_size=6)


def distinct(*, least: int = 0) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(names, min_size=least, max_size=4, unique=True).map(tuple)


@given(st.builds(FilterValues, distinct(least=1), distinct()) | st.builds(FilterValues, distinct(), distinct(least=1)))
def test_values_are_read_as_they_were_written(values: FilterValues) -> None:
    """A link to a source with a comma or a hyphen in its name has to lead to that source."""
    text = write_values(values)
    assert text is not None
    assert read_values("source", text) == values
    assert write_values(read_values("source", text)) == text
    assert write_values(FilterValues()) is None


@pytest.mark.parametrize(
    ("text", "any_of", "none_of"),
    [
        ("seeds", ("seeds",), ()),
        ("a,b", ("a", "b"), ()),
        (" a , -b ", ("a",), ("b",)),
        ("-a", (), ("a",)),
        ("a-b,--c", ("a-b",), ("-c",)),
        ('"-a","b,c",-"d"', ("-a", "b,c"), ("d",)),
        ('"say ""hi"" "', ('say "hi" ',), ()),
        ('a "b" c', ('a "b" c',), ()),
        ("a,a,b", ("a", "b"), ()),
    ],
)
def test_values_as_people_write_them(text: str, any_of: tuple[str, ...], none_of: tuple[str, ...]) -> None:
    """A hyphen excludes, a comma separates, and quotes take a value as it stands."""
    assert read_values("source", text) == (any_of, none_of)


@pytest.mark.parametrize(
    "text", ["", " ", ",", "a,", ",a", "a,,b", "-", "a,-", '""', '"a', '"a"b', '-"', "- a", '"a" "b"', '"' * 999]
)
def test_values_that_cannot_be_read(text: str) -> None:
    """Nothing is passed over: a filter that is lost gives a wrong answer that looks right."""
    with pytest.raises(RequestError) as caught:
        read_values("source", text)
    assert caught.value.parameter == "source"
    assert caught.value.hint


def test_values_have_a_limit() -> None:
    """Each is compared with the value of each article, so their number bounds the work."""
    many = [f"s{n}" for n in range(MAX_VALUES + 1)]
    assert len(read_values("lang", ",".join(many[1:])).any_of) == MAX_VALUES
    with pytest.raises(RequestError, match="more than 100 values"):
        read_values("lang", ",".join(many))


def test_a_plain_name_is_written_as_it_is() -> None:
    """Addresses stay readable."""
    assert write_value("my archive") == "my archive"


WORD = Word(("moon",))
REQUEST = SearchRequest(source="a,b,-c", lang="-EN", date_from="1970")
EITHER, DATES = Or((Source("a"), Source("b"))), Dated(ends_after=0)


def test_filters_restrict_a_query() -> None:
    """An article has one of the values and none of those that are excluded; languages are in lower case."""
    assert with_filters(WORD, SearchRequest()) == WORD
    assert with_filters(ALL, SearchRequest(source="a")) == Source("a")
    assert with_filters(WORD, REQUEST) == And((WORD, EITHER, Not(Source("c")), Not(Lang("en")), DATES))


def test_each_facet_leaves_out_its_own_filter() -> None:
    """With it, a facet would have the chosen value alone, and nothing to choose besides."""
    filters = request_filters(REQUEST)
    own = facet_queries(WORD, filters, ("source", "lang", "year", "month"))
    assert own == {
        "source": And((WORD, Not(Lang("en")), DATES)),
        "lang": And((WORD, EITHER, Not(Source("c")), DATES)),
        "year": And((WORD, EITHER, Not(Source("c")), Not(Lang("en")))),
        "month": own["year"],
    }
    assert facet_queries(WORD, request_filters(SearchRequest(lang="en")), ("source", "year")) == {}
    assert facet_queries(ALL, request_filters(SearchRequest(lang="en")), ("lang",)) == {"lang": ALL}
