"""Text to tokens, words and stems, form by form."""

from __future__ import annotations

import importlib.util
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from itertools import permutations
from types import ModuleType
from typing import Literal

import pytest

from search.analysis.ascii_fast_path import ascii_stem
from search.analysis.tokenizer import (
    LANGUAGES,
    MAX_WORD,
    UNSTEMMED,
    Kind,
    character_classes,
    fold,
    stem,
    stems,
    tokenize,
)

W, C, S, B = Kind.WORD, Kind.COMPOUND, Kind.SYMBOL, Kind.BIGRAM

TOKENS: dict[str, list[tuple[str, int, int, Kind]]] = {
    # text: what is written, position, width, kind of each token
    "": [],
    " … — 😀 \x00": [],
    "Israel strikes": [("Israel", 0, 1, W), ("strikes", 1, 1, W)],
    "al-Sharaa spoke": [("al-Sharaa", 0, 2, C), ("al", 0, 1, W), ("Sharaa", 1, 1, W), ("spoke", 2, 1, W)],
    "AT&T": [("AT&T", 0, 2, C), ("AT", 0, 1, W), ("T", 1, 1, W)],
    "F-16s.": [("F-16s", 0, 2, C), ("F", 0, 1, W), ("16s", 1, 1, W)],
    "C++, C#": [("C++", 0, 1, S), ("C", 0, 1, W), ("C#", 1, 1, S), ("C", 1, 1, W)],
    "U.S. aid": [("U.S.", 0, 2, S), ("U", 0, 1, W), ("S", 1, 1, W), ("aid", 2, 1, W)],
    "the end. A new": [("the", 0, 1, W), ("end", 1, 1, W), ("A", 2, 1, W), ("new", 3, 1, W)],
    "10.5. 1.2": [("10.5", 0, 2, C), ("10", 0, 1, W), ("5", 1, 1, W), ("1.2", 2, 2, S), ("1", 2, 1, W), ("2", 3, 1, W)],
    "Turkiye’s NATO'S": [("Turkiye", 0, 1, W), ("NATO", 1, 1, W)],
    "l'été": [("l'été", 0, 2, C), ("l", 0, 1, W), ("été", 1, 1, W)],
    "and/or 10,000": [("and", 0, 1, W), ("or", 1, 1, W), ("10", 2, 1, W), ("000", 3, 1, W)],
    "(“quoted”)": [("quoted", 0, 1, W)],
    "snake_case": [("snake_case", 0, 2, C), ("snake", 0, 1, W), ("case", 1, 1, W)],
    "-nato +x": [("nato", 0, 1, W), ("x", 1, 1, W)],
    "re\u00adquest": [("re\u00adquest", 0, 1, W)],
    "中国人 x": [("中国", 0, 1, B), ("国人", 1, 1, B), ("人", 2, 1, W), ("x", 3, 1, W)],
    "iPhone手机，好": [("iPhone", 0, 1, W), ("手机", 1, 1, B), ("机", 2, 1, W), ("好", 3, 1, W)],
    "x-y手 z": [("x", 0, 1, W), ("y", 1, 1, W), ("手", 2, 1, W), ("z", 3, 1, W)],
    "中-美关": [("中", 0, 1, W), ("美关", 1, 1, B), ("关", 2, 1, W)],
    "中2国": [("中", 0, 1, W), ("2", 1, 1, W), ("国", 2, 1, W)],
    "佐々木": [("佐々", 0, 1, B), ("々木", 1, 1, B), ("木", 2, 1, W)],
    "か\u3099ア\u0301": [("か\u3099ア\u0301", 0, 1, B), ("ア\u0301", 1, 1, W)],
    "ไป中": [("ไ", 0, 1, W), ("ป", 1, 1, W), ("中", 2, 1, W)],
    "한국어 뉴스": [("한국어", 0, 1, W), ("뉴스", 1, 1, W)],
    "हिन्दी": [("हिन्दी", 0, 1, W)],
}


