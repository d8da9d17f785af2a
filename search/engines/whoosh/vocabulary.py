"""Distinct runs to entries: what a segment's streams are made of.

An entry is a word as written with its stems. A compound is an entry too, a marker; in a stream it comes before its parts.
Accents that change a stem make two entries of one word.
"""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from typing import NamedTuple

import numpy as np

from search.analysis import MAX_WORD, Kind, fold, stem, stems, take_apart
from search.engines.whoosh.arrays import Array
from search.kernels.tokens import expand, number_runs, rehash

POOLED = 20_000
"""New runs at a time from which on it pays to analyse them in several processes."""


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
    """The distinct runs of one language, across batches, and the entries that they stand for."""

    def __init__(self, lang: str, classes: Array) -> None:
        self.lang = lang
        self.classes = classes
        self.hashes = np.zeros(1 << 16, np.uint64)
        self.slots = np.full(1 << 16, -1, np.int32)
        self.letters = np.zeros(1 << 16, np.uint32)
        self.at = np.zeros(1 << 15, np.int64)
        self.count = 0
        self.first = np.zeros(1, np.int32)
        self.entries = np.zeros(0, np.int32)

    def read(
        self, rows: list[str], vocabulary: Vocabulary, pool: ProcessPoolExecutor | None
    ) -> tuple[Array, Array]:
        """The rows' stream of entries, and how many entries each row has."""
        joined = "\n".join(rows) + "\n"
        text = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), np.uint32)
        bounds = np.concatenate([[0], np.cumsum([len(row) + 1 for row in rows])]).astype(np.int64)
        ids, counts = self.number(text, bounds)
        self.learn(vocabulary, pool)
        sizes = self.first[1:] - self.first[:-1]
        stream, lengths = np.empty(int(sizes[ids].sum()), np.int32), np.empty(len(rows), np.int32)
        expand(ids, counts, self.first, self.entries, stream, lengths)
        return stream, lengths

    def number(self, text: Array, bounds: Array) -> tuple[Array, Array]:
        """The runs of paragraphs (see `number_runs`): a number for each token, and how many tokens each has."""
        self._make_room(len(text))
        ids = np.empty(len(text) // 2 + 1, np.int32)
        counts = np.empty(len(bounds) - 1, np.int32)
        self.count, tokens, _ = number_runs(
            text, bounds, self.classes, self.hashes, self.slots, self.letters, self.at, self.count, ids, counts
        )
        return ids[:tokens], counts

    def learn(self, vocabulary: Vocabulary, pool: ProcessPoolExecutor | None) -> None:
        """Analyse the runs that are new since the last time."""
        begin, known = int(self.at[len(self.first) - 1]), len(self.first) - 1
        text = self.letters[begin : self.at[self.count]].tobytes().decode("utf-32-le", "surrogatepass")
        bounds = (self.at[known : self.count + 1] - begin).tolist()
        runs = [text[a:b] for a, b in zip(bounds, bounds[1:], strict=False)]
        if pool is not None and len(runs) > POOLED:
            half = len(runs) // 2
            later = pool.submit(analyse_all, runs[half:], self.lang)
            found = analyse_all(runs[:half], self.lang) + later.result()
        else:
            found = analyse_all(runs, self.lang)
        numbers = [[vocabulary.number(entry) for entry in entries] for entries in found]
        sizes = np.fromiter(map(len, numbers), np.int32, len(numbers))
        self.first = np.concatenate([self.first, self.first[-1] + np.cumsum(sizes, dtype=np.int32)])
        flat = np.fromiter((n for entries in numbers for n in entries), np.int32, int(sizes.sum()))
        self.entries = np.concatenate([self.entries, flat])

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
