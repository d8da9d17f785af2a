"""The stems that tell most of an article, by which articles like it are found."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from search.index.query.scope.article_sets import ArticleSets
from search.index.query.segment_searcher import Generation, SegmentSearcher
from search.index.segment.segment_reader import SegmentReader
from search.index.storage.column_file import Array
from search.kernels.core.bitmap import count
from search.kernels.core.token_stream import decode_stream
from search.ranking import TELLING_PARAGRAPHS, TELLING_STEMS, TITLE, telling


def telling_stems(
    generation: Generation, searcher: SegmentSearcher, article: int, limit: int, leave_out: Collection[str]
) -> tuple[str, ...]:
    """Return the stems that tell most of an article of a segment (see `search.engine.Snapshot.telling_stems`)."""
    segment = searcher.segment
    low, high = segment.span(article)
    term_ids, frequencies = _terms(
        segment,
        _form_ids(segment, "texts", low, min(high, low + TELLING_PARAGRAPHS)),
        _form_ids(segment, "titles", article, article + 1),
    )
    most = np.lexsort((term_ids, -frequencies))[:TELLING_STEMS]
    stems = map(segment.strings("stem").text, term_ids[most].tolist())
    values = {
        stem: telling(frequency, generation.term_states(stem).weight)
        for stem, frequency in zip(stems, frequencies[most].tolist(), strict=True)
        if stem not in leave_out
    }
    live = [one.segment.derived(ArticleSets).live(one.view) for one in generation.segments]
    found: list[str] = []
    for stem in sorted(values, key=lambda stem: (-values[stem], stem)):
        if len(found) == limit:
            break
        if _n_articles(generation, stem, live) > 1:
            found.append(stem)
    return tuple(found)


def _form_ids(segment: SegmentReader, stream: str, low: int, high: int) -> Array:
    """Return the forms of some texts or titles, int32, in their order."""
    units, first = segment.stream(stream)
    form_ids = np.empty(int(first[high] - first[low]), np.int32)
    return form_ids[: decode_stream(units, first[low], first[high], segment.first_marker, form_ids)]


def _terms(segment: SegmentReader, in_texts: Array, in_title: Array) -> tuple[Array, Array]:
    """Return the terms of some forms, ascending, and how often each occurs, where each of a title counts TITLE times.

    Both are `(n,)`: int32 and int64.
    """
    forms, places = np.unique(np.concatenate([in_texts, in_title]), return_inverse=True)
    weights = np.repeat([1, TITLE], [len(in_texts), len(in_title)])
    counts = np.bincount(places, weights, len(forms)).astype(np.int64)
    offsets = segment.term_offsets
    sizes = offsets[forms + 1] - offsets[forms]
    ends = np.cumsum(sizes)
    at = np.repeat(offsets[forms + 1] - ends, sizes) + np.arange(ends[-1] if len(ends) else 0)
    terms, places = np.unique(segment.column("entry_stems")[at], return_inverse=True)
    return terms, np.bincount(places, np.repeat(counts, sizes), len(terms)).astype(np.int64)


def _n_articles(generation: Generation, stem: str, live: list[Array]) -> int:
    """Return how many articles that are not deleted have a stem."""
    found = 0
    for searcher, alive in zip(generation.segments, live, strict=True):
        found += int(count(searcher.segment.derived(ArticleSets).with_stem(searcher, stem, title=False) & alive))
    return found
