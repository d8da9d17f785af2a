"""What is known of neighbours never hides a phrase, nor makes one up."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from hypothesis import event, given
from hypothesis import strategies as st

from search.index.segment.phrase_slots import lead_units_of
from search.index.storage.column_file import Array
from search.kernels.core.token_stream import FORM_LEAD, TRAIL
from search.kernels.jit.argument_types import read_only
from search.kernels.phrase.candidates import PhraseTerms, dense_candidates
from search.kernels.phrase.nextword import (
    ALL_FORMS,
    ANY_FORM,
    EXACT_BITS,
    MAIN_FORM,
    NextwordTables,
    fill_neighbours,
    filter_bit,
    filter_by_neighbours,
)
from tests.kernels.helpers import dense_tables
from tests.kernels.phrase.test_scan_vectorized import (
    FILLER,
    FIRST_MARKER,
    MARKERS,
    NO_BITMAP,
    WORDS,
    listed,
    streams_of,
    texts,
    together,
)

BASE = 3
"""Where the postings of the term begin, among those of others."""
ROOM = 64
"""What has to be there after the last."""
NeighbourTables: TypeAlias = tuple[Array, Array, Array, Array, Array]
word = st.sampled_from(WORDS)
single = st.sets(word, min_size=1, max_size=1)
rows_of = st.lists(texts, min_size=1, max_size=128)


def neighbours_of(rows: list[list[int]], term: set[int]) -> NeighbourTables:
    """The tables of a term, as `filter_by_neighbours` takes them."""
    streams = streams_of(rows)
    has = np.array([not term.isdisjoint(text) for text in rows] + [False] * (128 - len(rows)))
    bits = np.packbits(has, bitorder="little").view(np.uint64)
    docs = np.flatnonzero(has).astype(np.int32)
    entries = np.array(sorted(term), np.int32)
    lead_units = np.array(lead_units_of(entries, FIRST_MARKER), np.uint16)
    neighbours = np.full((2, BASE + len(docs) + ROOM), 7, np.uint16)
    main_form_only = np.zeros((BASE + len(docs)) // 64 + 2, np.uint64)
    fill_neighbours(
        docs, BASE, streams.units, streams.first, FIRST_MARKER, lead_units, entries, neighbours, main_form_only
    )
    assert (neighbours[:, :BASE] == 7).all()
    assert (neighbours[:, -ROOM:] == 7).all()
    return bits[None], np.full((1, 1), BASE), np.zeros((1, 1), np.uint16), neighbours, main_form_only


def remaining_and_proved(
    checks: Array, tables: NeighbourTables, *, alone: bool, always: Array = NO_BITMAP
) -> tuple[Array, Array]:
    """The documents that are left, and the bitmap of the sure: found one by one, and 64 at a time."""
    bits, superblock_rank, block_rank, neighbours, main_form_only = tables
    dense = dense_tables(*bits.shape, bits=bits, superblock_rank=superblock_rank, block_rank=block_rank)
    nextword = NextwordTables(read_only(neighbours), read_only(main_form_only))
    terms = np.array([[row, 0, 0, 0, 0] for row in range(len(bits))]).T.copy()
    phrase = PhraseTerms(terms, np.zeros(0, np.int64), checks)
    docs = np.flatnonzero(listed(np.bitwise_and.reduce(bits), 64 * bits.shape[1])).astype(np.int32)
    sure, others, found = np.zeros(2, np.uint64), np.full(2, 7, np.uint64), np.empty(len(docs), np.int32)
    n = dense_candidates(phrase, alone, dense, nextword, NO_BITMAP, always, others, found)
    left = docs[
        : filter_by_neighbours(docs, np.zeros(len(docs), np.int8), checks, alone, dense, nextword, always, sure)
    ]
    assert found[:n].tolist() == left.tolist()
    assert others.tolist() == sure.tolist()
    return left, sure


def check(side: int, other: set[int], words: int) -> list[int]:
    """A check of the term of the only row."""
    lead_units = lead_units_of(np.array(sorted(other), np.int32), FIRST_MARKER)
    return [
        0,
        side,
        sum({1 << filter_bit(lead_unit) for lead_unit in lead_units}),
        lead_units[0] if len(lead_units) == 1 else -1,
        words,
        -1,
        0,
    ]


@given(
    rows_of,
    single | st.sets(word, min_size=1, max_size=3),
    st.sets(word | st.just(FIRST_MARKER), min_size=1, max_size=3),
    st.sampled_from((ANY_FORM, MAIN_FORM, ALL_FORMS)),
)
def test_one_term(rows: list[list[int]], term: set[int], other: set[int], words: int) -> None:
    """A text is left out only if the words do not stand there, and found unread only if they do."""
    tables = neighbours_of(rows, term)
    asked = {min(term)} if words == MAIN_FORM else term
    exact = max(lead_units_of(np.array([*asked, *other], np.int32), FIRST_MARKER)) < FORM_LEAD
    for side, phrase in enumerate(([asked, other], [other, asked])):
        if max(phrase[0]) >= FIRST_MARKER:  # its last part is what stands beside
            continue
        left, found = remaining_and_proved(np.array([check(side, other, words)]), tables, alone=exact)
        had = {row for row, text in enumerate(rows) if together(text, phrase)}
        sure = set(np.flatnonzero(listed(found, len(rows))).tolist())
        assert sure <= had <= sure | set(left.tolist())
        event(f"{words}, sure: {bool(sure)}, read: {len(left) > 0}, left out: {len(left) + len(sure) < len(rows)}")


@given(rows_of, st.sampled_from(WORDS[:4]), st.sampled_from(WORDS[:4]), st.sampled_from((ANY_FORM, MAIN_FORM)))
def test_two_terms(rows: list[list[int]], left: int, right: int, words: int) -> None:
    """Both ends say so where neither term has but one word: here each has another, so no side will do alone."""
    a, b = neighbours_of(rows, {left, FILLER + 1}), neighbours_of(rows, {right, FILLER + 2})
    size = a[3].shape[1]
    size += -size % 64
    gap = np.zeros((2, size - a[3].shape[1]), np.uint16)
    tables = (
        np.concatenate([a[0], b[0]]),
        np.array([[BASE], [BASE + size]]),
        np.concatenate([a[2], b[2]]),
        np.concatenate([a[3], gap, b[3]], axis=1),
        np.concatenate([np.resize(a[4], size // 64), b[4]]),
    )
    checks = np.array([check(0, {right}, words), [1, *check(1, {left}, words)[1:]]])
    read, found = remaining_and_proved(checks, tables, alone=True)
    had = {row for row, text in enumerate(rows) if together(text, [{left}, {right}])}
    sure = set(np.flatnonzero(listed(found, len(rows))).tolist())
    assert sure <= had <= sure | set(read.tolist())


def test_the_most_frequent_neighbours_prove_a_phrase() -> None:
    """Texts of the most common phrases are the most, and reading them would take longest."""
    frequent, marker, term = EXACT_BITS - 1, next(iter(MARKERS)), {5, 8}
    rows = [[5, frequent, 5, 7], [5, 7, 5, 7], [5, frequent, 8, 7], [8, frequent, 7], [5, marker, frequent, 7]]
    tables = neighbours_of(rows, term)
    for words, proved in ((ALL_FORMS, {0, 2, 3, 4}), (MAIN_FORM, {0, 4}), (ANY_FORM, set())):
        left, sure = remaining_and_proved(np.array([check(0, {frequent}, words)]), tables, alone=True)
        assert set(np.flatnonzero(listed(sure, len(rows))).tolist()) == proved
        assert {0, 2, 3, 4} <= proved | set(left.tolist())
        assert 1 not in left


def test_what_is_neighbours_of() -> None:
    """Were it less, every text would be read all the same."""
    marker = next(iter(MARKERS))
    lead = lead_units_of(np.array([marker]), FIRST_MARKER)[0]
    *_, neighbours, main_form_only = neighbours_of(
        [[5, 1, 6], [5, 2, 6], [1, 5], [marker, 1, 2], [6, 1, 5, 1, 2], [3, 1]], {1, 3}
    )
    kinds = [1 << filter_bit(unit) for unit in (1, 2, 3, 5, 6, lead)]
    assert neighbours[:, BASE:-ROOM].T.tolist() == [
        [6, 5],
        [5, TRAIL],
        [TRAIL | kinds[1], TRAIL | kinds[5]],
        [TRAIL | kinds[1] | kinds[3], TRAIL | kinds[3] | kinds[4]],
        [TRAIL | kinds[0], TRAIL | kinds[2]],
    ]
    assert main_form_only.tolist() == [0b1111 << BASE, 0]


def test_some_are_kept_always() -> None:
    """The titles of first paragraphs have to be looked at, whatever stands in the texts."""
    tables = neighbours_of([[5, 1, 6], [5, 1, 6], [5, 1, 6]], {1})
    always = np.array([2, 0], np.uint64)
    for other, proved in ((6, 0b111), (7, 0)):
        left, sure = remaining_and_proved(np.array([check(0, {other}, ALL_FORMS)]), tables, alone=True, always=always)
        assert left.tolist() == ([] if proved else [1])
        assert sure.tolist() == [proved, 0]


def test_long_phrases_do_not_overflow() -> None:
    """What is proved of a text is a byte, and a phrase can have a hundred words."""
    tables = neighbours_of([[5, 1, 6]], {1})
    left, _ = remaining_and_proved(np.array([check(0, {6}, ALL_FORMS)] * 200), tables, alone=False)
    assert left.tolist() == [0]