@pytest.mark.parametrize("text", TOKENS)
def test_tokens(text: str) -> None:
    """Positions decide phrases and NEAR, kinds decide what a plain word finds."""
    assert [(t.written, t.position, t.width, t.kind) for t in tokenize(text)] == TOKENS[text]


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("İstanbul", "istanbul"),
        ("ISTANBUL", "ıstanbul"),
        ("Straße", "STRASSE"),
        ("café", "CAFE"),
        ("cafe\u0301", "café"),
        ("Türkiye", "turkiye"),
        ("Łódź", "lodz"),
        ("Ærø", "aero"),
        ("ﬁsh", "fish"),
        ("Ｆ１６", "f16"),
        ("al‑Sharaa", "al-sharaa"),
        ("O’Brien", "o'brien"),
        ("re\u00adquest", "request"),
        ("U.S", "u.s."),
        ("É.U.", "e.u"),
        ("سَلَام", "سلام"),
        ("مصطفى", "مصطفي"),
        ("القاهرة", "القاهره"),
        ("أحمد", "احمد"),
        ("إسلام", "اسلام"),
        ("آلة", "اله"),
        ("مـحـمـد", "محمد"),
        ("مُحَمَّدٌ", "محمد"),
        ("שָׁלוֹם", "שלום"),
        ("בְּרֵאשִׁית", "בראשית"),
        ("\ufb2aלום", "שלום"),
        ("\ufb4b", "ו"),
        ("ایران", "ايران"),
        ("کتاب", "كتاب"),
        ("خانۀ", "خانه"),
        ("خانهٔ", "خانه"),
        ("ہے", "هي"),
        ("كِتاب", "کتاب"),
        ("ΟΔΟΣ", "οδος"),
    ],
)
def test_fold_makes_alike(a: str, b: str) -> None:
    """Case, accents, points and what cannot be seen do not matter in quotes, wildcards and fuzzy search."""
    assert fold(a) == fold(b)


@pytest.mark.parametrize(
    ("a", "b"), [("मी", "म"), ("がく", "かく"), ("год", "гот"), ("C++", "C"), ("ภา", "ภ"), ("ە", "ه")]
)
def test_fold_keeps_apart(a: str, b: str) -> None:
    """A vowel sign is a letter of its script, not an accent: without it this is another word."""
    assert fold(a) != fold(b)


@pytest.mark.parametrize(
    ("lang", "a", "b"),
    [
        ("en", "requesting", "request"),
        ("en", "REQUESTED", "requests"),
        ("en", "request\u00ading", "request"),
        ("en", "İstanbul", "istanbul"),
        ("de", "Häuser", "Haus"),
        ("de", "STRASSEN", "Straße"),
        ("fr", "cafés", "cafe"),
        ("fr", "fermées", "ferme"),
        ("es", "naciones", "nación"),
        ("ru", "войны", "война"),
        ("tr", "kitaplarımızdan", "kitap"),
        ("tr", "İSTANBUL", "istanbul"),
        ("tr", "I\u015eIK", "\u0131\u015f\u0131klar"),
        ("tr", "a\u011fa\u00e7lar", "agac"),
        ("fa", "\u06a9\u062a\u0627\u0628", "\u0643\u062a\u0627\u0628"),
        ("ar", "والسلام", "السلام"),
        ("ar", "مصطفى", "مصطفي"),
        ("ar", "الحكومة", "الحكومه"),
        ("ar", "الحكومة", "حكومات"),
        ("ar", "القاهرة", "القاهره"),
        ("zh", "Running", "running"),
    ],
)
def test_inflections_share_a_stem(lang: str, a: str, b: str) -> None:
    """A plain word finds its inflections, with and without accents, however it is typed."""
    assert set(stem(a, lang)) & set(stem(b, lang))


@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC", "NFKD"])
@pytest.mark.parametrize("text", ["café", "İstanbul", "l’été", "É.U.", "ガ", "हिन्दी", "Ångström", "한국어"])
def test_composed_and_decomposed_texts_are_alike(text: str, form: Literal["NFC", "NFD", "NFKC", "NFKD"]) -> None:
    """Macs decompose what other keyboards compose: a reader sees no difference, so the search makes none."""
    other = unicodedata.normalize(form, text)
    for one, two in zip(tokenize(text), tokenize(other), strict=True):
        assert (one.kind, one.position, one.width) == (two.kind, two.position, two.width)
        assert fold(one.written) == fold(two.written)
        assert stems(one, "fr") == stems(two, "fr")


def test_words_of_unknown_languages_are_not_stemmed() -> None:
    """The rules of one language would maim the words of another."""
    assert stem("running", "tlh") == (f"{UNSTEMMED}running",)


@pytest.mark.parametrize(
    ("word", "other"), [("news", "new"), ("Paris", "pari"), ("Mars", "mar"), ("Wales", "wale"), ("running", "run")]
)
def test_stems_of_different_languages_never_meet(word: str, other: str) -> None:
    """French takes the s of *news*: with several languages configured, that would find the English word *new*."""
    for one, two in permutations([*LANGUAGES, "zh"], 2):
        for a, b in ((word, other), (word, word)):
            assert not {*stem(a, one)} & {*stem(b, two)}
            assert not {*ascii_stem(a.lower(), one)} & {*ascii_stem(b, two)}


