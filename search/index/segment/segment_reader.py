"""A segment, open for reading: its columns, its vocabulary, its paragraphs' texts.

A *doc* is the number of a paragraph in its segment, an *article number* that of an article; the docs of an article are
consecutive. A *term* is a stem, and has a `term_id`. A *form* is a word as written together with its stems, or a
marker, which says that the words after it are a compound; it has a `form_id`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Sequence
from functools import cache, cached_property, partial
from pathlib import Path
from typing import Any, TypeVar
from weakref import proxy

import numpy as np

from search.index.segment.string_table import StringTable
from search.index.storage.column_file import Array, ArrayFile, starts, widened
from search.index.storage.lru_cache import LruCache
from search.index.store.store_reader import StoreReader
from search.model import Article, Date, Heading, TermForms

T = TypeVar("T")
UNDATED = np.iinfo(np.int64).max
"""Value of the columns `date_start` and `date_end` for an article without a date."""
GUESSED = "?"
"""The sign that the column `date_bytes` has after a date that is a guess, as EDTF (ISO 8601-2) writes it."""
WORD_BITS = 64
"""Number of bits in a word of a bitmap, which stand for the docs of a block."""
HALVES = 8
"""Maximum number of bitmaps of the shortest docs (see `shortest_halves`). Each takes a bit for each doc."""
WORD_BYTES = 100
"""About how many bytes a cached word takes."""
FORMS_CACHE_BYTES = 4 << 20
EXPANSION_CACHE_BYTES = 1 << 20
NO_BITMAP = np.zeros(0, np.uint64)
"""Empty array in place of a bitmap, for loops: as a filter it lets every doc pass, as an output it is not written."""


def bitmap_of(numbers: Array, n_blocks: int) -> Array:
    """Return the `(n_blocks,) uint64` bitmap in which the bits of some numbers are set; bit i is of word i // 64."""
    bits = np.zeros(n_blocks * WORD_BITS, bool)
    bits[numbers] = True
    return np.packbits(bits, bitorder="little").view(np.uint64)


def shortest_halves(lengths: Array, n_blocks: int) -> tuple[Array, Array]:
    """Return bitmaps of the shortest half, quarter, eighth ... of all docs, and a limit of length for each.

    `lengths` is `(n_docs,) uint8`, encoded as in `search.ranking`. The bitmaps are `(n, n_blocks) uint64`, the limits
    `(n,) uint8`, with n up to HALVES: a bitmap has the docs that are shorter than its limit. Where many lengths are
    equal, it has less than its share.
    """
    upto = np.cumsum(np.bincount(lengths, minlength=256))
    limits = np.unique(np.searchsorted(upto, len(lengths) >> np.arange(1, HALVES + 1)))[::-1].astype(np.uint8)
    return np.stack([bitmap_of(np.flatnonzero(lengths < limit), n_blocks) for limit in limits]), limits


class HeadingReader:
    """Reads headings of a segment's articles; looks the columns up once."""

    def __init__(self, segment: SegmentReader) -> None:
        self.texts = tuple(segment.strings(name).text for name in ("id", "title", "date"))
        self.dates = segment.column("date_start").data, segment.column("date_end").data
        self.codes = segment.column("source").data, segment.column("lang").data
        self.names = segment.names("source"), segment.names("lang")

    def __call__(self, article: int) -> Heading:
        """Return the heading of an article, by its number."""
        (ids, titles, dates), (starts, ends), (sources, languages) = self.texts, self.dates, self.codes
        source_names, language_names = self.names
        text = dates(article)
        date = Date(text.rstrip(GUESSED), starts[article], ends[article], text[-1] == GUESSED) if text else None
        source, lang = source_names[sources[article]], language_names[languages[article]]
        return Heading(ids(article), titles(article), date, source, lang)


