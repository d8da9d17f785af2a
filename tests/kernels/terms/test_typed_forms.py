"""The loop that looks for words as they were typed finds them where plain Python does."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from search.kernels.core.token_stream import FORM_LEAD, encode_stream
from search.kernels.terms.typed_forms import add_bonuses

FORM = st.integers(0, 70) | st.integers(FORM_LEAD - 2, FORM_LEAD + 5000)
FIRST_MARKER = FORM_LEAD + 5000
TEXT = st.lists(FORM | st.just(FIRST_MARKER + 3), max_size=30)


def encoded(texts: list[list[int]]) -> tuple[np.ndarray, np.ndarray]:
    """The token stream of some texts, and where each begins."""
    tokens = np.array([form for text in texts for form in text], np.int32)
    first = np.cumsum([0, *map(len, texts)])
    units, starts = np.empty(2 * len(tokens) + 1, np.uint16), np.empty(len(first), np.int64)
    encode_stream(tokens, first, FIRST_MARKER, units, starts)
    units.flags.writeable = starts.flags.writeable = False
    return units, starts


@given(st.lists(st.tuples(TEXT, st.lists(TEXT, min_size=1, max_size=3)), min_size=1, max_size=4), st.data())
def test_bonuses_are_those_of_the_words_there(
    articles: list[tuple[list[int], list[list[int]]]], data: st.DataObject
) -> None:
    """A form of two units, or one that shares the bits of another, must not be taken for a word."""
    words = data.draw(st.lists(st.lists(FORM, max_size=3, unique=True), min_size=1, max_size=4))
    rows = [(a, n) for a, (_, texts) in enumerate(articles) for n in range(len(texts))]
    bonuses = np.arange(1.0, len(words) + 1)
    first = np.cumsum([0, *(len(texts) for _, texts in articles)]).astype(np.uint32)
    first.flags.writeable = False
    scores = np.zeros(len(rows))
    add_bonuses(
        *encoded([text for _, texts in articles for text in texts]), *encoded([title for title, _ in articles]),
        FIRST_MARKER, first, np.array([[a for a, _ in rows], [n + 1 for _, n in rows]]),
        np.array([form for forms in words for form in forms], np.int32),
        np.array([w for w, forms in enumerate(words) for _ in forms], np.int64), bonuses, scores,
    )  # fmt: skip
    has = [{*articles[a][0], *articles[a][1][n]} for a, n in rows]
    assert scores.tolist() == [
        sum(b for b, forms in zip(bonuses, words, strict=True) if there & {*forms}) for there in has
    ]
