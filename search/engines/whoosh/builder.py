"""Articles, and segments that are merged, to one new segment.

Everything is kept as streams of entries until the segment is written; postings are made from the streams in the end, so
that adding and merging are one path.
"""

from __future__ import annotations

import itertools
import json
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import zstandard

from search.analysis import character_classes
from search.engines.whoosh.arrays import Array, ArrayWriter
from search.engines.whoosh.segment import UNDATED
from search.engines.whoosh.vocabulary import Entry, Runs, Vocabulary
from search.kernels.postings import collect, encode, invert
from search.kernels.streams import MOST, encode_stream
from search.model import Article, Heading
from search.ranking import length_bytes

DIGEST = 1 << 20
"""Code points that are tokenized at a time."""
BLOCK = 96 << 10
"""Bytes of paragraphs that are compressed together: larger is smaller, but slower to show a hit from."""
LEVEL = 3
"""Of zstandard: a higher one takes four times as long for 4 % less."""


@dataclass(frozen=True, slots=True)
class Written:
    """What is known of a segment without opening it. `length` is the sum of its paragraphs' lengths."""

    name: str
    articles: int
    paragraphs: int
    length: int
    bytes: int


class SegmentBuilder:
    """Collects articles in any order; each id once."""

    def __init__(self, pool: ProcessPoolExecutor | None = None) -> None:
        self.pool = pool
        self.vocabulary = Vocabulary()
        self.runs: dict[str, Runs] = {}
        self.classes = np.frombuffer(character_classes(), np.uint8)
        self.headings: list[Heading] = []
        self.sizes: list[int] = []
        self.texts: list[bytes] = []
        self.waiting: list[str] = []
        self.waiting_size = 0
        self.lang = ""
        self.streams: list[Array] = []
        self.counts: list[Array] = []
        self.tokens = 0

    def add(self, article: Article) -> None:
        """Take in one article."""
        if article.heading.lang != self.lang or self.waiting_size > DIGEST:
            self.digest()
            self.lang = article.heading.lang
        self.headings.append(article.heading)
        self.sizes.append(len(article.paragraphs))
        self.texts += [text.encode("utf-8", "surrogatepass") for text in article.paragraphs]
        self.waiting += (article.heading.title, *article.paragraphs)
        self.waiting_size += len(article.heading.title) + sum(map(len, article.paragraphs))

    def add_analysed(self, heading: Heading, texts: Sequence[bytes]) -> None:
        """Take in an article whose streams `add_streams` gets: titles and paragraphs in the same order."""
        self.headings.append(heading)
        self.sizes.append(len(texts))
        self.texts += texts

    def add_streams(self, entries: Sequence[Entry], stream: Array, counts: Array) -> None:
        """Take in streams over other entries; a row for each title, then one for each of its paragraphs."""
        numbers = np.fromiter(map(self.vocabulary.number, entries), np.int32, len(entries))
        self.streams.append(numbers[stream])
        self.counts.append(counts)
        self.tokens += len(stream)

    def digest(self) -> None:
        """Tokenize what waits."""
        if not self.waiting:
            return
        if self.lang not in self.runs:
            self.runs[self.lang] = Runs(self.lang, self.classes)
        stream, counts = self.runs[self.lang].read(self.waiting, self.vocabulary, self.pool)
        self.streams.append(stream)
        self.counts.append(counts)
        self.tokens += len(stream)
        self.waiting, self.waiting_size = [], 0

    def write(self, folder: Path, name: str) -> Written:
        """Write the segment; it is on disk when this returns."""
        self.digest()
        order = sorted(range(len(self.headings)), key=lambda a: self.headings[a].id)
        rows = _rows(self.sizes, order)
        layout = _Layout.of([self.sizes[a] for a in order])
        counts = np.concatenate(self.counts)
        stream, first = gathered(np.concatenate(self.streams), counts, rows)
        entries, stream = _renumbered(list(self.vocabulary.entries), stream)
        titles, texts = layout.split(stream, first)
        writer = ArrayWriter(folder / name)
        try:
            headings = [self.headings[a] for a in order]
            _write_articles(writer, headings, layout)
            length = _write_words(writer, entries, layout, titles, texts)
            paragraphs = layout.paragraph_order(self.sizes, order)
            _write_texts(writer, [self.texts[p] for p in paragraphs])
            size = writer.close()
        except BaseException:
            writer.abandon()
            raise
        return Written(name, len(order), len(self.texts), length, size)