class SegmentReader:
    """A segment's file of columns, open for reading. Threads share it: nothing changes but its caches."""

    def __init__(self, path: Path) -> None:
        self.file = ArrayFile(path)
        self.path = path
        self.paragraphs = int(self.file.places["lengths"][2])
        """Number of docs, deleted ones too."""
        self.articles = int(self.file.places["article_first"][2]) - 1
        """Number of articles, deleted ones too."""
        self.n_blocks = -(-self.paragraphs // WORD_BITS)
        """Number of words of a bitmap of the docs."""
        self.n_forms = int(self.file.places["word_entry"][2])
        self.first_marker = self.n_forms - int(self.file.places["marker_widths"][2])
        """The lowest form_id of a marker; all forms below are words."""
        self.column = cache(self.file.whole)
        """Returns a whole column by its name (see docs/index-format.md), with its checksums verified."""
        self.strings = cache(partial(StringTable, self.file))
        """Returns a table of strings by its name: `word`, `stem`, `id`, `title` or `date`."""
        self.names = cache(partial(_read_names, self.file))
        """Returns the values that the numbers in column `source` or `lang` stand for."""
        self.stream = cache(partial(_read_stream, self.column))
        """Returns the units of `texts` or `titles`, and the `(n + 1,) int64` offsets at which those of each begin."""
        self._orders: dict[str, Array] = {}
        self._derived: dict[Callable[[SegmentReader], Any], Any] = {}
        self.forms_cache = LruCache[TermForms](
            FORMS_CACHE_BYTES, lambda forms: WORD_BYTES * (1 + len(forms.plain) + len(forms.others))
        )
        """The words as written that fill the slots which highlighting asked for last."""
        self.expansion_cache = LruCache[Array](EXPANSION_CACHE_BYTES, lambda words: WORD_BYTES + words.nbytes)
        """The words that match the patterns asked for last: highlighting needs those of matching again."""
        self.stored = StoreReader(self.file)

    def prepare(self) -> None:
        """Compute what is cached and does not depend on a query, so that forked processes share it."""
        _ = self.all_docs, self.first_docs, self.dated, self.forms_of_term, self.heading, self.word_of_form
        self.stored.prepare()

    def derived(self, make: Callable[[SegmentReader], T]) -> T:
        """Return what `make`, a class or a function, makes of this segment; it is called once, and its result is kept.

        `make` gets a weak proxy of the segment: a cycle of references would keep the files of a replaced generation
        mapped until Python looks for garbage.
        """
        if make not in self._derived:
            self._derived[make] = make(proxy(self))
        made: T = self._derived[make]
        return made

    @cached_property
    def article_of(self) -> Array:
        """`(n_docs,) int32`: the article number of each doc."""
        return np.repeat(np.arange(self.articles, dtype=np.int32), np.diff(self.column("article_first")))

    @cached_property
    def all_docs(self) -> Array:
        """`(n_blocks,) uint64`: the bitmap of all docs."""
        return self.bitmap(np.arange(self.paragraphs))

    @cached_property
    def first_docs(self) -> Array:
        """`(n_blocks,) uint64`: the bitmap of the first doc of each article."""
        return self.bitmap(self.column("article_first")[:-1])

    @cached_property
    def last_docs(self) -> Array:
        """`(n_blocks,) uint64`: the bitmap of the last doc of each article."""
        return self.bitmap(self.column("article_first")[1:].astype(np.int64) - 1)

    def bitmap(self, docs: Array) -> Array:
        """Return the `(n_blocks,) uint64` bitmap of some docs, an array of integers in any order."""
        return bitmap_of(docs, self.n_blocks)

    @cached_property
    def widths(self) -> Array:
        """`(n_forms,) int32`: how many positions the compound after a marker takes; 0 for words."""
        return np.concatenate([np.zeros(self.first_marker, np.int32), self.column("marker_widths")], dtype=np.int32)

    @cached_property
    def term_offsets(self) -> Array:
        """`(n_forms + 1,) int32`: where the terms of each form begin in column `entry_stems`."""
        return starts(self.column("entry_stem_counts")).astype(np.int32)

    @cached_property
    def shortest(self) -> tuple[Array, Array]:
        """Bitmaps of the shortest docs, and the limits of their lengths: see `shortest_halves`."""
        return shortest_halves(self.column("lengths"), self.n_blocks)

    @cached_property
    def dated(self) -> Array:
        """`(n_articles,) bool`: whether each article has a date."""
        dated: Array = self.column("date_start") != UNDATED
        return dated

    @cached_property
    def doc_freqs(self) -> Array:
        """`(n_terms,) uint32`: in how many docs each term occurs, in text or title; deleted ones count, too."""
        return widened(self.column("frequencies"), self.column("large_frequencies"))

    @cached_property
    def collection_freqs(self) -> Array:
        """How often each term occurs in all docs, their titles included, `(n_terms,) int64`; deleted docs count too."""
        return np.asarray(self.doc_freqs + widened(self.column("repeats"), self.column("large_repeats")), np.int64)

    @cached_property
    def forms_of_term(self) -> Callable[[int], Array]:
        """A function from a term_id to the form_ids of the forms that have the term, ascending, int32."""
        terms, offsets = self.column("entry_stems"), self.term_offsets
        form_ids = np.repeat(np.arange(self.n_forms, dtype=np.int32), np.diff(offsets))
        order = np.argsort(terms, kind="stable")
        starts = np.searchsorted(terms[order], np.arange(len(self.strings("stem")) + 1))
        form_ids = form_ids[order]
        return lambda term_id: form_ids[starts[term_id] : starts[term_id + 1]]

    @cached_property
    def word_of_form(self) -> Array:
        """`(n_forms,) int32`: the number of each form's string in the table `word`."""
        words = np.empty(self.n_forms, np.int32)
        words[self.column("word_entry")] = np.arange(self.n_forms, dtype=np.int32)
        return words

    def find_article(self, article_id: str) -> int:
        """Return the number of the article with an id; -1 if the segment has none."""
        return self.strings("id").find(article_id)

    @cached_property
    def heading(self) -> HeadingReader:
        """A function from an article's number to its heading."""
        return HeadingReader(self)

    def span(self, article: int) -> tuple[int, int]:
        """Return the first doc of an article, and the doc after its last one."""
        first = self.column("article_first")
        return int(first[article]), int(first[article + 1])

    def articles_of_file(self, file_id: str) -> range:
        """Return the numbers of the articles that are records of a file: their ids are `file_id:record`.

        An article that is a whole file has the id of the file, and is not among them.
        """
        return range(*self.strings("id").span(f"{file_id}:".encode("utf-8", "surrogatepass")))

    def spans_of_file(self, file_id: str) -> list[tuple[int, int]]:
        """Return ranges of docs, first and after the last, which together are all docs of a file."""
        whole, records = self.find_article(file_id), self.articles_of_file(file_id)
        spans = [self.span(whole)] if whole >= 0 else []
        return [*spans, (self.span(records[0])[0], self.span(records[-1])[1])] if records else spans

    def texts(self, article: int, first: int = 1, count: int = sys.maxsize) -> tuple[str, ...]:
        """Return up to `count` paragraphs of an article, from paragraph number `first` on, counted from 1."""
        at, (low, high) = self._text_first[article], self.span(article)
        return _decoded(self.stored.of(at + first - 1, at + min(first - 1 + count, high - low)))

    def texts_at(self, articles: Sequence[int], numbers: Sequence[int]) -> tuple[str, ...]:
        """Return a paragraph of each of some articles, by its number from 1."""
        first = self._text_first
        return _decoded(self.stored.each([first[a] + number - 1 for a, number in zip(articles, numbers, strict=True)]))

    def read_article(self, article: int) -> Article:
        """Return a whole article, by its number."""
        return Article(self.heading(article), self.texts(article))

    @cached_property
    def _text_first(self) -> memoryview:
        """The number of each article's first text in the store, where articles are in the order of indexing."""
        return self.column("text_first").data

    def docs_of_articles(self, articles: Array) -> Array:
        """Return the `(n_blocks,) uint64` bitmap of the docs of some articles, `(n,)` numbers."""
        from search.kernels.core.bitmap import set_groups

        bits = np.zeros(self.n_blocks, np.uint64)
        set_groups(self.column("article_first"), articles.astype(np.int32, copy=False), bits)
        return bits

    def article_order(self, sort: str) -> Array:
        """Return the numbers of all articles, `(n_articles,) int32`, in the order that `sort` names.

        The order is that of dates for `date`, with falling dates for `-date`, and that of the numbers for anything
        else. Articles without a date come after all that have one.
        """
        if sort not in self._orders:
            start = self.column("date_start")
            order = np.arange(self.articles)
            if sort == "date":
                order = np.argsort(start, kind="stable")
            elif sort == "-date":
                order = np.argsort(np.where(self.dated, -start, UNDATED), kind="stable")
            self._orders[sort] = order.astype(np.int32)
        return self._orders[sort]


def _read_names(file: ArrayFile, column: str) -> list[str]:
    names: list[str] = json.loads(file.whole(f"{column}_names").tobytes())
    return names


def _read_stream(column: Callable[[str], Array], name: str) -> tuple[Array, Array]:
    return column(name), starts(column(f"{name}_units"))


def _decoded(texts: Iterable[bytes]) -> tuple[str, ...]:
    return tuple([text.decode("utf-8", "surrogatepass") for text in texts])
