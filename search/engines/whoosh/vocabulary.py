"""Distinct runs to entries: what a segment's streams are made of.

An entry is a word as written with its stems. A compound is an entry too, a marker: in a stream it comes before its
parts.
Accents that change a stem make two entries of one word.
"""

from __future__ import annotations

import itertools
from concurrent.futures import ProcessPoolExecutor
from typing import NamedTuple

import numpy as np

from search.analysis import MAX_WORD, Kind, character_classes, fold, stem, stems, take_apart
from search.engines.whoosh.arrays import Array
from search.kernels.tokens import expand, number_runs, rehash

POOLED = 50_000
"""Distinct runs from which on it pays to analyse them in several processes."""


class Entry(NamedTuple):
    """A word as written, its stems, and for a marker of a compound how many positions the compound takes, else 0.

    `via` is a stem whose postings hold all paragraphs of the entry: one of its own, or of a compound's first part.
    """

    word: str
    stems: tuple[str, ...]
    width: int
    via: str


def analyse(run: str, lang: str) -> tuple[Entry, ...]:
    """What a run puts into a stream. Runs come with ASCII in small letters, which changes none of this."""
    if run.isascii() and run.isalnum():
        word = run[:MAX_WORD]
        found = stem(word, lang)
        return (Entry(word, found, 0, found[-1]),)
    tokens = take_apart(run)
    parts = [token for token in tokens if token.kind is Kind.WORD]
    return tuple(
        Entry(fold(token.written), forms, 0 if token.kind is Kind.WORD else token.width, forms[-1] if forms else via)
        for via in stem(parts[0].written, lang)[-1:]
        for token in tokens
        for forms in (stems(token, lang),)
    )


def analyse_all(runs: list[str], lang: str) -> list[tuple[Entry, ...]]:
    """The same for many."""
    return [analyse(run, lang) for run in runs]


class Vocabulary:
    """The entries of a segment that is being built, numbered as they come."""

    def __init__(self) -> None:
        self.entries: dict[Entry, int] = {}

    def number(self, entry: Entry) -> int:
        """The number of an entry."""
        return self.entries.setdefault(entry, len(self.entries))


class Runs:
    """The distinct runs of one language, and the entries that they stand for."""

    def __init__(self, lang: str) -> None:
        self.lang = lang
        self.classes = np.frombuffer(character_classes(), np.uint8)
        self.hashes = np.zeros(1 << 12, np.uint64)
        self.slots = np.full(1 << 12, -1, np.int32)
        self.letters = np.zeros(1 << 12, np.uint32)
        self.at = np.zeros(1 << 11, np.int64)
        self.count = 0
        self.first = np.zeros(1, np.int32)
        self.entries = np.zeros(0, np.int32)

    def number(self, rows: list[str]) -> tuple[Array, Array]:
        """The runs of texts (see `number_runs`): a number for each token, and how many tokens each row has."""
        joined = "\n".join(rows) + "\n"
        text = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), np.uint32)
        bounds = np.concatenate([[0], np.cumsum([len(row) + 1 for row in rows])]).astype(np.int64)
        self._make_room(len(text))
        ids, counts = np.empty(len(text) // 2 + 1, np.int32), np.empty(len(rows), np.int32)
        self.count, tokens, _ = number_runs(
            text, bounds, self.classes, self.hashes, self.slots, self.letters, self.at, self.count, ids, counts
        )
        return ids[:tokens].copy(), counts

    def learn(self, vocabulary: Vocabulary, pool: ProcessPoolExecutor | None) -> None:
        """Analyse the runs."""
        letters = self.letters[: self.at[self.count]].tobytes().decode("utf-32-le", "surrogatepass")
        bounds = self.at[: self.count + 1].tolist()
        runs = [letters[a:b] for a, b in itertools.pairwise(bounds)]
        if pool is not None and len(runs) > POOLED:
            half = len(runs) // 2
            later = pool.submit(analyse_all, runs[half:], self.lang)
            found = analyse_all(runs[:half], self.lang) + later.result()
        else:
            found = analyse_all(runs, self.lang)
        number = vocabulary.number
        self.first = np.cumsum([0, *map(len, found)]).astype(np.int32)
        self.entries = np.fromiter((number(entry) for entries in found for entry in entries), np.int32, self.first[-1])

    def expanded(self, ids: Array, counts: Array) -> tuple[Array, Array]:
        """The entries of rows of runs, and how many each row has."""
        sizes = np.diff(self.first)
        stream, lengths = np.empty(int(sizes[ids].sum()), np.int32), np.empty(len(counts), np.int32)
        expand(ids, counts, self.first, self.entries, stream, lengths)
        return stream, lengths

    def _make_room(self, length: int) -> None:
        """Grow the tables for as many new runs as a text of this length can have."""
        most = self.count + length // 2 + 2
        if len(self.slots) < 2 * most:
            size = 1 << (2 * most - 1).bit_length()
            hashes, slots = np.zeros(size, np.uint64), np.full(size, -1, np.int32)
            rehash(self.hashes, self.slots, hashes, slots)
            self.hashes, self.slots = hashes, slots
        self.at = _grown(self.at, most + 1)
        self.letters = _grown(self.letters, int(self.at[self.count]) + 2 * length + 2)


def _grown(array: Array, size: int) -> Array:
    """The array, with room for `size` elements."""
    if len(array) >= size:
        return array
    larger = np.zeros(max(size, len(array) * 2), array.dtype)
    larger[: len(array)] = array
    return larger
