"""The facets of a page of results."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from search.model import Facet, FacetCount, Page, SearchRequest, Total
from search.query.filters import write_value
from web import urls
from web.presentation.facets import LISTED, OPEN, facet_lists
from web.presentation.formatting import lang_attribute, language

HOSTILE = '"><script>alert(1)</script>'
names = st.text("ab{}<>\"&'/\\% \n", max_size=20) | st.text(max_size=20)


@given(names, names, names, st.sampled_from(["source", "lang", "year"]))
@example(HOSTILE, HOSTILE, "b", "source")
@example("' onclick='alert(1)", "{0}", "{value}", "source")
def test_a_value_stays_a_value(q: str, one: str, other: str, facet: Facet) -> None:
    """Sources are named by whoever makes folders: whatever one is called, it is shown and searched for, and no more."""
    counts = (FacetCount(one, 2), FacetCount(other, 1_000))
    request = SearchRequest(q, facets=(facet,))
    page = Page(request, q, (), Total(2), 2, (), {facet: counts}, 1.0, 1, "2026-01-01T00:00:00Z")
    (found,) = facet_lists(page)
    changes = ("date_from", "date_to") if facet == "year" else (facet,)
    wanted = [urls.search(request, **dict.fromkeys(changes, write_value(value))) for value, _ in counts]
    assert [(value.url, value.paragraphs) for value in found.first] == list(zip(wanted, (2, 1_000), strict=True))
    assert [value.label for value in found.first] == [language(v) if facet == "lang" else v for v, _ in counts]


@given(names | st.sampled_from(["en", "deu", 'en" onclick="x', "en\n", "e n"]))
def test_a_language_stays_a_language(code: str) -> None:
    """A language comes from an article: what is no code of letters leaves the attribute out."""
    attribute = lang_attribute(code)
    assert attribute == (f' lang="{code}"' if code.isascii() and code.isalpha() and len(code) <= 3 else "")


def test_rare_values_are_counted_and_not_listed() -> None:
    """An archive of two centuries has two hundred years: to show them all takes longer than to find anything."""
    counts = tuple(FacetCount(str(1800 + i), 300 - i) for i in range(200))
    page = Page(SearchRequest("a"), "a", (), Total(2), 2, (), {"year": counts}, 1.0, 1, "2026-01-01T00:00:00Z")
    (found,) = facet_lists(page)
    assert (len(found.first), len(found.others), found.unlisted) == (OPEN, LISTED - OPEN, 200 - LISTED)
    assert found.first[0].label == "1800"
