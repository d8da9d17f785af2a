"""The facets of a page of results."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from search.engine import Statistics
from search.model import FacetCount, Page, SearchRequest, Total
from search.query.filters import FilterValues, read_values
from web.presentation.facets import LISTED, Named, facet_lists, useful_facets
from web.presentation.formatting import lang_attribute, language

HOSTILE = '"><script>alert(1)</script>'
names = st.text("ab,-{}<>\"&'/\\% \n", min_size=1, max_size=20) | st.text(min_size=1, max_size=20)


def page_of(request: SearchRequest, **facets: tuple[FacetCount, ...]) -> Page:
    return Page(request, request.q, (), Total(2), 2, (), dict(facets), 1.0, 1, "2026-01-01T00:00:00Z")


def values_of(url: str, name: Named) -> Any:  # noqa: ANN401 - what a test compares
    texts = parse_qs(urlsplit(url).query, errors="surrogatepass").get(name)
    return read_values(name, texts[0]) if texts else FilterValues()


@given(names, names, st.sampled_from(["source", "lang"]))
@example(HOSTILE, "b", "source")
@example("' onclick='alert(1)", "-a,b", "source")
def test_a_value_stays_a_value(one: str, other: str, facet: Named) -> None:
    """Sources are named by whoever makes folders: whatever one is called, it is shown and searched for, and no more."""
    if facet == "lang":
        one, other = one.lower(), other.lower()  # as all codes of languages are
    if one == other:
        return
    counts = (FacetCount(one, 2), FacetCount(other, 1_000))
    (found,) = facet_lists(page_of(SearchRequest("a"), **{facet: counts}))
    for value, (name, paragraphs) in zip(found.values, counts, strict=True):
        assert (value.label, value.paragraphs) == (language(name) if facet == "lang" else name, paragraphs)
        assert values_of(value.url, facet) == FilterValues((name,))
        assert values_of(value.without, facet) == FilterValues((), (name,))
        assert read_values(facet, f"{value.written},-{value.written}") == FilterValues((name,), (name,))


def test_the_only_value_is_counted_where_it_is_in_use() -> None:
    """Beside 27 paragraphs stood "English 0", as an archive in one language has no use for that list otherwise."""
    known = Statistics(1, 1, 1, {"a": 1}, {"en": 1}, "", "", 0)
    assert useful_facets(known, SearchRequest("a")) == ()
    assert useful_facets(known, SearchRequest("a", source="a")) == ("source",)
    assert useful_facets(known, SearchRequest("a", lang="-en")) == ("lang",)


def test_codes_of_languages_may_be_in_capitals() -> None:
    """Who types `lang=EN` had a value `EN` without paragraphs beside English, which was not chosen."""
    (found,) = facet_lists(page_of(SearchRequest("a", lang="EN"), lang=(FacetCount("en", 2), FacetCount("fr", 1))))
    assert [(value.label, value.paragraphs, value.is_chosen) for value in found.values] == [
        ("English", 2, True),
        ("French", 1, False),
    ]


USED = [
    (None, "", ("b", ""), ("", "b")),
    ("a", "", ("a,b", ""), ("a", "b")),
    ("a,b", "chosen", ("a", ""), ("a", "b")),
    ("-b,-c", "excluded", ("b", "c"), ("", "c")),
]
"""What is asked for of a source, how the value `b` is used in it, and which values the two links of `b` have."""


@pytest.mark.parametrize(("asked", "used", "url", "without"), USED)
def test_each_state_of_a_value_leads_to_the_others(
    asked: str | None, used: str, url: tuple[str, str], without: tuple[str, str]
) -> None:
    """Unused, chosen or left out: one click to each, and the other values stay as they are."""
    counts = (FacetCount("a", 2), FacetCount("b", 1), FacetCount("c", 1))
    (found,) = facet_lists(page_of(SearchRequest("x", source=asked), source=counts))
    (row,) = [one for one in found.values if one.label == "b"]
    assert (row.is_chosen, row.is_excluded) == (used == "chosen", used == "excluded")
    for link, wanted in ((row.url, url), (row.without, without)):
        assert [",".join(values) for values in values_of(link, "source")] == list(wanted)


@given(names | st.sampled_from(["en", "deu", 'en" onclick="x', "en\n", "e n"]))
def test_a_language_stays_a_language(code: str) -> None:
    """A language comes from an article: what is no code of letters leaves the attribute out."""
    attribute = lang_attribute(code)
    assert attribute == (f' lang="{code}"' if code.isascii() and code.isalpha() and len(code) <= 3 else "")


def test_rare_values_are_counted_and_not_listed() -> None:
    """An archive can have a thousand sources: to show them all takes longer than to find anything."""
    counts = tuple(FacetCount(f"s{i}", 300 - i) for i in range(200))
    (found,) = facet_lists(page_of(SearchRequest("a", source="s199,-gone"), source=counts))
    assert [value.label for value in found.values] == ["s199", "gone", *(f"s{i}" for i in range(LISTED - 2))]
    assert found.unlisted == 201 - LISTED
    (every,) = facet_lists(page_of(SearchRequest("a"), source=counts), listed=None)
    assert (len(every.values), every.unlisted) == (200, 0)


def test_a_facet_of_one_value_says_nothing() -> None:
    """It is shown only where it is in force, so that it can be taken back."""
    counts = (FacetCount("a", 2),)
    assert facet_lists(page_of(SearchRequest("x"), source=counts)) == []
    assert facet_lists(page_of(SearchRequest("x", source="a"), source=counts)) != []
