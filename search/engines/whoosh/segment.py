"""A segment, open for reading: its columns, its vocabulary, its paragraphs' texts."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cached_property
from pathlib import Path

import numpy as np

from search.engines.whoosh.arrays import Array, ArrayFile, starts, widened
from search.engines.whoosh.filters import Filter, meeting
from search.engines.whoosh.forms import Forms
from search.engines.whoosh.layout import UNDATED
from search.engines.whoosh.remembered import Remembered
from search.engines.whoosh.stored import StoredTexts
from search.engines.whoosh.strings import Strings
from search.kernels.bits import set_groups
from search.kernels.streams import decode_stream
from search.model import Date, Facet, Heading

WORD_BITS = 64
FILTERS = 8 << 20
"""Bytes of filters that a segment remembers."""
MONTH, YEAR = 31 * 86_400, 366 * 86_400
"""Seconds of the longest ones: a date that covers more is of no one month, or year."""


class Segment:
    """What a file of arrays says of its paragraphs. Threads share it; nothing changes but what is remembered."""

    def __init__(self, path: Path) -> None:
        self.file = ArrayFile(path)
        self.path = path
        self.paragraphs = int(self.file.places["lengths"][2])
        self.articles = int(self.file.places["article_first"][2]) - 1
        self.blocks = -(-self.paragraphs // WORD_BITS)
        self._columns: dict[str, Array] = {}
        self._strings: dict[str, Strings] = {}
        self._names: dict[str, list[str]] = {}
        self._streams: dict[str, tuple[Array, Array]] = {}
        self._orders: dict[str, Array] = {}
        self._facets: dict[str, tuple[list[str], Array]] = {}
        self._filtered = Remembered[Array](FILTERS, lambda bits: bits.nbytes)
        self.stored = StoredTexts(self.file)

    def column(self, name: str) -> Array:
        """A whole array, checked."""
        if name not in self._columns:
            self._columns[name] = self.file.whole(name)
        return self._columns[name]

    def strings(self, name: str) -> Strings:
        """A table of strings."""
        if name not in self._strings:
            self._strings[name] = Strings(self.file, name)
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
    def forms(self) -> Forms:
        """The words as written beside their stems."""
        return Forms(self)

    @cached_property
    def by_length(self) -> Array:
        """The paragraphs from the shortest to the longest, equals in their order."""
        return np.argsort(self.column("lengths"), kind="stable").astype(np.int32)

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
    def in_titles(self) -> Array:
        """Which entries stand in a title."""
        units, first = self.stream("titles")
        entries = np.empty(int(first[-1]), np.int32)
        n = decode_stream(units, first[0], first[-1], self.plain, entries)
        found = np.zeros(self.entries, bool)
        found[entries[:n]] = True
        return found

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

    def entries_of_word(self, word: str) -> Array:
        """The entries of a word as written."""
        words, wanted = self.strings("word"), word.encode("utf-8", "surrogatepass")
        low = high = words.lower_bound(wanted)
        while high < len(words) and words[high] == wanted:
            high += 1
        return self.column("word_entry")[low:high]

    def article(self, article_id: str) -> int:
        """The number of an article; -1 when it is not here."""
        return self.strings("id").find(article_id)

    def heading(self, article: int) -> Heading:
        """What is known of an article."""
        date = None
        start, end = int(self.column("date_start")[article]), int(self.column("date_end")[article])
        if text := self.strings("date").text(article):
            date = Date(text, start, end)
        return Heading(
            self.strings("id").text(article),
            self.strings("title").text(article),
            date,
            self.names("source")[self.column("source")[article]],
            self.names("lang")[self.column("lang")[article]],
        )

    def span(self, article: int) -> tuple[int, int]:
        """The paragraphs of an article: from the first up to the second number."""
        first = self.column("article_first")
        return int(first[article]), int(first[article + 1])

    def articles_of_file(self, file_id: str) -> range:
        """The numbers of the articles of a file, all of which are neighbours but for the one of its id itself."""
        return range(*self.strings("id").span(f"{file_id}:".encode("utf-8", "surrogatepass")))

    def spans_of_file(self, file_id: str) -> list[tuple[int, int]]:
        """The paragraphs of the articles of a file, in extents."""
        own, records = self.article(file_id), self.articles_of_file(file_id)
        spans = [self.span(own)] if own >= 0 else []
        return [*spans, (self.span(records[0])[0], self.span(records[-1])[1])] if records else spans

    def texts(self, low: int, high: int) -> list[bytes]:
        """The texts of paragraphs as UTF-8."""
        first, stored = self.column("article_first"), self.column("text_first")
        article = int(np.searchsorted(first, low, side="right")) - 1
        found: list[bytes] = []
        while low < high:
            end = min(int(first[article + 1]), high)
            at = int(stored[article]) - int(first[article])
            found += self.stored.of(at + low, at + end)
            low, article = end, article + 1
        return found

    def filtered(self, node: Filter) -> Array:
        """The paragraphs of the articles that meet a filter, as a bitmap that is not to be written to."""
        return self._filtered.get(node, lambda: self.of_articles(meeting(self, node)))

    def of_articles(self, chosen: Array) -> Array:
        """The bitmap of the paragraphs of some articles, given as one truth value an article."""
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

    def facet(self, facet: Facet) -> tuple[list[str], Array]:
        """The values of a facet, and the number of each article's value, -1 for none."""
        if facet not in self._facets:
            self._facets[facet] = self._facet(facet)
        return self._facets[facet]

    def _facet(self, facet: Facet) -> tuple[list[str], Array]:
        if facet in {"source", "lang"}:
            return self.names(facet), self.column(facet)
        unit, longest = ("Y", YEAR) if facet == "year" else ("M", MONTH)
        known = self.dated & (self.column("date_end") - self.column("date_start") <= longest)
        periods = self.column("date_start")[known].astype("datetime64[s]").astype(f"datetime64[{unit}]")
        values, inverse = np.unique(periods, return_inverse=True)
        value_of = np.full(self.articles, -1, np.int32)
        value_of[known] = inverse
        return np.datetime_as_string(values).tolist(), value_of
