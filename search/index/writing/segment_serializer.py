"""How a segment is laid out on disk: its columns, streams, vocabulary, postings and texts."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from search.index.segment.segment_reader import UNDATED
from search.index.segment.surface_forms import FormRoles, form_lists, form_roles
from search.index.storage.column_file import SLAB, Array, ArrayWriter, Rows, narrowed, starts
from search.index.store.compression import Volume
from search.index.store.store_writer import StoreWriter
from search.index.writing.lexicon import blob
from search.index.writing.term_dictionary import TermDictionary
from search.kernels.core.inverter import collect, pack, room_to_pack, scatter
from search.kernels.core.postings_block_codec import AROUND
from search.kernels.core.token_stream import encode_stream, positions
from search.kernels.terms.dictionary import shared_prefixes
from search.model import Heading
from search.ranking import length_bytes

PACKED_FROM = 256
"""Postings from which on a stem's are packed: of shorter lists nobody would notice."""
PACKED_UP_TO = 64
"""They are if it occurs in at most one of so many paragraphs: of others there are tables (`dense_terms`)."""


@dataclass(frozen=True, slots=True)
class Written:
    """What is known of a segment without opening it. `length` is the sum of its paragraphs' lengths."""

    articles: int
    paragraphs: int
    length: int


@dataclass(frozen=True, slots=True)
class Content:
    """What a segment is to hold: articles in the order of their ids, article a with `sizes[a]` paragraphs.

    Titles and paragraphs (`bodies`) are rows over the entries of the vocabulary. The texts of article a's paragraphs
    are from `text_first[a]` on among all texts.
    """

    headings: Sequence[Heading]
    sizes: Array
    text_first: Array
    texts: StoreWriter
    vocabulary: TermDictionary
    titles: Rows
    bodies: Rows


def write_segment(path: Path, content: Content, executor: Executor) -> Written:
    """Write a segment's file; it is on disk when this returns, and gone when it fails. Postings are the executor's."""
    headings, sizes, vocabulary, texts = content.headings, content.sizes, content.vocabulary, content.texts
    article_of = np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)
    rows = content.titles, content.bodies, vocabulary.stems
    postings = executor.submit(postings_of, *rows, article_of)
    forms = executor.submit(form_lists, *rows, roles_of(vocabulary), article_of)
    writer = ArrayWriter(path)
    try:
        _write_articles(writer, headings, sizes)
        _write_streams(writer, vocabulary.plain, titles=content.titles, texts=content.bodies)
        _write_vocabulary(writer, vocabulary)
        lengths = lengths_of(content.titles, content.bodies, vocabulary.plain, article_of)
        writer.add("lengths", length_bytes(lengths))
        writer.add("text_first", content.text_first.astype(np.uint32))
        _write_texts(writer, texts.volumes())
        for derived in (postings, forms):
            for name, array in derived.result().items():
                writer.add(name, array)
        writer.close()
    except BaseException:
        writer.abandon()
        raise
    return Written(len(headings), len(article_of), int(lengths.sum()))


def roles_of(vocabulary: TermDictionary) -> FormRoles:
    """What each entry is to its stems."""
    stems = vocabulary.stems
    return form_roles(stems.stream, stems.first, vocabulary.carrier_stem, len(vocabulary.stem_lengths))


def _write_articles(writer: ArrayWriter, headings: Sequence[Heading], sizes: Array) -> None:
    """The columns of the articles: ids, titles and dates as written, what filters and facets need."""
    writer.add("article_first", starts(sizes).astype(np.uint32))
    _write_strings(writer, "id", [heading.id for heading in headings])
    _write_strings(writer, "title", [heading.title for heading in headings])
    _write_strings(writer, "date", [heading.date.text if heading.date else "" for heading in headings])
    block_rank = [heading.date.start if heading.date else UNDATED for heading in headings]
    ends = [heading.date.end if heading.date else UNDATED for heading in headings]
    writer.add("date_start", np.array(block_rank, np.int64))
    writer.add("date_end", np.array(ends, np.int64))
    for column, values in (("source", [h.source for h in headings]), ("lang", [h.lang for h in headings])):
        names = sorted(set(values))
        number = {name: i for i, name in enumerate(names)}
        writer.add(column, np.array([number[value] for value in values], np.int32))
        writer.add_bytes(f"{column}_names", [json.dumps(names).encode()])


def _write_strings(writer: ArrayWriter, name: str, strings: Sequence[str]) -> None:
    """Strings as UTF-8 in one blob, and the length of each."""
    lengths, data = blob(strings)
    writer.add(f"{name}_lengths", _narrow(np.array(lengths, np.int64)))
    writer.add_bytes(f"{name}_bytes", [data])


def _write_texts(writer: ArrayWriter, volumes: Sequence[Volume]) -> None:
    """The texts, compressed: the blocks, how many bytes and texts each has; where volumes begin; their dictionaries.

    Volumes can share one. They have them by number from 1; 0 is none.
    """
    dictionaries = {id(volume.dictionary): volume.dictionary for volume in volumes if len(volume.dictionary)}
    number_of = {key: number for number, key in enumerate(dictionaries, 1)}
    numbers = [number_of.get(id(volume.dictionary), 0) for volume in volumes]
    counts = np.array([count for volume in volumes for count in volume.counts], np.int64)
    sizes = np.array([len(block) for volume in volumes for block in volume.blocks], np.int64)
    writer.add("block_texts", _narrow(counts))
    writer.add("block_sizes", _narrow(sizes))
    writer.add("volume_first", starts(np.array([len(volume.blocks) for volume in volumes], np.int64)))
    writer.add("volume_dictionary", np.array(numbers, np.int32))
    writer.add("dictionary_at", starts(np.array([*map(len, dictionaries.values())], np.int64)))
    writer.add_bytes("dictionaries", dictionaries.values())
    writer.add_bytes("blocks", [block for volume in volumes for block in volume.blocks])


