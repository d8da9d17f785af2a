"""Lists of variants: Solr's format, and the list that comes with Stemma."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.analysis.function_words import function_words
from search.errors import SettingsError
from search.names.name_expansion import MAX_ADDED, MAX_VARIANTS
from search.names.names import shipped, shipped_groups
from search.names.synonyms import MAX_LETTERS, SynonymGroup, is_searchable, read_groups
from search.query import parser
from search.query.leaves import folded_words


def read(text: str) -> list[SynonymGroup]:
    return read_groups(text, "synonyms.txt", marked=False)


def test_solr_s_format_is_read() -> None:
    """Whoever has a file of synonyms already need not write it again."""
    assert read("# a remark\n\nGB, Great Britain ,  gb\nPeking => Beijing\na,b=>c, d\n") == [
        SynonymGroup("spelling", ("GB", "Great Britain", "gb"), ("GB", "Great Britain", "gb")),
        SynonymGroup("spelling", ("Peking",), ("Beijing",), maps=True),
        SynonymGroup("spelling", ("a", "b"), ("c", "d"), maps=True),
    ]


def test_signs_lose_their_meaning_behind_a_backslash() -> None:
    """A firm may have a comma in its name."""
    assert read(r"Tiffany\, Reed and Sons, Tiffany")[0].typed == ("Tiffany, Reed and Sons", "Tiffany")
    assert read(r"a\=>b c, d")[0].typed == ("a=>b c", "d")


@pytest.mark.parametrize(
    "line", ["alone", "a,,b", "a => ", "a, ...", "a, b*", 'a, "b"', "a, title:b", "a, " + "b" * (MAX_LETTERS + 1), ","]
)
def test_a_line_that_cannot_be_used_is_named(line: str) -> None:
    """An operator who mistypes one line of a thousand has to know which."""
    with pytest.raises(SettingsError, match=r"Line 2 of synonyms\.txt cannot be used"):
        read(f"x, y\n{line}")


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    """A file of anything at all must not end the server."""
    try:
        for group in read(text):
            assert all(map(is_searchable, (*group.typed, *group.found)))
    except SettingsError:
        pass


def test_what_is_added_fits_into_a_query() -> None:
    """The parser counts on it where it looks whether a query is too long."""
    assert MAX_ADDED * (MAX_LETTERS + 2) <= parser.MAX_ADDED


def test_the_list_that_comes_with_stemma_has_no_faults() -> None:
    """It is read without checks, since it takes time; here is where it is checked."""
    groups = shipped_groups()
    assert len(groups) >= 300
    assert all(is_searchable(name) for group in groups for name in (*group.typed, *group.found))
    for group in groups:
        keys = [folded_words(name) for name in group.typed]
        assert len(set(keys)) == len(keys), f"one name twice: {group.typed}"
        assert len(group.found) <= MAX_VARIANTS, group.typed
    spellings = Counter(folded_words(name) for group in groups if group.kind == "spelling" for name in group.typed)
    assert [name for name, times in spellings.items() if times > 1] == [], "of two groups"


def test_no_function_word_is_a_name() -> None:
    """*IS*, *US* and *WHO* are words of every text: as names they would be found everywhere; so would *un* for UN."""
    common = {word for lang in ("en", "de", "fr", "es") for word in function_words(lang)}
    common |= {"us", "said", "tunes", "soul", "acre", "tyre", "sour", "hue", "gent", "split", "nice"}
    found = {key[0] for group in shipped_groups() for name in group.found if len(key := folded_words(name)) == 1}
    assert found.isdisjoint(common)
    english = {*function_words("en")}
    assert shipped().words.isdisjoint(english), "queries with such a word would all be looked at"


def test_no_name_is_passed_over() -> None:
    """Whether a query has a name is first told by a quick look, which may err on one side only."""
    names = [name for group in shipped_groups() for name in group.typed if name.isascii()]
    assert all(shipped().may_have(f"the {name}'s end, or not") for name in names)
    assert not shipped().may_have("the north of a new land, and what was said of it")
