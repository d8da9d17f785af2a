"""The check of an index: whether its bytes are those written, and its columns those that follow from its texts."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from search.engine import CheckReport, Damage
from search.errors import IndexDamaged
from search.index.segment.segment_reader import SegmentReader
from search.index.segment.segment_view import SegmentView
from search.index.segment.surface_forms import SurfaceForms, form_lists
from search.index.snapshot import WhooshSnapshot
from search.index.storage.column_file import Array, Rows
from search.index.writing.copy_linker import link_copies
from search.index.writing.merge import read_dictionary, read_stream
from search.index.writing.segment_builder import SegmentBuilder
from search.index.writing.segment_serializer import build_postings, document_lengths, sign
from search.ledger import disagreements
from search.ranking import length_bytes

REBUILD = "Run `stemma reindex --full`, or `stemma restore` a backup."
BUG = f"Please report this: Stemma wrote it so. {REBUILD}"


def check(snapshot: WhooshSnapshot, progress: Callable[[int, int], None]) -> CheckReport:
    """Check every byte of a generation, and derive its columns anew from its texts.

    `progress` is called with the number of bytes that are checked and of all bytes.
    """
    damages: list[Damage] = []
    done, whole = 0, sum(files.bytes for files in snapshot.manifest.segments)
    for files, part in zip(snapshot.manifest.segments, snapshot.views, strict=True):
        damages += _damages(files.name, part.segment)
        done += files.bytes
        progress(done, whole)
    if not damages:
        where = f"generation {snapshot.generation}"
        damages += (Damage(where, what, BUG) for what in _ledger_disagreements(snapshot))
        damages += _copies_damages(snapshot)
    statistics = snapshot.statistics() if not damages else None
    return CheckReport(
        generation=snapshot.generation,
        files=len(snapshot.manifest.names()),
        bytes=snapshot.bytes,
        articles=statistics.articles if statistics else None,
        paragraphs=statistics.paragraphs if statistics else None,
        damages=tuple(damages),
    )


def _damages(name: str, segment: SegmentReader) -> Iterator[Damage]:
    try:
        segment.file.check_all()
        yield from (Damage(name, what, BUG) for what in _disagreements(segment))
    except IndexDamaged as error:
        yield Damage(name, error.message, REBUILD)


def _disagreements(segment: SegmentReader) -> Iterator[str]:
    """Yield what in a segment does not follow from its texts."""
    ids = [segment.strings("id")[i] for i in range(segment.articles)]
    first = segment.column("article_first").astype(np.int64)
    if ids != sorted(set(ids)):
        yield "the ids of the articles are not in order"
    if first[0] != 0 or first[-1] != segment.paragraphs or (np.diff(first) < 1).any():
        yield "an article has no paragraphs, or shares them"
        return
    builder = SegmentBuilder()
    for number in range(segment.articles):
        builder.add(segment.read_article(number))
    built, dictionary = builder.build(), read_dictionary(segment)
    titles, texts = read_stream(segment, "titles"), read_stream(segment, "texts")
    form_ids = {form: form_id for form_id, form in enumerate(dictionary.forms())}
    stored_id = np.array([form_ids.get(form, -1) for form in built.dictionary.forms()], np.int32)
    if not (_same(built.titles, titles, stored_id) and _same(built.texts, texts, stored_id)):
        yield "the words that are indexed are not those of the texts"
    rows = titles, texts, dictionary.stems
    derived = build_postings(*rows, segment.article_of)
    derived |= sign(titles, texts, dictionary, first)
    derived |= form_lists(*rows, segment.derived(SurfaceForms).roles, segment.article_of)
    for name, array in derived.items():
        if not np.array_equal(segment.column(name), array):
            yield f"{name} do not follow from the words"
    lengths = document_lengths(titles, texts, segment.first_marker, segment.article_of)
    if not np.array_equal(segment.column("lengths"), length_bytes(lengths)):
        yield "the lengths of paragraphs are wrong"
    first_seconds = [heading.date.start for heading in built.headings if heading.date]
    if segment.column("date_start")[segment.dated].tolist() != first_seconds:
        yield "the dates of articles are wrong"


def _same(built: Rows, stored: Rows, stored_id: Array) -> bool:
    """Tell whether two token streams, of the builder and of the segment, are equal.

    `stored_id`, `(n_forms,) int32`, has the segment's form id of each form id of the builder, -1 for none.
    """
    return np.array_equal(built.first, stored.first) and np.array_equal(stored_id[built.stream], stored.stream)


def _ledger_disagreements(snapshot: WhooshSnapshot) -> Iterator[str]:
    """Yield where the ledger and the articles of a generation do not agree."""
    return disagreements(snapshot.ledger(), (name for part in snapshot.views for name in _live_ids(part)))


def _copies_damages(snapshot: WhooshSnapshot) -> Iterator[Damage]:
    """Yield what is wrong with the groups of copies of a generation; its segments have to be sound."""
    groups = snapshot.copy_groups
    try:
        groups.file.check_all()
    except IndexDamaged as error:
        yield Damage(groups.file.path.name, error.message, REBUILD)
        return
    segments = [view.segment for view in snapshot.views]
    sizes, articles = link_copies(list(zip(segments, snapshot.dead, strict=True)))
    if not (np.array_equal(groups.sizes, sizes) and np.array_equal(groups.articles, articles)):
        yield Damage(groups.file.path.name, "the copies of articles do not follow from their words", BUG)


def _live_ids(part: SegmentView) -> Iterator[str]:
    text = part.segment.strings("id").text
    return (text(number) for number in np.flatnonzero(part.live_articles()).tolist())