@dataclass(frozen=True, slots=True)
class Rows:
    """A stream of rows: row r is stream[first[r]:first[r + 1]]."""

    stream: Array
    first: Array


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where titles stand among the rows: article a's title is row title[a], its paragraphs the rows after it."""

    sizes: Array
    title: Array

    @classmethod
    def of(cls, sizes: list[int]) -> _Layout:
        array = np.array(sizes, np.int64)
        return cls(array, np.concatenate([[0], np.cumsum(array + 1)])[:-1].astype(np.int64))

    @property
    def article_first(self) -> Array:
        """The number of each article's first paragraph, and how many there are in all."""
        return np.concatenate([[0], np.cumsum(self.sizes)]).astype(np.uint32)

    def split(self, stream: Array, first: Array) -> tuple[Rows, Rows]:
        """The rows of titles and the rows of paragraphs."""
        is_title = np.zeros(len(first) - 1, bool)
        is_title[self.title] = True
        counts = np.diff(first)
        of_title = np.repeat(is_title, counts)
        return (
            Rows(stream[of_title], _starts(counts[is_title])),
            Rows(stream[~of_title], _starts(counts[~is_title])),
        )

    def paragraph_order(self, sizes: list[int], order: list[int]) -> Iterator[int]:
        """Where each paragraph was among those that were added."""
        begins = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64).tolist()
        return itertools.chain.from_iterable(range(begins[a], begins[a + 1]) for a in order)


def _starts(counts: Array) -> Array:
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)


def _rows(sizes: list[int], order: list[int]) -> Array | None:
    """The rows of the articles in this order; None when they are so already."""
    if order == list(range(len(order))):
        return None
    begins = np.concatenate([[0], np.cumsum(np.array(sizes) + 1)])
    return np.concatenate([np.arange(begins[a], begins[a + 1]) for a in order])


def gathered(stream: Array, counts: Array, rows: Array | None) -> tuple[Array, Array]:
    """The rows of a stream in another order."""
    first = _starts(counts)
    if rows is None:
        return stream, first
    begins, sizes = first[:-1][rows], counts[rows].astype(np.int64)
    target = _starts(sizes)
    index = np.repeat(begins - target[:-1], sizes) + np.arange(target[-1])
    return stream[index], target


def _renumbered(entries: list[Entry], stream: Array) -> tuple[list[Entry], Array]:
    """Entries by falling frequency, then markers; and the stream over them. Entries that never occur are dropped."""
    frequency = np.bincount(stream, minlength=len(entries)).tolist()
    used = [e for e in range(len(entries)) if frequency[e]]
    used.sort(key=lambda e: (entries[e].width > 0, -frequency[e], entries[e]))
    numbers = np.zeros(len(entries), np.int32)
    numbers[used] = np.arange(len(used), dtype=np.int32)
    return [entries[e] for e in used], numbers[stream]


def _write_articles(writer: ArrayWriter, headings: list[Heading], layout: _Layout) -> None:
    """The columns of the articles: ids, titles and dates as written, what filters and facets need."""
    writer.add("article_first", layout.article_first)
    _write_strings(writer, "id", [heading.id for heading in headings])
    _write_strings(writer, "title", [heading.title for heading in headings])
    _write_strings(writer, "date", [heading.date.text if heading.date else "" for heading in headings])
    starts = [heading.date.start if heading.date else UNDATED for heading in headings]
    ends = [heading.date.end if heading.date else UNDATED for heading in headings]
    writer.add("date_start", np.array(starts, np.int64))
    writer.add("date_end", np.array(ends, np.int64))
    for column, values in (("source", [h.source for h in headings]), ("lang", [h.lang for h in headings])):
        names = sorted(set(values))
        number = {name: i for i, name in enumerate(names)}
        writer.add(column, np.array([number[value] for value in values], np.int32))
        writer.add_bytes(f"{column}_names", [json.dumps(names).encode()])


def _write_strings(writer: ArrayWriter, name: str, strings: list[str]) -> None:
    """Strings as UTF-8 in one blob, and where each begins."""
    encoded = [string.encode("utf-8", "surrogatepass") for string in strings]
    writer.add(f"{name}_lengths", _narrow(np.array([len(e) for e in encoded], np.int64)))
    writer.add_bytes(f"{name}_bytes", [b"".join(encoded)])


def _narrow(sizes: Array) -> Array:
    """Sizes in as few bytes as the largest one needs."""
    return sizes.astype(np.min_scalar_type(int(sizes.max(initial=0))))


