"""How a segment is laid out on disk: its columns, streams, vocabulary, postings and texts."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import zstandard

from search.engines.whoosh.arrays import Array, ArrayWriter
from search.engines.whoosh.forms import Roles, forms_of, roles
from search.engines.whoosh.vocabulary import Entry
from search.kernels.postings import collect, encode, invert
from search.kernels.streams import MOST, encode_stream, positions
from search.kernels.words import shared_prefixes
from search.model import Heading
from search.ranking import length_bytes

BLOCK = 96 << 10
"""Bytes of paragraphs that are compressed together: larger is smaller, but slower to show a hit from."""
LEVEL = 6
"""Of zstandard: 5 % less than at 3 for three times the time, some 7 s a gigabyte and core; 9 is 2 % less again."""
UNDATED = np.iinfo(np.int64).max
"""Where an article without a date begins."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of numbers: row r is stream[first[r]:first[r + 1]]."""

    stream: Array
    first: Array

    def gathered(self, order: Array) -> Rows:
        """The rows in another order; some may be left out."""
        sizes = np.diff(self.first)[order]
        target = starts(sizes)
        index = np.repeat(self.first[:-1][order] - target[:-1], sizes) + np.arange(target[-1])
        return Rows(self.stream[index], target)


@dataclass(frozen=True, slots=True)
class Written:
    """What is known of a segment without opening it. `length` is the sum of its paragraphs' lengths."""

    articles: int
    paragraphs: int
    length: int


def starts(counts: Array) -> Array:
    """Where each of consecutive extents begins, and where the last one ends."""
    return np.concatenate([[0], np.cumsum(counts, dtype=np.int64)])


@dataclass(frozen=True, slots=True)
class Content:
    """What a segment is to hold: articles in the order of their ids, article a with `sizes[a]` paragraphs.

    Titles and paragraphs (`bodies`) are rows over `entries`; `texts` are the paragraphs as UTF-8.
    """

    headings: Sequence[Heading]
    sizes: Array
    texts: Sequence[bytes]
    entries: Sequence[Entry]
    titles: Rows
    bodies: Rows


def write_segment(path: Path, content: Content) -> Written:
    """Write a segment's file; it is on disk when this returns, and gone when it fails."""
    headings, sizes, texts = content.headings, content.sizes, content.texts
    used, plain, number = _numbered(content.entries, content.titles, content.bodies)
    titles, bodies = (Rows(number[rows.stream], rows.first) for rows in (content.titles, content.bodies))
    writer = ArrayWriter(path)
    try:
        _write_articles(writer, headings, sizes)
        _write_streams(writer, plain, titles=titles, texts=bodies)
        stems, known = _write_vocabulary(writer, used, plain)
        article_of = np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)
        for name, array in postings_of(titles, bodies, stems, article_of).items():
            writer.add(name, array)
        for name, array in forms_of(titles, bodies, stems, known, article_of).items():
            writer.add(name, array)
        lengths = lengths_of(titles, bodies, plain, article_of)
        writer.add("lengths", length_bytes(lengths))
        del titles, bodies
        _write_texts(writer, texts)
        writer.close()
    except BaseException:
        writer.abandon()
        raise
    return Written(len(headings), len(texts), int(lengths.sum()))


def _numbered(entries: Sequence[Entry], titles: Rows, bodies: Rows) -> tuple[list[Entry], int, Array]:
    """Those entries that occur, plain ones by falling frequency before markers; how many are plain; the new numbers."""
    frequency = np.bincount(bodies.stream, minlength=len(entries)) + np.bincount(titles.stream, minlength=len(entries))
    marker = np.fromiter((entry.width > 0 for entry in entries), bool, len(entries))
    order = np.lexsort((-frequency, marker))
    order = order[frequency[order] > 0]
    plain = int((~marker[order]).sum())
    if max(plain, len(order) - plain) > MOST:
        message = "a segment with so many distinct words cannot be written"
        raise OverflowError(message)
    number = np.zeros(len(entries), np.int32)
    number[order] = np.arange(len(order), dtype=np.int32)
    return [entries[e] for e in order.tolist()], plain, number


def _write_articles(writer: ArrayWriter, headings: Sequence[Heading], sizes: Array) -> None:
    """The columns of the articles: ids, titles and dates as written, what filters and facets need."""
    writer.add("article_first", starts(sizes).astype(np.uint32))
    _write_strings(writer, "id", [heading.id for heading in headings])
    _write_strings(writer, "title", [heading.title for heading in headings])
    _write_strings(writer, "date", [heading.date.text if heading.date else "" for heading in headings])
    begins = [heading.date.start if heading.date else UNDATED for heading in headings]
    ends = [heading.date.end if heading.date else UNDATED for heading in headings]
    writer.add("date_start", np.array(begins, np.int64))
    writer.add("date_end", np.array(ends, np.int64))
    for column, values in (("source", [h.source for h in headings]), ("lang", [h.lang for h in headings])):
        names = sorted(set(values))
        number = {name: i for i, name in enumerate(names)}
        writer.add(column, np.array([number[value] for value in values], np.int32))
        writer.add_bytes(f"{column}_names", [json.dumps(names).encode()])


def _write_strings(writer: ArrayWriter, name: str, strings: Sequence[str]) -> list[bytes]:
    """Strings as UTF-8 in one blob, and the length of each."""
    encoded = [string.encode("utf-8", "surrogatepass") for string in strings]
    writer.add(f"{name}_lengths", _narrow(np.array([len(e) for e in encoded], np.int64)))
    writer.add_bytes(f"{name}_bytes", [b"".join(encoded)])
    return encoded


