"""Function words: articles, pronouns, prepositions, conjunctions, auxiliaries and question words.

They say little of what a text is about. The lists are `function_words/<language>.txt`, a word a line.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib.resources import files

from search.analysis.tokenizer import LANGUAGES, stem

_LISTS = files("search.analysis") / "function_words"


@cache
def function_words(lang: str) -> tuple[str, ...]:
    """Return the function words of a language in the order of their list; none for a language without a list."""
    file = _LISTS / f"{lang}.txt"
    if lang not in LANGUAGES or not file.is_file():
        return ()
    lines = file.read_text("utf-8").splitlines()
    return tuple(line for line in lines if not line.startswith("#"))


def function_stems(languages: Iterable[str]) -> frozenset[str]:
    """Return the stems of all function words of these languages, given by their codes.

    They carry their language: *war*, an auxiliary in German, is `de:war`, and no function word in English texts.

    >>> sorted(function_stems(["en", "de"]) & {"be", "not", "moon", "befor", "war", "de:war"})
    ['be', 'befor', 'de:war', 'not']
    """
    return _function_stems(frozenset(languages))


@cache
def _function_stems(languages: frozenset[str]) -> frozenset[str]:
    return frozenset(found for lang in languages for word in function_words(lang) for found in stem(word, lang))
