"""Bulk indexing finds in a token what the analysis finds in it."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from search.analysis.ascii_fast_path import ascii_stem
from search.analysis.tokenizer import LANGUAGES, MAX_WORD, find_raw_tokens, split_raw_token, stem
from search.index.writing.lexicon import FormTable, Lexicon, SurfaceForm, form_of

ASCII_LOWER = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")
PARTS = [
    "a",
    "u",
    "x1",
    "al",
    "running",
    "nationally",
    "1999",
    "c3po",
    "y" * 130,
    "é",
    "naïve",
    "ﬁ",
    "s",
    "中文",
    "Straße",
]
JOINED = st.lists(st.sampled_from([*PARTS, *"'.&+-_#’"]), min_size=1, max_size=8).map("".join)
TEXT = st.lists(JOINED | st.text("abcdeilnosty019'.+-#", max_size=20), max_size=6).map(" ".join)


def form_lists(table: FormTable) -> list[SurfaceForm]:
    """The forms of a table by number."""
    words = dict(zip(table.word_form, strings(table.word_lengths, table.word_bytes), strict=True))
    stems = strings(table.stem_lengths, table.stem_bytes)
    assert stems == sorted(stems)
    first = [0, *itertools.accumulate(table.stem_counts)]
    return [
        SurfaceForm(words[f], tuple(stems[s] for s in table.stems[a:b]), table.widths[f], stems[table.carrier_stem[f]])
        for f, (a, b) in enumerate(itertools.pairwise(first))
    ]


def strings(lengths: Sequence[int], data: bytes) -> list[str]:
    """The strings of a blob."""
    at = [0, *itertools.accumulate(lengths)]
    return [data[a:b].decode("utf-8", "surrogatepass") for a, b in itertools.pairwise(at)]


def tokens_of(text: str) -> list[str]:
    """The distinct tokens of a text, as the compiled tokenizer hands them on."""
    return list(dict.fromkeys(text[a:b].translate(ASCII_LOWER) for a, b in find_raw_tokens(text)))


@given(TEXT, st.sampled_from([*LANGUAGES, "xx"]), TEXT, st.sampled_from(["en", "de", "ar"]))
def test_forms_are_those_of_the_analysis(text: str, lang: str, other: str, second: str) -> None:
    """A word that is indexed otherwise than queries look for it is lost; equal forms must be one."""
    lexicon = Lexicon()
    given_ = {lang: tokens_of(text)}
    if second != lang:
        given_[second] = tokens_of(other)
    for language, tokens in given_.items():
        lexicon.add(language, tokens)
    languages, widths = lexicon.analyses()
    table = lexicon.finish()
    assert widths == table.widths
    forms = form_lists(table)
    assert len(set(forms)) == len(forms)
    for language, tokens in given_.items():
        at = [0, *itertools.accumulate(languages[language].counts)]
        found = [[forms[f] for f in languages[language].form_ids[a:b]] for a, b in itertools.pairwise(at)]
        split = [split_raw_token(token) for token in tokens]
        assert found == [[form_of(part, parts, language) for part in parts] for parts in split]


@pytest.mark.parametrize("lang", [*LANGUAGES, "xx"])
@given(st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=1, max_size=MAX_WORD))
@example("xaa0")  # the Dutch stemmer takes a vowel from it
def test_stems_are_those_of_the_analysis(lang: str, word: str) -> None:
    """The quick way must not take from a word what the stemmer leaves, or leave what it takes."""
    assert ascii_stem(word, lang) == stem(word, lang)
