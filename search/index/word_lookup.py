"""The words of a generation of the index: how frequent they are, which are alike, which stand after which."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import chain

import numpy as np

from search.index.query.matching.multi_term import matching_words, prefix_range
from search.index.segment.phrase_slots import NO_NUMBERS, PhraseSlots
from search.index.segment.posting_lists import decode_postings
from search.index.segment.segment_reader import SegmentReader
from search.index.segment.segment_view import SegmentView
from search.index.segment.surface_forms import SurfaceForms
from search.index.storage.column_file import Array
from search.index.storage.lru_cache import LruCache
from search.kernels.terms.word_statistics import add_up_equal_words, forms_after
from search.model import WordCount
from search.query.tree import Fuzzy, Wildcard

SAMPLE = 2_048
"""Number of paragraphs of a segment with a word that are looked through for the words after it.

A word that comes after it once in a hundred times is practically always found; a rarer one is no useful completion.
"""
ROOM = 4 * SAMPLE
"""Maximum number of occurrences of words after a word that are collected from its sample."""
MOST_AFTER = 200
"""Maximum number of words after a word that a segment names."""
CACHED_BYTES = 4 << 20
"""Bytes of words after words that a segment caches: completions are asked for with each letter that is typed."""


class IndexVocabulary:
    """The words of some segments (see `search.engine.Vocabulary`). Threads share it."""

    def __init__(self, views: Sequence[SegmentView]) -> None:
        self.segments = [view.segment.derived(SegmentVocabulary) for view in views]

    def prepare(self) -> None:
        """Count the paragraphs of all words, so that processes forked from this one share the counts."""
        for segment in self.segments:
            _ = segment.word_counts, segment.segment.widths

    def counts(self, words: Sequence[str]) -> list[int]:
        """Return the number of paragraphs that have each of some words."""
        return [sum([segment.count(word) for segment in self.segments]) for word in words]

    def similar(self, word: str, edits: int, limit: int) -> list[WordCount]:
        """Return the most frequent words that are at most `edits` edits from a word."""
        return self._matching(Fuzzy(word, edits), limit)

    def beginning_with(self, prefix: str, limit: int) -> list[WordCount]:
        """Return the most frequent words that begin with a prefix."""
        if {"*", "?"} & set(prefix):  # no word has them, and in a pattern they mean something else
            return []
        return self._matching(Wildcard(f"{prefix}*"), limit)

    def _matching(self, leaf: Wildcard | Fuzzy, limit: int) -> list[WordCount]:
        """Return the `limit` most frequent words that match a pattern.

        Candidates are the most frequent ones of each segment, so a word that is frequent in none can be missed.
        """
        found = [segment.matching(leaf, limit) for segment in self.segments]
        if len(found) == 1:
            return _most_frequent(found[0].items(), limit)
        total: Counter[str] = Counter()
        words = dict.fromkeys(chain.from_iterable(found))
        for segment, counts in zip(self.segments, found, strict=True):
            total.update({word: counts[word] if word in counts else segment.count(word) for word in words})
        return _most_frequent(total.items(), limit)

    def words_after(self, stems: Sequence[str], prefix: str, limit: int) -> list[WordCount]:
        """Return the words that stand most often right after a word with one of some stems."""
        found: Counter[str] = Counter()
        for segment in self.segments:
            found.update(segment.words_after(tuple(stems), prefix))
        return _most_frequent(found.items(), limit)


def _most_frequent(counted: Iterable[tuple[str, int]], limit: int) -> list[WordCount]:
    return [WordCount(*one) for one in sorted(counted, key=lambda one: (-one[1], one[0]))[:limit]]


class SegmentVocabulary:
    """The words of a segment. What it computes is kept, and processes that are forked afterwards share it."""

    def __init__(self, segment: SegmentReader) -> None:
        self.segment = segment
        self.words = segment.strings("word")
        self._after: LruCache[tuple[Array, Array]] = LruCache(CACHED_BYTES, lambda found: 100 + 2 * found[0].nbytes)

    @cached_property
    def word_counts(self) -> Array:
        """`(n_words,) int32`: how many paragraphs have each word of the table `word`, in text or title."""
        counts: Array = self.segment.derived(SurfaceForms).paragraph_counts[self.segment.column("word_entry")]
        add_up_equal_words(self.words.blob, self.words.at, counts)
        return counts

    def count(self, word: str) -> int:
        """Return how many paragraphs have a word."""
        number = self.words.find(word)
        return int(self.word_counts[number]) if number >= 0 else 0

    def matching(self, leaf: Wildcard | Fuzzy, limit: int) -> dict[str, int]:
        """Return the `limit` most frequent words that match a pattern, or some more, with their counts."""
        words = matching_words(self.segment, leaf)
        counts = self.word_counts[words]
        numbers = np.arange(words.start, words.stop) if isinstance(words, slice) else words
        if (
            len(numbers) > 2 * limit
        ):  # twice as many, for a word stands in the table twice if it was stemmed in two ways
            best = np.argpartition(counts, -2 * limit)[-2 * limit :]
            numbers, counts = numbers[best], counts[best]
        return dict(zip(self.words.texts(numbers.tolist()), counts.tolist(), strict=True))

    def words_after(self, stems: tuple[str, ...], prefix: str) -> Counter[str]:
        """Return how often each word that begins with a prefix stands right after a word with one of some stems."""
        numbers, counts = self._after.get(stems, lambda: self._forms_after(stems))
        at = slice(*np.searchsorted(numbers, prefix_range(self.words, prefix)).tolist())
        numbers, counts = numbers[at], counts[at]
        if len(numbers) > MOST_AFTER:
            best = np.argpartition(counts, -MOST_AFTER)[-MOST_AFTER:]
            numbers, counts = numbers[best], counts[best]
        found: Counter[str] = Counter()
        for word, count in zip(self.words.texts(numbers.tolist()), counts.tolist(), strict=True):
            found[word] += count
        return found

    def _forms_after(self, stems: tuple[str, ...]) -> tuple[Array, Array]:
        """Return the numbers of the words right after a word with one of some stems, ascending, and how often each is.

        Up to SAMPLE paragraphs of each stem, evenly spread, are looked through.
        """
        segment, parts = self.segment, [NO_NUMBERS]
        for stem in stems:
            if (term_id := segment.strings("stem").find(stem)) >= 0:
                docs = decode_postings(segment, term_id).docs
                sample = np.ascontiguousarray(docs[:: -(-len(docs) // SAMPLE)])
                found = np.empty(ROOM, np.int32)
                texts = segment.derived(PhraseSlots).texts
                n = forms_after(
                    texts.units, texts.first, segment.first_marker, segment.widths, sample,
                    segment.forms_of_term(term_id), found,
                )  # fmt: skip
                parts.append(segment.word_of_form[found[:n]])
        return np.unique(np.concatenate(parts), return_counts=True)
