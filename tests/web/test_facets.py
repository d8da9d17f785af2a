"""The facets of a page of results, which are put together as HTML outside of the templates."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st
from markupsafe import escape

from search.model import Facet, FacetCount, Page, SearchRequest, Total
from tests.web.reading import Dom
from tests.web.test_hostile import assert_ours
from web import links
from web.display import lang_attribute, language
from web.facets import listed

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
    (found,) = listed(page)
    dom: Dom = assert_ours(f"<ul>{found.first}{found.others}</ul>")
    assert [tag for tag, _ in dom.elements] == ["ul", *["li", "a", "bdi", "span"] * 2]
    changes = ("date_from", "date_to") if facet == "year" else (facet,)
    wanted = [links.search(request, **dict.fromkeys(changes, value)) for value, _ in counts]
    assert [attributes["href"] for attributes in dom.all("a")] == wanted
    for (value, _), url in zip(counts, wanted, strict=True):
        name = language(value) if facet == "lang" else value
        assert f'<a href="{escape(url)}"><bdi>{escape(name)}</bdi></a>' in found.first


@given(names | st.sampled_from(["en", "deu", 'en" onclick="x', "en\n", "e n"]))
def test_a_language_stays_a_language(code: str) -> None:
    """A language comes from an article: what is no code of letters leaves the attribute out."""
    attribute = lang_attribute(code)
    assert attribute == (f' lang="{code}"' if code.isascii() and code.isalpha() and len(code) <= 3 else "")
