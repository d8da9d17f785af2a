"""What holds of every text, whatever it is made of."""

from __future__ import annotations

import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.analysis import characters, tokenizer
from search.analysis.nltk_modules import regexp_tokenizer
from search.analysis.tokenizer import LANGUAGES, MAX_WORD, RAW_TOKEN, Kind, first_character, fold, stem, stems, tokenize
from tests.strategies import texts, words
from tests.timeouts import in_proportion


@given(texts)
def test_offsets_are_exact_and_in_order(text: str) -> None:
    """Highlights cut the raw text at these offsets."""
    before = 0
    for token in tokenize(text):
        assert text[token.start : token.end] == token.written != ""
        assert token.start >= before
        before = token.start


LONG_WAY = regexp_tokenizer(RAW_TOKEN)
LATIN = st.text(
    st.sampled_from("aZ9é²ßıŉ.''’＇&+-_‐‑·# \n—“”…¡ª×÷«")
    | st.characters(max_codepoint=0x2FF)
    | st.characters(codec="ascii")
)


@given(LATIN)
def test_the_short_way_reads_the_same_words(text: str) -> None:
    """Marks are made by the short way, the index by another: a word that they cut differently would go unmarked."""
    short = characters.latin_raw_tokens(text)
    assert short is None or short == list(LONG_WAY.span_tokenize(text))


def test_each_character_of_the_short_way_is_read_the_same() -> None:
    """One character taken for a letter, or not, would be enough."""
    for code in range(0x3000):
        for text in (chr(code), f"a{chr(code)}b", f"a.b{chr(code)}", f".{chr(code)}.", f"{chr(code)}+"):
            short = characters.latin_raw_tokens(text)
            assert short is None or short == list(LONG_WAY.span_tokenize(text))


@given(texts)
def test_positions_are_consecutive(text: str) -> None:
    """A gap or an overlap would let a phrase match across what stands between, or miss what stands side by side."""
    parts = [first_character(token) for token in tokenize(text) if not token.kind.is_whole]
    assert [token.position for token in parts] == list(range(len(parts)))
    assert all(token.width == 1 for token in parts)
    assert all(a.end <= b.start for a, b in pairwise(parts))


@given(texts)
def test_a_compound_takes_as_many_positions_as_its_parts(text: str) -> None:
    """A quote of a compound and a quote of its parts have to end at the same place."""
    tokens = tokenize(text)
    for at, token in enumerate(tokens):
        if token.kind.is_whole:
            parts = tokens[at + 1 : at + 1 + token.width]
            assert [part.position for part in parts] == [token.position + n for n in range(token.width)]
            assert all(part.kind is Kind.WORD and token.start <= part.start < part.end <= token.end for part in parts)


HAN_OR_KANA = st.from_regex(f"[{characters.HAN_AND_KANA}][\u0301\u3099\u309a\u200d]{{0,2}}", fullmatch=True).filter(
    lambda character: unicodedata.category(character[0])[0] in "LN"
)


@given(HAN_OR_KANA, HAN_OR_KANA, st.sampled_from([*LANGUAGES, "zh"]))
def test_a_pair_is_its_two_characters(first: str, second: str, lang: str) -> None:
    """The pairs of a query have to be those of a text, whichever way its characters are written."""
    pair, last = tokenize(first + second)
    assert (pair.kind, pair.written, last.written) == (Kind.BIGRAM, first + second, second)
    assert first_character(pair) == tokenize(first)[0]
    assert fold(first + second) == fold(first) + fold(second)
    assert stems(pair, lang) == stem(first, lang) + stem(first + second, lang)
    assert [found.rpartition(":")[2] for found in stems(pair, lang)] == [fold(first), fold(first + second)]


def test_characters_that_are_taken_for_folded() -> None:
    """Nearly all of Chinese and Japanese is not folded but looked at: folding would have to leave each as it is."""
    plain = [chr(code) for code in range(0x110000) if tokenizer.PLAIN_HAN_OR_KANA.fullmatch(chr(code))]
    assert len(plain) > 20_000
    assert all(fold(f"{character}\u200d") == fold(character) == character for character in plain)


