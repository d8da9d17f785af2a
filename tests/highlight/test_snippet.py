"""Snippets: which passage of a text they show, and where it begins and ends."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.highlight import ELLIPSIS, cut, mark
from search.model import Marked, Span
from search.query.parser import parse
from tests.strategies import texts
from tests.timeouts import in_proportion

PIECES = ("oil", "gas.", "Rain", "rain!", "(Oil?)", "Mr. Gas", "雨。", "oil…”", "\n", "w" * 12, "a", "I", "U.S.", " ")
written = st.lists(st.sampled_from(PIECES), max_size=40).map(" ".join)


def snippet(text: str, query: str, length: int) -> str:
    """Return the snippet of a text, with what matched in brackets."""
    short = cut(Marked(text, mark(text, parse(query).tree, "en")), length)
    shown, at = "", 0
    for low, high in short.spans:
        shown += f"{short.text[at:low]}[{short.text[low:high]}]"
        at = high
    return shown + short.text[at:]


@pytest.mark.parametrize(
    ("text", "length", "expected"),
    [
        (
            "Rain fell on the hills. Oil rose in the afternoon. Then nobody traded, and all of them went home early.",
            40,
            "… [Oil] rose in the afternoon. …",
        ),
        (
            "Rain fell on the hills all night. He met Mr. Oil at 5 p.m. on the bridge. Then all of them went home.",
            45,
            "… He met Mr. [Oil] at 5 p.m. on the bridge. …",
        ),
        (
            "Rain fell on the hills. “Nobody needs so much oil!” he said. Then all of them went home, and it rained.",
            60,
            "… “Nobody needs so much [oil]!” he said. …",
        ),
        (
            "Rain fell on the hills and over the whole of the valley where oil had been found by those who went home.",
            40,
            "… where [oil] had been found by those who …",
        ),
        (
            "雨が丘に降った。" * 5 + "今日はoilが上がった。" + "それから皆は家に帰った。" * 5,
            30,
            "… 今日は[oil]が上がった。それから皆は家に帰った。 …",
        ),
        (
            "Oil rose in the afternoon. Then nobody traded, and all of them went home.",
            40,
            "[Oil] rose in the afternoon. …",
        ),
        (
            "Nobody traded, and all of them went home early. Then oil rose.",
            40,
            "… of them went home early. Then [oil] rose.",
        ),
    ],
)
def test_a_snippet_is_made_of_sentences_if_they_are_near(text: str, length: int, expected: str) -> None:
    """What begins in the middle of a thought has to be read twice; a sentence far away is not worth the room."""
    assert snippet(text, "oil", length) == expected


def test_the_best_passage_has_the_most_of_the_words() -> None:
    """Where one word stands often, and both stand together once, the second is what was searched for."""
    text = "Oil, oil, oil and oil again. " + "Nothing of it happened here. " * 9 + "Oil prices fell. " + "Nothing. " * 9
    assert snippet(text, "oil prices", 60).startswith("… [Oil] [prices] fell.")


@given(written | texts, st.sampled_from(["oil", "oil gas", '"oil gas" OR rain', "U.S.", "w*"]), st.integers(1, 120))
def test_a_snippet_is_a_passage_with_its_marks(text: str, query: str, length: int) -> None:
    """It is no longer than asked for, stands in the text as it is, and what is marked in it is what matched."""
    whole = Marked(text, mark(text, parse(query).tree, "en"))
    short = cut(whole, length)
    assert cut(whole, length) == short
    begins, ends = short.text.startswith(f"{ELLIPSIS} "), short.text.endswith(f" {ELLIPSIS}")
    if short is whole:
        assert len(text) <= length
        return
    candidates = [
        (head, short.text[head : len(short.text) - tail])
        for head in {0, 2 * begins}
        for tail in {0, 2 * ends}
        if len(short.text) - head - tail <= length
    ]
    assert any(short.spans == clipped(whole, at, body, head) for head, body in candidates for at in places(text, body))
    assert bool(short.spans) == bool(whole.spans)


def places(text: str, body: str) -> list[int]:
    return [at for at in range(len(text) - len(body) + 1) if text.startswith(body, at)]


def clipped(whole: Marked, at: int, body: str, head: int) -> tuple[Span, ...]:
    """Return the spans of a text within the passage that begins at `at`, counted from its snippet's beginning."""
    end = at + len(body)
    return tuple(
        [(max(low, at) - at + head, min(high, end) - at + head) for low, high in whole.spans if low < end and high > at]
    )


def test_a_text_of_matches_takes_no_long_time() -> None:
    """A paragraph that repeats the words of a query thousands of times must not hold up the server."""
    spans = tuple((at, at + 1) for at in range(0, 10_000, 2))
    with in_proportion():
        cut(Marked("a b " * 2_500, spans), 320)