def _narrow(sizes: Array) -> Array:
    """Sizes in as few bytes as the largest one needs."""
    return sizes.astype(np.min_scalar_type(int(sizes.max(initial=0))))


def _write_streams(writer: ArrayWriter, plain: int, **streams: Rows) -> None:
    """Titles and texts as streams of entries."""
    for name, rows in streams.items():
        units, at = np.empty(2 * len(rows.stream), np.uint16), np.empty(len(rows.first), np.int64)
        used = encode_stream(rows.stream, rows.first, plain, units, at)
        writer.add(name, units[:used])
        writer.add(f"{name}_units", _narrow(np.diff(at)))


def _write_vocabulary(writer: ArrayWriter, entries: list[Entry], plain: int) -> tuple[Rows, Roles]:
    """The words in ascending order, their entries, and the stems; returns the stems of each entry, and its roles."""
    words = [entry.word.encode("utf-8", "surrogatepass") for entry in entries]
    order = sorted(range(len(words)), key=words.__getitem__)
    blob = _write_strings(writer, "word", [entries[e].word for e in order])
    at, shared = starts(np.array([len(word) for word in blob], np.int64)), np.zeros(len(blob), np.uint8)
    shared_prefixes(np.frombuffer(b"".join(blob), np.uint8), at, shared)
    writer.add("word_entry", np.array(order, np.int32))
    writer.add("word_shared", shared)
    stems = sorted({stem for entry in entries for stem in entry.stems} | {entry.via for entry in entries})
    _write_strings(writer, "stem", stems)
    number = {stem: i for i, stem in enumerate(stems)}
    counts = np.fromiter((len(entry.stems) for entry in entries), np.int64, len(entries))
    entry_stems = np.fromiter((number[stem] for entry in entries for stem in entry.stems), np.int32)
    writer.add("entry_stem_counts", counts.astype(np.uint8))
    writer.add("entry_stems", entry_stems)
    marker_via = np.array([number[entry.via] for entry in entries[plain:]], np.int32)
    writer.add("marker_widths", _narrow(np.array([entry.width for entry in entries[plain:]], np.int32)))
    writer.add("marker_via", marker_via)
    first = starts(counts).astype(np.int32)
    return Rows(entry_stems, first), roles(entry_stems, first, marker_via, len(stems))


def postings_of(titles: Rows, bodies: Rows, stems: Rows, article_of: Array) -> dict[str, Array]:
    """The postings of every stem, from the streams of entries; `stems` are those of each entry."""
    per_entry = np.diff(stems.first)
    lent = np.bincount(article_of, minlength=len(titles.first) - 1)
    of_title = np.repeat(lent, np.diff(titles.first))
    frequency = np.bincount(bodies.stream, minlength=len(per_entry))
    room = int(frequency @ per_entry) + int(of_title @ per_entry[titles.stream])
    stem, payload = np.empty(room, np.int32), np.empty(room, np.uint8)
    counts = np.empty(len(article_of), np.int32)
    distinct = int(stems.stream.max(initial=-1)) + 1
    opening = np.concatenate([[0], np.cumsum(lent)]).astype(np.uint32)
    n = collect(
        bodies.stream, bodies.first, titles.stream, titles.first, article_of, opening,
        stems.first, stems.stream, distinct, stem, payload, counts,
    )  # fmt: skip
    first, docs, payloads = np.zeros(distinct + 1, np.int64), np.empty(n, np.int32), np.empty(n, np.uint8)
    invert(stem[:n], payload[:n], counts, first, docs, payloads)
    del stem, payload
    blob, at = np.empty(6 * n, np.uint8), np.empty(distinct + 1, np.int64)
    used = encode(docs, payloads, first, blob, at)
    frequencies = np.diff(first).astype(np.uint32)
    return {"postings": blob[:used], "postings_at": at.astype(np.uint32), "frequencies": frequencies}


def lengths_of(titles: Rows, bodies: Rows, plain: int, article_of: Array) -> Array:
    """The positions of each paragraph and its article's title."""
    own: Array = positions(bodies.stream, bodies.first, plain)
    lent: Array = positions(titles.stream, titles.first, plain)[article_of]
    return np.asarray(own + lent)


def _write_texts(writer: ArrayWriter, texts: Sequence[bytes]) -> None:
    """The paragraphs themselves, compressed in blocks on all cores."""
    blocks = list(_blocks(texts))
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        compressed = list(threads.map(_compressed, (texts[a:b] for a, b in blocks)))
    writer.add("block_first", np.array([0, *(b for _, b in blocks)], np.uint32))
    writer.add("block_at", starts(np.array([len(c) for c in compressed], np.int64)))
    writer.add_bytes("blocks", compressed)


def _blocks(texts: Sequence[bytes]) -> Iterator[tuple[int, int]]:
    begin, size = 0, 0
    for number, text in enumerate(texts, 1):
        size += len(text)
        if size >= BLOCK or number == len(texts):
            yield begin, number
            begin, size = number, 0


def _compressed(texts: Sequence[bytes]) -> bytes:
    lengths = np.array([len(text) for text in texts], np.uint32).tobytes()
    return zstandard.ZstdCompressor(level=LEVEL, write_checksum=True).compress(lengths + b"".join(texts))