def _write_words(writer: ArrayWriter, entries: list[Entry], layout: _Layout, titles: Rows, texts: Rows) -> int:
    """Streams, vocabulary, postings, lengths; returns the sum of the lengths."""
    plain = sum(entry.width == 0 for entry in entries)
    if max(plain, len(entries) - plain) > MOST:
        message = "a segment with so many distinct words cannot be written"
        raise OverflowError(message)
    for name, rows in (("titles", titles), ("texts", texts)):
        units, at = np.empty(2 * len(rows.stream), np.uint16), np.empty(len(rows.first), np.int64)
        used = encode_stream(rows.stream, rows.first, plain, units, at)
        writer.add(name, units[:used])
        writer.add(f"{name}_units", _narrow(np.diff(at)))
    stems = sorted({stem for entry in entries for stem in entry.stems})
    _write_strings(writer, "stem", stems)
    number = {stem: i for i, stem in enumerate(stems)}
    stems_first = _starts(np.fromiter((len(e.stems) for e in entries), np.int64, len(entries))).astype(np.int32)
    entry_stems = np.fromiter((number[stem] for entry in entries for stem in entry.stems), np.int32)
    via = np.fromiter((number[entry.via] for entry in entries), np.int32, len(entries))
    _write_vocabulary(writer, entries, plain, stems_first, entry_stems, via)
    article_of = np.repeat(np.arange(len(layout.sizes), dtype=np.int32), layout.sizes)
    _write_postings(writer, layout, titles, texts, stems_first, entry_stems, len(stems), article_of)
    lengths = _positions(texts, plain) + _positions(titles, plain)[article_of]
    writer.add("lengths", length_bytes(lengths))
    return int(lengths.sum())


def _positions(rows: Rows, plain: int) -> Array:
    """How many positions each row has: markers take none."""
    running = np.concatenate([[0], np.cumsum(rows.stream < plain)])
    return np.diff(running[rows.first])


def _write_vocabulary(
    writer: ArrayWriter, entries: list[Entry], plain: int, stems_first: Array, entry_stems: Array, via: Array
) -> None:
    """The entries by number, and their words in ascending order for looking up."""
    words = [entry.word.encode("utf-8", "surrogatepass") for entry in entries]
    order = sorted(range(len(words)), key=words.__getitem__)
    _write_strings(writer, "word", [entries[e].word for e in order])
    writer.add("word_entry", np.array(order, np.int32))
    shared = [len(os.path.commonprefix([entries[a].word, entries[b].word])) for a, b in itertools.pairwise(order)]
    writer.add("word_shared", np.minimum([0, *shared][: len(order)], 255).astype(np.uint8))
    writer.add("marker_widths", np.array([entry.width for entry in entries[plain:]], np.int32))
    writer.add("marker_via", via[plain:])
    writer.add("entry_stem_counts", np.diff(stems_first).astype(np.uint8))
    writer.add("entry_stems", entry_stems)


def _write_postings(
    writer: ArrayWriter,
    layout: _Layout,
    titles: Rows,
    texts: Rows,
    stems_first: Array,
    entry_stems: Array,
    count: int,
    article_of: Array,
) -> None:
    per_entry = np.diff(stems_first)
    per_title = np.diff(_starts(per_entry[titles.stream])[titles.first])
    room = int(per_entry[texts.stream].sum() + per_title[article_of].sum())
    stem, payload = np.empty(room, np.int32), np.empty(room, np.uint8)
    counts = np.empty(len(article_of), np.int32)
    n = collect(
        texts.stream, texts.first, titles.stream, titles.first, article_of, layout.article_first,
        stems_first, entry_stems, count, stem, payload, counts,
    )  # fmt: skip
    first, docs, payloads = np.zeros(count + 1, np.int64), np.empty(n, np.int32), np.empty(n, np.uint8)
    invert(stem[:n], payload[:n], counts, first, docs, payloads)
    del stem, payload
    blob, at = np.empty(6 * n, np.uint8), np.empty(count + 1, np.int64)
    used = encode(docs, payloads, first, blob, at)
    writer.add("postings", blob[:used])
    writer.add("postings_at", at.astype(np.uint32))
    writer.add("frequencies", np.diff(first).astype(np.uint32))


def _write_texts(writer: ArrayWriter, texts: list[bytes]) -> None:
    """The paragraphs themselves, compressed in blocks on all cores."""
    blocks = list(_blocks(texts))
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        compressed = list(threads.map(_compressed, (texts[a:b] for a, b in blocks)))
    writer.add("block_first", np.array([0, *(b for _, b in blocks)], np.uint32))
    writer.add("block_at", _starts(np.array([len(c) for c in compressed], np.int64)))
    writer.add_bytes("blocks", compressed)


def _blocks(texts: list[bytes]) -> Iterator[tuple[int, int]]:
    begin, size = 0, 0
    for number, text in enumerate(texts, 1):
        size += len(text)
        if size >= BLOCK or number == len(texts):
            yield begin, number
            begin, size = number, 0


def _compressed(texts: list[bytes]) -> bytes:
    lengths = np.array([len(text) for text in texts], np.uint32).tobytes()
    return zstandard.ZstdCompressor(level=LEVEL, write_checksum=True).compress(lengths + b"".join(texts))