def test_stems_of_english_are_bare() -> None:
    """Whoosh's users, and archives of English, look terms up as they are."""
    assert stem("Running", "en") == ascii_stem("running", "en") == ("run",)
    assert stem("Häuser", "de") == ("de:haus",)
    assert stem("Hauser", "ja") == stem("hauser", "cs") == ascii_stem("hauser", "xx") == ("und:hauser",)


def test_no_word_can_be_taken_for_one_with_a_tag() -> None:
    """A word with a colon in it could be the stem of another language's word."""
    letters = [c for c in map(chr, range(0x110000)) if character_classes()[ord(c)]]
    assert not [c for c in letters if ":" in c or ":" in fold(c)]


@pytest.mark.parametrize("lang", ["en", "ar", "zh"])
@pytest.mark.parametrize("number", ["٢٠٢٥", "２０２５", "۲۰۲۵", "२०२५", "๒๐๒๕", "၂၀၂၅", "២០២៥", "𝟚𝟘𝟚𝟝"])
def test_digits_of_all_scripts_are_alike(number: str, lang: str) -> None:
    """A year is one year, whatever the article is written in, and whatever the keyboard has."""
    (token,) = tokenize(number)
    assert stems(token, lang) == (fold(token.written),) == ("2025",)


def test_compounds_have_no_stem() -> None:
    """A plain word finds the parts of a compound; the whole is for quotes, wildcards and fuzzy search."""
    assert [stems(token, "en") for token in tokenize("al-Sharaas")] == [(), ("al",), ("sharaa",)]


def test_symbols_are_their_own_stem() -> None:
    """`C++` must not find every C."""
    assert [stems(token, "en") for token in tokenize("C++")] == [("c++",), ("c",)]


@pytest.mark.parametrize(("lang", "word"), [("ar", "\u0640"), ("ru", "Ь")])
def test_a_word_that_its_stemmer_swallows_is_its_own_stem(lang: str, word: str) -> None:
    """A term that is empty is no term: an engine may refuse it, and all of these words would be one."""
    assert stem(word, lang) == (f"{lang}:{fold(word)}",)


def anew() -> ModuleType:
    """The module once more, with nothing remembered."""
    spec = importlib.util.find_spec("search.analysis.tokenizer")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_stems_do_not_depend_on_what_was_stemmed_before() -> None:
    """NLTK's Arabic stemmer remembers the word before: stems that differ between runs would never be found again."""
    endings = ("", "تم", "نا", "هم", "كم", "ون", "ها", "ني")
    words = ["".join(root) + ending for root in permutations("هدسلمي", 4) for ending in endings]
    one, other = anew(), anew()
    forwards = {word: one.stem(word, "ar") for word in words}
    assert forwards == {word: other.stem(word, "ar") for word in reversed(words)}


@pytest.mark.parametrize(
    ("lang", "letters", "endings"),
    [("ar", "هدسلمي", ("تم", "هم", "ها")), ("tr", "kitapl", ("lar", "larımızdan", "ında", "çilik"))],
)
def test_stemming_in_threads(lang: str, letters: str, endings: tuple[str, ...]) -> None:
    """A server stems queries in many threads at once; they must not step into each other's words."""
    words = ["".join(root) + ending for root in permutations(letters, 4) for ending in endings]
    expected = {word: anew().stem(word, lang) for word in words[:40]}
    module = anew()
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda word: (word, module.stem(word, lang)), words[:40] * 5))
    assert all(expected[word] == stemmed for word, stemmed in found)


def test_long_words_count_as_equal_from_a_length_on() -> None:
    """Encoded data must not fill the list of words; and a query for it finds it all the same."""
    assert fold("a" * MAX_WORD + "b") == fold("a" * MAX_WORD + "c") == "a" * MAX_WORD
    assert stem("a" * MAX_WORD + "b", "xx") == stem("a" * MAX_WORD + "c", "xx")
    (token,) = tokenize("a" * 1000)
    assert len(token.written) == 1000


def test_no_language_is_without_a_stemmer() -> None:
    """A language without one would fail at its first article."""
    for lang in LANGUAGES:
        assert stem("administration", lang)


def test_the_stems_of_a_pair_are_those_of_its_first_character_and_its_own() -> None:
    """A single character is found wherever it stands, and a word of two is one term."""
    assert [stems(token, "zh") for token in tokenize("中国人")] == [
        ("und:中", "und:中国"),
        ("und:国", "und:国人"),
        ("und:人",),
    ]


def test_characters_of_very_many_marks_are_no_pair() -> None:
    """Words count as equal if they agree in their first code points: a pair of them would lose the second character."""
    text = "中" + "\u3099" * MAX_WORD + "国人"
    assert [(token.written[-1], token.kind) for token in tokenize(text)] == [("\u3099", W), ("人", B), ("人", W)]
