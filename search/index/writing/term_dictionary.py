"""Texts to numbers of distinct runs; and the entries of a segment, as they are numbered in the end."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from search.analysis.tokenizer import character_classes
from search.index.storage.column_file import Array, Rows, starts
from search.index.writing.lexicon import LexiconEntry, Table
from search.kernels.core.token_stream import MAX_PAIRS
from search.kernels.terms.token_numbering import intern_tokens, rehash

UNSPACED = 0x0E00
"""The first code point of scripts without spaces, where each character is a token though no run of its own."""


class TokenInterner:
    """The distinct runs of one language."""

    def __init__(self) -> None:
        self.classes = np.frombuffer(character_classes(), np.uint8)
        self.hashes = np.zeros(1 << 12, np.uint64)
        self.slots = np.full(1 << 12, -1, np.int32)
        self.letters = np.zeros(1 << 12, np.uint32)
        self.at = np.zeros(1 << 11, np.int64)
        self.count = 0
        self.wide = 0
        """How many characters of scripts without spaces the latest texts had."""

    @property
    def size(self) -> int:
        """How many letters they have."""
        return int(self.at[self.count])

    def number(self, rows: Sequence[str]) -> tuple[Array, Array]:
        """The runs of texts (see `intern_tokens`): a number for each token, and how many tokens each row has."""
        joined = "\n".join(rows) + "\n"
        text = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), np.uint32)
        self.wide = int(np.count_nonzero(text >= UNSPACED))
        bounds = starts(np.fromiter(map(len, rows), np.int64, len(rows)) + 1)
        self._make_room(len(text))
        ids, counts = np.empty(len(text) // 2 + 1, np.int32), np.empty(len(rows), np.int32)
        self.count, tokens, _ = intern_tokens(
            text, bounds, self.classes, self.hashes, self.slots, self.letters, self.at, self.count, ids, counts
        )
        return ids[:tokens], counts

    def written(self, begin: int) -> list[str]:
        """The runs from number `begin` on."""
        at = self.at[begin : self.count + 1]
        letters = self.letters[at[0] : at[-1]].tobytes().decode("utf-32-le", "surrogatepass")
        return [letters[a:b] for a, b in itertools.pairwise((at - at[0]).tolist())]

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


@dataclass(frozen=True, slots=True)
class TermDictionary:
    """The entries of a segment, `plain` ones by falling frequency before markers. Strings ascend.

    `stems` are the places of each entry's stems; `widths` and `carrier_stem` are those of the markers (see
    `LexiconEntry`).
    """

    plain: int
    word_lengths: Array
    word_bytes: Array
    word_entry: Array
    stem_lengths: Array
    stem_bytes: Array
    stems: Rows
    widths: Array
    carrier_stem: Array

    def entries(self) -> list[LexiconEntry]:
        """As objects."""
        words = dict(zip(self.word_entry.tolist(), _strings(self.word_lengths, self.word_bytes), strict=True))
        stems = _strings(self.stem_lengths, self.stem_bytes)
        numbers, first = self.stems.stream.tolist(), self.stems.first.tolist()
        found = []
        for entry in range(len(words)):
            forms = tuple(stems[n] for n in numbers[first[entry] : first[entry + 1]])
            marker = entry - self.plain
            carrier_stem = stems[self.carrier_stem[marker]] if marker >= 0 else forms[-1]
            found.append(
                LexiconEntry(words[entry], forms, int(self.widths[marker]) if marker >= 0 else 0, carrier_stem)
            )
        return found


def in_order(widths: Array, frequency: Array) -> tuple[Array, int]:
    """The entries that occur, given how often each does, in the order of their final numbers; how many are plain."""
    order = np.lexsort((-frequency, widths > 0))
    order = order[frequency[order] > 0]
    plain = int((widths[order] == 0).sum())
    if max(plain, len(order) - plain) > MAX_PAIRS:
        message = "a segment with so many distinct words cannot be written"
        raise OverflowError(message)
    return order, plain


def vocabulary(table: Table, order: Array, plain: int) -> TermDictionary:
    """The entries of a table in this order; others, and what only they have, are left out."""
    widths, carrier_stem = np.array(table.widths, np.int32), np.array(table.carrier_stem, np.int32)
    number = np.full(len(widths), -1, np.int32)
    number[order] = np.arange(len(order), dtype=np.int32)
    stems = Rows(np.array(table.stems, np.int32), starts(np.array(table.stem_counts, np.uint8))).gathered(order)
    used = np.zeros(len(table.stem_lengths), bool)
    used[stems.stream] = True
    used[carrier_stem[order]] = True
    place = (np.cumsum(used) - 1).astype(np.int32)
    stem_lengths, stem_bytes = _chosen(table.stem_lengths, table.stem_bytes, used)
    word_entry = np.array(table.word_entry, np.int32)
    occurs = number[word_entry] >= 0
    word_lengths, word_bytes = _chosen(table.word_lengths, table.word_bytes, occurs)
    markers = order[plain:]
    return TermDictionary(
        plain,
        word_lengths,
        word_bytes,
        number[word_entry[occurs]],
        stem_lengths,
        stem_bytes,
        Rows(place[stems.stream], stems.first.astype(np.int32)),
        widths[markers],
        place[carrier_stem[markers]],
    )


def _chosen(lengths: Sequence[int], data: bytes, kept: Array) -> tuple[Array, Array]:
    """Those strings of a blob that are kept."""
    sizes, blob = np.array(lengths, np.int64), np.frombuffer(data, np.uint8)
    return (sizes, blob) if kept.all() else (sizes[kept], blob[np.repeat(kept, sizes)])


def _strings(lengths: Array, data: Array) -> list[str]:
    at, whole = starts(lengths).tolist(), data.tobytes()
    return [whole[a:b].decode("utf-8", "surrogatepass") for a, b in itertools.pairwise(at)]
