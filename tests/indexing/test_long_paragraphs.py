"""Paragraphs that are longer than a page should show become several; all others stay what they are."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from search.indexing.long_paragraphs import LEAST, LIMIT, REACH, split_article, split_text

SENTENCE = "The ferry left the harbour at nine. "
ACUTE, JOINER, WOMAN, BOY = "\u0301", "\u200d", "\U0001f469", "\U0001f466"

# Few and short, so that texts of some ten thousand characters are made of a handful of draws; each is repeated.
fragments = st.sampled_from(
    [
        "a", ". ", "。", " ", "\u00a0", "é", f"e{ACUTE}", ACUTE, '." ', ". » ", "「", "。」", "word ", "3.14", "\n",
        f"{WOMAN}{JOINER}{BOY}", "ครับ", "\U0001f1ee\U0001f1f9", "मान। ", SENTENCE,
    ]
)  # fmt: skip
texts = st.lists(st.tuples(fragments, st.sampled_from([1, 7, 900, 4_000, 11_000])), min_size=1, max_size=6).map(
    lambda parts: "".join(fragment * times for fragment, times in parts)
)


def without_space(text: str) -> str:
    return "".join(text.split())


@given(texts)
@example("." * LIMIT + " ")
@example(" " * (LIMIT + 1))
@example("a" + " " * 3 * LIMIT + "b")
def test_pieces_hold_all_of_the_text_in_its_order(text: str) -> None:
    """A word that is lost at a cut is never found again, and the article's page lies."""
    assert without_space("".join(split_text(text))) == without_space(text)


@given(texts)
@example(" " * (LIMIT + 1))
def test_pieces_fit(text: str) -> None:
    """What is ranked, marked and sent is bounded by this, and an empty paragraph would be found by `-word`."""
    assert all(0 < len(piece) <= LIMIT for piece in split_text(text))


@given(texts)
@example(" " * (LIMIT + 1))
def test_a_piece_is_not_cut_again(text: str) -> None:
    """An article that is written out of the index and read back must have the ids that it had."""
    pieces = split_text(text)
    assert [again for piece in pieces for again in split_text(piece)] == pieces


@given(texts, texts)
def test_the_cut_depends_on_the_text_alone(text: str, other: str) -> None:
    """Ids that changed with what is read before or beside a paragraph would break links."""
    first, second = split_text(text), split_text(other)
    assert split_article("Title", (text, other)) == ("Title", (*first, *second))
    assert split_article("Title", (other, text)) == ("Title", (*second, *first))


