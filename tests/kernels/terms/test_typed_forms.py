"""The loop that scores rows once more does what plain Python does."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from search.kernels.core.token_stream import FORM_LEAD, encode_stream
from search.kernels.terms.typed_forms import rescore

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
def test_scores_rise_by_the_words_there_and_rows_move(
    articles: list[tuple[list[int], list[list[int]]]], data: st.DataObject
) -> None:
    """A form of two units, or one that shares the bits of another, must not be taken for a word."""
    words = data.draw(st.lists(st.lists(FORM, max_size=3, unique=True), min_size=1, max_size=4))
    places = [(a, n) for a, (_, texts) in enumerate(articles) for n in range(len(texts))]
    docs = range(len(places))
    before = sorted(data.draw(st.lists(st.integers(0, 3), min_size=len(docs), max_size=len(docs))), reverse=True)
    n_by_form = data.draw(st.integers(0, len(docs)))
    boosts = data.draw(st.lists(st.sampled_from([1.0, 1.5]), max_size=len(docs)))
    bonuses = np.arange(1.0, len(words) + 1)
    scores = np.array(before, float)
    rows = np.array([docs, [a for a, _ in places], [n for _, n in places], docs], np.int32)
    rescore(
        *encoded([text for _, texts in articles for text in texts]), *encoded([title for title, _ in articles]),
        FIRST_MARKER, np.array([(form, w) for w, forms in enumerate(words) for form in forms], np.int64).reshape(-1, 2),
        bonuses, n_by_form, np.array(boosts), rows, scores,
    )  # fmt: skip
    has = [{*articles[a][0], *articles[a][1][n]} for a, n in places]
    gained = [sum(b for b, forms in zip(bonuses, words, strict=True) if there & {*forms}) for there in has]
    expected = [
        ((score + gained[doc] * (doc < n_by_form)) * (boosts[doc] if doc < len(boosts) else 1.0), -doc)
        for doc, score in enumerate(before)
    ]
    n = max(n_by_form, len(boosts))
    expected = [*sorted(expected[:n], reverse=True), *expected[n:]]
    assert list(zip(scores.tolist(), (-rows[0]).tolist(), strict=True)) == expected
    assert [places[doc] for doc in rows[0]] == list(zip(rows[1].tolist(), rows[2].tolist(), strict=True))
    assert rows[3].tolist() == rows[0].tolist()