def _narrow(sizes: Array) -> Array:
    """Sizes in as few bytes as the largest one needs."""
    return sizes.astype(np.min_scalar_type(int(sizes.max(initial=0))))


def _write_streams(writer: ArrayWriter, plain: int, **streams: Rows) -> None:
    """Titles and texts as streams of entries."""
    for name, rows in streams.items():
        counts: list[Array] = []
        writer.add_pieces(name, _units(rows, plain, counts))
        writer.add(f"{name}_units", _narrow(np.concatenate(counts)))


def _units(rows: Rows, plain: int, counts: list[Array]) -> Iterator[Array]:
    """The units of rows, some at a time; how many units each row has is appended to `counts`."""
    for begin in range(0, max(len(rows.first) - 1, 1), SLAB):
        first = rows.first[begin : begin + SLAB + 1]
        units, at = np.empty(2 * int(first[-1] - first[0]), np.uint16), np.empty(len(first), np.int64)
        used = encode_stream(rows.stream, first, plain, units, at)
        counts.append(np.diff(at))
        yield units[:used]


def _write_vocabulary(writer: ArrayWriter, vocabulary: TermDictionary) -> None:
    """The words in ascending order, their entries, and the stems."""
    at, shared = starts(vocabulary.word_lengths), np.zeros(len(vocabulary.word_lengths), np.uint8)
    shared_prefixes(vocabulary.word_bytes, at, shared)
    writer.add("word_lengths", _narrow(vocabulary.word_lengths))
    writer.add("word_bytes", vocabulary.word_bytes)
    writer.add("word_entry", vocabulary.word_entry)
    writer.add("word_shared", shared)
    writer.add("stem_lengths", _narrow(vocabulary.stem_lengths))
    writer.add("stem_bytes", vocabulary.stem_bytes)
    writer.add("entry_stem_counts", np.diff(vocabulary.stems.first).astype(np.uint8))
    writer.add("entry_stems", vocabulary.stems.stream)
    writer.add("marker_widths", _narrow(vocabulary.widths))
    writer.add("marker_via", vocabulary.carrier_stem)


def postings_of(titles: Rows, bodies: Rows, stems: Rows, article_of: Array) -> dict[str, Array]:
    """The postings of every stem, from the streams of entries; `stems` are those of each entry."""
    per_entry = np.diff(stems.first)
    title_only = np.bincount(article_of, minlength=len(titles.first) - 1)
    room = _sum_of(per_entry, bodies) + int(title_only @ _sums(per_entry, titles))
    stem, payload = np.empty(room, np.int32), np.empty(room, np.uint8)
    counts = np.empty(len(article_of), np.int32)
    distinct = int(stems.stream.max(initial=-1)) + 1
    frequencies, at = np.zeros(distinct, np.uint32), np.zeros(distinct + 1, np.int64)
    n = collect(
        bodies.stream, bodies.first, titles.stream, titles.first, article_of, starts(title_only).astype(np.uint32),
        stems.first, stems.stream, distinct, stem, payload, counts, frequencies, at,
    )  # fmt: skip
    postings = np.empty(int(at[-1]), np.uint8)
    scatter(stem[:n], payload[:n], counts, at, postings)
    del stem, payload
    lists, at = packed(postings, at, frequencies, len(article_of))
    few, many = narrowed(frequencies)
    return {
        "postings": lists, "postings_at": at.astype(np.uint32), "frequencies": few, "large_frequencies": many,
    }  # fmt: skip


def packed(postings: Array, at: Array, frequencies: Array, paragraphs: int) -> tuple[Array, Array]:
    """The same lists with those of middling length packed, where each begins, and what is read behind the last."""
    most = paragraphs // PACKED_UP_TO
    chosen = frequencies[(frequencies >= PACKED_FROM) & (frequencies <= most)]
    room = len(postings) + room_to_pack(int(chosen.sum()), len(chosen), paragraphs) + AROUND
    lists, block_rank = np.empty(room, np.uint8), np.empty_like(at)
    n = pack(postings, at, frequencies, PACKED_FROM, most, lists, block_rank)
    lists[n : n + AROUND] = 0
    return lists[: n + AROUND], block_rank


def _sum_of(per_entry: Array, rows: Rows) -> int:
    """How many numbers the entries of all rows stand for."""
    pieces = range(0, len(rows.stream), SLAB)
    return sum(int(per_entry[rows.stream[begin : begin + SLAB]].sum(dtype=np.int64)) for begin in pieces)


def _sums(per_entry: Array, rows: Rows) -> Array:
    """The same for each row."""
    return np.diff(starts(per_entry[rows.stream])[rows.first])


def lengths_of(titles: Rows, bodies: Rows, plain: int, article_of: Array) -> Array:
    """The positions of each paragraph and its article's title."""
    matches_itself: Array = positions(bodies.stream, bodies.first, plain)
    title_only: Array = positions(titles.stream, titles.first, plain)[article_of]
    return np.asarray(matches_itself + title_only)
