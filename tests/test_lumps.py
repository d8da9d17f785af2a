"""Lumps: what stands between the gaps of a text, by which marks are made."""

from __future__ import annotations

from string import ascii_letters, digits
from threading import Barrier, Thread

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import search.lumps
from search.analysis import LANGUAGES, Kind, Token, fold, stems, tokenize
from search.highlight import mark
from search.lumps import Lumps, analysed, lumps_of, plain, spaced
from search.query import Node, parse
from tests.drawing import texts

LATIN = st.text(
    st.sampled_from("aZ9é²ßıŉ.''’＇&+-_‐‑·# \n—“”…¡ª×÷«\u00a0\u2028\x1f") | st.characters(max_codepoint=0x2FF)
)


def tokens_of_lumps(text: str) -> list[Token]:
    """The tokens of each lump by itself, put where the lump stands."""
    line, found, at, position = spaced(text), [], 0, 0
    assert len(line) == len(text)
    for lump in line.split():
        at = line.index(lump, at)
        tokens = tokenize(lump)
        found += [
            token._replace(start=at + token.start, end=at + token.end, position=position + token.position)
            for token in tokens
        ]
        position += tokens[-1].position + 1 if tokens else 0
        at += len(lump)
    return found


@given(LATIN | texts)
def test_a_text_has_the_words_of_its_lumps(text: str) -> None:
    """A word that is cut otherwise in a lump than in its text would be found and not marked, or counted twice."""
    assert tokens_of_lumps(text) == tokenize(text)


@given(st.text(ascii_letters + digits, max_size=20), st.text("'.&-_+#", max_size=3), st.text("'.&-_+#s", max_size=3))
def test_the_short_way_finds_the_same_words(word: str, before: str, after: str) -> None:
    """Words of ASCII are analysed by another way than texts are."""
    for lang in (*LANGUAGES, "xx"):
        lump = before + word + after
        tokens = tokenize(lump)
        positions, terms = analysed(lump, lang)
        assert positions == len([token for token in tokens if token.kind is Kind.WORD])
        assert terms == {term for token in tokens for term in (fold(token.written), *stems(token, lang))}
        if core := plain(lump):
            assert [token.written for token in tokens] == [core]


@given(
    st.sampled_from(("", "", "ال", "وال")),
    st.text("abcghiknsyßäæéèïñøőűœçşİı", max_size=3)
    | st.text("абвгёжйкстухшщчъьэюя", max_size=3)
    | st.text("αβγδσςώ", max_size=3)
    | st.text("ابةهولميأإآىكتب", max_size=4)
    | st.text("가각한글", max_size=2),
    st.lists(
        st.sampled_from(("", "s", "es", "ing", "ungen", "ement", "ами", "ого", "шь", "ات", "ون", "ban")), max_size=2
    ),
)
@example("", "agőkf", ["ого"])
@example("", "шчсзф", ["ого"])
@example("", "ъ", [""])
def test_a_word_is_marked_in_each_inflection(before: str, begin: str, ends: list[str]) -> None:
    """Words are passed over by how they begin: one that is found must not be among them, in no language."""
    text = " ".join(word for word in (begin + "a", before + begin, *(begin + end for end in ends)) if word)
    asked = text.split()[0]
    for lang in (*LANGUAGES, "xx"):
        search.lumps._languages.clear()  # noqa: SLF001 - what is remembered is not passed over
        for one in (asked, *text.split()[-1:]):
            wanted = {stem for token in tokenize(one) for stem in stems(token, lang)}
            found = [token[:2] for token in tokenize(text) if wanted.intersection(stems(token, lang))]
            assert list(mark(text, parse(one, languages=(lang,)).tree, lang)) == found


def test_each_character_is_in_a_gap_or_not() -> None:
    """One character taken for a gap that a word can have would cut all words with it in two."""
    for code in (*range(0x3000), *range(0xD700, 0xD800), *range(0xFE00, 0x10000), 0x1F600, 0x20000):
        for text in (f"a{chr(code)}b", f"a.b{chr(code)} {chr(code)}c"):
            assert tokens_of_lumps(text) == tokenize(text)


def tree(query: str) -> Node:
    return parse(query, languages=("en",)).tree


def test_what_is_new_is_found_by_a_query_that_began_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """Words that come for the first time, long ones, and those of a full memory are marked like all others."""
    monkeypatch.setattr(search.lumps, "REMEMBERED", 3)
    monkeypatch.setattr(search.lumps, "_languages", {})
    for number in range(9):
        long = "x" * 40
        assert mark(f"walk{number} {long} walks. (walked)", tree(f"walking OR {long} OR walk{number}"), "en") == (
            (0, 5), (6, 46), (47, 52), (55, 61),
        )  # fmt: skip
    assert len(lumps_of("en").widths) < 9


def test_threads_learn_together() -> None:
    """What two threads meet at once for the first time is remembered once, with all that it holds."""
    known, barrier = Lumps("en"), Barrier(4)
    words = [f"word{i}" for i in range(500)]

    def learn() -> None:
        barrier.wait()
        for word in words:
            known.learn([word])

    threads = [Thread(target=learn) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(known.widths) == set(words)
    assert all(known.holding[word] == [word] for word in words)
