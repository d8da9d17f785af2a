"""Searching a vocabulary by compiled loops finds what the plain definitions find."""

from __future__ import annotations

import itertools
import re

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from search.kernels.terms.dictionary import lower_bound, shared_prefixes, wildcard_matches
from search.kernels.terms.fuzzy import STEP, fill_bloom_filter, fuzzy_matches
from search.query.term_patterns import fits_wildcard, within_distance

WORD = st.text(st.sampled_from("abcé中😀"), min_size=1, max_size=8)
WORDS = st.sets(WORD, min_size=1, max_size=100).map(lambda words: sorted(words, key=str.encode))


class Table:
    """Words as the loops take them."""

    def __init__(self, words: list[str]) -> None:
        encoded = [word.encode() for word in words]
        self.blob = np.frombuffer(b"".join(encoded), np.uint8)
        self.at = np.concatenate([[0], np.cumsum([len(word) for word in encoded])])
        self.shared = np.zeros(len(words), np.uint8)
        shared_prefixes(self.blob, self.at.astype(np.int64), self.shared)
        self.least = np.minimum.reduceat(self.shared, np.arange(0, len(words), STEP))
        letters = [(int(w), ord(words[w][0])) for w in np.flatnonzero(self.shared < 1)]
        self.letters = np.array([*letters, (len(words), 0)], np.int32)
        self.offsets = self.at.astype(np.uint32)
        self.found = np.empty(len(words), np.int32)


def points(text: str) -> np.ndarray[tuple[int], np.dtype[np.uint32]]:
    return np.frombuffer(text.encode("utf-32-le"), np.uint32)


@given(WORDS)
def test_shared_prefixes(words: list[str]) -> None:
    """The walk over neighbours is only right if what they share is counted in whole characters."""
    common = [
        next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
        for a, b in itertools.pairwise(words)
    ]
    assert Table(words).shared.tolist() == [0, *common]


@given(WORDS, WORD, st.sampled_from([1, 2]))
@example(["a", "ab", "b", "ba"], "ab", 1)
@example(["b", "baba", "aab"], "aab", 2)
def test_fuzzy_matches(words: list[str], word: str, edits: int) -> None:
    """What follows the last wrong letter is looked up, so every kind of edit at every place must be thought of."""
    table = Table(words)
    known = np.zeros(2, np.uint64)
    fill_bloom_filter(table.blob, table.offsets, known)
    text = np.frombuffer(word.encode(), np.uint8)
    vocabulary = table.blob, table.offsets, table.shared, table.least, table.letters, known
    n = fuzzy_matches(*vocabulary, points(word), text, edits, found := np.empty(10_000, np.int32))
    expected = [w for w in words if within_distance(word, w, edits)]
    assert sorted({words[i] for i in found[:n]}) == sorted(expected)
    if edits == 1:
        assert n == len(expected)
    assert fuzzy_matches(*vocabulary, points(word), text, edits, found[:1]) == n


@given(WORDS, st.text(st.sampled_from("abé*?"), min_size=1, max_size=6))
def test_wildcard_matches(words: list[str], pattern: str) -> None:
    """The vocabulary is searched by one loop and marks are made by another: both read a pattern the same way."""
    table = Table(words)
    tail = np.frombuffer(re.split(r"[*?]", pattern)[-1].encode(), np.uint8)
    n = wildcard_matches(table.blob, table.offsets, 0, len(words), points(pattern), tail, table.found)
    assert [words[i] for i in table.found[:n]] == [w for w in words if fits_wildcard(pattern, w)]


@given(WORDS, WORD)
def test_lower_bound(words: list[str], word: str) -> None:
    """Every look-up of a word goes through it."""
    table = Table(words)
    wanted = np.frombuffer(word.encode(), np.uint8)
    assert lower_bound(table.blob, table.offsets, wanted) == sum(w.encode() < word.encode() for w in words)