@given(st.text(max_size=50) | st.just(" a " * (LIMIT // 3)))
def test_a_text_that_fits_is_left_alone(text: str) -> None:
    """Nearly all articles: neither their ids nor a blank of theirs may change."""
    assert split_text(text) == [text]


def test_the_limit_itself_fits() -> None:
    """One character decides whether an article's ids move on."""
    assert [len(piece) for piece in split_text("x" * LIMIT)] == [LIMIT]
    assert len(split_text("x" * (LIMIT + 1))) == 2


def test_cuts_are_between_sentences() -> None:
    """Half a sentence in each of two paragraphs is found by neither half's words."""
    pieces = split_text(SENTENCE * 1_000)
    assert {piece.count(SENTENCE.strip()) * len(SENTENCE) - 1 for piece in pieces} == set(map(len, pieces))
    assert len(pieces[0]) > LIMIT - len(SENTENCE)


@pytest.mark.parametrize(
    "ending",
    [
        ". ", "! ", "? ", "… ", "؟ ", "। ", "?! ", '." ', ".”) ", ".\u00a0» ", "。", "！", "？", "。」", "！？",
        "。\ufe00", "。」』",
    ],
)  # fmt: skip
def test_each_sentence_border_is_known(ending: str) -> None:
    """Sentences end in many ways: the quotation mark that closes one belongs to it, and Chinese has no blanks."""
    head = "x" * 5_000 + ending
    assert split_text(head + "y" * 9_000)[0] == head.strip()


@pytest.mark.parametrize("inside", ["3.14", "U.S", "a.b", "z?y", "！？」"])
def test_a_mark_within_a_word_ends_no_sentence(inside: str) -> None:
    """A number that is cut at its point is two others."""
    assert all(inside in piece for piece in split_text(f"{'x' * 5_000} {inside} {'y' * 9_000}") if inside[0] in piece)


def test_a_border_at_the_limit_counts() -> None:
    """The last sentence that just fits is whole; one character more, and it goes to the next piece."""
    for closing in (".", '."', "。", "。」"):
        text = "Short. " + "x" * (LIMIT - 7 - len(closing)) + closing
        rest = " " + "y" * 5_000 if closing[0] == "." else "字" * 5_000
        assert split_text(text + rest)[0] == text
        assert split_text(text.replace("x", "xx", 1) + rest)[0] == "Short."


def test_without_sentences_cuts_are_between_words() -> None:
    """Lists and tables have no sentences, and a word in two halves is found by neither."""
    pieces = split_text("harbour ferry " * 3_000)
    assert {word for piece in pieces for word in piece.split()} == {"harbour", "ferry"}
    assert len(pieces[0]) > LIMIT - len("harbour ")


def test_without_any_gap_the_limit_cuts() -> None:
    """A megabyte of base64 has neither sentences nor words."""
    assert [len(piece) for piece in split_text("x" * (3 * LIMIT))] == [LIMIT] * 3


@pytest.mark.parametrize(
    "unit", [f"e{ACUTE}", f"e{ACUTE}{ACUTE}", f"{WOMAN}{JOINER}{BOY}", "कि", "\u1100\u1161\u11a8", "\u261d\U0001f3fd"]
)
@pytest.mark.parametrize("shift", [0, 1, 2])
def test_what_is_one_character_to_a_reader_stays_one(unit: str, shift: int) -> None:
    """An accent that opens a paragraph stands on nothing, and half a family is another emoji."""
    pieces = split_text("x" * shift + unit * LIMIT)
    assert all(piece.lstrip("x").replace(unit, "") == "" for piece in pieces)


def test_marks_without_end_are_cut_all_the_same() -> None:
    """Ten thousand accents on one letter are no letter; looking for its beginning must not go on for ever."""
    assert len(split_text("e" + ACUTE * (2 * LIMIT))[0]) == LIMIT
    near = split_text("x" * (LIMIT - REACH + 2) + ACUTE * (2 * LIMIT))[0]
    assert not unicodedata.combining(near[-1])


def test_the_last_piece_is_not_a_remnant() -> None:
    """Three words that were left over would rank above the paragraph that they belong to."""
    for more in (1, 40, LEAST):
        last = split_text((SENTENCE * 400)[: LIMIT + more])[-1]
        assert len(last) >= LEAST - 1


def test_a_long_title_goes_on_in_the_paragraphs() -> None:
    """A file of one endless line has all of its text in the title: nothing of it may be lost."""
    title, paragraphs = split_article(SENTENCE * 700, ("One.", "Two."))
    assert len(title) <= LIMIT
    assert paragraphs[-2:] == ("One.", "Two.")
    assert without_space(title + "".join(paragraphs[:-2])) == without_space(SENTENCE * 700)


@pytest.mark.parametrize(
    "unit", ["x", SENTENCE, "." * 9_000, ".»\u00a0", '"', ". ", " . a " + "." * 9_990, "x" + " " * 9_999, ACUTE]
)
def test_work_grows_with_the_text_alone(unit: str) -> None:
    """The largest paragraph that is read has 64 MB: whatever it is made of, a run must not stand still over it."""
    began = time.process_time()
    split_text((unit * (4_000_000 // len(unit) + 1))[:4_000_000])
    assert time.process_time() - began < 5  # takes up to 1 s; were it quadratic in a window, minutes
