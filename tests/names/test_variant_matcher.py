"""Which variant a paragraph was found by."""

from __future__ import annotations

from search.highlight.highlighter import mark
from search.model import Marked
from search.names.variant_matcher import VariantMatcher, named
from search.query.parser import parse


def matched(query: str, text: str, title: str = "", lang: str = "en") -> dict[str, tuple[str, ...]]:
    parsed = parse(query, languages=("en", "de"))
    texts = [Marked(one, mark(one, parsed.tree, lang, title=one == title)) for one in (text, title)]
    return VariantMatcher(parsed.variants).matched(texts, lang)


def test_variants_are_named_by_what_was_typed() -> None:
    """A reader who typed one name has to know why another is marked."""
    query = 'turkey ALSO Türkiye OR isis ALSO "Islamic State" ALSO Daesh'
    assert matched(query, "Turkiye's army fought the Islamic State.") == {
        "turkey": ("Türkiye",),
        "isis": ("Islamic State",),
    }
    assert matched(query, "Turkey fought ISIS.") == {}
    assert matched(query, "Nothing.", "Daesh in Türkiye") == {"isis": ("Daesh",), "turkey": ("Türkiye",)}


def test_inflections_count() -> None:
    """A text seldom has a name in its first form only."""
    assert matched("kurds ALSO Kurden", "Die Kurdens", lang="de") == {"kurds": ("Kurden",)}
    assert matched("x ALSO As-Suwayda", "in As-Suwayda’s streets") == {"x": ("As-Suwayda",)}
    assert matched("x ALSO As-Suwayda", "in as Suwayda and Suwayda") == {"x": ("As-Suwayda",)}


def test_a_query_without_variants_names_none() -> None:
    """Most queries have none."""
    assert matched("turkey", "Turkey") == {}


def test_what_is_typed_twice_is_named_once() -> None:
    """*Also searched for Türkiye, Türkiye* helps nobody; JSON, which names variants by what was typed, lost some."""
    assert named(parse("turkey ALSO Türkiye title:(turkey ALSO Türkiye)").variants) == (("turkey", ("Türkiye",)),)
    assert named(parse("a ALSO b OR a ALSO c OR d ALSO b").variants) == (("a", ("b", "c")), ("d", ("b",)))
