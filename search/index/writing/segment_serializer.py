"""Writing a segment's file: its columns, token streams, dictionary, stored texts and postings."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from search.copies import SLOTS
from search.index.segment.segment_reader import GUESSED, UNDATED
from search.index.segment.surface_forms import form_lists, form_roles
from search.index.storage.column_file import SLAB, Array, ArrayWriter, Rows, narrowed, narrowest, new_array_file, starts
from search.index.store.compression import Volume
from search.index.store.store_writer import StoreWriter
from search.index.writing.executors import WriterPool
from search.index.writing.lexicon import encode_strings
from search.index.writing.term_dictionary import TermDictionary
from search.kernels.core.inverter import collect_postings, encode_lists, max_packing_growth, pack_lists
from search.kernels.core.postings_block_codec import PADDING
from search.kernels.core.token_stream import count_positions, encode_stream
from search.kernels.terms.dictionary import shared_prefixes
from search.kernels.terms.minhash import hash_stems, sign_articles
from search.model import Heading
from search.ranking import length_bytes

PACKED_FROM = 256
"""Minimum document frequency of a term whose postings list is packed: in shorter lists it would gain nothing."""
PACKED_UP_TO = 64
"""Postings lists are packed of terms that are in at most one document in this many; for more frequent terms there are
tables in memory."""


@dataclass(frozen=True, slots=True)
class SegmentData:
    """A segment that is to be written: its articles in the order of their ids.

    Article a has `sizes[a]` documents, whose texts follow one another from place `text_first[a]` on among the texts in
    `store`. `titles` and `texts` are rows of form ids of the `dictionary`, one for each article and for each document.
    """

    headings: Sequence[Heading]
    sizes: Array
    text_first: Array
    store: StoreWriter
    dictionary: TermDictionary
    titles: Rows
    texts: Rows


def write_segment(path: Path, data: SegmentData, pool: WriterPool) -> int:
    """Write a segment's file to disk, synced; return the sum of its documents' lengths in positions.

    The threads of the pool build postings and lists of forms meanwhile. If anything fails, the file is removed.
    """
    dictionary = data.dictionary
    article_of = np.repeat(np.arange(len(data.sizes), dtype=np.int32), data.sizes)
    rows = data.titles, data.texts, dictionary.stems
    roles = form_roles(
        dictionary.stems.stream, dictionary.stems.first, dictionary.carrier_stem, len(dictionary.stem_lengths)
    )
    postings = pool.tokens.submit(build_postings, *rows, article_of)
    forms = pool.texts.submit(form_lists, *rows, roles, article_of)  # when the last texts are compressed
    with new_array_file(path) as writer:
        _write_articles(writer, data.headings, data.sizes)
        _write_stream(writer, "titles", data.titles, dictionary.plain)
        _write_stream(writer, "texts", data.texts, dictionary.plain)
        _write_dictionary(writer, dictionary)
        lengths = document_lengths(data.titles, data.texts, dictionary.plain, article_of)
        writer.add("lengths", length_bytes(lengths))
        writer.add("text_first", data.text_first.astype(np.uint32))
        for name, array in sign(data.titles, data.texts, data.dictionary, starts(data.sizes)).items():
            writer.add(name, array)
        _write_texts(writer, data.store.volumes())
        for derived in (postings, forms):
            for name, array in derived.result().items():
                writer.add(name, array)
    return int(lengths.sum())


def _write_articles(writer: ArrayWriter, headings: Sequence[Heading], sizes: Array) -> None:
    """Write the columns of articles: first documents, ids, titles, dates, sources and languages."""
    writer.add("article_first", starts(sizes).astype(np.uint32))
    _write_strings(writer, "id", [heading.id for heading in headings])
    _write_strings(writer, "title", [heading.title for heading in headings])
    dates = [heading.date.text + GUESSED * heading.date.guessed if heading.date else "" for heading in headings]
    _write_strings(writer, "date", dates)
    first_seconds = [heading.date.start if heading.date else UNDATED for heading in headings]
    ends = [heading.date.end if heading.date else UNDATED for heading in headings]
    writer.add("date_start", np.array(first_seconds, np.int64))
    writer.add("date_end", np.array(ends, np.int64))
    for column, values in (("source", [h.source for h in headings]), ("lang", [h.lang for h in headings])):
        names = sorted(set(values))
        number = {name: i for i, name in enumerate(names)}
        writer.add(column, np.array([number[value] for value in values], np.int32))
        writer.add_bytes(f"{column}_names", [json.dumps(names).encode()])


def _write_strings(writer: ArrayWriter, name: str, strings: Sequence[str]) -> None:
    """Write the two columns of strings: the length of each in bytes, and their UTF-8."""
    lengths, data = encode_strings(strings)
    writer.add(f"{name}_lengths", narrowest(np.array(lengths, np.int64)))
    writer.add_bytes(f"{name}_bytes", [data])


def _write_texts(writer: ArrayWriter, volumes: Sequence[Volume]) -> None:
    """Write the columns of the stored texts. Volumes that share a dictionary have its number, from 1; 0 is none."""
    dictionaries = {id(volume.dictionary): volume.dictionary for volume in volumes if len(volume.dictionary)}
    number_of = {key: number for number, key in enumerate(dictionaries, 1)}
    numbers = [number_of.get(id(volume.dictionary), 0) for volume in volumes]
    counts = np.array([count for volume in volumes for count in volume.counts], np.int64)
    sizes = np.array([len(block) for volume in volumes for block in volume.blocks], np.int64)
    writer.add("block_texts", narrowest(counts))
    writer.add("block_sizes", narrowest(sizes))
    writer.add("volume_first", starts(np.array([len(volume.blocks) for volume in volumes], np.int64)))
    writer.add("volume_dictionary", np.array(numbers, np.int32))
    writer.add("dictionary_at", starts(np.array([*map(len, dictionaries.values())], np.int64)))
    writer.add_bytes("dictionaries", dictionaries.values())
    writer.add_bytes("blocks", (b"".join(volume.blocks) for volume in volumes))


def _write_stream(writer: ArrayWriter, name: str, rows: Rows, plain: int) -> None:
    """Write rows of form ids as a token stream: two columns, its 16-bit units and the number of units of each row.

    The first `plain` form ids are words, the others are markers of compounds.
    """
    counts: list[Array] = []
    writer.add_pieces(name, _encode_stream(rows, plain, counts))
    writer.add(f"{name}_units", narrowest(np.concatenate(counts)))


def _encode_stream(rows: Rows, plain: int, counts: list[Array]) -> Iterator[Array]:
    """Yield the 16-bit units of a token stream, `(n,) uint16`, for SLAB rows of form ids at a time.

    The first `plain` form ids are words, the others are markers. For each array that is yielded, an array with the
    number of units of each of its rows, int64, is appended to `counts`.
    """
    for begin in range(0, max(len(rows.first) - 1, 1), SLAB):
        first = rows.first[begin : begin + SLAB + 1]
        units, at = np.empty(2 * int(first[-1] - first[0]), np.uint16), np.empty(len(first), np.int64)
        used = encode_stream(rows.stream, first, plain, units, at)
        counts.append(np.diff(at))
        yield units[:used]


def _write_dictionary(writer: ArrayWriter, dictionary: TermDictionary) -> None:
    """Write the columns of words, terms and surface forms."""
    at, shared = starts(dictionary.word_lengths), np.zeros(len(dictionary.word_lengths), np.uint8)
    shared_prefixes(dictionary.word_bytes, at, shared)
    writer.add("word_lengths", narrowest(dictionary.word_lengths))
    writer.add("word_bytes", dictionary.word_bytes)
    writer.add("word_entry", dictionary.word_form)
    writer.add("word_shared", shared)
    writer.add("stem_lengths", narrowest(dictionary.stem_lengths))
    writer.add("stem_bytes", dictionary.stem_bytes)
    writer.add("entry_stem_counts", np.diff(dictionary.stems.first).astype(np.uint8))
    writer.add("entry_stems", dictionary.stems.stream)
    writer.add("marker_widths", narrowest(dictionary.widths))
    writer.add("marker_via", dictionary.carrier_stem)


def build_postings(titles: Rows, texts: Rows, stems: Rows, article_of: Array) -> dict[str, Array]:
    """Return the columns of the postings lists of all terms, by name.

    `titles` and `texts` are rows of form ids, `stems` a row of term ids for each form; `article_of` is the article of
    each document, `(n_docs,) int32`.
    """
    terms_of_form, docs_of_article = np.diff(stems.first), np.bincount(article_of, minlength=len(titles.first) - 1)
    terms_of_title = np.diff(starts(terms_of_form[titles.stream])[titles.first])
    slices = (texts.stream[begin : begin + SLAB] for begin in range(0, len(texts.stream), SLAB))
    terms_of_texts = sum(int(terms_of_form[forms].sum(dtype=np.int64)) for forms in slices)
    room = terms_of_texts + int(docs_of_article @ terms_of_title)
    term_ids, payload = np.empty(room, np.int32), np.empty(room, np.uint8)
    counts = np.empty(len(article_of), np.int32)
    n_terms = int(stems.stream.max(initial=-1)) + 1
    frequencies, at = np.zeros(n_terms, np.uint32), np.zeros(n_terms + 1, np.int64)
    occurrences = np.zeros(n_terms, np.int64)
    n = collect_postings(
        texts.stream, texts.first, titles.stream, titles.first, article_of, starts(docs_of_article).astype(np.uint32),
        stems.first, stems.stream, n_terms, term_ids, payload, counts, frequencies, occurrences, at,
    )  # fmt: skip
    postings = np.empty(int(at[-1]), np.uint8)
    encode_lists(term_ids[:n], payload[:n], counts, at, postings)
    del term_ids, payload
    lists, at = pack_postings(postings, at, frequencies, len(article_of))
    few, many = narrowed(frequencies)
    few_repeats, many_repeats = narrowed(occurrences - frequencies)
    return {
        "postings": lists, "postings_at": at.astype(np.uint32), "frequencies": few, "large_frequencies": many,
        "repeats": few_repeats, "large_repeats": many_repeats,
    }  # fmt: skip


def pack_postings(postings: Array, at: Array, frequencies: Array, n_docs: int) -> tuple[Array, Array]:
    """Return the bytes of the postings lists, uint8, and where each list begins in them, `(n_terms + 1,) int64`.

    `postings`, `(n_bytes,) uint8`, has the lists in variable-byte code, the one of term t from byte `at[t]` on; `at` is
    `(n_terms + 1,) int64`, `frequencies` `(n_terms,) uint32`. In the result the lists of middling length are packed,
    and `PADDING` zero bytes follow the last list.
    """
    most = n_docs // PACKED_UP_TO
    chosen = frequencies[(frequencies >= PACKED_FROM) & (frequencies <= most)]
    room = len(postings) + max_packing_growth(int(chosen.sum()), len(chosen), n_docs) + PADDING
    lists, begins = np.empty(room, np.uint8), np.empty_like(at)
    n = pack_lists(postings, at, frequencies, PACKED_FROM, most, lists, begins)
    lists[n : n + PADDING] = 0
    return lists[: n + PADDING], begins


def sign(titles: Rows, texts: Rows, dictionary: TermDictionary, article_first: Array) -> dict[str, Array]:
    """Return the columns of the signatures of articles (see `search.copies`), by name.

    `titles` and `texts` are rows of form ids, one for each article and for each document; article a has the documents
    `article_first[a]` up to `article_first[a + 1]`, int64.
    """
    stem_hashes = np.empty(len(dictionary.stem_lengths), np.uint64)
    hash_stems(dictionary.stem_bytes, starts(dictionary.stem_lengths), stem_hashes)
    last_stems = dictionary.stems.stream[dictionary.stems.first[1 : dictionary.plain + 1] - 1]
    forms = np.diff(titles.first) + np.diff(texts.first[article_first])
    signatures, shingles = np.zeros((len(forms), SLOTS), np.uint8), np.empty(len(forms), np.uint8)
    sign_articles(
        titles.stream, titles.first, texts.stream, texts.first, article_first, stem_hashes[last_stems],
        int(forms.max(initial=0)), signatures, shingles,
    )  # fmt: skip
    return {"signatures": signatures.reshape(-1), "shingles": shingles}


def document_lengths(titles: Rows, texts: Rows, plain: int, article_of: Array) -> Array:
    """Return the length of each document: the positions of its text and of its article's title, `(n_docs,) int64`."""
    of_texts: Array = count_positions(texts.stream, texts.first, plain)
    of_titles: Array = count_positions(titles.stream, titles.first, plain)
    return np.asarray(of_texts + of_titles[article_of])
