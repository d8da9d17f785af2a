"""Which articles of a segment have a term, or pass a filter, as small bitmaps: a bit an article."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from search.index.query.matching.match_set import bitmap_docs
from search.index.query.segment_searcher import SegmentSearcher
from search.index.segment.doc_values import Filter, filter_articles
from search.index.segment.posting_lists import decode_postings
from search.index.segment.segment_reader import WORD_BITS, SegmentReader, bitmap_of
from search.index.segment.segment_view import SegmentView
from search.index.storage.column_file import Array
from search.index.storage.lru_cache import LruCache
from search.kernels.core.bitmap import groups_with_bits
from search.kernels.core.postings_codec import IN_TITLE

CACHE_BYTES = 8 << 20
"""Bytes of bitmaps of articles that a segment keeps: those of some thousand terms and filters that were asked for last.
"""


class ArticleSets:
    """Bitmaps of the articles of a segment, `(n,) uint64`, a bit an article. Do not write to them."""

    def __init__(self, segment: SegmentReader) -> None:
        self.segment = segment
        self.n_words = -(-segment.articles // WORD_BITS)
        self._cache = LruCache[Array](CACHE_BYTES, lambda bits: bits.nbytes)

    @cached_property
    def all(self) -> Array:
        """All articles, deleted ones too."""
        return bitmap_of(np.arange(self.segment.articles), self.n_words)

    @cached_property
    def none(self) -> Array:
        """No article."""
        return np.zeros(self.n_words, np.uint64)

    def live(self, view: SegmentView) -> Array:
        """Return the articles that are not deleted."""
        return self.all if view.live is None else bitmap_of(np.flatnonzero(view.live_articles()), self.n_words)

    def of_docs(self, bits: Array) -> Array:
        """Return the articles that have a doc in a `(n_blocks,) uint64` bitmap of docs."""
        articles = np.zeros(self.n_words, np.uint64)
        groups_with_bits(bits, self.segment.last_docs, articles)
        return articles

    def of_list(self, docs: Array) -> Array:
        """Return the articles that have one of some docs, `(n,) int32`."""
        return bitmap_of(self.segment.article_of[docs], self.n_words)

    def list_docs(self, articles: Array, most: int) -> Array | None:
        """Return all docs of some articles, int32, ascending; None if they are more than `most`."""
        numbers, first = bitmap_docs(articles), self.segment.column("article_first").view(np.int32)
        low, high = first[numbers], first[numbers + 1]
        sizes = high - low
        total = int(sizes.sum())
        if total > most:
            return None
        ends = np.cumsum(sizes, dtype=np.int32)
        docs: Array = np.arange(total, dtype=np.int32) + np.repeat(high - ends, sizes)
        return docs

    def docs(self, articles: Array) -> Array:
        """Return the `(n_blocks,) uint64` bitmap of all docs of some articles."""
        return self.segment.docs_of_articles(bitmap_docs(articles))

    def with_stem(self, searcher: SegmentSearcher, stem: str, *, title: bool) -> Array:
        """Return the articles that have a stem, in a text or the title; with `title` in the title."""
        return self._cache.get((stem, title), lambda: self._with_stem(searcher, stem, title=title))

    def _with_stem(self, searcher: SegmentSearcher, stem: str, *, title: bool) -> Array:
        term = searcher.term(stem)
        if term is None:
            return self.none
        if term.row >= 0 and not title:
            return self.of_docs(np.asarray(searcher.dense.tables.bits[term.row]))
        docs, payloads = decode_postings(self.segment, term.term_id)
        return self.of_list(docs[(payloads & IN_TITLE) > 0] if title else docs)

    def with_filter(self, node: Filter) -> Array:
        """Return the articles that pass a filter."""
        return self._cache.get(
            node, lambda: bitmap_of(np.flatnonzero(filter_articles(self.segment, node)), self.n_words)
        )
