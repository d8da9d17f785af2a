"""Function words: what is in the lists, and which stems count as theirs."""

from __future__ import annotations

from pathlib import Path

import pytest

import search.analysis
from search.analysis.function_words import function_stems, function_words
from search.analysis.tokenizer import LANGUAGES, stem, tokenize

LISTS = sorted((Path(search.analysis.__file__).parent / "function_words").iterdir())


@pytest.mark.parametrize("path", LISTS, ids=lambda path: path.stem)
def test_lists_are_in_order(path: Path) -> None:
    """A list that is sorted and says each word once is one that people can check and change."""
    assert path.stem in LANGUAGES
    assert path.suffix == ".txt"
    head, *words = path.read_text("utf-8").splitlines()
    assert head.startswith("# ")
    assert words == sorted(set(words))
    assert tuple(words) == function_words(path.stem)
    assert all(word == word.lower() for word in words)
    assert [[token.written for token in tokenize(word)] for word in words] == [[word] for word in words]


def test_a_famous_query_is_of_function_words() -> None:
    """It has to keep its meaning, so whoever weighs words has to see that all of it is light."""
    assert {found for word in ("to", "be", "or", "not") for found in stem(word, "en")} <= function_stems(["en"])
    assert len(function_words("en")) in range(170, 230)


@pytest.mark.parametrize("word", ["moon", "us", "mine", "like", "past", "severe", "concern", "vitamin", "d", "s"])
def test_content_is_not_among_them(word: str) -> None:
    """A word that people search for must not be taken lightly because grammar knows it too."""
    assert not function_stems(["en"]) & set(stem(word, "en"))


@pytest.mark.parametrize(
    ("lang", "word"),
    [
        ("de", "Weg"),
        ("de", "Seite"),
        ("de", "Fall"),
        ("da", "nøgle"),
        ("es", "estado"),
        ("fi", "nainen"),
        ("fr", "vie"),
        ("fr", "parc"),
        ("hu", "út"),
        ("nl", "gen"),
        ("ru", "друг"),
        ("ru", "тема"),
        ("sv", "del"),
        ("tr", "il"),
        ("tr", "iş"),
        ("tr", "su"),
        ("tr", "ön"),
    ],
)
def test_common_nouns_share_no_stem_with_them(lang: str, word: str) -> None:
    """Stemmers take away so much that a preposition and a noun may become one: then the preposition is left out."""
    assert not function_stems([lang]) & set(stem(word, lang))


def test_stems_are_those_of_all_languages_asked_for() -> None:
    """A word of a query stands for its stems in each language of the index."""
    assert function_stems([]) == function_stems(["ar"]) == function_stems(["xx"]) == frozenset()
    assert function_stems(["en", "de"]) == function_stems(["de"]) | function_stems(["en"])
    assert function_words("../en") == ()
