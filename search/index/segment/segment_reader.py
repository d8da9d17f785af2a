"""A segment, open for reading: its columns, its vocabulary, its paragraphs' texts."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from search.index.segment.string_table import StringTable
from search.index.storage.column_file import Array, ArrayFile, starts, widened
from search.index.storage.lru_cache import LruCache
from search.index.store.store_reader import StoreReader
from search.model import Date, Heading, TermForms

T = TypeVar("T")
UNDATED = np.iinfo(np.int64).max
"""Where an article without a date begins."""


class ArticleHeadings:
    """The headings of a segment; its columns are looked up once."""

    def __init__(self, segment: Segment) -> None:
        self.texts = tuple(segment.strings(name).text for name in ("id", "title", "date"))
        self.dates = segment.column("date_start").data, segment.column("date_end").data
        self.codes = segment.column("source").data, segment.column("lang").data
        self.names = segment.names("source"), segment.names("lang")

    def of(self, article: int) -> Heading:
        """That of an article."""
        (ids, titles, dates), (starts, ends), (sources, languages) = self.texts, self.dates, self.codes
        source_names, language_names = self.names
        text = dates(article)
        date = Date(text, starts[article], ends[article]) if text else None
        source, lang = source_names[sources[article]], language_names[languages[article]]
        return Heading(ids(article), titles(article), date, source, lang)


HALVES = 8
"""How often paragraphs are halved: each takes a bit a paragraph."""


def shortest_halves(lengths: Array, blocks: int) -> tuple[Array, Array]:
    """Bitmaps of the shortest half, quarter, eighth ... of all paragraphs, and the lengths that each is below.

    Lengths are bytes, as in `search.ranking`; where many are equal, it is less than half.
    """
    upto = np.cumsum(np.bincount(lengths, minlength=256))
    limits = np.unique(np.searchsorted(upto, len(lengths) >> np.arange(1, HALVES + 1)))[::-1].astype(np.uint8)
    return np.stack([_shorter(lengths, int(limit), blocks) for limit in limits]), limits


def _shorter(lengths: Array, limit: int, blocks: int) -> Array:
    bits = np.zeros(blocks * 64, bool)
    bits[: len(lengths)] = lengths < limit
    return np.packbits(bits, bitorder="little").view(np.uint64)


WORD_BITS = 64
INFLECTED, WORD = 4 << 20, 100
"""Bytes of the words of stems that a segment remembers, and about how many a word takes."""
EXPANDED = 1 << 20
"""Bytes of the words that fit patterns that a segment remembers."""


class Segment:
    """What a file of arrays says of its paragraphs. Threads share it; nothing changes but what is remembered."""

    def __init__(self, path: Path) -> None:
        self.file = ArrayFile(path)
        self.path = path
        self.paragraphs = int(self.file.places["lengths"][2])
        self.articles = int(self.file.places["article_first"][2]) - 1
        self.blocks = -(-self.paragraphs // WORD_BITS)
        self._columns: dict[str, Array] = {}
        self._strings: dict[str, StringTable] = {}
        self._names: dict[str, list[str]] = {}
        self._streams: dict[str, tuple[Array, Array]] = {}
        self._orders: dict[str, Array] = {}
        self._derived: dict[Callable[[Segment], Any], Any] = {}
        self.inflected = LruCache[TermForms](INFLECTED, lambda forms: WORD * (1 + len(forms.plain) + len(forms.others)))
        """The words of the stems asked for last: most queries ask for words that were asked for before."""
        self.expanded = LruCache[Array](EXPANDED, lambda words: WORD + words.nbytes)
        """Which words fit the patterns asked for last: those of a query are wanted again when what it found is marked.
        """
        self.stored = StoreReader(self.file)

    def prepare(self) -> None:
        """Work out all that is worked out once."""
        _ = self.everything, self.openings, self.dated, self.entries_of_stem, self.heading, self.word_of_entry
        self.stored.prepare()

    def derived(self, make: Callable[[Segment], T]) -> T:
        """Return what a class, or a function, makes of this segment: made when first asked for, then kept."""
        if make not in self._derived:
            self._derived[make] = make(self)
        found: T = self._derived[make]
        return found

    def column(self, name: str) -> Array:
        """A whole array, checked."""
        if name not in self._columns:
            self._columns[name] = self.file.whole(name)
        return self._columns[name]

    def strings(self, name: str) -> StringTable:
        """A table of strings."""
        if name not in self._strings:
            self._strings[name] = StringTable(self.file, name)
        return self._strings[name]

    @cached_property
    def article_of(self) -> Array:
        """The article of each paragraph."""
        return np.repeat(np.arange(self.articles, dtype=np.int32), np.diff(self.column("article_first")))

    @cached_property
    def everything(self) -> Array:
        """The bitmap of all paragraphs."""
        return self.bitmap(np.arange(self.paragraphs))

    @cached_property
    def openings(self) -> Array:
        """The bitmap of the first paragraphs of all articles."""
        return self.bitmap(self.column("article_first")[:-1])

    @cached_property
    def ends(self) -> Array:
        """The bitmap of the last paragraphs of all articles."""
        return self.bitmap(self.column("article_first")[1:].astype(np.int64) - 1)

    def bitmap(self, docs: Array) -> Array:
        """A bitmap of these paragraphs."""
        bits = np.zeros(self.blocks * WORD_BITS, bool)
        bits[docs] = True
        return np.packbits(bits, bitorder="little").view(np.uint64)

    def names(self, column: str) -> list[str]:
        """The values that the numbers of `source` or `lang` stand for."""
        if column not in self._names:
            self._names[column] = json.loads(self.file.whole(f"{column}_names").tobytes())
        return self._names[column]

    @cached_property
    def plain(self) -> int:
        """How many entries are no markers; those come first."""
        return self.entries - int(self.file.places["marker_widths"][2])

    @cached_property
    def entries(self) -> int:
        """How many entries there are."""
        return int(self.file.places["word_entry"][2])

    @cached_property
    def widths(self) -> Array:
        """How many positions each entry's compound takes; 0 for a plain word."""
        return np.concatenate([np.zeros(self.plain, np.int32), self.column("marker_widths")], dtype=np.int32)

    @cached_property
    def stems_first(self) -> Array:
        """Where the stems of each entry begin in `entry_stems`."""
        return starts(self.column("entry_stem_counts")).astype(np.int32)

    @cached_property
    def shortest(self) -> tuple[Array, Array]:
        """The shortest paragraphs, by halves (`shortest_halves`)."""
        return shortest_halves(self.column("lengths"), self.blocks)

    @cached_property
    def dated(self) -> Array:
        """Which articles have a date."""
        dated: Array = self.column("date_start") != UNDATED
        return dated

    def stream(self, name: str) -> tuple[Array, Array]:
        """The units of `texts` or `titles` and where each one's begin."""
        if name not in self._streams:
            self._streams[name] = (self.column(name), starts(self.column(f"{name}_units")))
        return self._streams[name]

    @cached_property
    def frequencies(self) -> Array:
        """In how many paragraphs each stem occurs, in text or title; deleted ones count until a merge."""
        return widened(self.column("frequencies"), self.column("large_frequencies"))

    @cached_property
    def entries_of_stem(self) -> Callable[[int], Array]:
        """A function from a stem to the entries that have it."""
        stems, first = self.column("entry_stems"), self.stems_first
        entry = np.repeat(np.arange(len(first) - 1, dtype=np.int32), np.diff(first))
        order = np.argsort(stems, kind="stable")
        starts = np.searchsorted(stems[order], np.arange(len(self.strings("stem")) + 1))
        entries = entry[order]
        return lambda stem: entries[starts[stem] : starts[stem + 1]]

    @cached_property
    def word_of_entry(self) -> Array:
        """The place of each entry among the words."""
        places = np.empty(self.entries, np.int32)
        places[self.column("word_entry")] = np.arange(self.entries, dtype=np.int32)
        return places

    def article(self, article_id: str) -> int:
        """The number of an article; -1 when it is not here."""
        return self.strings("id").find(article_id)

    @cached_property
    def heading(self) -> Callable[[int], Heading]:
        """A function from an article to what is known of it."""
        return ArticleHeadings(self).of

    def span(self, article: int) -> tuple[int, int]:
        """The paragraphs of an article: from the first up to the second number."""
        first = self.column("article_first")
        return int(first[article]), int(first[article + 1])

    def articles_of_file(self, file_id: str) -> range:
        """The numbers of the articles of a file, all of which are neighbours but for the one of its id itself."""
        return range(*self.strings("id").span(f"{file_id}:".encode("utf-8", "surrogatepass")))

    def spans_of_file(self, file_id: str) -> list[tuple[int, int]]:
        """The paragraphs of the articles of a file, in extents."""
        matches_itself, records = self.article(file_id), self.articles_of_file(file_id)
        spans = [self.span(matches_itself)] if matches_itself >= 0 else []
        return [*spans, (self.span(records[0])[0], self.span(records[-1])[1])] if records else spans

    def texts(self, article: int) -> list[bytes]:
        """The paragraphs of an article as UTF-8."""
        at, (low, high) = self._text_first[article], self.span(article)
        return self.stored.of(at, at + high - low)

    def some_texts(self, article: int, first: int, count: int) -> list[bytes]:
        """So many paragraphs of an article from a number on, as far as it has them."""
        at, (low, high) = self._text_first[article], self.span(article)
        return self.stored.of(at + first - 1, at + min(first - 1 + count, high - low))

    def texts_at(self, articles: Sequence[int], numbers: Sequence[int]) -> list[bytes]:
        """A paragraph of each of some articles as UTF-8, by its number from 1."""
        first = self._text_first
        return self.stored.each([first[a] + number - 1 for a, number in zip(articles, numbers, strict=True)])

    @cached_property
    def _text_first(self) -> memoryview:
        """The first of each article's texts, among all in the order in which they came."""
        return self.column("text_first").data

    def of_articles(self, chosen: Array) -> Array:
        """The bitmap of the paragraphs of some articles, given as one truth value an article."""
        from search.kernels.core.bitmap import set_groups

        bits = np.zeros(self.blocks, np.uint64)
        set_groups(self.column("article_first"), chosen, bits)
        return bits

    def article_order(self, sort: str) -> Array:
        """The articles as they come when sorted by date, undated ones last; by number for any other sort."""
        if sort not in self._orders:
            start = self.column("date_start")
            order = np.arange(self.articles)
            if sort == "date":
                order = np.argsort(start, kind="stable")
            elif sort == "-date":
                order = np.argsort(np.where(self.dated, -start, UNDATED), kind="stable")
            self._orders[sort] = order.astype(np.int32)
        return self._orders[sort]
