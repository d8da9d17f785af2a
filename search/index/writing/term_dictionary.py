"""The numbering of distinct tokens while texts come, and the dictionary of a segment's terms and surface forms."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from search.analysis.tokenizer import character_classes
from search.index.storage.column_file import Array, Rows, starts
from search.index.writing.lexicon import FormTable, SurfaceForm
from search.kernels.core.token_stream import MAX_PAIRS
from search.kernels.terms.token_numbering import intern_tokens, rehash

UNSPACED = 0x0E00
"""The first code point of scripts without spaces, in which each character is a form, though no token of its own."""


class TokenInterner:
    """The distinct raw tokens of one language, numbered from 0 in the order in which they first come."""

    def __init__(self) -> None:
        self.classes = np.frombuffer(character_classes(), np.uint8)
        self.hashes = np.zeros(1 << 12, np.uint64)
        self.slots = np.full(1 << 12, -1, np.int32)
        self.letters = np.zeros(1 << 12, np.uint32)
        self.at = np.zeros(1 << 11, np.int64)
        self.count = 0
        self.unspaced = 0
        """How many characters of scripts without spaces the latest texts have."""

    @property
    def letter_count(self) -> int:
        """The code points of all distinct tokens together."""
        return int(self.at[self.count])

    def intern(self, texts: Sequence[str]) -> tuple[Array, Array]:
        """Return the token_id of each token of these texts, `(n_tokens,) int32`, and how many tokens each text has."""
        joined = "\n".join(texts) + "\n"
        text = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), np.uint32)
        self.unspaced = 0 if joined.isascii() else int(np.count_nonzero(text >= UNSPACED))
        bounds = starts(np.fromiter(map(len, texts), np.int64, len(texts)) + 1)
        self._make_room(len(text))
        token_ids, counts = np.empty(len(text) // 2 + 1, np.int32), np.empty(len(texts), np.int32)
        self.count, n_tokens, _ = intern_tokens(
            text, bounds, self.classes, self.hashes, self.slots, self.letters, self.at, self.count, token_ids, counts
        )
        return token_ids[:n_tokens], counts

    def tokens_from(self, token_id: int) -> list[str]:
        """Return the distinct tokens from this number on."""
        at = self.at[token_id : self.count + 1]
        letters = self.letters[at[0] : at[-1]].tobytes().decode("utf-32-le", "surrogatepass")
        return [letters[a:b] for a, b in itertools.pairwise((at - at[0]).tolist())]

    def _make_room(self, length: int) -> None:
        """Grow the tables so that they hold all tokens that a text of `length` code points can have."""
        most = self.count + length // 2 + 2
        if len(self.slots) < 2 * most:
            size = 1 << (2 * most - 1).bit_length()
            hashes, slots = np.zeros(size, np.uint64), np.full(size, -1, np.int32)
            rehash(self.hashes, self.slots, hashes, slots)
            self.hashes, self.slots = hashes, slots
        self.at = _grown(self.at, most + 1)
        self.letters = _grown(self.letters, self.letter_count + 2 * length + 2)


def _grown(array: Array, size: int) -> Array:
    """Return the array, or a copy at least twice as large if it has fewer than `size` elements."""
    if len(array) >= size:
        return array
    larger = np.zeros(max(size, len(array) * 2), array.dtype)
    larger[: len(array)] = array
    return larger


@dataclass(frozen=True, slots=True)
class TermDictionary:
    """The terms and surface forms of a segment, numbered as on disk (docs/index-format.md, "Vocabulary").

    The first `plain` forms are words and the others compounds, each of the two by falling frequency. Words and stems
    ascend; `word_form` has the form id of each word, `stems` a row of term ids for each form, `widths` and
    `carrier_stem` an element for each compound (see `SurfaceForm`).
    """

    plain: int
    word_lengths: Array
    word_bytes: Array
    word_form: Array
    stem_lengths: Array
    stem_bytes: Array
    stems: Rows
    widths: Array
    carrier_stem: Array

    def forms(self) -> list[SurfaceForm]:
        """Return the surface forms by form id."""
        words = dict(zip(self.word_form.tolist(), _decode(self.word_lengths, self.word_bytes), strict=True))
        names = _decode(self.stem_lengths, self.stem_bytes)
        term_ids, first = self.stems.stream.tolist(), self.stems.first.tolist()
        found = []
        for form_id in range(len(words)):
            stems = tuple(names[t] for t in term_ids[first[form_id] : first[form_id + 1]])
            marker = form_id - self.plain
            width, carrier_stem = 0, stems[-1] if stems else ""
            if marker >= 0:
                width, carrier_stem = int(self.widths[marker]), names[self.carrier_stem[marker]]
            found.append(SurfaceForm(words[form_id], stems, width, carrier_stem))
        return found


def order_forms(widths: Array, frequency: Array) -> tuple[Array, int]:
    """Return the provisional ids of the forms that occur, in the order of their form ids, and how many are words.

    `frequency` says how often each form occurs. Raises OverflowError for more forms than a stream can tell apart.
    """
    order = np.lexsort((-frequency, widths > 0))
    order = order[frequency[order] > 0]
    plain = int((widths[order] == 0).sum())
    if max(plain, len(order) - plain) > MAX_PAIRS:
        raise OverflowError("a segment with so many distinct words cannot be written")
    return order, plain


def build_dictionary(table: FormTable, order: Array, plain: int) -> TermDictionary:
    """Return the dictionary of the forms in `order`, of which the first `plain` are words.

    Forms that are not in `order` are left out, and so are the stems that only they have.
    """
    widths, carrier_stem = np.array(table.widths, np.int32), np.array(table.carrier_stem, np.int32)
    form_id = np.full(len(widths), -1, np.int32)
    form_id[order] = np.arange(len(order), dtype=np.int32)
    stems = Rows(np.array(table.stems, np.int32), starts(np.array(table.stem_counts, np.uint8))).gathered(order)
    used = np.zeros(len(table.stem_lengths), bool)
    used[stems.stream] = True
    used[carrier_stem[order]] = True
    term_id = (np.cumsum(used) - 1).astype(np.int32)
    stem_lengths, stem_bytes = _select(table.stem_lengths, table.stem_bytes, used)
    word_form = form_id[np.array(table.word_form, np.int32)]
    word_lengths, word_bytes = _select(table.word_lengths, table.word_bytes, word_form >= 0)
    markers = order[plain:]
    return TermDictionary(
        plain=plain,
        word_lengths=word_lengths,
        word_bytes=word_bytes,
        word_form=word_form[word_form >= 0],
        stem_lengths=stem_lengths,
        stem_bytes=stem_bytes,
        stems=Rows(term_id[stems.stream], stems.first.astype(np.int32)),
        widths=widths[markers],
        carrier_stem=term_id[carrier_stem[markers]],
    )


def _select(lengths: Sequence[int], data: bytes, kept: Array) -> tuple[Array, Array]:
    """Return the lengths in bytes, int64, and the UTF-8, uint8, of the strings for which `kept` is true.

    `kept` is `(n,) bool`; `lengths` and `data` have the length of each of the n strings, and the UTF-8 of all.
    """
    sizes, encoded = np.array(lengths, np.int64), np.frombuffer(data, np.uint8)
    return (sizes, encoded) if kept.all() else (sizes[kept], encoded[np.repeat(kept, sizes)])


def _decode(lengths: Array, data: Array) -> list[str]:
    """Return strings from their lengths in bytes and their UTF-8."""
    at, whole = starts(lengths).tolist(), data.tobytes()
    return [whole[a:b].decode("utf-8", "surrogatepass") for a, b in itertools.pairwise(at)]