@given(st.text(st.sampled_from("中国かガ人"), min_size=1, max_size=9))
def test_plain_characters_are_read_as_others_are(text: str) -> None:
    """There is a short cut for them: with something that cannot be seen behind one, they must have the same tokens."""
    tokens = tokenize(f"{text}\u200d")
    tokens = [token._replace(end=min(token.end, len(text)), written=token.written.rstrip("\u200d")) for token in tokens]
    assert tokenize(text) == tokens
    assert tokenizer.positions_of(text) == tokenizer.positions_of(f"{text}\u200d") == len(text)


@given(texts, st.integers(1, 5))
def test_slices_do_not_matter(text: str, size: int) -> None:
    """Long texts are read in slices: a word that lies across must not come apart."""
    expected = tokenize(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tokenizer, "SLICE", size)
        assert tokenize(text) == expected


ASCII = st.text(st.sampled_from("aabbs12.'-+#_& "), max_size=20)


@given(ASCII)
def test_ascii_is_read_as_other_letters_are(text: str) -> None:
    """There is a short cut for ASCII: the same text in other letters must have the same tokens."""
    shapes = [
        [(token.start, token.end, token.position, token.width, token.kind) for token in tokenize(written)]
        for written in (text, text.translate({ord("a"): "á", ord("b"): "β"}))
    ]
    assert shapes[0] == shapes[1]


@given(words)
def test_folding_is_final(word: str) -> None:
    """A word of the index typed back as a query is itself again."""
    once = fold(word)
    assert once
    assert fold(once) == once
    assert len(once) <= MAX_WORD + 1


@given(words)
def test_case_and_composition_do_not_matter(word: str) -> None:
    """The same word in capitals, in small letters, composed or decomposed is the same word as written."""
    variants = [word.lower(), word.casefold(), *(unicodedata.normalize(form, word) for form in ("NFC", "NFD"))]
    assert {fold(variant) for variant in variants} == {fold(word)}


@given(words, st.sampled_from([*LANGUAGES, "zh", ""]))
def test_a_stem_is_never_empty(word: str, lang: str) -> None:
    """An empty term would be one word that thousands share; and a stemmer must not fail on a strange one."""
    assert all(stem(word, lang))
    assert stem(word, lang) == tuple(dict.fromkeys(stem(word, lang)))


@given(words, st.sampled_from(list(LANGUAGES)))
def test_a_word_typed_without_accents_shares_a_stem(word: str, lang: str) -> None:
    """Few type the accents of another language: the folded form has to find the written one."""
    assert set(stem(word, lang)) & set(stem(fold(word), lang))


@given(texts, st.sampled_from(["en", "fr", "de"]))
def test_an_article_is_found_by_the_words_of_its_variants(text: str, lang: str) -> None:
    """The same text, decomposed by another program, has to have the same words at the same positions."""
    composed, decomposed = (unicodedata.normalize(form, text) for form in ("NFC", "NFD"))
    read = [
        [(token.position, token.width, fold(token.written), stems(token, lang)) for token in tokenize(variant)]
        for variant in (composed, decomposed)
    ]
    assert read[0] == read[1]


@pytest.mark.parametrize(
    "piece", ["a ", "a-", "a.", "x's", "e\u0301", "e\u0301 ", "a+b#", "中", "中。", "a\u200d", "-"]
)
def test_time_is_linear_in_the_text(piece: str) -> None:
    """One strange file must not hold up a whole run: a long stretch of anything is read in proportion to it."""
    with in_proportion():
        tokenize(piece * (200_000 // len(piece)))


def test_an_endless_word_is_read() -> None:
    """A blob without a gap is longer than a slice may be; it must neither fail nor be lost."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tokenizer, "SLICE", 10)
        patch.setattr(tokenizer, "MAX_GAP_DISTANCE", 20)
        tokens = tokenize("a-" * 100)
    assert len([token for token in tokens if token.kind is Kind.WORD]) == 100


@given(st.text(st.sampled_from("aZ19.'-"), min_size=1))
def test_acronyms_of_ascii_are_those_of_the_definition(text: str) -> None:
    """What is quick for most words must not give others another word: `U.S.` is one, and `1.2` is none."""
    assert bool(tokenizer.ASCII_ACRONYM.fullmatch(text)) == bool(tokenizer.ACRONYM.fullmatch(text))
