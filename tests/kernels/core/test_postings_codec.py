"""What is written is what is read: postings and streams."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from search.index.storage.column_file import Rows, starts, widened
from search.index.writing.segment_serializer import postings_of
from search.kernels.core.postings_codec import DEFAULT_PAYLOAD, IN_TITLE, MATCHES_ITSELF, decode
from search.kernels.core.token_stream import (
    FORM_LEAD,
    MARKER_LEAD,
    MAX_PAIRS,
    count_positions,
    decode_stream,
    encode_stream,
)
from tests.kernels.helpers import encode_posting, posting_size

DOCS = st.sets(st.integers(0, 200) | st.integers(0, 1 << 30), max_size=80).map(sorted)
PAYLOADS = st.just(DEFAULT_PAYLOAD) | st.builds(
    lambda tf, matches_itself, title: tf | matches_itself * MATCHES_ITSELF | title * IN_TITLE,
    st.integers(1, 63),
    st.booleans(),
    st.booleans(),
)


@given(st.lists(DOCS, min_size=1, max_size=4), st.data())
def test_postings_come_back(lists: list[list[int]], data: st.DataObject) -> None:
    """A posting that changes on the way to disk is a wrong answer nobody sees."""
    wanted = [np.array([data.draw(PAYLOADS) for _ in docs], np.uint8) for docs in lists]
    at = [0]
    for docs, payloads in zip(lists, wanted, strict=True):
        distances = np.diff(docs, prepend=-1).tolist()
        at.append(at[-1] + sum(posting_size(d, p) for d, p in zip(distances, payloads, strict=True)))
    blob = np.full(at[-1] + 1, 0xAA, np.uint8)
    for s, (docs, payloads) in enumerate(zip(lists, wanted, strict=True)):
        n, before = at[s], -1
        for doc, payload in zip(docs, payloads, strict=True):
            n = encode_posting(blob, n, doc - before, payload)
            before = doc
        assert n == at[s + 1]
        found, kept = np.empty(len(docs), np.int32), np.empty(len(docs), np.uint8)
        assert decode(blob, at[s], at[s + 1], found, kept) == len(docs)
        assert found.tolist() == docs
        assert kept.tolist() == payloads.tolist()
    assert blob[-1] == 0xAA


ROW = st.lists(st.integers(0, 6), max_size=90)
STEMS = [(0,), (1,), (0, 1), (), (2,), (3,), (2, 4)]
"""The stems of each entry."""


def by_definition(titles: list[list[int]], bodies: list[list[list[int]]]) -> dict[int, list[tuple[int, int]]]:
    """Each stem's paragraphs and payloads, article after article."""
    found: dict[int, list[tuple[int, int]]] = {}
    doc = 0
    for title, paragraphs in zip(titles, bodies, strict=True):
        for place, paragraph in enumerate(paragraphs):
            matches_itself = Counter(stem for entry in paragraph for stem in STEMS[entry])
            title_only = Counter(stem for entry in title for stem in STEMS[entry])
            for stem in matches_itself | title_only:
                flags = MATCHES_ITSELF * (stem in matches_itself or (place == 0 and stem in title_only)) | IN_TITLE * (
                    stem in title_only
                )
                found.setdefault(stem, []).append((doc, flags | min(63, matches_itself[stem] + title_only[stem])))
            doc += 1
    return found


@given(st.lists(st.tuples(ROW, st.lists(ROW, min_size=1, max_size=40)), min_size=1, max_size=6))
def test_streams_to_postings(articles: list[tuple[list[int], list[list[int]]]]) -> None:
    """What the streams say is what the postings say: words, counts, titles, in every paragraph."""
    titles, bodies = [title for title, _ in articles], [paragraphs for _, paragraphs in articles]
    article_of = np.repeat(np.arange(len(articles), dtype=np.int32), [len(paragraphs) for paragraphs in bodies])
    stems = rows(STEMS)
    made = postings_of(
        rows(titles), rows(p for ps in bodies for p in ps), Rows(stems.stream, stems.first.astype(np.int32)), article_of
    )
    wanted = by_definition(titles, bodies)
    for stem, (low, high) in enumerate(itertools.pairwise(made["postings_at"].tolist())):
        docs, payloads = np.empty(len(article_of), np.int32), np.empty(len(article_of), np.uint8)
        n = decode(made["postings"], low, high, docs, payloads)
        assert list(zip(docs[:n].tolist(), payloads[:n].tolist(), strict=True)) == wanted.get(stem, [])
        assert widened(made["frequencies"], made["large_frequencies"])[stem] == n


def rows(lists: Iterable[Sequence[int]]) -> Rows:
    """Lists as rows of numbers."""
    lists = list(lists)
    return Rows(
        np.array([n for one in lists for n in one], np.int32), starts(np.array([len(one) for one in lists], np.int64))
    )


@given(st.data(), st.sampled_from([1, 50, FORM_LEAD - 1, FORM_LEAD, FORM_LEAD + 1, FORM_LEAD + 5000, MAX_PAIRS]))
def test_streams_come_back(data: st.DataObject, plain: int) -> None:
    """Frequent words, rare ones and markers of compounds keep apart on both sides of each border."""
    near = st.integers(0, min(plain, 3) - 1) | st.integers(max(0, plain - 3), plain + 5) | st.integers(0, plain + 9_000)
    texts = data.draw(st.lists(st.lists(near, max_size=30), min_size=1, max_size=4))
    stream = np.array([entry for text in texts for entry in text], np.int32)
    first = np.concatenate([[0], np.cumsum([len(text) for text in texts])]).astype(np.int64)
    units, at = np.empty(2 * len(stream) + 1, np.uint16), np.empty(len(first), np.int64)
    encode_stream(stream, first, plain, units, at)
    for t, text in enumerate(texts):
        entries = np.empty(len(text), np.int32)
        assert decode_stream(units, at[t], at[t + 1], plain, entries) == len(text)
        assert entries.tolist() == text
        leads = [u for u in units[at[t] : at[t + 1]].tolist() if MARKER_LEAD <= u < 0xF000]
        assert len(leads) == sum(entry >= plain for entry in text)
    assert count_positions(stream, first, plain).tolist() == [sum(e < plain for e in text) for text in texts]
