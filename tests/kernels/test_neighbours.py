"""What is known of neighbours never hides a phrase, nor makes one up."""

from __future__ import annotations

import numpy as np
from hypothesis import event, given
from hypothesis import strategies as st

from search.engines.whoosh.arrays import Array
from search.engines.whoosh.slots import heads_of
from search.kernels.neighbours import kind, note_neighbours, sift
from search.kernels.streams import RARE, TRAIL
from tests.kernels.test_sequences import FILLER, MARKERS, NOWHERE, PLAIN, WORDS, Streams, listed, texts, together

BASE = 3
"""Where the postings of the term begin, among those of others."""
word = st.sampled_from(WORDS)
single = st.sets(word, min_size=1, max_size=1)
rows_of = st.lists(texts, min_size=1, max_size=128)


def noted(rows: list[list[int]], term: set[int]) -> tuple[Array, Array, Array, Array]:
    """The tables of a term, as `sift` takes them."""
    streams = Streams.of(rows)
    has = np.array([not term.isdisjoint(text) for text in rows] + [False] * (128 - len(rows)))
    bits = np.packbits(has, bitorder="little").view(np.uint64)
    docs = np.flatnonzero(has).astype(np.int32)
    entries = np.array(sorted(term), np.int32)
    heads = np.array(heads_of(entries, PLAIN), np.uint16)
    neighbours = np.full((2, BASE + int(has.sum()) + 1), 7, np.uint16)
    note_neighbours(docs, BASE, streams.units, streams.first, PLAIN, heads, entries, neighbours)
    assert (neighbours[:, :BASE] == 7).all()
    assert (neighbours[:, -1] == 7).all()
    return bits[None], np.full((1, 1), BASE), np.zeros((1, 1), np.uint16), neighbours


def check(side: int, other: set[int], *, whole: bool) -> list[int]:
    """A check of the term of the only row."""
    heads = heads_of(np.array(sorted(other), np.int32), PLAIN)
    return [0, side, sum({1 << kind(head) for head in heads}), heads[0] if len(heads) == 1 else -1, whole, -1, 0]


@given(rows_of, single | st.sets(word, min_size=1, max_size=3), st.sets(word | st.just(PLAIN), min_size=1, max_size=3))
def test_one_term(rows: list[list[int]], term: set[int], other: set[int]) -> None:
    """A text is left out only if the words do not stand there, and found unread only if they do."""
    tables = noted(rows, term)
    exact = max(heads_of(np.array([*term, *other], np.int32), PLAIN)) < RARE
    for side, phrase in enumerate(([term, other], [other, term])):
        if max(phrase[0]) >= PLAIN:  # its last part is what stands beside
            continue
        found = np.zeros(2, np.uint64)
        docs = np.flatnonzero(listed(tables[0][0], len(rows))).astype(np.int32)
        n = sift(
            docs,
            np.zeros(len(docs), np.int8),
            np.array([check(side, other, whole=True)]),
            exact,
            *tables,
            NOWHERE,
            found,
        )
        had = {row for row, text in enumerate(rows) if together(text, phrase)}
        sure = set(np.flatnonzero(listed(found, len(rows))).tolist())
        assert sure <= had <= sure | set(docs[:n].tolist())
        event(f"sure: {bool(sure)}, read: {n > 0}, left out: {n + len(sure) < len(rows)}")


@given(rows_of, st.sampled_from(WORDS[:4]), st.sampled_from(WORDS[:4]))
def test_two_terms(rows: list[list[int]], left: int, right: int) -> None:
    """Both ends say so where neither term has but one word: here each has another, so no side will do alone."""
    a, b = noted(rows, {left, FILLER + 1}), noted(rows, {right, FILLER + 2})
    size = a[3].shape[1]
    tables = (
        np.concatenate([a[0], b[0]]),
        np.array([[BASE], [BASE + size]]),
        np.concatenate([a[2], b[2]]),
        np.concatenate([a[3], b[3]], axis=1),
    )
    checks = np.array([check(0, {right}, whole=False), [1, *check(1, {left}, whole=False)[1:]]])
    docs = np.flatnonzero(listed(a[0][0] & b[0][0], len(rows))).astype(np.int32)
    found = np.zeros(2, np.uint64)
    n = sift(docs, np.zeros(len(docs), np.int8), checks, True, *tables, NOWHERE, found)
    had = {row for row, text in enumerate(rows) if together(text, [{left}, {right}])}
    sure = set(np.flatnonzero(listed(found, len(rows))).tolist())
    assert sure <= had <= sure | set(docs[:n].tolist())


def test_what_is_noted() -> None:
    """Were it less, every text would be read all the same."""
    marker = next(iter(MARKERS))
    lead = heads_of(np.array([marker]), PLAIN)[0]
    *_, neighbours = noted([[5, 1, 6], [5, 2, 6], [1, 5], [marker, 1, 2], [6, 1, 5, 1, 2]], {1})
    kinds = [1 << kind(unit) for unit in (2, 5, 6, lead)]
    assert neighbours[:, BASE:-1].T.tolist() == [
        [6, 5],
        [5, TRAIL],
        [TRAIL | kinds[0], TRAIL | kinds[3]],
        [TRAIL | kinds[0] | kinds[1], TRAIL | kinds[1] | kinds[2]],
    ]


def test_some_are_kept_always() -> None:
    """The titles of first paragraphs have to be looked at, whatever stands in the texts."""
    tables = noted([[5, 1, 6], [5, 1, 6], [5, 1, 6]], {1})
    docs, found = np.arange(3, dtype=np.int32), np.zeros(2, np.uint64)
    for other, sure in ((6, 0b111), (7, 0)):
        checks = np.array([check(0, {other}, whole=True)])
        found[:] = 0
        assert sift(docs.copy(), np.zeros(3, np.int8), checks, True, *tables, np.array([2, 0], np.uint64), found) == 1
        assert found.tolist() == [sure, 0]


def test_long_phrases_do_not_overflow() -> None:
    """What is proved of a text is a byte, and a phrase can have a hundred words."""
    tables = noted([[5, 1, 6]], {1})
    checks = np.array([check(0, {6}, whole=True)] * 200)
    docs, found = np.arange(1, dtype=np.int32), np.zeros(2, np.uint64)
    assert sift(docs, np.zeros(1, np.int8), checks, False, *tables, NOWHERE, found) == 1
