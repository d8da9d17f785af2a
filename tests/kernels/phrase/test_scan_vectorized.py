"""Reading 64 units at a time finds what a plain reading of entries and positions finds."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import event, given
from hypothesis import strategies as st

from search.index.segment.phrase_slots import lead_units_of
from search.index.storage.column_file import Array, starts
from search.kernels.core.token_stream import FORM_LEAD, encode_stream
from search.kernels.jit.argument_types import read_only
from search.kernels.phrase.scan_vectorized import SlotArrays, TokenStreams, find_near, find_phrases

NO_BITMAP, NOBODY = np.zeros(0, np.uint64), np.zeros(0, np.int32)
FIRST_MARKER = FORM_LEAD + 5_000
"""Entries from here on are markers."""
FILLER = 9
WORDS = (0, 1, 2, FORM_LEAD - 1, FORM_LEAD, FORM_LEAD + 1, FORM_LEAD + 4_999)
MARKERS = {FIRST_MARKER: 1, FIRST_MARKER + 1: 2, FIRST_MARKER + 4_097: 2}
"""Markers to the positions that their compounds take."""

word = st.sampled_from(WORDS)
token = word.map(lambda entry: [entry]) | st.builds(
    lambda marker, parts: [marker, *parts[: MARKERS[marker]]],
    st.sampled_from(list(MARKERS)),
    st.lists(word, min_size=2, max_size=2),
)
common = st.sampled_from(WORDS[:2]).map(lambda entry: [entry])
texts = st.builds(
    lambda before, tokens, after: [FILLER] * before + list(itertools.chain.from_iterable(tokens)) + [FILLER] * after,
    st.sampled_from([0, 0, 1, *range(58, 67), *range(122, 130)]),
    st.lists(token | common, max_size=12),
    st.sampled_from([0, 0, 1, 63, 64, 65]),
)
slots = st.lists(
    st.sets(word, min_size=1, max_size=3)
    | word.map(lambda entry: {entry})
    | st.sampled_from(
        [{FIRST_MARKER}, {0, FIRST_MARKER}, {FIRST_MARKER + 1}, {FIRST_MARKER + 1, FIRST_MARKER + 4_097}]
    ),
    min_size=1,
    max_size=4,
)


def streams_of(rows: list[list[int]], text_of: Array = NOBODY, some: Array = NO_BITMAP) -> TokenStreams:
    """Texts as the loops take them."""
    stream = np.array(list(itertools.chain.from_iterable(rows)), np.int32)
    ends = np.cumsum([0, *map(len, rows)]).astype(np.int64)
    units, first = np.zeros(2 * len(stream) + 64, np.uint16), np.empty(len(ends), np.int64)
    used = encode_stream(stream, ends, FIRST_MARKER, units, first)
    return TokenStreams(*map(read_only, (units[: max(64, used)], first, text_of, some)))


def places(text: list[int], entries: set[int]) -> set[tuple[int, int]]:
    """The positions from and to of the tokens among these entries."""
    found, position = set(), 0
    for entry in text:
        if entry in entries:
            found.add((position, position + MARKERS.get(entry, 1)))
        position += entry < FIRST_MARKER
    return found


def together(text: list[int], phrase: list[set[int]]) -> bool:
    """Whether each slot has a place that begins where one of the slot before ends."""
    ends = {begin for begin, _ in places(text, phrase[0])}
    for slot in phrase:
        ends = {end for begin, end in places(text, slot) if begin in ends}
    return bool(ends)


def listed(bits: Array, n: int) -> list[bool]:
    unpacked: list[bool] = np.unpackbits(bits.view(np.uint8), bitorder="little")[:n].astype(bool).tolist()
    return unpacked


def firsts(rows: list[Array] | list[list[int]]) -> Array:
    return starts(np.array([len(row) for row in rows])).astype(np.int32)


def slot_arrays(phrase: list[set[int]], distance: int = 0) -> SlotArrays:
    resolved = [np.array(sorted(slot), np.int32) for slot in phrase]
    lead_units = [lead_units_of(entries, FIRST_MARKER) for entries in resolved]
    units = np.array([unit for each in lead_units for unit in each], np.uint16)
    widths = np.array([max(MARKERS.get(entry, 1) for entry in slot) for slot in phrase], np.int32)
    exact = bool(units.max() < FORM_LEAD)
    firsts_of = read_only(firsts(lead_units)), read_only(units), exact, read_only(firsts(resolved))
    return SlotArrays(*firsts_of, read_only(np.concatenate(resolved)), read_only(widths), distance)


titles = st.lists(texts, min_size=1, max_size=4)


@given(st.lists(texts, min_size=1, max_size=70), titles, slots, st.booleans())
def test_find_phrases(rows: list[list[int]], titles: list[list[int]], phrase: list[set[int]], some: bool) -> None:
    """A phrase may stand across blocks, over markers, in words of one unit and of two, in an opening text's title."""
    article_of = np.arange(len(rows), dtype=np.int32) % len(titles)
    openings = np.full(2, 0x5555555555555555, np.uint64)
    docs = np.arange(0, len(rows), 3 if some else 1, dtype=np.int32)
    found, arrays = np.zeros(2, np.uint64), slot_arrays(phrase)
    find_phrases(docs, streams_of(rows), FIRST_MARKER, arrays, found)
    if some:
        find_phrases(docs, streams_of(titles, article_of, openings), FIRST_MARKER, arrays, found)
    expected = [
        row in docs
        and (together(text, phrase) or (some and row % 2 == 0 and together(titles[row % len(titles)], phrase)))
        for row, text in enumerate(rows)
    ]
    assert listed(found, len(rows)) == expected
    event(f"single words: {arrays.exact and len(arrays.lead_units) == len(phrase)}, found: {any(expected)}")


@given(
    st.lists(texts, min_size=1, max_size=70),
    st.sets(word | st.just(FIRST_MARKER), min_size=1, max_size=3),
    st.sets(word | st.just(FIRST_MARKER), min_size=1, max_size=3),
    st.sampled_from([1, 2, 5, 62, 63, 64, 65, 100]),
)
def test_find_near(rows: list[list[int]], left: set[int], right: set[int], distance: int) -> None:
    """Markers take no position, a compound of one part shares its part's, and a word is not near itself."""
    docs, found = np.arange(len(rows), dtype=np.int32), np.zeros(2, np.uint64)
    article_of, openings = np.arange(len(rows) - 1, -1, -1, dtype=np.int32), np.full(2, 1, np.uint64)
    slots = slot_arrays([left, right], distance)
    find_near(docs, streams_of(rows), FIRST_MARKER, slots, found)
    find_near(docs, streams_of(rows, article_of, openings), FIRST_MARKER, slots, found)
    expected = [
        any(0 < abs(a - b) <= distance for (a, _), (b, _) in itertools.product(places(t, left), places(t, right)))
        for t in rows
    ]
    expected[0] |= expected[-1]  # which is the title of the first
    assert listed(found, len(rows)) == expected
    event(f"found: {any(expected)}")
